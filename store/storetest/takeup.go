package storetest

import (
	"testing"
	"time"

	"bdc/order"
	"bdc/store"
)

func takeUpTests() []test {
	return []test{
		{"an order under its former number", testTakeUp},
		{"a number that is in use", testTakeUpTwice},
		{"a number that was never given", testTakeUpNeverGiven},
		{"the reason changes with a decision", testReason},
	}
}

// restored records a waiting case and an order, and has the store taken over, as after a
// restore from a copy. It returns the case's code.
func (r *rig) restored() string {
	r.t.Helper()
	code := r.opened(1)[0]
	r.record(forms(9, "in the copy"))
	r.takenOver(1)
	return code
}

// takenOver has the store taken over with a count of restores, and its folders listed.
func (r *rig) takenOver(restores uint64) {
	r.t.Helper()
	ctx := r.t.Context()
	if err := r.TakeOver(ctx, store.Takeover{Restores: restores, Actor: "claire", At: noon()}); err != nil {
		r.t.Fatalf("take over: %v", err)
	}
	if err := r.Listed(ctx, store.Listing{Actor: "bdc", At: noon()}); err != nil {
		r.t.Fatalf("listed: %v", err)
	}
}

// takeUp decides a case by an order under a number.
func (r *rig) takeUp(code string, revision uint64, reference, number string) (store.Receipt, error) {
	r.t.Helper()
	o := anOrder(reference)
	o.Number = number
	return r.Decide(r.t.Context(), store.Fence{}, order.Decision{
		Case: code, Revision: revision, Actor: "claire", At: after(time.Hour), Kind: order.ActTakeUp,
		State: order.Closed, Order: &o,
	})
}

func testTakeUp(t *testing.T, r *rig) {
	code := r.restored()
	const number = "CNS-2026-000014" // of the million of the copy, above its last
	receipt, err := r.takeUp(code, 1, "acknowledged", number)
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "numbers", receipt.Numbers, []string{number})
	r.die()
	o, err := r.Order(t.Context(), number)
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "number", o.Number, number)
	wantEqual(t, "case", o.Case, code)
	c, err := r.Case(t.Context(), code)
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "orders", c.Orders, []string{number})
	next := r.record(r.judged(forms(10, "new")))
	wantEqual(t, "the next number", next.Numbers, []string{"CNS-2026-1000001"})
}

func testTakeUpTwice(t *testing.T, r *rig) {
	code := r.restored()
	_, err := r.takeUp(code, 1, "acknowledged", "CNS-2026-000001") // in the copy
	wantError(t, "a number of the copy", err, store.ErrNumber)
	c, err := r.Case(t.Context(), code)
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "revision", c.Revision, uint64(1))
	wantEqual(t, "orders", r.status().Orders, 1)
}

func testTakeUpNeverGiven(t *testing.T, r *rig) {
	code := r.restored()
	for _, number := range []string{
		"CNS-2026-1000001", "CNS-2026-000000", "CNS-2026-14", "cns-2026-000014", "CNS-26-000014", "14",
	} {
		_, err := r.takeUp(code, 1, "acknowledged", number)
		wantError(t, number, err, store.ErrNumber)
	}
	r.record(r.judged(forms(10, "new"))) // CNS-2026-1000001
	_, err := r.takeUp(code, 1, "acknowledged", "CNS-2026-1000001")
	wantError(t, "a number that was given since", err, store.ErrNumber)
	_, err = r.takeUp(code, 1, "acknowledged", "CNS-2026-1000002")
	wantError(t, "the next number", err, store.ErrNumber)
	if _, err := r.takeUp(code, 1, "acknowledged", "CNS-2026-1000000"); err != nil {
		t.Errorf("the last of the former million: %v", err)
	}
}

func testReason(t *testing.T, r *rig) {
	code := r.opened(1)[0]
	r.decide(order.Decision{Case: code, Revision: 1, At: noon(), State: order.Waiting, Reason: "uai.closed"})
	r.decide(order.Decision{Case: code, Revision: 2, At: noon(), State: order.Waiting})
	r.die()
	c, err := r.Case(t.Context(), code)
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "reason", c.Reason, order.Code("uai.closed"))
	rows, err := r.CaseRows(t.Context(), store.CaseFilter{Reason: "uai.closed"}, "", 9)
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "found by it", len(rows), 1)
}
