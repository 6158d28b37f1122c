package storetest

import (
	"fmt"
	"testing"
	"time"

	"bdc/order"
	"bdc/store"
)

func retentionTests() []test {
	return []test{
		{"attachments", testEraseAttachments},
		{"what came is erased, and known", testErase},
		{"what is needed stays", testEraseNot},
		{"by address", testEraseAddress},
		{"holdings", testHoldings},
		{"erased cases take no more", testErasedCase},
		{"many", testEraseMany},
		{"no such kind", testEraseUnknown},
	}
}

// testEraseAttachments erases what came before a moment, but for what is still
// needed, in as many calls as it takes.
func testEraseAttachments(t *testing.T, r *rig) {
	const many = 600
	blobs := make([][]byte, many)
	for i := range blobs {
		blobs[i] = fmt.Appendf(nil, "attachment %d", i)
	}
	if err := r.Keep(t.Context(), blobs); err != nil {
		t.Fatal(err)
	}
	// An open case is about the first two, a closed one about the third, and a
	// reply that has not left about the fourth.
	in := letter(1)
	in.Cases = []order.Case{
		{
			Code: "D-222222", State: order.Waiting,
			Attempts: []order.Attempt{{
				Workbook: order.Sum(blobs[0]),
				Parts:    []order.Part{{Hash: order.Sum(blobs[1])}},
			}},
		},
		{Code: "D-222223", State: order.Closed, Attempts: []order.Attempt{{Workbook: order.Sum(blobs[2])}}},
	}
	in.Replies = []order.Reply{{
		Kind: order.ReplyReport, To: in.Message.From, Message: in.Message.Key,
		Results: []order.Result{{Order: -1, Workbook: order.Sum(blobs[3])}},
	}}
	reply := r.record(in).Replies[0]
	erase := func(before time.Time) (n int) {
		t.Helper()
		for after, calls := "", 0; calls == 0 || after != ""; calls++ {
			got, err := r.EraseAttachments(t.Context(),
				store.Erasure{Before: before, After: after, Actor: "bdc", At: noon()})
			if err != nil || calls > many {
				t.Fatalf("call %d: %+v, error %v", calls, got, err)
			}
			n, after = n+got.Count, got.Next
		}
		return n
	}
	there := func(i int) bool {
		_, err := r.Blob(t.Context(), order.Sum(blobs[i]))
		if err != nil {
			wantError(t, "erased", err, store.ErrNotFound)
		}
		return err == nil
	}
	now := time.Now() // the engine's own clock says when they came
	wantEqual(t, "erased of those before yesterday", erase(now.Add(-48*time.Hour)), 0)
	r.die()
	before := len(r.audited(0))
	wantEqual(t, "erased of those before tomorrow", erase(now.Add(48*time.Hour)), many-3)
	r.die()
	for i, want := range map[int]bool{0: true, 1: true, 2: false, 3: true, 4: false, many - 1: false} {
		if got := there(i); got != want {
			t.Errorf("attachment %d: got it there %t, want %t", i, got, want)
		}
	}
	told := 0
	for _, e := range r.audited(0)[before:] {
		var n int
		if _, err := fmt.Sscan(e.Detail, &n); err != nil || e.Verb != "attachments.erased" || e.Actor != "bdc" {
			t.Errorf("got the event %+v", e)
		}
		told += n
	}
	wantEqual(t, "told by the audit", told, many-3)

	if err := r.Keep(t.Context(), blobs[4:5]); err != nil {
		t.Fatal(err)
	}
	if !there(4) {
		t.Error("what came again is not there")
	}
	r.claim("a", noon(), 1)
	r.settle("a", store.Settlement{Reply: reply, Outcome: store.Sent, At: noon()})
	wantEqual(t, "erased once the reply has left", erase(now.Add(48*time.Hour)), 2)
}
