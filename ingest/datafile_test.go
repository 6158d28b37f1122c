package ingest

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"bdc/order"
	"bdc/store"
)

// diskless is a store whose data file can't be used for a while: each verb that it names
// fails.
type diskless struct {
	store.Store
	verb  string
	until time.Time
}

func (f *diskless) fails(verb string) error {
	if f.verb == verb && time.Now().Before(f.until) {
		return fmt.Errorf("%s: %w: write /data/bdc.db: no space left on device", verb, store.ErrDataFile)
	}
	return nil
}

func (f *diskless) Recover(ctx context.Context, fence store.Fence) ([]store.Suspect, error) {
	if err := f.fails("recover"); err != nil {
		return nil, err
	}
	return f.Store.Recover(ctx, fence)
}

func (f *diskless) Seen(ctx context.Context, keys []order.Key) (map[order.Key]store.Seen, error) {
	if err := f.fails("seen"); err != nil {
		return nil, err
	}
	return f.Store.Seen(ctx, keys)
}

func (f *diskless) Mark(ctx context.Context, fence store.Fence, keys []order.Key, alone bool) error {
	if err := f.fails("mark"); err != nil {
		return err
	}
	return f.Store.Mark(ctx, fence, keys, alone)
}

func (f *diskless) Keep(ctx context.Context, blobs [][]byte) error {
	if err := f.fails("keep"); err != nil {
		return err
	}
	return f.Store.Keep(ctx, blobs)
}

func (f *diskless) Record(ctx context.Context, fence store.Fence, intakes []order.Intake) []store.Receipt {
	if err := f.fails("record"); err != nil {
		receipts := make([]store.Receipt, len(intakes))
		for i := range receipts {
			receipts[i].Err = err
		}
		return receipts
	}
	return f.Store.Record(ctx, fence, intakes)
}

// Probe finds that a little can be written, as on a full disk.
func (f *diskless) Probe(ctx context.Context) error { return nil }

// TestInboxFullDiskIsNoFaultOfTheMailbox: trouble of the data file has a state of its own
// since its beginning, whichever verb meets it. The mailbox is not to blame, and is not
// searched over and over; nothing is fetched in vain. It ends by itself, and all is taken in.
func TestInboxFullDiskIsNoFaultOfTheMailbox(t *testing.T) {
	mails := orderMails(t, 24)
	for _, verb := range []string{"recover", "seen", "mark", "keep", "record"} {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t, newBox(mails...))
			var log bytes.Buffer
			r.Log = slog.New(slog.NewTextHandler(&log, nil))
			began := time.Now()
			r.Inbox.Store = &diskless{r.store, verb, began.Add(5 * time.Minute)}
			go func() {
				time.Sleep(5*time.Minute - time.Second)
				s := r.State()
				if !strings.Contains(s.DataError, "no space left") || s.DataSince.Sub(began) > time.Second ||
					s.DataNext.Before(time.Now()) || s.Error != "" || s.Connected {
					t.Errorf("%s: after five minutes: got state %+v, want trouble of the data file alone, since the "+
						"beginning", verb, s)
				}
				r.box.mu.Lock()
				defer r.box.mu.Unlock()
				if r.box.dials > 20 || r.box.fetches > 20*len(mails) {
					t.Errorf("%s: got %d dials and %d fetches, want two in a minute at most", verb, r.box.dials,
						r.box.fetches)
				}
			}()
			r.run(t, 10*time.Minute)
			if s := r.State(); s.DataError != "" || !s.DataSince.IsZero() || s.Error != "" {
				t.Errorf("%s: when it is over: got state %+v, want no trouble", verb, s)
			}
			if got := r.orders(t); got != len(mails) || len(r.box.mails) != 0 {
				t.Errorf("%s: got %d orders and %d messages left, want %d and none", verb, got, len(r.box.mails),
					len(mails))
			}
			if s := log.String(); strings.Contains(s, "msg=mailbox") || strings.Contains(s, "the mailbox answers") ||
				!strings.Contains(s, "the data file can be used again") {
				t.Errorf("%s: the log blames the mailbox, or does not tell the end:\n%s", verb, s)
			}
		})
	}
}

// unwritable is a store whose probe fails for a while.
type unwritable struct {
	diskless
	probes int
}

func (f *unwritable) Probe(context.Context) error {
	f.probes++
	return f.fails("record")
}

// TestInboxAsksForNoMailInVain: while the data file is known not to be usable, the mailbox
// is left alone.
func TestInboxAsksForNoMailInVain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newBox(orderMails(t, 2)...))
		f := &unwritable{diskless: diskless{r.store, "record", time.Now().Add(time.Hour)}}
		r.Inbox.Store = f
		r.run(t, 2*time.Hour)
		if r.box.dials != 2 || f.probes < 60 || r.orders(t) != 2 {
			t.Errorf("got %d dials, %d probes and %d orders, want 2 dials, a probe each minute and 2 orders",
				r.box.dials, f.probes, r.orders(t))
		}
	})
}
