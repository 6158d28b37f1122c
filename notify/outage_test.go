package notify

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"bdc/order"
	"bdc/store"
	"bdc/store/boltstore"
)

// A day without the server, on the real data file: all that waited leaves after,
// once each and the oldest first, with no more in hand than ever.
func TestOutageOfADayOnTheDataFile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const replies, day = 1000, 24 * time.Hour
		s, err := boltstore.Open(filepath.Join(t.TempDir(), "bdc.db"), boltstore.Options{Create: true})
		if err != nil {
			t.Fatal(err)
		}
		begun := time.Now()
		intend := func(first, n int) {
			var intakes []order.Intake
			for i := first; i < first+n; i++ {
				key := order.Key{Account: "inbox", Folder: "INBOX", UIDValidity: 1, UID: uint32(i + 1)}
				intakes = append(intakes, order.Intake{
					Message: order.Message{Key: key, MessageID: fmt.Sprintf("<%d@example.com>", i)},
					At:      time.Now().UTC(), Folder: order.FolderAttention, Past: order.NoPast(0),
					Replies: []order.Reply{{
						Kind: order.ReplyHeld, To: fmt.Sprintf("b%d@example.com", i), Subject: "Commande",
						MessageID: fmt.Sprintf("<r%d@example.org>", i), Message: key,
					}},
				})
			}
			for _, receipt := range s.Record(t.Context(), store.Fence{}, intakes) {
				if receipt.Err != nil {
					t.Fatal(receipt.Err)
				}
			}
		}

		var composed, inHand, most atomic.Int32
		m := &mailer{dial: func() error {
			if time.Since(begun) < day {
				return errors.New("connection refused")
			}
			return nil
		}}
		// A mail takes some time, so that no composition lags behind for want of a processor.
		m.send = func(context.Context, string, int, []byte) error {
			time.Sleep(time.Millisecond)
			inHand.Add(-1)
			return nil
		}
		o := newOutbox(s, m)
		o.Connections = 1
		o.Composer = writer(func(ctx context.Context, r order.Reply) (Letter, error) {
			composed.Add(1)
			most.Store(max(most.Load(), inHand.Add(1)))
			return writer(nil).Compose(ctx, r)
		})
		stop := start(t, o)
		for i := range 20 { // while the server is away
			intend(i*replies/20, replies/20)
			after(time.Hour)
		}
		after(day - time.Second - time.Since(begun))
		if got := composed.Load(); got > 2*batch {
			t.Errorf("composed %d replies while nothing could leave, want at most the %d in hand", got, 2*batch)
		}
		if got := o.State(); got.Error == "" || got.Since.Sub(begun) > pollTime+time.Second {
			t.Errorf("the state during the outage is %+v", got)
		}
		after(2 * time.Minute)
		stop()

		got := m.deliveries()
		if len(got) != replies {
			t.Fatalf("got %d mails, want %d, once each", len(got), replies)
		}
		for i, d := range got {
			var rank int
			// compositions of those in hand end in any order
			if _, err := fmt.Sscanf(d.to, "b%d@", &rank); err != nil || rank < i-2*batch || rank > i+2*batch {
				t.Fatalf("mail %d was the reply of rank %d: want the oldest first", i, rank)
			}
			if !strings.Contains(d.mail, fmt.Sprintf("Message-ID: <r%d@example.org>\r\n", rank)) {
				t.Fatalf("the mail to %s is another's", d.to)
			}
		}
		if most.Load() > 2*batch {
			t.Errorf("had %d mails in hand, want at most %d", most.Load(), 2*batch)
		}
		if status, err := s.Status(t.Context()); err != nil || status.Unsent != 0 || status.Failed != 0 {
			t.Errorf("at the end: %+v, %v", status, err)
		}
		if err := errors.Join(s.Check(t.Context()), s.Close()); err != nil {
			t.Error(err)
		}
	})
}
