// Package sent puts a copy of each reply that was sent into a folder of the mailbox, so
// that people see in their mail program what was answered.
//
// It delays nothing: the mail server has taken a reply before the copy is made, over a
// connection of its own, in sets. Which replies have no copy yet is in the store, so that
// a restart forgets none. If the mailbox fails, the copies wait, and State says so; nothing
// else is kept from its work. A crash between the copy and its note in the store makes the
// copies of one set twice.
//
// A copy has the octets of the mail that was sent, and is read already (\Seen). Its
// In-Reply-To and its order.ResultsField say which message became which order.
package sent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"bdc/ingest/mailbox"
	"bdc/store"
)

const (
	setSize  = 25              // copies made before the store notes them
	pace     = 2 * time.Second // between two looks at the store
	shortest = time.Minute     // before another try after a failure; it doubles
	longest  = time.Hour       // up to this
	most     = 3               // messages refused one after the other that say that the folder takes none
)

// Store is what a Filer needs of the store: some methods of store.Outbox.
type Store interface {
	Unfiled(ctx context.Context, limit int) (ids []uint64, total int, err error)
	Filed(ctx context.Context, ids []uint64) error
	Reply(ctx context.Context, id uint64) (store.Claimed, error)
}

// Folder is an open connection to the folder of the copies: a mailbox.Shelf.
type Folder interface {
	Append(ctx context.Context, raw []byte, seen bool) error
	Close() error
}

// Filer makes the copies. Its fields are set before Run and not changed after; Run is
// called once.
type Filer struct {
	Store Store
	Dial  func(context.Context) (Folder, error) // opens the folder; the Filer closes it
	Clock func() time.Time
	Log   *slog.Logger

	mu    sync.Mutex
	state State
}

// State tells how the copies fare.
type State struct {
	Waiting     int       `json:"waiting"`               // replies that were sent and have no copy yet
	Error       string    `json:"error"`                 // why the last try failed; "" if it did not
	Since       time.Time `json:"since,omitzero"`        // when it first failed; zero if the last try did not
	NextAttempt time.Time `json:"next_attempt,omitzero"` // when the next try is; zero if the last one did not fail
}

// State returns how the copies fare now. It may be called concurrently with Run.
func (f *Filer) State() State {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.state
}

// Run makes copies until ctx is done.
func (f *Filer) Run(ctx context.Context) {
	wait := pace
	for failures := 0; ; {
		waiting, err := f.round(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			wait = min(shortest<<min(failures, 10), longest)
			failures++
			f.Log.Warn("copies of replies wait", "replies", waiting, "err", err,
				"next_attempt", f.Clock().Add(wait).UTC())
		case waiting > 0:
			wait, failures = 0, 0
		default:
			wait, failures = pace, 0
		}
		f.note(waiting, err, wait)
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
	}
}

func (f *Filer) note(waiting int, err error, wait time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.state.Waiting = waiting
	if err == nil {
		f.state.Error, f.state.Since, f.state.NextAttempt = "", time.Time{}, time.Time{}
		return
	}
	now := f.Clock().UTC()
	if f.state.Error == "" {
		f.state.Since = now
	}
	f.state.Error, f.state.NextAttempt = err.Error(), now.Add(wait)
}

// round makes the copies of one set. It returns how many replies have none after it.
func (f *Filer) round(ctx context.Context) (waiting int, err error) {
	ids, total, err := f.Store.Unfiled(ctx, setSize)
	if err != nil || len(ids) == 0 {
		return total, err
	}
	done, err := f.file(ctx, ids)
	// What is copied is noted, even if Run has to end.
	if noteErr := f.Store.Filed(context.WithoutCancel(ctx), done); noteErr != nil {
		return total, noteErr
	}
	return total - len(done), err
}

// file makes copies of replies, and returns those that are done with. A message that the
// server refuses while it takes others is one of these: it would be refused for ever.
func (f *Filer) file(ctx context.Context, ids []uint64) (done []uint64, err error) {
	var folder Folder
	defer func() {
		if folder != nil {
			err = errors.Join(err, folder.Close())
		}
	}()
	var refused []uint64
	var refusal error
	taken := false
	for _, id := range ids {
		c, err := f.Store.Reply(ctx, id)
		if errors.Is(err, store.ErrNotFound) || err == nil && len(c.Mail) == 0 {
			done = append(done, id) // erased since: there is nothing left to copy
			continue
		}
		if err == nil && folder == nil {
			folder, err = f.Dial(ctx)
		}
		if err != nil {
			folder = nil
			return done, fmt.Errorf("copy of reply %d: %w", id, err)
		}
		err = folder.Append(ctx, c.Mail, true)
		switch {
		case err == nil:
			taken, done = true, append(done, id)
			continue
		case !errors.Is(err, mailbox.ErrRefused):
			return done, fmt.Errorf("copy of reply %d: %w", id, err)
		}
		_ = folder.Close() // a connection is of no use after a refusal
		folder = nil
		refused, refusal = append(refused, id), fmt.Errorf("copy of reply %d: %w", id, err)
		if !taken && len(refused) == most {
			return done, refusal
		}
	}
	if !taken {
		return done, refusal
	}
	if len(refused) > 0 {
		f.Log.Warn("no copy is kept of replies: the mail server takes others, but refuses these",
			"replies", refused, "err", refusal)
	}
	return append(done, refused...), nil
}
