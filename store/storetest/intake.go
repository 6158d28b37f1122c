package storetest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"bdc/order"
	"bdc/store"
)

func intakeTests() []test {
	return []test{
		{"what was recorded is what is read", testReadBack},
		{"a message is recorded once", testOnce},
		{"a message twice in one call", testOnceInOneCall},
		{"the same content makes stale", testStaleContent},
		{"the same order makes stale", testStaleIdentity},
		{"the same reference makes stale", testStaleReference},
		{"within one call too", testStaleInOneCall},
		{"an outdated past makes stale", testStaleOutdated},
		{"a taken case code makes stale", testCaseCodeTaken},
		{"a refused intake leaves nothing", testRefusedLeavesNothing},
		{"orders without a reference reuse none", testNoReference},
		{"contents that are none are not compared", testNoContent},
		{"the past knows the last delivery", testEarlier},
		{"seen", testSeen},
		{"attachments are kept once", testKeep},
		{"values belong to the caller", testOwnership},
		{"an ended context has no effect", testEndedContext},
	}
}

// deepCopy is what a value looks like now, to compare with later.
func deepCopy[T any](t *testing.T, v T) (c T) {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &c); err != nil {
		t.Fatal(err)
	}
	return c
}

func testReadBack(t *testing.T, r *rig) {
	in := forms(1, "A", "B")
	in.Cases = []order.Case{aCase("D-7K2Q9F", in.Message.Key), aCase("D-7K2Q9G", in.Message.Key)}
	held := order.Reply{
		Kind: order.ReplyHeld, To: in.Message.From, MessageID: "<held@cns.example>",
		Results: []order.Result{
			{Kind: order.ReplyHeld, Order: -1, Case: "D-7K2Q9F"},
			{Kind: order.ReplyDuplicate, Order: -1, Number: "CNS-2025-000007"},
			{Kind: order.ReplyAck, Order: 1},
		},
	}
	in.Replies = append(in.Replies, held)
	before := deepCopy(t, in)

	receipt := r.record(in)
	wantEqual(t, "intake after recording", in, before)
	wantEqual(t, "numbers", receipt.Numbers, []string{"CNS-2026-000001", "CNS-2026-000002"})
	if len(receipt.Replies) != 2 || receipt.Replies[0] >= receipt.Replies[1] {
		t.Fatalf("replies: got %v, want two rising ids", receipt.Replies)
	}

	for _, when := range []string{"at once", "after a restart"} {
		m, err := r.Message(t.Context(), in.Message.Key)
		if err != nil {
			t.Fatal(err)
		}
		wantEqual(t, "message "+when, m, in.Message)
		for i, number := range receipt.Numbers {
			got, err := r.Order(t.Context(), number)
			if err != nil {
				t.Fatal(err)
			}
			want := in.Orders[i]
			want.Number = number
			wantEqual(t, "order "+when, got, want)
		}
		for _, want := range in.Cases {
			got, err := r.Case(t.Context(), want.Code)
			if err != nil {
				t.Fatal(err)
			}
			want.Revision, want.OpenedAt, want.UpdatedAt = 1, in.At, in.At
			wantEqual(t, "case "+when, got, want)
		}
		for i, id := range receipt.Replies {
			got, err := r.Reply(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			want := deepCopy(t, in.Replies[i])
			want.ID, want.CreatedAt = id, in.At
			for j := range want.Results {
				if n := want.Results[j].Order; n >= 0 {
					want.Results[j].Number = receipt.Numbers[n]
				}
			}
			wantEqual(t, "reply "+when, got.Reply, want)
			if got.Mail != nil {
				t.Errorf("reply %s: got a mail of %d bytes, want none before it is sealed", when, len(got.Mail))
			}
		}
		r.die()
	}
}

func testOnce(t *testing.T, r *rig) {
	in := forms(1, "A")
	r.record(in)
	status, events := r.status(), r.audited(0)
	for _, again := range []order.Intake{in, r.judged(in)} {
		receipts := r.Record(t.Context(), store.Fence{}, []order.Intake{again})
		wantError(t, "recorded again", receipts[0].Err, store.ErrSeen)
		if len(receipts[0].Numbers)+len(receipts[0].Replies) != 0 {
			t.Errorf("recorded again: got %v and %v, want no numbers and no replies", receipts[0].Numbers,
				receipts[0].Replies)
		}
	}
	wantEqual(t, "status", r.status(), status)
	wantEqual(t, "audit", r.audited(0), events)
}

func testOnceInOneCall(t *testing.T, r *rig) {
	receipts := r.Record(t.Context(), store.Fence{}, []order.Intake{letter(1), letter(1), letter(2)})
	if receipts[0].Err != nil || receipts[2].Err != nil {
		t.Errorf("got errors %v and %v, want none", receipts[0].Err, receipts[2].Err)
	}
	wantError(t, "the second time", receipts[1].Err, store.ErrSeen)
	wantEqual(t, "messages", r.status().Messages, 2)
}

func testStaleContent(t *testing.T, r *rig) {
	first, second := letter(1), letter(2)
	second.Message.MessageID, second.Query = first.Message.MessageID, first.Query
	r.record(first)
	wantError(t, "judged before the first", r.try(second), store.ErrStale)
	r.record(r.judged(second))
}

func testStaleIdentity(t *testing.T, r *rig) {
	r.record(forms(1, "A"))
	again := forms(2, "A")
	again.Query.Forms[0].Reference = ""
	wantError(t, "judged before the first", r.try(again), store.ErrStale)
	again = r.judged(again)
	wantEqual(t, "forms", len(again.Past.Forms), 1)
	wantEqual(t, "same", again.Past.Forms[0].Same, "CNS-2026-000001")
	first := anOrder("A")
	wantEqual(t, "received", again.Past.Received["CNS-2026-000001"], first.ReceivedAt.Truncate(time.Second))
	wantEqual(t, "ends", again.Past.Ends["CNS-2026-000001"], first.Ends().Truncate(time.Second))
	wantEqual(t, "reused", again.Past.Forms[0].Reused, "")
	r.record(again)
	wantEqual(t, "same, after another", r.judged(again).Past.Forms[0].Same, "CNS-2026-000002")
}

func testStaleReference(t *testing.T, r *rig) {
	other := func(uid uint32, quantity int) order.Intake {
		in := forms(uid, "A")
		in.Orders[0].Lines[0].Quantity = quantity
		in.Query.Forms[0] = queryForm(&in.Orders[0])
		return in
	}
	r.record(other(1, 10))
	second := other(2, 11)
	wantError(t, "judged before the first", r.try(second), store.ErrStale)
	second = r.judged(second)
	wantEqual(t, "forms", len(second.Past.Forms), 1)
	wantEqual(t, "same", second.Past.Forms[0].Same, "")
	wantEqual(t, "reused", second.Past.Forms[0].Reused, "CNS-2026-000001")
	r.record(second)
	wantEqual(t, "reused, the latest", r.judged(other(3, 12)).Past.Forms[0].Reused, "CNS-2026-000002")
}

func testStaleInOneCall(t *testing.T, r *rig) {
	again := forms(3, "A")
	again.Query.Forms[0].Reference = ""
	reused := forms(4, "A")
	reused.Query.Forms[0].Identity = "another"
	delivered := letter(5)
	delivered.Message.MessageID, delivered.Query = letter(2).Message.MessageID, letter(2).Query
	receipts := r.Record(t.Context(), store.Fence{},
		[]order.Intake{forms(1, "A"), letter(2), again, reused, delivered, forms(6, "B")})
	for i, want := range []error{nil, nil, store.ErrStale, store.ErrStale, store.ErrStale, nil} {
		if want != nil {
			wantError(t, fmt.Sprint("intake ", i), receipts[i].Err, want)
		} else if receipts[i].Err != nil {
			t.Errorf("intake %d: %v", i, receipts[i].Err)
		}
	}
	wantEqual(t, "numbers of the last", receipts[5].Numbers, []string{"CNS-2026-000002"})
}

func testStaleOutdated(t *testing.T, r *rig) {
	wrong := map[string]func(*order.Past){
		"an order that is not there": func(p *order.Past) { p.Forms[0].Same = "CNS-2026-000009" },
		"no answer for the form":     func(p *order.Past) { p.Forms = nil },
		"a reuse that is not":        func(p *order.Past) { p.Forms[0].Reused = "CNS-2026-000009" },
		"a delivery that was not":    func(p *order.Past) { p.Earlier = &order.Earlier{Key: key(9)} },
	}
	for name, spoil := range wrong {
		in := forms(1, "A")
		spoil(&in.Past)
		wantError(t, name, r.try(in), store.ErrStale)
	}

	r.record(letter(1))
	second := letter(2)
	second.Message.MessageID, second.Query = letter(1).Message.MessageID, letter(1).Query
	second = r.judged(second)
	for name, spoil := range map[string]func(*order.Earlier){
		"another key":     func(e *order.Earlier) { e.Key.UID = 9 },
		"another folder":  func(e *order.Earlier) { e.Folder = order.FolderRejected },
		"another outcome": func(e *order.Earlier) { e.Outcome = "other" },
	} {
		spoilt := second
		e := *second.Past.Earlier
		spoil(&e)
		spoilt.Past.Earlier = &e
		wantError(t, "a delivery with "+name, r.try(spoilt), store.ErrStale)
	}
	r.record(second)
}

func testCaseCodeTaken(t *testing.T, r *rig) {
	with := func(uid uint32, codes ...string) order.Intake {
		in := letter(uid)
		for _, code := range codes {
			in.Cases = append(in.Cases, aCase(code, in.Message.Key))
		}
		return in
	}
	receipts := r.Record(t.Context(), store.Fence{}, []order.Intake{
		with(1, "D-7K2Q9F"), with(2, "D-7K2Q9F"), with(3, "d-7k2q9f"), with(4, "D-22222C", "D-22222C"),
	})
	if receipts[0].Err != nil {
		t.Errorf("first: %v", receipts[0].Err)
	}
	wantError(t, "taken in the same call", receipts[1].Err, store.ErrStale)
	wantError(t, "taken in another letter case", receipts[2].Err, store.ErrStale)
	wantError(t, "taken by itself", receipts[3].Err, store.ErrStale)
	wantError(t, "taken before", r.try(with(5, "D-7K2Q9F")), store.ErrStale)
	wantEqual(t, "waiting", r.status().Waiting, 1)
	r.record(with(2, "D-22222C"))
}

func testRefusedLeavesNothing(t *testing.T, r *rig) {
	r.record(letter(1))
	events := len(r.audited(0))

	stale := forms(3, "S")
	stale.Past.Forms[0].Same = "CNS-2026-000009"
	stale.Cases = []order.Case{aCase("D-STALEC", stale.Message.Key)}
	if err := r.Mark(t.Context(), store.Fence{}, []order.Key{key(2), key(3), key(4)}, false); err != nil {
		t.Fatal(err)
	}
	receipts := r.Record(t.Context(), store.Fence{}, []order.Intake{forms(2, "A"), stale, letter(1), forms(4, "B")})
	wantError(t, "stale", receipts[1].Err, store.ErrStale)
	wantError(t, "seen", receipts[2].Err, store.ErrSeen)
	wantEqual(t, "numbers before", receipts[0].Numbers, []string{"CNS-2026-000001"})
	wantEqual(t, "numbers after", receipts[3].Numbers, []string{"CNS-2026-000002"})
	wantEqual(t, "status", r.status(), store.Status{Messages: 3, Orders: 2, Unsent: 2})
	if got := len(r.audited(0)) - events; got != 6 {
		t.Errorf("audit: got %d new lines, want 3 for each of the two", got)
	}
	_, err := r.Message(t.Context(), key(3))
	wantError(t, "message", err, store.ErrNotFound)
	_, err = r.Case(t.Context(), "D-STALEC")
	wantError(t, "case", err, store.ErrNotFound)
	wantEqual(t, "past", r.judged(stale).Past, order.NoPast(1))
	wantEqual(t, "marks", r.recover(), map[order.Key]int{key(3): 0})

	receipts = r.Record(t.Context(), store.Fence{}, nil)
	if len(receipts) != 0 {
		t.Errorf("nothing to record: got %d receipts, want none", len(receipts))
	}
}

func testNoReference(t *testing.T, r *rig) {
	r.record(forms(1, ""))
	other := forms(2, "")
	other.Orders[0].Lines = other.Orders[0].Lines[:1]
	other.Query.Forms[0] = queryForm(&other.Orders[0])
	asked := other
	asked.Query.Forms = []order.QueryForm{other.Query.Forms[0], {Reference: other.Orders[0].ReferenceKey()}}
	wantEqual(t, "past", r.judged(asked).Past, order.NoPast(2))
	r.record(other)
	wantEqual(t, "same", r.judged(forms(3, "")).Past.Forms[0].Same, "CNS-2026-000001")
}

func testNoContent(t *testing.T, r *rig) {
	for uid := range uint32(2) {
		in := letter(uid + 1)
		in.Message.MessageID = ""
		in.Query.Content = in.Message.Content()
		r.record(in)
	}
	wantEqual(t, "messages", r.status().Messages, 2)
}

func testEarlier(t *testing.T, r *rig) {
	first, second, third := letter(1), letter(2), letter(3)
	for _, in := range []*order.Intake{&second, &third} {
		in.Message.MessageID, in.Query = first.Message.MessageID, first.Query
	}
	second.Folder, second.Outcome = order.FolderRejected, "rejected"
	if p := r.judged(first).Past; p.Earlier != nil {
		t.Errorf("before any: got %+v, want nil", p.Earlier)
	}
	r.record(first)
	wantEqual(t, "after the first", r.judged(second).Past.Earlier,
		&order.Earlier{Key: key(1), Folder: order.FolderAttention, Outcome: "letter"})
	r.record(r.judged(second))
	wantEqual(t, "after the second", r.judged(third).Past.Earlier,
		&order.Earlier{Key: key(2), Folder: order.FolderRejected, Outcome: "rejected"})
}

func testSeen(t *testing.T, r *rig) {
	r.record(forms(1, "A"))
	second, third := letter(2), letter(4)
	second.Message.Header = order.Sum([]byte("a header"))
	r.record(second)
	third.Message = order.Message{Key: third.Message.Key, Unfetched: true, Subject: "Commande"}
	r.record(third)
	other, another, unread := key(1), key(2), letter(5)
	other.UIDValidity++
	another.Header = order.Sum([]byte("another header"))
	unread.Message = order.Message{Key: unread.Message.Key}
	r.record(unread)
	for _, when := range []string{"at once", "after a restart"} {
		seen, err := r.Seen(t.Context(), []order.Key{key(1), key(2), key(3), key(4), key(5), other, another})
		if err != nil {
			t.Fatal(err)
		}
		wantEqual(t, "seen "+when, seen, map[order.Key]store.Seen{
			key(1): {
				Folder: order.FolderProcessed, Read: true,
				HeaderID: store.HeaderID{MessageID: "<1@librairie.example>"},
			},
			key(2): {
				Folder: order.FolderAttention, Read: true,
				HeaderID: store.HeaderID{Hash: second.Message.Header},
			},
			key(4): {Folder: order.FolderAttention, Unfetched: true},
			key(5): {Folder: order.FolderAttention},
		})
		r.die()
	}

	// A message with the UID of another is recorded beside it.
	again := letter(2)
	again.Message.Key = another
	r.record(r.judged(again))
	seen, err := r.Seen(t.Context(), []order.Key{key(2), another})
	if err != nil || len(seen) != 2 || seen[key(2)].Hash != second.Message.Header {
		t.Errorf("beside another of its UID: got %+v, error %v, want both", seen, err)
	}
}

func testKeep(t *testing.T, r *rig) {
	blobs := [][]byte{[]byte("a form"), {}, bytes.Repeat([]byte("a large one "), 1<<16), []byte("a form")}
	for range 2 {
		if err := r.Keep(t.Context(), blobs); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Keep(t.Context(), [][]byte{[]byte("a third"), blobs[0]}); err != nil {
		t.Fatal(err)
	}
	if err := r.Keep(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	r.die()
	for _, want := range append(blobs, []byte("a third")) {
		got, err := r.Blob(t.Context(), order.Sum(want))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("got %d bytes, want the %d that were kept", len(got), len(want))
		}
	}
	_, err := r.Blob(t.Context(), order.Sum([]byte("never kept")))
	wantError(t, "never kept", err, store.ErrNotFound)
}

// testOwnership writes over everything that went in and came out.
func testOwnership(t *testing.T, r *rig) {
	blob := []byte("a form")
	in := forms(1, "A")
	receipt := func() store.Receipt {
		if err := r.Keep(t.Context(), [][]byte{blob}); err != nil {
			t.Fatal(err)
		}
		return r.record(in)
	}()
	hash := order.Sum(blob)
	clear(blob)
	in.Orders[0].Lines[0].Quantity = 99
	in.Replies[0].Results[0].Number = "none"

	for range 2 {
		got, err := r.Blob(t.Context(), hash)
		if err != nil {
			t.Fatal(err)
		}
		wantEqual(t, "attachment", string(got), "a form")
		clear(got)
		o, err := r.Order(t.Context(), receipt.Numbers[0])
		if err != nil {
			t.Fatal(err)
		}
		wantEqual(t, "quantity", o.Lines[0].Quantity, 30)
		o.Lines[0].Quantity = 98
		c, err := r.Reply(t.Context(), receipt.Replies[0])
		if err != nil {
			t.Fatal(err)
		}
		wantEqual(t, "number", c.Results[0].Number, receipt.Numbers[0])
		c.Results[0].Number = "none"
	}
}

func testEndedContext(t *testing.T, r *rig) {
	in := forms(1, "A")
	in.Cases = []order.Case{aCase("D-7K2Q9F", key(1))}
	receipt := r.record(in)
	before := dump(t, r)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	id := receipt.Replies[0]
	verbs := map[string]func() error{
		"Resume":  func() error { _, err := r.Recover(ctx, store.Fence{}); return err },
		"Mark":    func() error { return r.Mark(ctx, store.Fence{}, []order.Key{key(2)}, true) },
		"Release": func() error { return r.Unmark(ctx, store.Fence{}, []order.Key{key(2)}) },
		"Rest":    func() error { return r.Rest(ctx, store.Fence{}) },
		"Seen":    func() error { _, err := r.Seen(ctx, []order.Key{key(1)}); return err },
		"Keep":    func() error { return r.Keep(ctx, [][]byte{[]byte("x")}) },
		"Past":    func() error { _, err := r.Past(ctx, in.Query); return err },
		"Record":  func() error { return r.Record(ctx, store.Fence{}, []order.Intake{letter(2)})[0].Err },
		"Claim":   func() error { _, err := r.Claim(ctx, store.Fence{Holder: "a"}, noon(), 1, 1); return err },
		"Seal":    func() error { return r.Seal(ctx, "a", []store.Sealed{{Reply: id}}) },
		"Settle":  func() error { return r.Settle(ctx, "a", []store.Settlement{{Reply: id, Outcome: store.Sent}}) },
		"Due":     func() error { _, err := r.Due(ctx); return err },
		"Reply":   func() error { _, err := r.Reply(ctx, id); return err },
		"Order":   func() error { _, err := r.Order(ctx, receipt.Numbers[0]); return err },
		"Orders":  func() error { _, err := r.Orders(ctx, "", 1); return err },
		"Case":    func() error { _, err := r.Case(ctx, "D-7K2Q9F"); return err },
		"Cases":   func() error { _, err := r.Cases(ctx, "", "", 1); return err },
		"Decide": func() error {
			_, err := r.Decide(ctx, store.Fence{}, order.Decision{Case: "D-7K2Q9F", Revision: 1, State: order.Closed})
			return err
		},
		"Message":  func() error { _, err := r.Message(ctx, key(1)); return err },
		"Blob":     func() error { _, err := r.Blob(ctx, "x"); return err },
		"Audit":    func() error { _, err := r.Audit(ctx, 0, 1); return err },
		"Status":   func() error { _, err := r.Status(ctx); return err },
		"Swap":     func() error { return r.Swap(ctx, "annuaire", nil, order.Import{}) },
		"Register": func() error { _, _, err := r.Register(ctx, "annuaire"); return err },
		"Backup":   func() error { return r.Backup(ctx, &bytes.Buffer{}) },
		"Check":    func() error { return r.Check(ctx) },
	}
	for name, verb := range verbs {
		wantError(t, name, verb(), context.Canceled)
	}
	wantSame(t, dump(t, r), before)
	wantEqual(t, "marks", r.recover(), map[order.Key]int{})
}
