package storetest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"bdc/order"
	"bdc/store"
)

func reviewTests() []test {
	return []test{
		{"orders by cursor", testOrders},
		{"cases by cursor and state", testCases},
		{"a case in any letter case", testCaseLetters},
		{"a decision", testDecide},
		{"a decision without order and reply", testDecideOnly},
		{"one decision wins", testDecideConflict},
		{"a decided order is known to the past", testDecidePast},
		{"status", testStatus},
		{"what is not there", testNotFound},
	}
}

// pages collects a list page by page, and fails on a page that is too long or
// on a list that does not end.
func pages[T any](t *testing.T, limit int, next func(limit int, last *T) ([]T, error)) []T {
	t.Helper()
	var all []T
	var last *T
	for range 1000 {
		page, err := next(limit, last)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) > limit {
			t.Fatalf("got a page of %d, want at most %d", len(page), limit)
		}
		if len(page) == 0 {
			return all
		}
		all = append(all, page...)
		last = &page[len(page)-1]
	}
	t.Fatal("got 1,000 pages, and no end")
	return nil
}

func testOrders(t *testing.T, r *rig) {
	var want []string
	for i := range 7 {
		want = append(want, r.record(forms(uint32(i+1), fmt.Sprint("A", i))).Numbers...)
	}
	for _, limit := range []int{1, 3, 7, 100} {
		got := pages(t, limit, func(limit int, last *order.Order) ([]order.Order, error) {
			after := ""
			if last != nil {
				after = last.Number
			}
			return r.Orders(t.Context(), after, limit)
		})
		wantEqual(t, fmt.Sprint("by ", limit), numbers(got), want)
	}
	none, err := r.Orders(t.Context(), "", 0)
	if err != nil || len(none) != 0 {
		t.Errorf("limit 0: got %d orders and error %v, want neither", len(none), err)
	}
	past, err := r.Orders(t.Context(), "CNS-2026-999999", 9)
	if err != nil || len(past) != 0 {
		t.Errorf("after a number not given yet: got %d orders and error %v, want neither", len(past), err)
	}
}

// opened records n waiting cases, one a message, and returns their codes.
func (r *rig) opened(n int) []string {
	r.t.Helper()
	var codes []string
	for i := range n {
		in := letter(uint32(i + 1))
		code := fmt.Sprintf("D-22222%c", "ZCYDXFWGVH"[i]) // not in the order of age
		in.Cases = []order.Case{aCase(code, in.Message.Key)}
		in.At = after(time.Duration(i) * time.Minute)
		r.record(in)
		codes = append(codes, code)
	}
	return codes
}

func (r *rig) decide(d order.Decision) store.Receipt {
	r.t.Helper()
	receipt, err := r.Decide(r.t.Context(), store.Fence{}, d)
	if err != nil {
		r.t.Fatalf("decide: %v", err)
	}
	return receipt
}

func (r *rig) cases(state order.State, limit int) []string {
	r.t.Helper()
	list := pages(r.t, limit, func(limit int, last *order.Case) ([]order.Case, error) {
		after := ""
		if last != nil {
			after = last.Code
		}
		return r.Cases(r.t.Context(), state, after, limit)
	})
	var codes []string
	for _, c := range list {
		if state != "" && c.State != state {
			r.t.Errorf("case %s: got state %s, want %s", c.Code, c.State, state)
		}
		codes = append(codes, c.Code)
	}
	return codes
}

func testCases(t *testing.T, r *rig) {
	codes := r.opened(6)
	for _, i := range []int{0, 2} {
		r.decide(order.Decision{Case: codes[i], Revision: 1, At: noon(), State: order.SentBack})
	}
	r.decide(order.Decision{Case: codes[3], Revision: 1, At: noon(), State: order.Closed})
	r.die()
	for _, limit := range []int{1, 2, 100} {
		by := fmt.Sprintf(" by %d", limit)
		wantEqual(t, "all"+by, r.cases("", limit), codes)
		wantEqual(t, "waiting"+by, r.cases(order.Waiting, limit), []string{codes[1], codes[4], codes[5]})
		wantEqual(t, "sent back"+by, r.cases(order.SentBack, limit), []string{codes[0], codes[2]})
		wantEqual(t, "closed"+by, r.cases(order.Closed, limit), []string{codes[3]})
	}
	// A cursor holds when its own case has moved to another state.
	list, err := r.Cases(t.Context(), order.Waiting, codes[3], 9)
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "after a closed one", len(list), 2)
	wantEqual(t, "status", r.status(), store.Status{Messages: 6, Waiting: 3, SentBack: 2})
}

func testCaseLetters(t *testing.T, r *rig) {
	code := r.opened(1)[0]
	for _, spelt := range []string{code, "d-22222z", "D-22222z"} {
		c, err := r.Case(t.Context(), spelt)
		if err != nil {
			t.Errorf("%s: %v", spelt, err)
		}
		wantEqual(t, "code", c.Code, code)
	}
	r.decide(order.Decision{Case: "d-22222z", Revision: 1, At: noon(), State: order.Closed})
	c, err := r.Case(t.Context(), code)
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "state", c.State, order.Closed)
}

func testDecide(t *testing.T, r *rig) {
	code := r.opened(1)[0]
	before, err := r.Case(t.Context(), code)
	if err != nil {
		t.Fatal(err)
	}
	o := anOrder("A")
	reply := order.Reply{
		Kind: order.ReplyAck, To: "contact@librairie.example", MessageID: "<d@cns.example>", Message: key(1),
		Results: []order.Result{{Kind: order.ReplyAck, Order: 0, Lines: o.Lines}, {Kind: order.ReplyHeld, Order: -1}},
	}
	d := order.Decision{
		Case: code, Revision: 1, Actor: "claire", At: after(time.Hour),
		State: order.Closed, Note: "vu au téléphone", Order: &o, Reply: &reply,
	}
	unchanged := deepCopy(t, d)
	receipt := r.decide(d)
	wantEqual(t, "decision after it", d, unchanged)
	wantEqual(t, "numbers", receipt.Numbers, []string{"CNS-2026-000001"})
	if len(receipt.Replies) != 1 || receipt.Err != nil {
		t.Fatalf("receipt: got %+v, want one reply and no error", receipt)
	}
	r.die()

	want := before
	want.State, want.Revision, want.UpdatedAt = order.Closed, 2, d.At
	want.Note, want.Orders = d.Note, receipt.Numbers
	want.Acts = []order.Act{{
		At: d.At, Actor: d.Actor, Text: d.Note, Before: order.Waiting, Order: receipt.Numbers[0],
		Reply: receipt.Replies[0],
	}}
	got, err := r.Case(t.Context(), code)
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "case", got, want)

	o.Number, o.Case = receipt.Numbers[0], code
	accepted, err := r.Order(t.Context(), o.Number)
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "order", accepted, o)

	wantEqual(t, "due before it", r.claimedIDs("a", after(time.Hour-1), 9), []uint64(nil))
	claims := r.claim("a", after(time.Hour), 9)
	if len(claims) != 1 {
		t.Fatalf("got %d claims, want 1", len(claims))
	}
	reply.ID, reply.CreatedAt = receipt.Replies[0], d.At
	reply.Results[0].Number = o.Number
	wantEqual(t, "reply", claims[0].Reply, reply)
}

func testDecideOnly(t *testing.T, r *rig) {
	code := r.opened(1)[0]
	for i, state := range []order.State{order.SentBack, order.Waiting, order.Waiting, order.Closed} {
		receipt := r.decide(order.Decision{
			Case: code, Revision: uint64(i + 1), Actor: "claire", At: after(time.Hour),
			State: state,
		})
		wantEqual(t, "receipt", receipt, store.Receipt{})
		wantEqual(t, "in its state", r.cases(state, 9), []string{code})
	}
	wantEqual(t, "waiting", r.cases(order.Waiting, 9), []string(nil))
}

func testDecideConflict(t *testing.T, r *rig) {
	const people, rounds = 8, 5
	code := r.opened(1)[0]
	for round := range rounds {
		var wg sync.WaitGroup
		results := make([]error, people)
		for i := range people {
			wg.Go(func() {
				o := anOrder(fmt.Sprintf("%d/%d", round, i))
				reply := order.Reply{Kind: order.ReplyAck, Results: []order.Result{{Order: 0}}}
				_, results[i] = r.Decide(t.Context(), store.Fence{}, order.Decision{
					Case: code, Revision: uint64(round + 1), Actor: fmt.Sprint("user ", i), At: noon(),
					State: order.Closed, Order: &o, Reply: &reply,
				})
			})
		}
		wg.Wait()
		won := 0
		for _, err := range results {
			if err == nil {
				won++
			} else {
				wantError(t, "a loser", err, store.ErrRevision)
			}
		}
		wantEqual(t, "winners", won, 1)
	}
	c, err := r.Case(t.Context(), code)
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "revision", c.Revision, uint64(rounds+1))
	wantEqual(t, "orders", c.Orders,
		[]string{"CNS-2026-000001", "CNS-2026-000002", "CNS-2026-000003", "CNS-2026-000004", "CNS-2026-000005"})
	wantEqual(t, "status", r.status(), store.Status{Messages: 1, Orders: rounds, Unsent: rounds})
	wantEqual(t, "audit lines", len(r.audited(0)), 2+3*rounds)
}

func testDecidePast(t *testing.T, r *rig) {
	code := r.opened(1)[0]
	in := forms(9, "A")
	o := anOrder("A")
	r.decide(order.Decision{Case: code, Revision: 1, At: noon(), State: order.Closed, Order: &o})
	wantError(t, "judged before the decision", r.try(in), store.ErrStale)
	want := order.Past{
		Forms:    []order.PastForm{{Same: "CNS-2026-000001", Reused: "CNS-2026-000001"}},
		Received: map[string]time.Time{"CNS-2026-000001": noon().Truncate(time.Second)},
		Ends:     map[string]time.Time{"CNS-2026-000001": o.Ends().Truncate(time.Second)},
	}
	wantEqual(t, "past", r.judged(in).Past, want)
}

func testStatus(t *testing.T, r *rig) {
	wantEqual(t, "of an empty store", r.status(), store.Status{})
	codes := r.opened(4)
	r.record(forms(11, "A", "B"))
	ids := r.record(forms(12, "C")).Replies
	r.decide(order.Decision{Case: codes[0], Revision: 1, At: noon(), State: order.SentBack})
	r.decide(order.Decision{Case: codes[1], Revision: 1, At: noon(), State: order.Closed})
	wantEqual(t, "before sending", r.status(), store.Status{Messages: 6, Orders: 3, Waiting: 2, SentBack: 1, Unsent: 2})
	r.claim("a", after(time.Hour), 9)
	wantEqual(t, "claimed", r.status().Unsent, 2)
	r.settle("a", store.Settlement{Reply: ids[0], Outcome: store.Failed, At: noon()})
	wantEqual(t, "after a failure", r.status(),
		store.Status{Messages: 6, Orders: 3, Waiting: 2, SentBack: 1, Unsent: 1, Failed: 1})
}

func testNotFound(t *testing.T, r *rig) {
	r.record(forms(1, "A"))
	for _, number := range []string{"", "CNS-2026-000002", "CNS-2025-000001", "CNS-2026-1", "CNS-2026-000001 ", "x"} {
		_, err := r.Order(t.Context(), number)
		wantError(t, fmt.Sprintf("order %q", number), err, store.ErrNotFound)
	}
	for _, code := range []string{"", "D-22222C"} {
		_, err := r.Case(t.Context(), code)
		wantError(t, fmt.Sprintf("case %q", code), err, store.ErrNotFound)
	}
	_, err := r.Message(t.Context(), key(2))
	wantError(t, "message", err, store.ErrNotFound)
	_, err = r.Blob(t.Context(), "")
	wantError(t, "attachment", err, store.ErrNotFound)
	_, err = r.Decide(t.Context(), store.Fence{}, order.Decision{Case: "D-22222C", State: order.Closed})
	wantError(t, "decide", err, store.ErrNotFound)
	wantEqual(t, "orders", r.status().Orders, 1)
}
