package ingest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"bdc/bench/need"
	"bdc/order"
	"bdc/store"
	"bdc/store/boltstore"
)

// fakeBox is a mailbox in memory, whose faults a test sets.
type fakeBox struct {
	mu      sync.Mutex
	mails   map[uint32]order.Mail
	folders map[string][]uint32
	dials   int
	losing  uint32 // fetching this UID loses the connection
	mute    uint32 // fetching this UID, and what else is asked for with it, gets no answer
	silent  uint32 // this UID is never sent
	fetches int
	refuse  error // of every Move
	waits   int
}

func newBox(mails ...order.Mail) *fakeBox {
	b := &fakeBox{mails: map[uint32]order.Mail{}, folders: map[string][]uint32{}}
	for _, m := range mails {
		b.mails[m.Key.UID] = m
	}
	return b
}

func (b *fakeBox) dial(context.Context) (Session, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.dials++
	return &fakeSession{b}, nil
}

type fakeSession struct{ box *fakeBox }

func (s *fakeSession) Prepare(context.Context, ...string) error { return nil }
func (s *fakeSession) Idles() bool                              { return true }
func (s *fakeSession) Close() error                             { return nil }

func (s *fakeSession) Pending(context.Context) ([]order.Key, error) {
	s.box.mu.Lock()
	defer s.box.mu.Unlock()
	var keys []order.Key
	for _, m := range s.box.mails {
		keys = append(keys, m.Key)
	}
	slices.SortFunc(keys, func(a, b order.Key) int { return int(a.UID) - int(b.UID) })
	return keys, nil
}

var errLost = errors.New("connection lost")

func (s *fakeSession) Fetch(ctx context.Context, keys []order.Key, limit int64, patience time.Duration,
	admit func(int64) error, deliver func(order.Mail) error,
) (left []order.Lost, err error) {
	s.box.mu.Lock()
	s.box.fetches++
	mute := s.box.mute
	s.box.mu.Unlock()
	if slices.ContainsFunc(keys, func(k order.Key) bool { return k.UID == mute }) {
		time.Sleep(patience)
		for _, k := range keys {
			left = append(left, order.Lost{Key: k, Err: errLost, Perhaps: len(keys) > 1})
		}
		return left, errLost
	}
	for _, k := range keys {
		s.box.mu.Lock()
		m, ok := s.box.mails[k.UID]
		lost := k.UID == s.box.losing
		s.box.mu.Unlock()
		if lost {
			return append(left, order.Lost{Key: k, Size: m.Size, Err: errLost}), errLost
		}
		if !ok || k.UID == s.box.silent {
			left = append(left, order.Lost{Key: k, Size: m.Size, Err: errors.New("left out")})
			continue
		}
		if err := errors.Join(ctx.Err(), admit(m.Size)); err != nil {
			return left, err
		}
		m.Key = k
		if err := deliver(m); err != nil {
			return left, err
		}
	}
	return left, nil
}

func (s *fakeSession) Headers(_ context.Context, keys []order.Key, _ time.Duration,
	deliver func(order.Mail) error,
) (left []order.Lost, err error) {
	for _, k := range keys {
		s.box.mu.Lock()
		m, ok := s.box.mails[k.UID]
		s.box.mu.Unlock()
		if !ok {
			continue
		}
		m.Key, m.TooLarge = k, true
		if err := deliver(m); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

func (s *fakeSession) Move(_ context.Context, keys []order.Key, folder string) error {
	s.box.mu.Lock()
	defer s.box.mu.Unlock()
	if s.box.refuse != nil {
		return s.box.refuse
	}
	for _, k := range keys {
		if _, ok := s.box.mails[k.UID]; ok {
			delete(s.box.mails, k.UID)
			s.box.folders[folder] = append(s.box.folders[folder], k.UID)
		}
	}
	return nil
}

func (s *fakeSession) Wait(ctx context.Context, d time.Duration) error {
	s.box.mu.Lock()
	s.box.waits++
	s.box.mu.Unlock()
	sleep(ctx, d)
	return ctx.Err()
}

// rig is an inbox over a fake mailbox and a real store.
type rig struct {
	*Inbox
	box   *fakeBox
	store *boltstore.Store
}

func newRig(t *testing.T, box *fakeBox) *rig {
	t.Helper()
	s := newStore(t)
	return &rig{&Inbox{
		Dial: box.dial, Store: s, Examiner: newExaminer(t), Folders: map[order.Folder]string{
			order.FolderProcessed: "processed", order.FolderRejected: "rejected", order.FolderAttention: "attention",
		},
		Poll: time.Minute, Workers: 2, Clock: time.Now, Log: slog.New(slog.DiscardHandler),
	}, box, s}
}

// run runs the inbox for a while of the bubble's time.
func (r *rig) run(t *testing.T, d time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	if err := r.Run(ctx); err != nil {
		t.Errorf("Run: %v", err)
	}
}

func (r *rig) orders(t *testing.T) int {
	t.Helper()
	s, err := r.store.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s.Orders
}

func orderMails(t *testing.T, n int) []order.Mail {
	t.Helper()
	made.Lock()
	defer made.Unlock()
	for i := len(made.mails); i < n; i++ {
		fields := map[string]string{order.FieldReference: "R-" + strconv.Itoa(i)}
		made.mails = append(made.mails, mail(uint32(i+1), "", attachment{"BdC.xlsx", filled(t, fields, "28")}))
	}
	return slices.Clone(made.mails[:n])
}

// made are the mails of orderMails: a form takes its time to fill.
var made struct {
	sync.Mutex
	mails []order.Mail
}

func TestInboxTakesAllIn(t *testing.T) {
	all := 150 // more than are fetched at once
	if need.Brief() {
		all = 80
	}
	mails := orderMails(t, all)
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newBox(mails...))
		r.run(t, time.Minute)
		if got := r.orders(t); got != all {
			t.Errorf("got %d orders, want %d", got, all)
		}
		if got := len(r.box.folders["processed"]); got != all || len(r.box.mails) != 0 {
			t.Errorf("got %d messages moved and %d left, want %d and 0", got, len(r.box.mails), all)
		}
		if left, err := r.store.Recover(t.Context(), store.Fence{}); err != nil || len(left) != 0 {
			t.Errorf("after a clean stop got %d messages in flight (%v), want 0", len(left), err)
		}
	})
}

// TestInboxSameOrderTwiceAtOnce: two mails with the same order may share a
// commit; the second gets the first's number all the same.
func TestInboxSameOrderTwiceAtOnce(t *testing.T) {
	form := filled(t, nil, "28")
	synctest.Test(t, func(t *testing.T) {
		var box []order.Mail
		for uid := range uint32(20) {
			box = append(box, mail(uid+1, "", attachment{"BdC.xlsx", form}))
		}
		r := newRig(t, newBox(box...))
		kinds := map[order.ReplyKind]int{}
		r.Recorded = func(in order.Intake, _ store.Receipt) { kinds[in.Replies[0].Kind]++ }
		r.run(t, time.Minute)
		if r.orders(t) != 1 || kinds[order.ReplyAck] != 1 || kinds[order.ReplyDuplicate] != 19 {
			t.Errorf("got %d orders and replies %v, want 1 order, 1 ack and 19 duplicate", r.orders(t), kinds)
		}
	})
}

// TestInboxLostConnection: a message that can't be fetched holds up no other,
// and is left alone for longer and longer after three tries.
func TestInboxLostConnection(t *testing.T) {
	mails := orderMails(t, 10)
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newBox(mails...))
		r.box.losing = 4
		r.run(t, time.Hour)
		if got := r.orders(t); got != 9 {
			t.Errorf("got %d orders, want 9", got)
		}
		if r.box.dials > 12 {
			t.Errorf("dialled %d times, want no more than the lost connections cost", r.box.dials)
		}
		if _, there := r.box.mails[4]; !there || len(r.box.mails) != 1 {
			t.Errorf("%d messages are left in the inbox, want the one that can't be fetched", len(r.box.mails))
		}
		if st := r.State(); st.LeftAlone != 1 || st.Backlog != 0 || st.Error != "" {
			t.Errorf("the state is %+v, want one message left alone and no error", st)
		}
		r.run(t, 3*time.Hour)
		if r.box.dials > 22 {
			t.Errorf("dialled %d times in four hours, want one loss an hour in the end", r.box.dials)
		}
		r.box.losing = 0
		r.run(t, time.Hour)
		if got := r.orders(t); got != 10 {
			t.Errorf("an hour after it can be fetched got %d orders, want 10", got)
		}
	})
}

// TestInboxWithheldMessage: a message that the server lists and does not send is
// not asked for without end.
func TestInboxWithheldMessage(t *testing.T) {
	mails := orderMails(t, 3)
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newBox(mails...))
		r.box.silent = 2
		r.run(t, time.Hour)
		if r.orders(t) != 2 || r.box.fetches > 15 || r.box.dials != 1 {
			t.Errorf("got %d orders by %d fetches on %d connections, want 2 by a few on one", r.orders(t),
				r.box.fetches, r.box.dials)
		}
		r.box.silent = 0
		r.run(t, time.Hour)
		if r.orders(t) != 3 {
			t.Errorf("once it is sent got %d orders, want 3", r.orders(t))
		}
	})
}

// TestInboxMoveRefused: what is recorded and can't be moved is not recorded
// again, and what comes later is taken in all the same.
func TestInboxMoveRefused(t *testing.T) {
	need.Time(t)
	some, all := 200, 300
	if need.Brief() {
		some, all = 100, 150
	}
	mails := orderMails(t, all)
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newBox(mails[:some]...))
		r.box.refuse = errors.New("over quota")
		r.run(t, 10*time.Minute)
		if got := r.orders(t); got != some {
			t.Errorf("with the folder full got %d orders, want %d", got, some)
		}
		for _, m := range mails[some:] {
			r.box.mails[m.Key.UID] = m
		}
		r.run(t, 10*time.Minute)
		if st := r.State(); r.orders(t) != all || st.Unmoved != all || !strings.Contains(st.MoveError, "over quota") {
			t.Errorf("with the folder still full got %d orders and %+v, want %d, all to be moved, and the reason",
				r.orders(t), st, all)
		}
		if r.box.dials > 25 {
			t.Errorf("dialled %d times in 20 minutes, want about once a minute", r.box.dials)
		}
		r.box.refuse = nil
		r.run(t, time.Minute)
		if st := r.State(); r.orders(t) != all || len(r.box.mails) != 0 || st.Unmoved != 0 || st.MoveError != "" {
			t.Errorf("got %d orders, %d messages left and %+v, want %d, 0 and nothing to be moved",
				r.orders(t), len(r.box.mails), st, all)
		}
	})
}

// TestInboxState tells of an outage while it lasts, and of its end.
func TestInboxState(t *testing.T) {
	mails := orderMails(t, 2)
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newBox(mails...))
		dial, began := r.Dial, time.Now()
		down := errors.New("connection refused")
		r.Dial = func(ctx context.Context) (Session, error) {
			if time.Since(began) < time.Hour {
				return nil, down
			}
			return dial(ctx)
		}
		done := make(chan error)
		ctx, cancel := context.WithCancel(t.Context())
		go func() { done <- r.Run(ctx) }()
		time.Sleep(59 * time.Minute)
		st := r.State()
		if st.Connected || st.Error != down.Error() || !st.Since.Equal(began) || !st.NextAttempt.After(time.Now()) ||
			st.NextAttempt.After(time.Now().Add(longestWait)) {
			t.Errorf("during the outage: %+v, want the error, since when, and an attempt within a minute", st)
		}
		time.Sleep(3 * time.Minute)
		st = r.State()
		if want := (State{Connected: true, Announces: true, LastCheck: st.LastCheck}); st != want ||
			time.Since(st.LastCheck) > 3*time.Minute {
			t.Errorf("after it: %+v, want %+v", st, want)
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// TestBackoff: the wait doubles to a minute, less a random half, however long the
// outage.
func TestBackoff(t *testing.T) {
	for attempt, most := range map[int]time.Duration{
		0: time.Second, 1: 2 * time.Second, 5: 32 * time.Second,
		6: time.Minute, 60: time.Minute, 1 << 40: time.Minute,
	} {
		waits := map[time.Duration]bool{}
		for range 100 {
			d := backoff(attempt)
			if d <= most/2 || d > most {
				t.Errorf("attempt %d: got %v, want more than half of %v, and no more than it", attempt, d, most)
			}
			waits[d] = true
		}
		if len(waits) < 2 {
			t.Errorf("attempt %d: always the same wait", attempt)
		}
	}
}

// TestInboxNoticesWithinMinutes: however rarely the mailbox is to be searched, no
// wait lasts so long that a silent server would go unnoticed.
func TestInboxNoticesWithinMinutes(t *testing.T) {
	for _, poll := range []time.Duration{time.Second, time.Hour} {
		in := &Inbox{Poll: poll}
		for _, idles := range []bool{false, true} {
			want := 5 * time.Minute
			if !idles {
				want = min(want, poll)
			}
			if got := in.betweenSearches(idling(idles)); got != want {
				t.Errorf("poll %v, IDLE %v: waits %v, want %v", poll, idles, got, want)
			}
		}
	}
}

type idler struct {
	Session
	idles bool
}

func idling(idles bool) Session { return idler{idles: idles} }

func (i idler) Idles() bool { return i.idles }

// failing is a store whose next Records fail.
type failing struct {
	Store
	left int
}

func (f *failing) Record(ctx context.Context, fence store.Fence, in []order.Intake) []store.Receipt {
	if f.left > 0 {
		f.left--
		receipts := make([]store.Receipt, len(in))
		for i := range receipts {
			receipts[i].Err = errors.New("disk full")
		}
		return receipts
	}
	return f.Store.Record(ctx, fence, in)
}

func TestInboxStoreTrouble(t *testing.T) {
	mails := orderMails(t, 5)
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newBox(mails...))
		r.Inbox.Store = &failing{r.store, 3}
		r.run(t, time.Hour)
		if r.orders(t) != 5 || len(r.box.mails) != 0 {
			t.Errorf("got %d orders and %d messages left, want 5 and 0", r.orders(t), len(r.box.mails))
		}
	})
}

// TestInboxAfterDeaths: what was in flight is examined alone, and one that was
// alone at three deaths is not examined at all.
func TestInboxAfterDeaths(t *testing.T) {
	mails := orderMails(t, 4)
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newBox(mails...))
		killer := mails[1].Key
		for range maxDeaths { // as a daemon that dies leaves the marks
			if err := r.store.Mark(t.Context(), store.Fence{}, []order.Key{mails[0].Key, killer}, false); err != nil {
				t.Fatal(err)
			}
			if err := r.store.Mark(t.Context(), store.Fence{}, []order.Key{killer}, true); err != nil {
				t.Fatal(err)
			}
			if _, err := r.store.Recover(t.Context(), store.Fence{}); err != nil {
				t.Fatal(err)
			}
		}
		alone := map[uint32]bool{}
		watched := &watching{Store: r.store, alone: alone}
		r.Inbox.Store = watched
		r.run(t, time.Minute)
		if want := map[uint32]bool{1: true}; fmt.Sprint(alone) != fmt.Sprint(want) {
			t.Errorf("examined alone: %v, want %v", alone, want)
		}
		cases, err := r.store.Cases(t.Context(), "", "", 10)
		if err != nil || len(cases) != 1 || cases[0].Reason != codePoison || cases[0].Message != killer {
			t.Fatalf("got cases %+v (%v), want one of the message set aside", cases, err)
		}
		if r.orders(t) != 3 || !slices.Equal(r.box.folders["attention"], []uint32{2}) {
			t.Errorf("got %d orders and %v for people, want 3 and [2]", r.orders(t), r.box.folders["attention"])
		}
	})
}

// watching notes which messages are examined alone.
type watching struct {
	Store
	alone map[uint32]bool
}

func (w *watching) Mark(ctx context.Context, f store.Fence, keys []order.Key, alone bool) error {
	if alone {
		w.alone[keys[0].UID] = true
	}
	return w.Store.Mark(ctx, f, keys, alone)
}

// TestInboxShadow records, and neither moves nor intends a reply.
func TestInboxShadow(t *testing.T) {
	mails := orderMails(t, 3)
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newBox(mails...))
		r.Shadow = true
		r.run(t, time.Minute)
		s, err := r.store.Status(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if want := (store.Status{Messages: 3, Orders: 3}); s != want || len(r.box.mails) != 3 {
			t.Errorf("got %+v and %d messages in the inbox, want %+v and 3", s, len(r.box.mails), want)
		}
	})
}
