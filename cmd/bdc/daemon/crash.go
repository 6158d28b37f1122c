//go:build crash

package daemon

import (
	"context"
	"os"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"

	"bdc/ingest"
	"bdc/ingest/ownership"
	"bdc/notify"
	"bdc/order"
	"bdc/store"
	"bdc/validate"
)

// The steps of docs/architecture.md at whose end the daemon can be killed. Steps 3 to 5
// change nothing but memory. Step 8, the answer, has four ends, numbered 81 to 84. Those of
// a raise of the generation, which package ownership lists, are 91 to 94.
const (
	stepFetched = 1
	stepMarked  = 2
	stepRead    = 4 // and unwrapped before
	stepChecked = 5
	stepRecord  = 6
	stepMoved   = 7
	stepClaimed = 81
	stepSealed  = 82
	stepSent    = 83
	stepSettled = 84

	stepIntended  = 91
	stepAppended  = 92
	stepCommitted = 93
	stepTidied    = 94
)

// poisonAccount is that of the form which kills the daemon as it is examined.
const poisonAccount = "06660666"

// dangerous makes the daemon kill itself at the end of step BDC_TEST_CRASH_STEP,
// the BDC_TEST_CRASH_COUNT-th time, and whenever it examines the poison form.
func dangerous(d *Daemon) {
	at, _ := strconv.Atoi(os.Getenv("BDC_TEST_CRASH_STEP"))
	left := new(atomic.Int64)
	count, _ := strconv.Atoi(os.Getenv("BDC_TEST_CRASH_COUNT"))
	left.Store(int64(max(count, 1)))
	ended := func(step int) {
		if step == at && left.Add(-1) == 0 {
			die()
		}
	}
	dial, registry := d.Inbox.Dial, d.Inbox.Examiner.Registry
	d.Inbox.Dial = func(ctx context.Context) (ingest.Session, error) {
		s, err := dial(ctx)
		return dangerousSession{s, ended}, err
	}
	d.Inbox.Examiner.Registry = func() validate.Registry {
		ended(stepRead)
		return dangerousRegistry{registry()}
	}
	dialOwner := d.Owner.Dial
	d.Owner.Dial = func(ctx context.Context) (ownership.Shelf, error) {
		f, err := dialOwner(ctx)
		return dangerousShelf{f, ended}, err
	}
	d.Owner.Store = dangerousOwner{d.Owner.Store, ended}
	d.Inbox.Store = dangerousIntake{d.Inbox.Store, ended}
	d.Outbox.Store = dangerousOutbox{d.Outbox.Store, ended}
	d.Outbox.Sender = dangerousSender{d.Outbox.Sender, ended}
}

// die is the power cut.
func die() {
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {} // until the signal arrives
}

// dangerousRegistry is asked for a form's account in the midst of its examination:
// the workbook is read, and nothing is recorded.
type dangerousRegistry struct{ validate.Registry }

func (r dangerousRegistry) Account(number string) (order.Account, bool) {
	if number == poisonAccount {
		die()
	}
	return r.Registry.Account(number)
}

type dangerousSession struct {
	ingest.Session
	ended func(int)
}

func (s dangerousSession) Fetch(ctx context.Context, keys []order.Key, limit int64, patience time.Duration,
	admit func(int64) error, deliver func(order.Mail) error,
) ([]order.Lost, error) {
	return s.Session.Fetch(ctx, keys, limit, patience, admit, func(m order.Mail) error {
		s.ended(stepFetched)
		return deliver(m)
	})
}

func (s dangerousSession) Move(ctx context.Context, keys []order.Key, folder string) error {
	err := s.Session.Move(ctx, keys, folder)
	s.ended(stepMoved)
	return err
}

type dangerousOwner struct {
	ownership.Store
	ended func(int)
}

func (s dangerousOwner) Intend(ctx context.Context, g store.Generation) error {
	err := s.Store.Intend(ctx, g)
	s.ended(stepIntended)
	return err
}

func (s dangerousOwner) Commit(ctx context.Context, g store.Generation) error {
	err := s.Store.Commit(ctx, g)
	s.ended(stepCommitted)
	return err
}

type dangerousShelf struct {
	ownership.Shelf
	ended func(int)
}

func (f dangerousShelf) Append(ctx context.Context, raw []byte, seen bool) error {
	err := f.Shelf.Append(ctx, raw, seen)
	f.ended(stepAppended)
	return err
}

func (f dangerousShelf) Remove(ctx context.Context, uids []uint32) error {
	err := f.Shelf.Remove(ctx, uids)
	f.ended(stepTidied)
	return err
}

type dangerousIntake struct {
	ingest.Store
	ended func(int)
}

func (s dangerousIntake) Mark(ctx context.Context, f store.Fence, keys []order.Key, alone bool) error {
	err := s.Store.Mark(ctx, f, keys, alone)
	s.ended(stepMarked)
	return err
}

func (s dangerousIntake) Past(ctx context.Context, q order.Query) (order.Past, error) {
	s.ended(stepChecked)
	return s.Store.Past(ctx, q)
}

func (s dangerousIntake) Record(ctx context.Context, f store.Fence, intakes []order.Intake) []store.Receipt {
	receipts := s.Store.Record(ctx, f, intakes)
	s.ended(stepRecord)
	return receipts
}

type dangerousOutbox struct {
	notify.Store
	ended func(int)
}

func (s dangerousOutbox) Claim(ctx context.Context, f store.Fence, now time.Time, lease time.Duration,
	max int,
) ([]store.Claimed, error) {
	claims, err := s.Store.Claim(ctx, f, now, lease, max)
	if len(claims) > 0 {
		s.ended(stepClaimed)
	}
	return claims, err
}

func (s dangerousOutbox) Seal(ctx context.Context, claimant string, mails []store.Sealed) error {
	err := s.Store.Seal(ctx, claimant, mails)
	s.ended(stepSealed)
	return err
}

func (s dangerousOutbox) Settle(ctx context.Context, claimant string, settlements []store.Settlement) error {
	err := s.Store.Settle(ctx, claimant, settlements)
	s.ended(stepSettled)
	return err
}

type dangerousSender struct {
	notify.Sender
	ended func(int)
}

func (s dangerousSender) Dial(ctx context.Context) (notify.Conn, error) {
	c, err := s.Sender.Dial(ctx)
	return dangerousConn{c, s.ended}, err
}

type dangerousConn struct {
	notify.Conn
	ended func(int)
}

func (c dangerousConn) Send(ctx context.Context, from, to string, mail []byte) error {
	err := c.Conn.Send(ctx, from, to, mail)
	c.ended(stepSent)
	return err
}
