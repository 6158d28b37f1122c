package storetest

import (
	"errors"
	"testing"
	"time"

	"bdc/order"
	"bdc/store"
)

func threadTests() []test {
	return []test{
		{"a form joins the case that it names", testThreadNamed},
		{"a form joins an open case of its reference", testThreadReference},
		{"nobody joins another bookseller's case", testThreadForeign},
		{"a closed case is joined by no form", testThreadClosed},
		{"a case goes on", testContinued},
		{"an attempt of before the last is stale", testThreadStale},
	}
}

const code = "D-7K2Q9F"

// corrected is the query of a form that goes on with a case: its account is the
// case's, and nothing in it would be accepted.
func corrected(change func(*order.Query)) order.Query {
	q := order.Query{
		From: "autre@librairie.example", Since: noon().Add(-time.Hour),
		Forms: []order.QueryForm{{Account: anOrder("").Account}},
	}
	change(&q)
	return q
}

// sentBack records a case that waits for its bookseller.
func (r *rig) sentBack(reference string) {
	r.t.Helper()
	in := letter(1)
	c := aCase(code, in.Message.Key)
	c.State, c.Reference = order.SentBack, reference
	in.Cases = []order.Case{c}
	r.record(in)
}

func (r *rig) past(q order.Query) order.Past {
	r.t.Helper()
	p, err := r.Past(r.t.Context(), q)
	if err != nil {
		r.t.Fatalf("past: %v", err)
	}
	return p
}

func testThreadNamed(t *testing.T, r *rig) {
	r.sentBack("R-1")
	want := order.Thread{Case: code, Revision: 1, State: order.SentBack}
	ours := []string{anOrder("").Account}
	for what, q := range map[string]order.Query{
		"in its workbook": corrected(func(q *order.Query) { q.Accounts, q.Forms[0].Case = ours, code }),
		"in its mail": corrected(
			func(q *order.Query) { q.Accounts, q.Mentions = ours, []string{"D-222222", code} }),
		"in small letters": corrected(func(q *order.Query) { q.Accounts, q.Forms[0].Case = ours, "d-7k2q9f" }),
		"by its sender": corrected(func(q *order.Query) {
			q.Mentions, q.From, q.Forms[0].Account = []string{code}, "contact@librairie.example", ""
		}),
		"for its account": corrected(func(q *order.Query) {
			q.Mentions, q.Accounts, q.Forms[0].Account = []string{code}, []string{"01234567"}, ""
		}),
		"though it is old now": corrected(
			func(q *order.Query) { q.Accounts, q.Mentions, q.Since = ours, []string{code}, noon().Add(time.Hour) }),
	} {
		wantEqual(t, what, r.past(q).Forms, []order.PastForm{{Thread: want}})
	}
	p := r.past(corrected(func(q *order.Query) { q.Accounts, q.Forms[0].Case = ours, code }))
	if first := p.First[code]; first == nil || first.Message != key(1) || first.Order == nil ||
		first.Order.Reference != "R-"+code {
		t.Errorf("its first form: got %+v, want the case's", first)
	}
	wantEqual(t, "a mail without a form",
		r.past(order.Query{From: "contact@librairie.example", Mentions: []string{code}}).Mentioned, want)
}

func testThreadReference(t *testing.T, r *rig) {
	r.sentBack("R-1")
	o := anOrder("R-1")
	of := func(reference string, since time.Time) order.Thread {
		o.Reference = reference
		return r.past(corrected(func(q *order.Query) {
			q.Accounts, q.Forms[0].Thread, q.Since = []string{o.Account}, o.ReferenceKey(), since
		})).Forms[0].Thread
	}
	wantEqual(t, "the same reference", of("R-1", noon()), order.Thread{Case: code, Revision: 1, State: order.SentBack})
	wantEqual(t, "another reference", of("R-2", noon()), order.Thread{})
	wantEqual(t, "nothing happened since", of("R-1", noon().Add(1)), order.Thread{})
}

func testThreadForeign(t *testing.T, r *rig) {
	r.sentBack("R-1")
	q := corrected(func(q *order.Query) {
		q.Mentions, q.Accounts, q.Forms[0].Account, q.Forms[0].Case = []string{code}, []string{"7654321"}, "7654321",
			code
	})
	p := r.past(q)
	wantEqual(t, "a form of another account", p.Forms, []order.PastForm{{}})
	wantEqual(t, "a mail of another account", p.Mentioned, order.Thread{})
	p = r.past(corrected(func(q *order.Query) { q.Mentions, q.Forms[0].Case = []string{code}, code }))
	wantEqual(t, "a stranger's form that names its account", p.Forms, []order.PastForm{{}})
	o := anOrder("R-1")
	p = r.past(corrected(func(q *order.Query) { q.Forms[0].Thread = o.ReferenceKey() }))
	wantEqual(t, "a stranger's form of its reference", p.Forms, []order.PastForm{{}})
}

func testThreadClosed(t *testing.T, r *rig) {
	r.sentBack("R-1")
	if _, err := r.Decide(t.Context(), store.Fence{},
		order.Decision{Case: code, Revision: 1, Actor: "marie", At: noon(), State: order.Closed}); err != nil {
		t.Fatal(err)
	}
	o := anOrder("R-1")
	p := r.past(corrected(func(q *order.Query) {
		q.Mentions, q.Forms[0].Case, q.Forms[0].Thread = []string{code}, code, o.ReferenceKey()
		q.Accounts = []string{o.Account}
	}))
	wantEqual(t, "a form", p.Forms, []order.PastForm{{}})
	wantEqual(t, "a mail", p.Mentioned, order.Thread{Case: code, Revision: 2, State: order.Closed})
}

// goingOn is an intake whose only form goes on with the case, and is ordered.
func (r *rig) goingOn(uid uint32) order.Intake {
	in := forms(uid, "R-1")
	in.Query.Forms[0].Account, in.Query.Forms[0].Case = anOrder("").Account, code
	in.Query.Accounts = []string{anOrder("").Account}
	o := in.Orders[0]
	in.Continued = []order.Continuation{{
		Case: code, State: order.Closed, Order: 0,
		Attempt: order.Attempt{
			At: in.At, Message: in.Message.Key, Part: "BdC.xlsx", Verdict: order.Accepted,
			Order: &o,
		},
	}}
	return r.judged(in)
}

func testContinued(t *testing.T, r *rig) {
	r.sentBack("R-1")
	in := r.goingOn(2)
	in.At = noon().Add(time.Hour)
	before := r.audited(0)
	receipt := r.record(in)
	c, err := r.Case(t.Context(), code)
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "its state", c.State, order.Closed)
	wantEqual(t, "its revision", c.Revision, uint64(2))
	wantEqual(t, "when it changed", c.UpdatedAt, in.At)
	wantEqual(t, "its orders", c.Orders, receipt.Numbers)
	wantEqual(t, "its reason", c.Reason, order.Code("uai.unknown"))
	if len(c.Attempts) != 2 {
		t.Fatalf("got %d attempts, want 2", len(c.Attempts))
	}
	wantEqual(t, "the second attempt", c.Attempts[1].Message, in.Message.Key)
	listed, err := r.Cases(t.Context(), order.Closed, "", 9)
	if err != nil || len(listed) != 1 {
		t.Errorf("got %d closed cases and error %v, want 1", len(listed), err)
	}
	wantEqual(t, "those sent back", r.status().SentBack, 0)
	verbs := 0
	for _, e := range r.audited(before[len(before)-1].Seq) {
		if e.Verb == "case.continued" && e.Case == code && e.Order == receipt.Numbers[0] {
			verbs++
		}
	}
	wantEqual(t, "audit lines of it", verbs, 1)
}

func testThreadStale(t *testing.T, r *rig) {
	r.sentBack("R-1")
	first, second := r.goingOn(2), r.goingOn(3)
	second.Orders[0].Reference = "R-2" // so that only the case makes it stale
	second.Query.Forms[0] = order.QueryForm{Account: anOrder("").Account, Case: code}
	second = r.judged(second)
	receipts := r.Record(t.Context(), store.Fence{}, []order.Intake{first, second})
	if receipts[0].Err != nil || !errors.Is(receipts[1].Err, store.ErrStale) {
		t.Errorf("got errors %v and %v, want none and %v", receipts[0].Err, receipts[1].Err, store.ErrStale)
	}
}
