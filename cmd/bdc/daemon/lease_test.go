package daemon

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"bdc/store"
	"bdc/store/boltstore"
)

// TestHolding has two daemons of one record: the second waits, takes the work over when the
// first no longer renews, and the first ends.
func TestHolding(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := boltstore.Open(filepath.Join(t.TempDir(), "bdc.db"), boltstore.Options{Create: true})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		stuck := &stuckLeases{Store: s}
		a := &holding{stuck, "inbox", "a", time.Minute, slog.New(slog.DiscardHandler)}
		b := &holding{s, "inbox", "b", time.Minute, slog.New(slog.DiscardHandler)}
		first, err := a.take(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() {
			ended <- a.hold(t.Context(), first, func(ctx context.Context) error {
				<-ctx.Done()
				return nil
			})
		}()
		taken := make(chan store.Fence, 1)
		go func() {
			f, err := b.take(t.Context())
			if err != nil {
				t.Error(err)
			}
			taken <- f
		}()
		time.Sleep(time.Hour)
		synctest.Wait()
		if len(taken) != 0 || len(ended) != 0 {
			t.Fatal("the first renews, and lost the lease")
		}
		stuck.stuck.Store(true)
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if len(taken) != 1 {
			t.Fatal("the first no longer renews, and the second has not taken the lease")
		}
		second := <-taken
		if second.Epoch <= first.Epoch || len(ended) != 0 {
			t.Errorf("got %+v after %+v, ended %d", second, first, len(ended))
		}
		if epoch, err := s.Lease(t.Context(), "inbox", "b", time.Minute); err != nil || epoch != second.Epoch {
			t.Errorf("renewed: got epoch %d and error %v", epoch, err)
		}
		stuck.stuck.Store(false)
		time.Sleep(30 * time.Second)
		synctest.Wait()
		select {
		case err := <-ended:
			if !errors.Is(err, store.ErrFenced) {
				t.Errorf("got error %v, want one that wraps ErrFenced", err)
			}
		default:
			t.Fatal("the first still works")
		}
		if err := s.Mark(t.Context(), second, nil, false); err != nil {
			t.Errorf("the second: %v", err)
		}
	})
}

// stuckLeases can't be renewed while it is stuck, as on a full disk.
type stuckLeases struct {
	store.Store
	stuck atomic.Bool
}

func (s *stuckLeases) Lease(ctx context.Context, name, holder string, ttl time.Duration) (uint64, error) {
	if s.stuck.Load() {
		return 0, errors.New("no space left")
	}
	return s.Store.Lease(ctx, name, holder, ttl)
}

// TestHoldingGivesBack: when the work is done, another can have the lease at once.
func TestHoldingGivesBack(t *testing.T) {
	s, err := boltstore.Open(filepath.Join(t.TempDir(), "bdc.db"), boltstore.Options{Create: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	h := &holding{s, "inbox", newHolder(), time.Minute, slog.New(slog.DiscardHandler)}
	f, err := h.take(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	done := errors.New("done")
	if err := h.hold(t.Context(), f, func(context.Context) error { return done }); !errors.Is(err, done) {
		t.Errorf("got error %v, want that of the work", err)
	}
	if left, err := s.Leases(t.Context()); err != nil || len(left) != 0 {
		t.Errorf("got leases %v and error %v, want none", left, err)
	}
}
