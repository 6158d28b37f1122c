package storetest

import (
	"slices"
	"testing"
	"time"

	"bdc/order"
	"bdc/store"
)

func pauseTests() []test {
	return []test{
		{"a rate limit", testRateLimit},
		{"a paused outbox", testPausedOutbox},
		{"a paused intake", testPausedIntake},
		{"a returned reply finds its case", testAnswered},
		{"numbers that a mail names", testNumbersNamed},
	}
}

// limited records n acknowledgements at a moment, under a rate limit, from a first message.
func (r *rig) limited(limit string, first uint32, n int, at time.Time) (ids []uint64) {
	r.t.Helper()
	for i := range n {
		in := letter(first + uint32(i))
		in.At = at
		in.Replies = []order.Reply{{Kind: order.ReplyHeld, To: in.Message.From, Message: in.Message.Key, RateLimit: limit}}
		ids = append(ids, r.record(in).Replies...)
	}
	return ids
}

// sendAll sends all that is due, and returns their ids.
func (r *rig) sendAll(now time.Time) []uint64 {
	r.t.Helper()
	ids := r.claimedIDs("a", now, 1000)
	for _, id := range ids {
		r.settle("a", store.Settlement{Reply: id, Outcome: store.Sent, At: now})
	}
	return ids
}

func testRateLimit(t *testing.T, r *rig) {
	const most, hour = order.RateLimitMost, order.RateLimitSpan
	first := r.limited("a", 1, 2*most+5, noon())
	other := r.limited("b", 100, 1, noon())
	none := r.limited("", 200, most+1, noon())
	wantEqual(t, "at once", r.sendAll(noon()), slices.Concat(first[:most], other, none))
	r.die()
	wantEqual(t, "within the hour", r.sendAll(after(hour-1)), []uint64(nil))
	wantEqual(t, "due", r.due(), after(hour))
	wantEqual(t, "after an hour", r.sendAll(after(hour)), first[most:2*most])
	late := r.limited("a", 300, 1, after(hour+time.Minute))
	wantEqual(t, "within the second", r.sendAll(after(2*hour-1)), []uint64(nil))
	wantEqual(t, "after the second", r.sendAll(after(2*hour)), slices.Concat(first[2*most:], late))
	later := r.limited("a", 301, 1, after(10*hour))
	wantEqual(t, "much later", r.sendAll(after(10*hour)), later)
}

func testPausedOutbox(t *testing.T, r *rig) {
	ids := r.intended(2)
	r.claim("a", noon(), 1)
	before := len(r.audited(0))
	h := store.Pause{At: noon(), Actor: "bdc", Reason: "too many"}
	for range 2 { // the second changes nothing
		if err := r.PauseOutbox(t.Context(), h); err != nil {
			t.Fatal(err)
		}
	}
	r.die()
	wantEqual(t, "claimed while paused", r.claimedIDs("a", after(time.Hour), 9), []uint64(nil))
	wantEqual(t, "due while paused", r.due(), time.Time{})
	wantEqual(t, "status while paused", r.status().OutboxPause, h)
	wantEqual(t, "unsent while paused", r.status().Unsent, 2)
	for range 2 {
		if err := r.ResumeOutbox(t.Context(), "claire", after(time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	wantEqual(t, "status after it", r.status().OutboxPause, store.Pause{})
	wantEqual(t, "claimed after it", r.claimedIDs("a", after(time.Hour), 9), ids)
	events := r.audited(0)[before:]
	if len(events) != 2 || events[0].Verb != "outbox.held" || events[0].Detail != h.Reason || events[1].Verb != "outbox.released" || events[1].Actor != "claire" {
		t.Errorf("got events %+v, want the pause and its end", events)
	}
}

// A paused intake stays paused over a restart, and what is being examined can still be recorded.
func testPausedIntake(t *testing.T, r *rig) {
	pauses := func() store.Pauses {
		t.Helper()
		h, err := r.Pauses(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	wantEqual(t, "before", pauses(), store.Pauses{})
	before := len(r.audited(0))
	h := store.Pause{At: noon(), Actor: "claire", Reason: "new rules"}
	for _, pause := range []store.Pause{h, {At: after(time.Hour), Actor: "paul", Reason: "the second changes nothing"}} {
		if err := r.PauseIntake(t.Context(), pause); err != nil {
			t.Fatal(err)
		}
	}
	r.die()
	wantEqual(t, "while paused", pauses(), store.Pauses{Intake: h})
	wantEqual(t, "status while paused", r.status().IntakePause, h)
	r.record(forms(1, "R-1"))
	wantEqual(t, "claimed while paused", len(r.claimedIDs("a", after(time.Hour), 9)), 1)
	outbox := store.Pause{At: after(time.Minute), Actor: "bdc", Reason: "too many"}
	if err := r.PauseOutbox(t.Context(), outbox); err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "both", pauses(), store.Pauses{Intake: h, Outbox: outbox})
	for range 2 {
		if err := r.ResumeIntake(t.Context(), "paul", after(time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	r.die()
	wantEqual(t, "after it", pauses(), store.Pauses{Outbox: outbox})
	var verbs []string
	for _, e := range r.audited(0)[before:] {
		if e.Verb == "intake.held" || e.Verb == "intake.released" {
			verbs = append(verbs, e.Actor+" "+e.Verb+" "+e.Detail)
		}
	}
	wantEqual(t, "the audit", verbs, []string{"claire intake.held new rules", "paul intake.released "})
}

func testAnswered(t *testing.T, r *rig) {
	r.sentBack("R-1")
	in := forms(2, "R-2")
	in.Replies[0].MessageID = "<D-7K2Q9F.aaaaaaaaaaaaaaaa@cns.example>"
	in.Replies[0].Results = append(in.Replies[0].Results, order.Result{Kind: order.ReplyReport, Order: -1, Case: "D-222222"}, order.Result{Kind: order.ReplyReport, Order: -1, Case: code})
	receipt := r.record(in)
	r.die()
	want := order.Answered{Reply: receipt.Replies[0], To: in.Message.From, Number: receipt.Numbers[0], Thread: order.Thread{Case: code, Revision: 1, State: order.SentBack}}
	wantEqual(t, "by its Message-ID", r.past(order.Query{OriginalIDs: []string{"<x@y>", in.Replies[0].MessageID}}).Answered, want)
	wantEqual(t, "by another", r.past(order.Query{OriginalIDs: []string{"<D-7K2Q9F.bbbbbbbbbbbbbbbb@cns.example>", ""}}).Answered, order.Answered{})

	// What it would say changes with the case: an intake judged before is stale.
	bounce := letter(3)
	bounce.Query.OriginalIDs = []string{in.Replies[0].MessageID}
	bounce = r.judged(bounce)
	if _, err := r.Decide(t.Context(), order.Decision{Case: code, Revision: 1, Actor: "marie", At: noon(), State: order.Closed}); err != nil {
		t.Fatal(err)
	}
	wantError(t, "recorded late", r.Record(t.Context(), []order.Intake{bounce})[0].Err, store.ErrStale)
}

func testNumbersNamed(t *testing.T, r *rig) {
	number := r.record(forms(1, "R-1")).Numbers[0]
	got := r.past(order.Query{Numbers: []string{"CNS-2026-999999", number, "CNS-x", ""}}).Numbers
	wantEqual(t, "those that were given", got, []string{number})
}
