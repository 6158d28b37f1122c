package storetest

import (
	"fmt"
	"testing"
	"time"

	"bdc/order"
	"bdc/store"
)

func actTests() []test {
	return []test{
		{"what people did in a case", testActs},
		{"a corrected attempt", testCorrected},
		{"a reply waits for its delay", testDelay},
		{"the answers to a message", testAnswers},
		{"an act undone", testUndo},
		{"too late to undo", testUndoLate},
		{"nothing to undo", testUndoNothing},
		{"an order's statuses", testAdvance},
		{"a status seen wrong", testAdvanceStale},
		{"a cancelled order may be ordered anew", testCancelForgets},
	}
}

func (r *rig) aCase(code string) order.Case {
	r.t.Helper()
	c, err := r.Case(r.t.Context(), code)
	if err != nil {
		r.t.Fatal(err)
	}
	return c
}

func testActs(t *testing.T, r *rig) {
	code := r.opened(1)[0]
	claire, nobody := "claire", ""
	r.decide(order.Decision{
		Kind: order.ActHand, Case: code, Revision: 1, Actor: "paul", At: noon(),
		State: order.Waiting, Holder: &claire, Note: "claire",
	})
	r.decide(order.Decision{
		Kind: order.ActNote, Case: code, Revision: 2, Actor: "claire", At: after(1),
		State: order.Waiting, Note: "vu",
	})
	wantEqual(t, "holder", r.aCase(code).Holder, "claire")
	r.decide(order.Decision{
		Kind: order.ActHand, Case: code, Revision: 3, Actor: "claire", At: after(2),
		State: order.Waiting, Holder: &nobody,
	})
	wantEqual(t, "holder, after", r.aCase(code).Holder, "")
	wantEqual(t, "acts", r.aCase(code).Acts, []order.Act{
		{Kind: order.ActHand, At: noon(), Actor: "paul", Text: "claire", Before: order.Waiting},
		{Kind: order.ActNote, At: after(1), Actor: "claire", Text: "vu", Before: order.Waiting},
		{Kind: order.ActHand, At: after(2), Actor: "claire", Before: order.Waiting},
	})
}

func testCorrected(t *testing.T, r *rig) {
	code := r.opened(1)[0]
	a := r.aCase(code).Attempts[0]
	o := *a.Order
	o.Reference, o.Establishment = "neuve", "Collège Ailleurs"
	a.Order, a.Findings, a.Verdict = &o, nil, order.Accepted
	a.Corrections = []order.Correction{{Field: order.FieldReference, Text: "neuve", Actor: "claire", At: noon()}}
	d := order.Decision{
		Kind: order.ActCorrect, Case: code, Revision: 1, Actor: "claire", At: noon(),
		State: order.Waiting, Attempt: &a, Index: 1,
	}
	if _, err := r.Decide(t.Context(), store.Fence{}, d); err == nil {
		t.Error("an attempt that is not there: got no error")
	}
	d.Index = 0
	r.decide(d)
	got := r.aCase(code)
	wantEqual(t, "attempts", got.Attempts, []order.Attempt{a})
	wantEqual(t, "reference", got.Reference, "neuve")
	wantEqual(t, "found", r.caseRows(store.CaseFilter{Words: "college ailleurs"}), []string{code})
	// A later form of the corrected reference goes on with the case.
	next := order.QueryForm{Account: o.Account, Thread: o.ReferenceKey()}
	p, err := r.Past(t.Context(), order.Query{
		From: "x@y.example", Accounts: []string{o.Account}, Forms: []order.QueryForm{next},
	})
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "thread", p.Forms[0].Thread.Case, code)
}

// accept accepts an order in a case, with a reply half a minute later.
func (r *rig) accept(code string, reference string) store.Receipt {
	r.t.Helper()
	o := anOrder(reference)
	return r.decide(order.Decision{
		Kind: order.ActAccept, Case: code, Revision: 1, Actor: "claire", At: noon(), State: order.Closed, Order: &o,
		Delay: 30 * time.Second,
		Reply: &order.Reply{
			Kind: order.ReplyAck, To: "contact@librairie.example",
			Results: []order.Result{{Kind: order.ReplyAck, Order: 0}},
		},
	})
}

func testDelay(t *testing.T, r *rig) {
	id := r.accept(r.opened(1)[0], "A").Replies[0]
	r.die()
	wantEqual(t, "due before", r.claimedIDs("a", after(29*time.Second), 9), []uint64(nil))
	d, err := r.Delivery(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "delivery", d, store.Delivery{Due: after(30 * time.Second)})
	wantEqual(t, "due then", r.claimedIDs("a", after(30*time.Second), 9), []uint64{id})
	r.settle("a", store.Settlement{Reply: id, Outcome: store.Sent, At: after(time.Minute), Words: "250 ok"})
	if d, err = r.Delivery(t.Context(), id); err != nil || d.Outcome != store.Sent || d.Attempts != 1 ||
		!d.At.Equal(after(time.Minute)) || d.Words != "250 ok" {
		t.Errorf("delivery, sent: got %+v and error %v", d, err)
	}
	_, err = r.Delivery(t.Context(), id+1)
	wantError(t, "delivery of no reply", err, store.ErrNotFound)
}

func testAnswers(t *testing.T, r *rig) {
	first := r.record(forms(1, "A")).Replies[0]
	second := r.record(forms(11, "B")).Replies[0]
	r.claimedIDs("a", noon(), 9)
	r.settle("a", store.Settlement{Reply: first, Outcome: store.Sent, At: after(time.Minute), Words: "250 ok"})
	for _, tt := range []struct {
		uid      uint32
		id       uint64
		delivery store.Delivery
	}{
		{1, first, store.Delivery{
			Due: noon(), Attempts: 1, Outcome: store.Sent, At: after(time.Minute),
			Words: "250 ok",
		}},
		{11, second, store.Delivery{Attempts: 1}},
	} {
		answers, err := r.Answers(t.Context(), key(tt.uid))
		if err != nil || len(answers) != 1 {
			t.Fatalf("message %d: got %d answers and error %v, want one", tt.uid, len(answers), err)
		}
		wantEqual(t, "id", answers[0].Reply.ID, tt.id)
		tt.delivery.Due = answers[0].Due // of a claimed one, when its lease ends
		wantEqual(t, "delivery", answers[0].Delivery, tt.delivery)
	}
	if answers, err := r.Answers(t.Context(), key(111)); err != nil || len(answers) != 0 {
		t.Errorf("to a message that is not known: got %v and error %v, want none", answers, err)
	}
}

func testUndo(t *testing.T, r *rig) {
	code := r.opened(1)[0]
	receipt := r.accept(code, "A")
	wantError(t, "as seen before",
		r.Undo(t.Context(), order.Undo{Case: code, Revision: 1, Actor: "claire", At: after(1)}), store.ErrRevision)
	if err := r.Undo(t.Context(), order.Undo{Case: code, Revision: 2, Actor: "paul", At: after(1)}); err != nil {
		t.Fatal(err)
	}
	r.die()
	c := r.aCase(code)
	wantEqual(t, "state", c.State, order.Waiting)
	wantEqual(t, "revision", c.Revision, uint64(3))
	wantEqual(t, "orders", c.Orders, receipt.Numbers)
	wantEqual(t, "acts", c.Acts, []order.Act{
		{
			Kind: order.ActAccept, At: noon(), Actor: "claire", Before: order.Waiting, Order: receipt.Numbers[0],
			Reply: receipt.Replies[0], Undone: true,
		},
		{
			Kind: order.ActUndo, At: after(1), Actor: "paul", Text: "accept", Before: order.Closed,
			Order: receipt.Numbers[0],
		},
	})
	o, err := r.Order(t.Context(), receipt.Numbers[0])
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "order", o.Status, order.Cancelled)
	wantEqual(t, "of its case", o.Case, code)
	wantEqual(t, "ever due", r.claimedIDs("a", after(time.Hour), 9), []uint64(nil))
	if d, err := r.Delivery(t.Context(), receipt.Replies[0]); err != nil || d.Outcome != store.Withdrawn {
		t.Errorf("delivery: got %+v and error %v, want it withdrawn", d, err)
	}
	wantEqual(t, "status", r.status(), store.Status{Messages: 1, Orders: 1, Waiting: 1})
	// The same is no duplicate of what was taken back.
	wantEqual(t, "known to the past", r.judged(forms(9, "A")).Past, order.NoPast(1))
	wantError(t, "again", r.Undo(t.Context(), order.Undo{Case: code, Revision: 3}), store.ErrNotFound)
}

func testUndoLate(t *testing.T, r *rig) {
	code := r.opened(1)[0]
	r.accept(code, "A")
	r.claim("a", after(time.Minute), 9)
	r.die() // ends the lease, and not the attempt that may have reached the server
	wantError(t, "undo", r.Undo(t.Context(), order.Undo{Case: code, Revision: 2, At: after(2 * time.Minute)}),
		store.ErrLeft)
	wantEqual(t, "state", r.aCase(code).State, order.Closed)
}

func testUndoNothing(t *testing.T, r *rig) {
	code := r.opened(1)[0]
	r.decide(order.Decision{Kind: order.ActNote, Case: code, Revision: 1, At: noon(), State: order.Waiting, Note: "vu"})
	wantError(t, "undo a note", r.Undo(t.Context(), order.Undo{Case: code, Revision: 2}), store.ErrNotFound)
	wantError(t, "undo in no case", r.Undo(t.Context(), order.Undo{Case: "D-ZZZZZZ"}), store.ErrNotFound)
}

func testAdvance(t *testing.T, r *rig) {
	number := r.record(forms(1, "A")).Numbers[0]
	path := []order.Status{
		order.Received, order.Checked, order.Opened, order.Checked, order.Received, order.Checked,
		order.Cancelled,
	}
	var want []order.Step
	for i, status := range path[1:] {
		step := order.Step{
			Status: status, At: after(time.Duration(i) * time.Minute), Actor: "claire",
			Note: fmt.Sprint("pas ", i),
		}
		want = append(want, step)
		o, err := r.Advance(t.Context(), number, path[i], step)
		if err != nil {
			t.Fatalf("from %s to %s: %v", path[i], status, err)
		}
		wantEqual(t, "returned", o.Status, status)
		wantEqual(t, "found", r.found(store.OrderFilter{Status: status}), []string{number})
	}
	r.die()
	o, err := r.Order(t.Context(), number)
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "steps", o.Steps, want)
	events := r.audited(0)
	last := events[len(events)-1]
	last.Seq = 0
	wantEqual(t, "audit", last, order.Event{
		At: after(5 * time.Minute), Actor: "claire", Verb: "order.cancelled",
		Order: number, Detail: "pas 5",
	})
}

func testAdvanceStale(t *testing.T, r *rig) {
	number := r.record(forms(1, "A")).Numbers[0]
	for _, tt := range []struct{ seen, next order.Status }{
		{order.Checked, order.Opened},    // it is received
		{order.Received, order.Opened},   // not before it was checked
		{order.Received, order.Received}, // no step
		{order.Received, "lost"},
	} {
		_, err := r.Advance(t.Context(), number, tt.seen, order.Step{Status: tt.next, At: noon()})
		wantError(t, fmt.Sprintf("seen %s, to be %s", tt.seen, tt.next), err, store.ErrRevision)
	}
	_, err := r.Advance(t.Context(), "CNS-2026-000009", order.Received, order.Step{Status: order.Checked})
	wantError(t, "no such order", err, store.ErrNotFound)
	wantEqual(t, "still", r.found(store.OrderFilter{Status: order.Received}), []string{number})
}

func testCancelForgets(t *testing.T, r *rig) {
	cancel := func(number string) {
		t.Helper()
		if _, err := r.Advance(t.Context(), number, order.Received,
			order.Step{Status: order.Cancelled, At: noon()}); err != nil {
			t.Fatal(err)
		}
	}
	first := r.record(forms(1, "A")).Numbers[0]
	in := letter(2)
	in.Cases = []order.Case{aCase("D-33333C", in.Message.Key)}
	r.record(in)
	o := anOrder("A") // let through by a person, though it is the same
	second := r.decide(order.Decision{
		Case: "D-33333C", Revision: 1, At: noon(), State: order.Closed,
		Order: &o,
	}).Numbers[0]
	past := func() []string {
		p := r.judged(forms(9, "A")).Past
		return []string{p.Forms[0].Same, p.Forms[0].Reused}
	}
	wantEqual(t, "before", past(), []string{second, second})
	cancel(second)
	wantEqual(t, "the second cancelled", past(), []string{first, first})
	cancel(first)
	wantEqual(t, "both cancelled", past(), []string{"", ""})
	wantEqual(t, "ordered anew", r.record(r.judged(forms(10, "A"))).Numbers, []string{"CNS-2026-000003"})
}
