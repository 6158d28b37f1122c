package ingest

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"bdc/order"
	"bdc/store"
	"bdc/store/boltstore"
)

// usurped is a store whose inbox another daemon takes over before one call of a verb.
type usurped struct {
	*boltstore.Store
	verb string
	left int // calls of the verb until then
	now  func()
}

func (u *usurped) called(verb string) {
	if verb == u.verb {
		if u.left--; u.left == 0 {
			u.now()
		}
	}
}

func (u *usurped) Mark(ctx context.Context, f store.Fence, keys []order.Key, alone bool) error {
	u.called("mark")
	return u.Store.Mark(ctx, f, keys, alone)
}

func (u *usurped) Record(ctx context.Context, f store.Fence, in []order.Intake) []store.Receipt {
	u.called("record")
	return u.Store.Record(ctx, f, in)
}

func (u *usurped) Rest(ctx context.Context, f store.Fence) error {
	u.called("rest")
	return u.Store.Rest(ctx, f)
}

// TestInboxIsTakenOver: whoever has lost the lease records and marks nothing more, and ends.
// The new holder takes in what the other had in flight.
func TestInboxIsTakenOver(t *testing.T) {
	mails := orderMails(t, 70)
	for _, test := range []struct {
		verb string
		call int
		left int // orders that the first has not recorded
	}{
		{"mark", 1, 70},
		{"mark", 2, 6},
		{"record", 1, 70},
		{"rest", 1, 0},
	} {
		t.Run(test.verb, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, newBox(mails...))
				take := func(holder string) store.Fence {
					epoch, err := r.store.Lease(t.Context(), "inbox", holder, time.Minute)
					if err != nil {
						t.Fatal(err)
					}
					return store.Fence{Lease: "inbox", Holder: holder, Epoch: epoch}
				}
				r.Fence = take("first")
				var second store.Fence
				r.Inbox.Store = &usurped{r.store, test.verb, test.call, func() {
					time.Sleep(time.Minute)
					second = take("second")
				}}
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				if err := r.Run(ctx); !errors.Is(err, store.ErrFenced) {
					t.Fatalf("got error %v, want one that wraps ErrFenced", err)
				}
				if got := r.orders(t); got != 70-test.left {
					t.Errorf("the first recorded %d orders, want %d", got, 70-test.left)
				}
				next := newRig(t, r.box)
				next.store, next.Inbox.Store, next.Fence = r.store, r.store, second
				next.run(t, time.Hour)
				if got := r.orders(t); got != 70 || len(r.box.mails) != 0 || len(r.box.folders["processed"]) != 70 {
					t.Errorf("got %d orders, %d messages left and %d moved, want 70, 0 and 70", got, len(r.box.mails),
						len(r.box.folders["processed"]))
				}
				third, err := r.store.Lease(t.Context(), "inbox", "second", time.Minute)
				if err != nil || third != second.Epoch {
					t.Errorf("got epoch %d and error %v, want the second's lease to last", third, err)
				}
			})
		})
	}
}
