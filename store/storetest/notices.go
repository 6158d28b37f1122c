package storetest

import (
	"testing"
	"time"

	"bdc/order"
	"bdc/store"
)

func noticeTests() []test {
	return []test{
		{"a notice and its mails", testNotify},
		{"only mails to staff", testClaimStaff},
		{"a pause keeps back no mail to staff", testStaffPassPause},
		{"what was sent", testSendings},
	}
}

// toStaff is a mail to staff.
func toStaff(kind order.ReplyKind) order.Reply {
	return order.Reply{
		Kind: kind, To: "claire@cns.example", MessageID: "<" + string(kind) + "@cns.example>",
		Alert: &order.Alert{Cause: order.CauseDisk, Begun: noon()},
	}
}

func (r *rig) notify(n store.Notice, at time.Time, mails ...order.Reply) {
	r.t.Helper()
	if err := r.Notify(r.t.Context(), n, at, mails); err != nil {
		r.t.Fatalf("notify: %v", err)
	}
}

func (r *rig) notices() []store.Notice {
	r.t.Helper()
	all, err := r.Notices(r.t.Context())
	if err != nil {
		r.t.Fatalf("notices: %v", err)
	}
	return all
}

func testClaimStaff(t *testing.T, r *rig) {
	r.record(forms(1, "A"))
	r.notify(store.Notice{Name: "digest"}, noon(), toStaff(order.ReplyDigest))
	for range 2 {
		claims, err := r.ClaimStaff(t.Context(), store.Fence{Holder: "a"}, after(time.Hour), lease, 9)
		if err != nil || len(claims) > 1 || len(claims) == 1 && claims[0].Kind != order.ReplyDigest {
			t.Fatalf("got the claims %+v (%v), want the mail to staff alone, once", claims, err)
		}
		r.die()
	}
	wantEqual(t, "all", len(r.claim("a", after(time.Hour), 9)), 2)
}

func testNotify(t *testing.T, r *rig) {
	wantEqual(t, "of a new store", r.notices(), []store.Notice(nil))
	disk := store.Notice{Name: string(order.CauseDisk), At: noon(), Begun: noon(), Words: "3 MB", Owed: true}
	digest := store.Notice{Name: "digest", At: noon()}
	r.notify(disk, noon(), toStaff(order.ReplyAlert))
	r.notify(digest, noon())
	r.die()
	wantEqual(t, "notices", r.notices(), []store.Notice{digest, disk})
	wantEqual(t, "due", r.due(), noon())
	claims := r.claim("a", noon(), 9)
	if len(claims) != 1 || claims[0].To != "claire@cns.example" || claims[0].Alert == nil ||
		*claims[0].Alert != (order.Alert{Cause: order.CauseDisk, Begun: noon()}) {
		t.Errorf("got claims %+v, want the alert", claims)
	}
	events := r.audited(0)
	if len(events) != 1 || events[0].Verb != "reply.intended" || events[0].Detail != "alert" ||
		events[0].Reply != claims[0].ID {
		t.Errorf("got events %+v, want the intent", events)
	}

	disk.At, disk.Owed, disk.Ended = after(time.Hour), false, after(time.Hour)
	r.notify(disk, after(time.Hour))
	r.die()
	wantEqual(t, "replaced", r.notices(), []store.Notice{digest, disk})
}

func testStaffPassPause(t *testing.T, r *rig) {
	ids := r.intended(2)
	if err := r.PauseOutbox(t.Context(), store.Pause{At: noon(), Actor: "bdc", Reason: "too many"}); err != nil {
		t.Fatal(err)
	}
	r.notify(store.Notice{Name: string(order.CausePause)}, after(time.Hour), toStaff(order.ReplyAlert))
	r.die()
	wantEqual(t, "due while paused", r.due(), after(time.Hour))
	wantEqual(t, "before it is due", r.claimedIDs("a", after(time.Hour-1), 9), []uint64(nil))
	claimed := r.claimedIDs("a", after(time.Hour), 1)
	if len(claimed) != 1 || claimed[0] <= ids[1] {
		t.Fatalf("got claims %v while paused, want the mail to staff alone", claimed)
	}
	r.settle("a", store.Settlement{
		Reply: claimed[0], Outcome: store.Later, At: after(time.Hour),
		Next: after(2 * time.Hour),
	})
	wantEqual(t, "due again while paused", r.due(), after(2*time.Hour))
	wantEqual(t, "claimed again while paused", r.claimedIDs("a", after(2*time.Hour), 9), claimed)
	r.settle("a", store.Settlement{Reply: claimed[0], Outcome: store.Sent, At: after(2 * time.Hour)})
	wantEqual(t, "due after it", r.due(), time.Time{})
	wantEqual(t, "unsent", r.status().Unsent, 2)
	for _, d := range r.days() {
		wantEqual(t, "answers counted on "+d.Date, d.Answers, store.Spans(nil))
	}
}

func testSendings(t *testing.T, r *rig) {
	sendings := func(since time.Time, limit int) []store.Sending {
		t.Helper()
		sent, err := r.Sendings(t.Context(), since, limit)
		if err != nil {
			t.Fatalf("sendings: %v", err)
		}
		return sent
	}
	wantEqual(t, "of a new store", sendings(noon(), 9), []store.Sending(nil))
	ids := r.intended(4)
	r.notify(store.Notice{Name: "digest"}, noon(), toStaff(order.ReplyDigest))
	for i, c := range r.claim("a", after(time.Hour), 9) {
		outcome := store.Sent
		if c.ID == ids[2] {
			outcome = store.Failed
		}
		r.settle("a", store.Settlement{Reply: c.ID, Outcome: outcome, At: after(time.Duration(i) * time.Hour)})
	}
	r.die()
	const to = "contact@librairie.example"
	// The digest is as old as the first, and was claimed after it.
	want := []store.Sending{
		{At: after(0 * time.Hour), To: to},
		{At: after(2 * time.Hour), To: to},
		{At: after(4 * time.Hour), To: to},
	}
	wantEqual(t, "all", sendings(noon(), 9), want)
	wantEqual(t, "since the second", sendings(after(2*time.Hour), 9), want[1:])
	wantEqual(t, "the last", sendings(noon(), 1), want[2:])
	if err := r.PauseOutbox(t.Context(), store.Pause{At: after(5 * time.Hour), Reason: "too many"}); err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "while paused", sendings(noon(), 9), want)
	if err := r.ResumeOutbox(t.Context(), "claire", after(5*time.Hour)); err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "since the release", sendings(noon(), 9), []store.Sending(nil))
}
