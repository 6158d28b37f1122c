package storetest

import (
	"testing"
	"time"

	"bdc/store"
)

func pauseTests() []test {
	return []test{
		{"a paused outbox", testPausedOutbox},
		{"a paused intake", testPausedIntake},
	}
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
	if len(events) != 2 || events[0].Verb != "outbox.held" || events[0].Detail != h.Reason ||
		events[1].Verb != "outbox.released" || events[1].Actor != "claire" {
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
	for _, pause := range []store.Pause{
		h,
		{At: after(time.Hour), Actor: "paul", Reason: "the second changes nothing"},
	} {
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
