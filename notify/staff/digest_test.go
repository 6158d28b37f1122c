package staff

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"bdc/order"
	"bdc/store"
	"bdc/store/boltstore"
)

var eight = time.Date(2026, 11, 22, 7, 0, 0, 0, time.UTC) // in Paris

// record records a message of some hours before eight, with orders and a reply.
func record(t *testing.T, s *boltstore.Store, uid int, hours float64, orders int, kind order.ReplyKind,
	cases ...order.Case,
) store.Receipt {
	t.Helper()
	at := eight.Add(-time.Duration(hours * float64(time.Hour)))
	key := order.Key{Account: "a", Folder: "INBOX", UIDValidity: 1, UID: uint32(uid)}
	in := order.Intake{
		Message: order.Message{Key: key, MessageID: fmt.Sprintf("<%d@example.com>", uid)}, At: at,
		Folder: order.FolderProcessed, Past: order.NoPast(0), Cases: cases,
	}
	for i := range orders {
		in.Orders = append(in.Orders, order.Order{
			Status: order.Received, Verdict: order.Accepted, ReceivedAt: at,
			Establishment: fmt.Sprintf("Lycée %d-%d", uid, i),
			Fields:        map[string]string{order.FieldBookseller: "La Plume"},
		})
	}
	if kind != "" {
		in.Replies = []order.Reply{{Kind: kind, To: "b@example.com", MessageID: fmt.Sprintf("<r%d@example.org>", uid)}}
	}
	receipt := s.Record(t.Context(), store.Fence{}, []order.Intake{in})[0]
	if receipt.Err != nil {
		t.Fatal(receipt.Err)
	}
	return receipt
}

func TestDigestTellsOfItsTime(t *testing.T) {
	s := newStore(t)
	// Oldest first, as a daemon records.
	old := record(t, s, 1, 80, 2, order.ReplyAck)
	record(t, s, 2, 61, 1, order.ReplyAck)
	record(t, s, 3, 30, 4, order.ReplyAck,
		order.Case{Code: "D-222222", State: order.Waiting, From: "b@example.com", Subject: "Question"})
	failed := record(t, s, 4, 23, 0, order.ReplyReport)
	record(t, s, 5, 22, 0, order.ReplyUnreadable)
	record(t, s, 6, 10, 1, order.ReplyAck)
	record(t, s, 7, 9, 0, order.ReplyHeld,
		order.Case{Code: "D-333333", State: order.Waiting, From: "c@example.com", Subject: "Commande"})
	record(t, s, 8, 8, 0, order.ReplyDuplicate)
	record(t, s, 9, 7, 0, "", order.Case{Code: "D-444444", State: order.Waiting, Reason: order.ReasonBounced})
	record(t, s, 10, -1, 5, order.ReplyAck) // after it

	opened := order.Step{Status: order.Checked, At: eight, Actor: "claire"}
	if _, err := s.Advance(t.Context(), old.Numbers[0], order.Received, opened); err != nil {
		t.Fatal(err)
	}
	opened.Status = order.Opened
	if _, err := s.Advance(t.Context(), old.Numbers[0], order.Checked, opened); err != nil {
		t.Fatal(err)
	}
	opened.Status = order.Checked
	if _, err := s.Advance(t.Context(), old.Numbers[1], order.Received, opened); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Claim(t.Context(), store.Fence{Holder: "a"}, eight, time.Minute, 4); err != nil { // the four oldest
		t.Fatal(err)
	}
	if err := s.Settle(t.Context(), "a",
		[]store.Settlement{{Reply: failed.Replies[0], Outcome: store.Failed, At: eight.Add(-time.Hour)}}); err != nil {
		t.Fatal(err)
	}

	w := &Watch{Store: s, Hours: 72, Log: slog.New(slog.DiscardHandler), notices: map[string]store.Notice{
		"inbox":  {Name: "inbox", Begun: eight.Add(-time.Hour)},
		"outbox": {Name: "outbox", Begun: eight.Add(-50 * time.Hour), Ended: eight.Add(-40 * time.Hour)},
		"disk":   {Name: "disk", Begun: eight.Add(-50 * time.Hour), Ended: eight.Add(-20 * time.Hour)},
		"hold":   {Name: "hold"},
	}}
	got, err := w.gather(t.Context(), eight.Add(-24*time.Hour), eight)
	if err != nil {
		t.Fatal(err)
	}
	counts := []int{
		got.Received, got.Accepted, got.SentBack, got.Held, got.Repeated, got.Bounced, got.Failed,
		got.Waiting, got.Late, got.Near, got.Unsent,
	}
	want := []int{6, 1, 2, 1, 1, 1, 1, 3, 1, 1, 8}
	if fmt.Sprint(counts) != fmt.Sprint(want) {
		t.Errorf(
			"got counts %v, want %v (received, accepted, sent back, held, repeated, bounced, failed; waiting, "+
				"late, near, unsent)", counts, want)
	}
	if !got.Oldest.Equal(eight.Add(-30*time.Hour)) || len(got.Cases) != 3 || got.Cases[0].Name != "D-222222" ||
		got.Cases[0].Bookseller != "b@example.com" || got.Cases[0].Subject != "Question" {
		t.Errorf("got cases %+v since %v", got.Cases, got.Oldest)
	}
	if len(got.LateRows) != 1 || got.LateRows[0].Name != old.Numbers[1] || got.LateRows[0].School != "Lycée 1-1" ||
		len(got.NearRows) != 1 || got.NearRows[0].Name != "CNS-2026-000003" {
		t.Errorf("got late %+v and near %+v", got.LateRows, got.NearRows)
	}
	if len(got.Troubles) != 2 || got.Troubles[0].Cause != order.CauseInbox || got.Troubles[1].Cause != order.CauseDisk {
		t.Errorf("got troubles %+v, want the inbox's and the disk's", got.Troubles)
	}
}

// audit is a long audit, of an event a second, that counts how much of it is read.
type audit struct {
	Store
	events int
	read   int
	calls  int
}

func (a *audit) Audit(_ context.Context, after uint64, limit int) ([]order.Event, error) {
	a.calls++
	var events []order.Event
	for seq := int(after) + 1; seq <= a.events && len(events) < limit; seq++ {
		events = append(events, order.Event{
			Seq: uint64(seq), At: eight.Add(time.Duration(seq-a.events) * time.Second),
			Verb: "order.accepted",
		})
	}
	a.read += len(events)
	return events, nil
}

// However long the record is, a digest reads its own time of it.
func TestDigestReadsItsTimeOnly(t *testing.T) {
	for _, events := range []int{0, 1, 2, 999, 1000, 1001, 5_000_000} {
		a := &audit{events: events}
		var d order.Digest
		d.From, d.Until = eight.Add(-time.Hour), eight
		if err := (&Watch{Store: a}).count(t.Context(), &d); err != nil {
			t.Fatal(err)
		}
		if want := min(3600, max(events-1, 0)); d.Accepted != want { // the last is at eight, and for the next digest
			t.Errorf("of %d events: got %d, want %d", events, d.Accepted, want)
		}
		if a.read > 3600+2*page || a.calls > 100 {
			t.Errorf("of %d events: read %d in %d calls", events, a.read, a.calls)
		}
	}
}
