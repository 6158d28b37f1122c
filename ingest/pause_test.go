package ingest

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"bdc/order"
	"bdc/store"
)

// A paused inbox takes in nothing more than is in flight, still knows what waits, and
// goes on at once when it is resumed.
func TestInboxPaused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		box := newBox(orderMails(t, 2*batchSize+1)...)
		r := newRig(t, box)
		ctx := t.Context()
		pause := store.Pause{At: time.Now().UTC(), Actor: "claire", Reason: "essai"}
		r.Inbox.Store = &pausingAt{Store: r.store, pause: pause, marks: 1}
		go func() {
			time.Sleep(time.Hour)
			if got := r.orders(t); got != batchSize {
				t.Errorf("paused after the first batch: got %d orders, want %d", got, batchSize)
			}
			if got, want := r.State(), 1+batchSize; !got.Connected || got.Backlog != want ||
				time.Since(got.LastCheck) > 2*longestWait {
				t.Errorf("while paused: got state %+v, want it connected, searched lately, and %d to examine", got,
					want)
			}
			if err := r.store.ResumeIntake(ctx, "paul", time.Now().UTC()); err != nil {
				t.Error(err)
			}
			time.Sleep(2 * pauseCheck)
			if got := r.orders(t); got != 2*batchSize+1 {
				t.Errorf("once resumed: got %d orders, want all %d", got, 2*batchSize+1)
			}
		}()
		r.run(t, 2*time.Hour)
		if len(box.mails) != 0 {
			t.Errorf("got %d messages left in the inbox, want none", len(box.mails))
		}
	})
}

// An inbox that was paused when the program ended starts paused.
func TestInboxStartsPaused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newBox(orderMails(t, 2)...))
		if err := r.store.PauseIntake(t.Context(),
			store.Pause{At: time.Now().UTC(), Actor: "claire", Reason: "essai"}); err != nil {
			t.Fatal(err)
		}
		r.run(t, time.Hour)
		if got := r.orders(t); got != 0 || r.box.fetches != 0 {
			t.Errorf("got %d orders after %d fetches, want none", got, r.box.fetches)
		}
	})
}

// pausingAt is a store whose intake somebody pauses while a batch is in flight.
type pausingAt struct {
	store.Store
	pause store.Pause
	marks int // until then
}

func (h *pausingAt) Mark(ctx context.Context, f store.Fence, keys []order.Key, alone bool) error {
	if h.marks--; h.marks == 0 {
		if err := h.PauseIntake(ctx, h.pause); err != nil {
			return err
		}
	}
	return h.Store.Mark(ctx, f, keys, alone)
}
