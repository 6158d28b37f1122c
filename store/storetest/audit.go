package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"bdc/order"
	"bdc/store"
)

func auditTests() []test {
	return []test{
		{"one audit line for each event", testAudit},
		{"audit by cursor", testAuditCursor},
	}
}

func testAudit(t *testing.T, r *rig) {
	in := forms(1, "A", "B")
	in.Cases = []order.Case{aCase("D-22222C", in.Message.Key)}
	ids := r.record(in).Replies
	r.Record(t.Context(), store.Fence{}, []order.Intake{in})
	r.claim("a", after(time.Hour), 9)
	r.settle("a", store.Settlement{
		Reply: ids[0], Outcome: store.Later, At: after(2 * time.Hour),
		Next: after(3 * time.Hour), Words: "421 busy",
	})
	r.claim("a", after(3*time.Hour), 9)
	r.settle("a", store.Settlement{Reply: ids[0], Outcome: store.Sent, At: after(3 * time.Hour)})
	o := anOrder("C")
	decided := r.decide(order.Decision{
		Case: "D-22222C", Revision: 1, Actor: "claire", At: after(4 * time.Hour), State: order.Closed, Order: &o,
		Reply: &order.Reply{Kind: order.ReplyAck},
	})
	if _, err := r.Decide(t.Context(), store.Fence{},
		order.Decision{Case: "D-22222C", Revision: 1, Actor: "paul", At: noon()}); !errors.Is(err, store.ErrRevision) {
		t.Errorf("decide again: got %v, want ErrRevision", err)
	}
	r.claim("a", after(5*time.Hour), 9)
	c := aCase("D-22222D", key(1))
	r.settle("a", store.Settlement{
		Reply: decided.Replies[0], Outcome: store.Failed, At: after(5 * time.Hour),
		Words: "550 no", Case: &c,
	})
	if err := r.Swap(t.Context(), "annuaire", []byte("data"),
		order.Import{Register: "annuaire", At: after(6 * time.Hour)}); err != nil {
		t.Fatal(err)
	}
	r.die()

	message, id := key(1).String(), ids[0]
	want := []order.Event{
		{At: noon(), Actor: "bdc", Verb: "message.recorded", Message: message},
		{At: noon(), Actor: "bdc", Verb: "order.accepted", Message: message, Order: "CNS-2026-000001"},
		{At: noon(), Actor: "bdc", Verb: "order.accepted", Message: message, Order: "CNS-2026-000002"},
		{At: noon(), Actor: "bdc", Verb: "case.opened", Message: message, Case: "D-22222C"},
		{At: noon(), Actor: "bdc", Verb: "reply.intended", Message: message, Reply: id},
		{At: after(2 * time.Hour), Actor: "bdc", Verb: "reply.later", Reply: id},
		{At: after(3 * time.Hour), Actor: "bdc", Verb: "reply.sent", Reply: id},
		{At: after(4 * time.Hour), Actor: "claire", Verb: "case.decided", Message: message, Case: "D-22222C"},
		{
			At: after(4 * time.Hour), Actor: "claire", Verb: "order.accepted", Message: message, Case: "D-22222C",
			Order: "CNS-2026-000003",
		},
		{
			At: after(4 * time.Hour), Actor: "claire", Verb: "reply.intended", Message: message, Case: "D-22222C",
			Reply: id + 1,
		},
		{At: after(5 * time.Hour), Actor: "bdc", Verb: "reply.failed", Reply: id + 1},
		{
			At: after(5 * time.Hour), Actor: "bdc", Verb: "case.opened", Message: message, Case: "D-22222D",
			Reply: id + 1,
		},
		{At: after(6 * time.Hour), Actor: "bdc", Verb: "register.imported"},
	}
	got := r.audited(0)
	last := uint64(0)
	for i := range got {
		if got[i].Seq <= last {
			t.Errorf("line %d: got sequence number %d after %d", i, got[i].Seq, last)
		}
		last = got[i].Seq
		got[i].Seq, got[i].Detail = 0, "" // the engine's, and prose
	}
	wantEqual(t, "audit", got, want)
}

func testAuditCursor(t *testing.T, r *rig) {
	r.intended(3)
	all := r.audited(0)
	wantEqual(t, "lines", len(all), 9)
	for _, limit := range []int{1, 4, 100} {
		got := pages(t, limit, func(limit int, last *order.Event) ([]order.Event, error) {
			after := uint64(0)
			if last != nil {
				after = last.Seq
			}
			return r.Audit(t.Context(), after, limit)
		})
		wantEqual(t, fmt.Sprint("by ", limit), got, all)
	}
}
