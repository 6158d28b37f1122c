package sent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"bdc/ingest/mailbox"
	"bdc/store"
)

// record is a store that has sent replies of which no copy was made yet.
type record struct {
	mu      sync.Mutex
	unfiled []uint64
	erased  uint64 // the id of a reply that is there no more
}

func (r *record) Unfiled(_ context.Context, limit int) ([]uint64, int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.unfiled[:min(limit, len(r.unfiled))]), len(r.unfiled), nil
}

func (r *record) Filed(_ context.Context, ids []uint64) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.unfiled = slices.DeleteFunc(r.unfiled, func(id uint64) bool { return slices.Contains(ids, id) })
	return nil
}

func (r *record) Reply(_ context.Context, id uint64) (c store.Claimed, err error) {
	if id == r.erased {
		return c, store.ErrNotFound
	}
	c.ID, c.Mail = id, fmt.Appendf(nil, "Subject: %d\r\n\r\n", id)
	return c, nil
}

// folder takes messages, and refuses some.
type folder struct {
	mu     sync.Mutex
	taken  []string
	dials  int
	dial   error                   // of Dial
	refuse func(subject int) error // nil takes all
}

func (f *folder) Dial(context.Context) (Folder, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.dials++
	return f, f.dial
}

func (f *folder) Append(_ context.Context, raw []byte, seen bool) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	_, subject, _ := strings.Cut(string(raw), "Subject: ")
	n := 0
	fmt.Sscan(subject, &n)
	if f.refuse != nil && f.refuse(n) != nil {
		return f.refuse(n)
	}
	if !seen {
		return errors.New("not read")
	}
	f.taken = append(f.taken, string(raw))
	return nil
}

func (f *folder) Close() error { return nil }

func (f *folder) set(dial error, refuse func(int) error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.dial, f.refuse = dial, refuse
}

func refuses(which ...int) func(int) error {
	return func(n int) error {
		if len(which) == 0 || slices.Contains(which, n) {
			return fmt.Errorf("%w: quota", mailbox.ErrRefused)
		}
		return nil
	}
}

func ids(n int) (all []uint64) {
	for i := range n {
		all = append(all, uint64(i+1))
	}
	return all
}

// Whatever the server does, State says how many copies wait and why, and once it takes
// them each is there once.
func TestCopies(t *testing.T) {
	silent := errors.New("the mail server is silent")
	for _, test := range []struct {
		name     string
		dial     error
		refuse   func(int) error
		waiting  int    // while the server does so
		words    string // of the error
		copies   int    // in the end
		mostDial int    // connections in the first minute
	}{
		{"all is well", nil, nil, 0, "", 59, 3},
		{"no connection", silent, nil, 60, "silent", 59, 2},
		{"the connection breaks", nil, func(n int) error {
			if n == 40 {
				return silent
			}
			return nil
		}, 21, "silent", 59, 3},
		{"the folder takes nothing", nil, refuses(), 59, "quota", 59, 6},
		{"the folder takes nothing of one message", nil, refuses(3), 0, "", 58, 5},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r, f := &record{unfiled: ids(60), erased: 2}, &folder{}
				f.set(test.dial, test.refuse)
				filer := &Filer{Store: r, Dial: f.Dial, Clock: time.Now, Log: slog.New(slog.DiscardHandler)}
				ctx, cancel := context.WithCancel(t.Context())
				var running sync.WaitGroup
				running.Go(func() { filer.Run(ctx) })
				time.Sleep(30 * time.Second)
				synctest.Wait()
				s := filer.State()
				if s.Waiting != test.waiting || (s.Error == "") != (test.words == "") ||
					!strings.Contains(s.Error, test.words) || s.Since.IsZero() != (test.words == "") {
					t.Errorf("got state %+v, want %d waiting with %q", s, test.waiting, test.words)
				}
				if f.dials > test.mostDial {
					t.Errorf("got %d connections, want %d at most", f.dials, test.mostDial)
				}
				cancel() // a restart
				running.Wait()
				f.set(nil, nil)
				ctx, cancel = context.WithCancel(t.Context())
				running.Go(func() { filer.Run(ctx) })
				time.Sleep(30 * time.Second)
				synctest.Wait()
				cancel()
				running.Wait()
				if s := filer.State(); s != (State{}) {
					t.Errorf("in the end got state %+v, want none", s)
				}
				slices.Sort(f.taken)
				if n := len(slices.Compact(f.taken)); n != test.copies || len(f.taken) != test.copies {
					t.Errorf("got %d copies of %d replies, want %d", len(f.taken), n, test.copies)
				}
			})
		})
	}
}
