package storetest

import (
	"fmt"
	"testing"
	"time"

	"bdc/order"
	"bdc/store"
)

func pastTests() []test {
	return []test{
		{"the latest orders for a school", testNear},
		{"the files of an order", testOrderFiles},
		{"a reply that a bounce carries finds its case", testAnswered},
		{"numbers that a mail names", testNumbersNamed},
	}
}

// forSchool is an intake of one order at a moment, that asks for the orders for
// its school.
func forSchool(uid uint32, at time.Time, uai string) order.Intake {
	in := forms(uid, fmt.Sprint("R-", uid))
	in.At, in.Orders[0].UAI = at, mustUAI(uai)
	in.Query.Forms[0] = queryForm(&in.Orders[0])
	in.Query.Forms[0].School, in.Query.Forms[0].Lines = in.Orders[0].UAI, in.Orders[0].Gists()
	in.Query.OrdersSince = noon()
	return in
}

// near is what the past answers about the first form of an intake.
func (r *rig) near(in order.Intake) (numbers []string) {
	for _, recent := range r.judged(in).Past.Forms[0].Near {
		numbers = append(numbers, recent.Number)
	}
	return numbers
}

func testNear(t *testing.T, r *rig) {
	const here, there = "0750647W", "0990022L"
	first := forSchool(1, noon(), here)
	r.record(first)
	want := []order.Recent{{
		Number: "CNS-2026-000001", At: noon(), Account: "01234567",
		Lines: []string{"3133091234560 × 30", "9782090000313 × 1"},
	}}
	second := forSchool(2, after(time.Hour), here)
	wantError(t, "judged before the first", r.try(second), store.ErrStale)
	wantEqual(t, "after the first", r.judged(second).Past.Forms[0].Near, want)
	r.record(r.judged(second))
	r.record(r.judged(forSchool(3, noon(), there)))

	ask := forSchool(99, noon(), here)
	wantEqual(t, "of this school, the last first", r.near(ask), []string{"CNS-2026-000002", "CNS-2026-000001"})
	wantEqual(t, "of another", r.near(forSchool(99, noon(), there)), []string{"CNS-2026-000003"})
	wantEqual(t, "of one without any", r.near(forSchool(99, noon(), "0990011Z")), []string(nil))
	other := forSchool(98, noon(), here)
	other.Query.Forms[0].Lines = []string{"9782090000313 × 2"}
	wantEqual(t, "of other lines", r.near(other), []string(nil))
	other.Query.Forms[0].Lines = []string{"3133091234560 × 30", "9782090000313 × 1", "9782090000320 × 1"}
	wantEqual(t, "of two lines in three", r.near(other), []string(nil))
	other.Query.Forms[0].Reference = first.Query.Forms[0].Reference
	wantEqual(t, "of other lines under its reference", r.near(other), []string{"CNS-2026-000001"})
	other.Query.OrdersSince = after(24 * time.Hour)
	wantEqual(t, "under its reference, since later", r.near(other), []string{"CNS-2026-000001"})
	ask.Query.OrdersSince = after(1)
	wantEqual(t, "since later", r.near(ask), []string{"CNS-2026-000002"})
	ask.Query.OrdersSince = noon()
	if _, err := r.Advance(t.Context(), "CNS-2026-000002", order.Received,
		order.Step{Status: order.Cancelled, At: after(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "once the second is cancelled", r.near(ask), []string{"CNS-2026-000001"})

	for i := range uint32(order.NearMost) {
		r.record(r.judged(forSchool(10+i, after(time.Duration(i)*time.Minute), here)))
	}
	if got := r.near(ask); len(got) != order.NearMost || got[0] != "CNS-2026-000013" ||
		got[len(got)-1] != "CNS-2026-000004" {
		t.Errorf("of many orders got %v, want the last %d", got, order.NearMost)
	}
}

func testOrderFiles(t *testing.T, r *rig) {
	in := forms(1, "A")
	in.Orders[0].Message = &in.Message.Key
	in.Message.Parts = []order.Part{{Name: "BdC.xlsx", Type: "xlsx", Size: 3, Hash: order.Sum([]byte("BdC"))}}
	r.record(in)
	wantEqual(t, "files", r.judged(forms(2, "A")).Past.Files,
		map[string][]order.Part{"CNS-2026-000001": in.Message.Parts})
}

func testAnswered(t *testing.T, r *rig) {
	r.sentBack("R-1")
	in := forms(2, "R-2")
	in.Orders[0].Message = &in.Message.Key
	in.Replies[0].MessageID = "<D-7K2Q9F.aaaaaaaaaaaaaaaa@cns.example>"
	in.Replies[0].Results = append(in.Replies[0].Results,
		order.Result{Kind: order.ReplyReport, Order: -1, Case: "D-222222"},
		order.Result{Kind: order.ReplyReport, Order: -1, Case: code})
	receipt := r.record(in)
	r.die()
	want := order.Answered{
		Reply: receipt.Replies[0], To: in.Message.From, Number: receipt.Numbers[0],
		Thread: order.Thread{Case: code, Revision: 1, State: order.SentBack},
	}
	wantEqual(t, "by its Message-ID",
		r.past(order.Query{OriginalIDs: []string{"<x@y>", in.Replies[0].MessageID}}).Answered, want)
	wantEqual(t, "by another", r.past(
		order.Query{OriginalIDs: []string{"<D-7K2Q9F.bbbbbbbbbbbbbbbb@cns.example>", ""}}).Answered, order.Answered{})

	like := order.Returned{
		To: []string{"x@y", in.Message.From}, Cases: []string{"D-222222"},
		Numbers: []string{"CNS-2026-999999", "CNS-x"},
	}
	wantEqual(t, "by a code that has no case", r.past(order.Query{Returned: like}).Answered, order.Answered{})
	like.Numbers = append(like.Numbers, receipt.Numbers[0])
	wantEqual(t, "by its number", r.past(order.Query{OriginalIDs: []string{"<x@y>"}, Returned: like}).Answered, want)
	like.Cases, like.Numbers, like.To = nil, receipt.Numbers, []string{"somebody@else.example"}
	wantEqual(t, "of another recipient", r.past(order.Query{Returned: like}).Answered, order.Answered{})

	// What it would say changes with the case: an intake judged before is stale.
	bounce := letter(3)
	bounce.Query.OriginalIDs = []string{in.Replies[0].MessageID}
	bounce = r.judged(bounce)
	if _, err := r.Decide(t.Context(), store.Fence{},
		order.Decision{Case: code, Revision: 1, Actor: "marie", At: noon(), State: order.Closed}); err != nil {
		t.Fatal(err)
	}
	wantError(t, "recorded late", r.try(bounce), store.ErrStale)
}

func testNumbersNamed(t *testing.T, r *rig) {
	number := r.record(forms(1, "R-1")).Numbers[0]
	got := r.past(order.Query{Numbers: []string{"CNS-2026-999999", number, "CNS-x", ""}}).Numbers
	wantEqual(t, "those that were given", got, []string{number})
}
