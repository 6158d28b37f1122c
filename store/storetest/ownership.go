package storetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"bdc/order"
	"bdc/store"
)

func ownershipTests() []test {
	return []test{
		{"a new record has no doubt", testNewRecord},
		{"until the mailbox has been asked", testAsk},
		{"the mailbox names another", testDisown},
		{"a generation is intended, then committed", testGenerations},
		{"a copy says that it is one", testCopy},
		{"a copy of a copy", testCopyOfCopy},
		{"what a doubt refuses", testDoubtRefuses},
		{"what a takeover does", testTakeOver},
		{"numbers and revisions after a takeover", testNumbersAfterTakeOver},
		{"the same copy twice", testSameCopyTwice},
		{"doubtful replies", testDoubtful},
		{"doubtful replies wait for the doubt to end", testDoubtfulWait},
	}
}

func (r *rig) ownership() store.Ownership {
	r.t.Helper()
	o, err := r.Ownership(r.t.Context())
	if err != nil {
		r.t.Fatalf("ownership: %v", err)
	}
	return o
}

// must fails the test at an error of a verb.
func (r *rig) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) takeOver(t store.Takeover) {
	r.t.Helper()
	t.Actor, t.At = "claire", noon()
	r.must(r.TakeOver(r.t.Context(), t))
}

func (r *rig) wantDoubt(when string, want store.Doubt) {
	r.t.Helper()
	wantEqual(r.t, "doubt "+when, r.ownership().Doubt, want)
}

// lastEvent is the last line of the audit, without its number.
func (r *rig) lastEvent() order.Event {
	r.t.Helper()
	events := r.audited(0)
	if len(events) == 0 {
		return order.Event{}
	}
	e := events[len(events)-1]
	e.Seq = 0
	return e
}

func (r *rig) doubtful() []uint64 {
	r.t.Helper()
	list := pages(r.t, 2, func(limit int, last *store.Answer) ([]store.Answer, error) {
		after := uint64(0)
		if last != nil {
			after = last.Reply.ID
		}
		return r.Doubtful(r.t.Context(), after, limit)
	})
	var ids []uint64
	for _, a := range list {
		ids = append(ids, a.Reply.ID)
	}
	return ids
}

func generation(n uint64) store.Generation {
	return store.Generation{Number: n, Nonce: fmt.Sprintf("%032x", n*7919)}
}

func testNewRecord(t *testing.T, r *rig) {
	first := r.ownership()
	if len(first.Record) != 32 || strings.Trim(first.Record, "0123456789abcdef") != "" {
		t.Errorf("got the identity %q, want 32 hexadecimal digits", first.Record)
	}
	wantEqual(t, "ownership", first, store.Ownership{Record: first.Record})
	r.die()
	wantEqual(t, "after a restart", r.ownership(), first)
	wantEqual(t, "number", r.record(forms(1, "A")).Numbers, []string{"CNS-2026-000001"})
	other := &rig{t: t, open: r.open, path: r.path + "-other"}
	other.Store = r.open(t, other.path)
	defer other.close()
	if other.ownership().Record == first.Record {
		t.Errorf("two records have the identity %s", first.Record)
	}
}

func testAsk(t *testing.T, r *rig) {
	r.must(r.Confirm(t.Context(), noon()))
	for range 2 {
		r.must(r.Ask(t.Context()))
		r.wantDoubt("once asked for", store.Unasked)
	}
	r.die()
	r.wantDoubt("after a restart", store.Unasked)
	for range 2 {
		r.must(r.Confirm(t.Context(), noon()))
		r.wantDoubt("when confirmed", store.NoDoubt)
	}
	wantEqual(t, "audit", len(r.audited(0)), 0)
}

func testDisown(t *testing.T, r *rig) {
	r.must(r.Ask(t.Context()))
	for range 2 {
		r.must(r.Disown(t.Context(), store.Behind, "génération 8", after(time.Hour)))
	}
	r.wantDoubt("behind", store.Behind)
	wantEqual(t, "words", r.ownership().Words, "génération 8")
	wantEqual(t, "audit lines", len(r.audited(0)), 1)
	r.die()
	r.must(r.Ask(t.Context()))
	r.wantDoubt("asked again after a restart", store.Behind)
	r.must(r.Disown(t.Context(), store.Foreign, "", after(2*time.Hour)))
	r.wantDoubt("foreign", store.Foreign)
	wantEqual(t, "words", r.ownership().Words, "")
	for range 2 {
		r.must(r.Confirm(t.Context(), after(3*time.Hour)))
	}
	r.wantDoubt("when confirmed", store.NoDoubt)
	for _, d := range []store.Doubt{store.NoDoubt, store.Unasked, store.Copied, store.Restored, "other"} {
		if err := r.Disown(t.Context(), d, "", noon()); err == nil {
			t.Errorf("disowned by %q: got no error", d)
		}
	}
	var lines []string
	for _, e := range r.audited(0) {
		lines = append(lines, e.Actor+" "+e.Verb+" "+e.Detail)
	}
	wantEqual(t, "audit", lines, []string{
		"bdc record.disowned behind: génération 8", "bdc record.disowned foreign", "bdc record.confirmed ",
	})
}

func testGenerations(t *testing.T, r *rig) {
	ctx := t.Context()
	none := store.Generation{}
	wantGenerations := func(when string, committed, intended store.Generation) {
		t.Helper()
		wantEqual(t, "committed "+when, r.ownership().Committed, committed)
		wantEqual(t, "intended "+when, r.ownership().Intended, intended)
	}
	wantError(t, "nothing to commit", r.Commit(ctx, none), store.ErrRevision)
	wantError(t, "committed, not intended", r.Commit(ctx, generation(1)), store.ErrRevision)
	r.must(r.Intend(ctx, generation(1)))
	r.die()
	wantGenerations("at first", none, generation(1))
	for range 2 {
		r.must(r.Commit(ctx, generation(1)))
		wantGenerations("then", generation(1), none)
	}
	wantError(t, "not higher", r.Intend(ctx, store.Generation{Number: 1, Nonce: "other"}), store.ErrRevision)
	r.must(r.Intend(ctx, generation(2)))
	other := store.Generation{Number: 2, Nonce: generation(3).Nonce}
	r.must(r.Intend(ctx, other))
	wantError(t, "an intention replaced", r.Commit(ctx, generation(2)), store.ErrRevision)
	wantGenerations("later", generation(1), other)
	r.must(r.Commit(ctx, other))
	r.die()
	wantGenerations("at last", other, none)
	r.must(r.Disown(ctx, store.Behind, "", noon()))
	wantError(t, "behind", r.Intend(ctx, generation(9)), store.ErrNotOwner)
	r.must(r.Disown(ctx, store.Foreign, "", noon()))
	wantError(t, "foreign", r.Intend(ctx, generation(9)), store.ErrNotOwner)
	wantGenerations("when disowned", other, none)
}

func testCopy(t *testing.T, r *rig) {
	r.fill()
	r.must(r.Intend(t.Context(), generation(1)))
	r.must(r.Commit(t.Context(), generation(1)))
	r.must(r.Intend(t.Context(), generation(2)))
	own := r.ownership()
	restored := r.backup()
	want := own
	want.Doubt = store.Copied
	wantEqual(t, "the copy", restored.ownership(), want)
	wantEqual(t, "the record", r.ownership(), own)
	// Nothing but a takeover takes it off.
	restored.must(restored.Ask(t.Context()))
	restored.must(restored.Disown(t.Context(), store.Behind, "", noon()))
	restored.must(restored.Confirm(t.Context(), noon()))
	restored.must(restored.Listed(t.Context(), store.Listing{Actor: "claire", At: noon()}))
	wantError(t, "generation of a copy", restored.Intend(t.Context(), generation(3)), store.ErrNotOwner)
	restored.die()
	restored.wantDoubt("of the copy, later", store.Copied)
}

func testCopyOfCopy(t *testing.T, r *rig) {
	r.record(forms(1, "A"))
	second := r.backup().backup()
	second.wantDoubt("of a copy of a copy", store.Copied)
	second.takeOver(store.Takeover{})
	second.wantDoubt("once taken over", store.Restored)
	third := second.backup()
	third.wantDoubt("of its copy", store.Copied)
	third.takeOver(store.Takeover{})
	third.wantDoubt("of that, taken over", store.Restored)
	second.wantDoubt("of its original", store.Restored)
}

func testDoubtRefuses(t *testing.T, r *rig) {
	opening := letter(90)
	opening.Cases = []order.Case{aCase("D-22222C", opening.Message.Key)}
	r.record(opening)
	r.record(forms(91, "before"))
	r.notify(store.Notice{Name: "disk"}, noon(), toStaff(order.ReplyAlert))
	uid := uint32(1)
	for _, doubt := range []struct {
		name string
		set  func(ctx context.Context) error
	}{
		{"unasked", r.Ask},
		{"behind", func(ctx context.Context) error { return r.Disown(ctx, store.Behind, "", noon()) }},
		{"foreign", func(ctx context.Context) error { return r.Disown(ctx, store.Foreign, "", noon()) }},
	} {
		r.must(doubt.set(t.Context()))
		receipts := r.Record(t.Context(), store.Fence{}, []order.Intake{letter(uid), forms(100, "A"), letter(uid + 1)})
		wantEqual(t, doubt.name+": intakes without orders", []error{receipts[0].Err, receipts[2].Err},
			[]error{nil, nil})
		wantError(t, doubt.name+": an intake with an order", receipts[1].Err, store.ErrNotOwner)
		uid += 2
		o := anOrder("B")
		_, err := r.Decide(t.Context(), store.Fence{}, order.Decision{
			Case: "D-22222C", Revision: 1, Actor: "claire", At: noon(), State: order.Closed, Order: &o,
		})
		wantError(t, doubt.name+": a decision with an order", err, store.ErrNotOwner)
		wantEqual(t, doubt.name+": orders", r.status().Orders, 1)
		wantEqual(t, doubt.name+": case", r.aCase("D-22222C").Revision, uint64(1))
		claims := r.claim("a", noon(), 9)
		if len(claims) != 1 || claims[0].Kind != order.ReplyAlert {
			t.Errorf("%s: got the claims %+v, want the alert", doubt.name, claims)
		}
		wantEqual(t, doubt.name+": due", r.due(), after(lease))
		r.settle("a", store.Settlement{Reply: claims[0].ID, Outcome: store.Later, At: noon(), Next: noon()})
	}
	r.decide(order.Decision{
		Case: "D-22222C", Revision: 1, Actor: "claire", At: noon(), State: order.Waiting, Note: "vu",
	})
	r.must(r.Confirm(t.Context(), noon()))
	wantEqual(t, "claims without a doubt", len(r.claim("a", noon(), 9)), 2)
	wantEqual(t, "number without a doubt", r.record(forms(100, "A")).Numbers, []string{"CNS-2026-000002"})
}

func testTakeOver(t *testing.T, r *rig) {
	r.record(forms(1, "A"))
	r.must(r.Intend(t.Context(), generation(1)))
	r.must(r.Commit(t.Context(), generation(1)))
	r.must(r.Intend(t.Context(), generation(2)))
	copied := r.backup()
	copied.must(copied.Disown(t.Context(), store.Behind, "génération 9", noon()))
	copied.takeOver(store.Takeover{Restores: 4, CopiedAt: after(-time.Hour), Words: "de la copie"})
	want := store.Ownership{
		Record: r.ownership().Record, Restores: 4, Doubt: store.Restored, CopiedAt: after(-time.Hour),
	}
	wantEqual(t, "taken over", copied.ownership(), want)
	wantEqual(t, "the last backup", copied.status().BackedUp, after(-time.Hour))
	wantEqual(t, "audit", copied.lastEvent(),
		order.Event{At: noon(), Actor: "claire", Verb: "record.restored", Detail: "de la copie"})
	copied.die()
	wantEqual(t, "after a restart", copied.ownership(), want)

	// Its start asks the mailbox, into which it writes; then the folders are listed.
	copied.must(copied.Ask(t.Context()))
	copied.wantDoubt("when asked", store.Restored)
	copied.must(copied.Intend(t.Context(), generation(10)))
	copied.must(copied.Commit(t.Context(), generation(10)))
	copied.must(copied.Confirm(t.Context(), noon()))
	copied.wantDoubt("when confirmed", store.Restored)
	copied.must(copied.Disown(t.Context(), store.Foreign, "", noon()))
	copied.wantDoubt("when the mailbox names another", store.Foreign)
	copied.must(copied.Confirm(t.Context(), noon()))
	copied.wantDoubt("when confirmed again", store.Restored)
	for range 2 {
		copied.must(copied.Listed(t.Context(), store.Listing{Actor: "bdc", At: after(time.Hour)}))
		copied.wantDoubt("when listed", store.NoDoubt)
	}
	wantEqual(t, "audit", copied.lastEvent(), order.Event{At: after(time.Hour), Actor: "bdc", Verb: "record.listed"})

	copied.takeOver(store.Takeover{Claimed: true})
	wantEqual(t, "restores after a claim", copied.ownership().Restores, uint64(5))
	wantEqual(t, "audit of a claim", copied.lastEvent().Verb, "record.claimed")
	copied.must(copied.RaiseRestores(t.Context(), 3))
	wantEqual(t, "restores, not lowered", copied.ownership().Restores, uint64(5))
	copied.must(copied.RaiseRestores(t.Context(), 8))
	copied.die()
	wantEqual(t, "restores, raised", copied.ownership().Restores, uint64(8))
}

func testNumbersAfterTakeOver(t *testing.T, r *rig) {
	opening := letter(90)
	opening.Cases = []order.Case{aCase("D-22222C", opening.Message.Key)}
	r.record(opening)
	r.record(forms(1, "A"))
	swap := func(name string) uint64 {
		t.Helper()
		r.must(r.Swap(t.Context(), name, []byte("data"), order.Import{Register: name, At: noon()}))
		_, imported, err := r.Register(t.Context(), name)
		r.must(err)
		return imported.Revision
	}
	wantEqual(t, "revision before", swap("annuaire"), uint64(1))
	r.takeOver(store.Takeover{})
	r.must(r.Listed(t.Context(), store.Listing{Actor: "claire", At: noon()}))
	wantEqual(t, "the next number", r.record(forms(2, "B")).Numbers, []string{"CNS-2026-1000001"})
	next := forms(3, "C")
	next.At = time.Date(2027, 6, 1, 0, 0, 0, 0, time.UTC)
	wantEqual(t, "of another year", r.record(next).Numbers, []string{"CNS-2027-1000001"})
	o := anOrder("D")
	wantEqual(t, "of a decision", r.decide(order.Decision{
		Case: "D-22222C", Revision: 1, Actor: "claire", At: noon(), State: order.Closed, Order: &o,
	}).Numbers, []string{"CNS-2026-1000002"})
	wantEqual(t, "the next revision", swap("annuaire"), uint64(1_000_001))
	wantEqual(t, "the first revision", swap("catalogue"), uint64(1_000_001))
	r.must(r.Amend(t.Context(), "annuaire", 1_000_001, []byte("more"), order.Event{At: noon(), Actor: "claire"}))
	r.must(r.Amend(t.Context(), "libraires", 0, []byte("begun"), order.Event{At: noon(), Actor: "claire"}))
	for name, want := range map[string]uint64{"annuaire": 1_000_002, "libraires": 1_000_001} {
		_, imported, err := r.Register(t.Context(), name)
		r.must(err)
		wantEqual(t, "amended revision of "+name, imported.Revision, want)
	}
	r.die()
	r.must(r.RaiseRestores(t.Context(), 12))
	wantEqual(t, "raised", r.record(forms(4, "E")).Numbers, []string{"CNS-2026-12000001"})
	wantEqual(t, "and the one after", r.record(forms(5, "F")).Numbers, []string{"CNS-2026-12000002"})
	wantEqual(t, "orders", r.status().Orders, 6)
	orders, err := r.Orders(t.Context(), "", 9)
	r.must(err)
	wantEqual(t, "listed", numbers(orders), []string{
		"CNS-2026-000001", "CNS-2026-1000001", "CNS-2026-1000002", "CNS-2026-12000001", "CNS-2026-12000002",
		"CNS-2027-1000001",
	})
}

// testSameCopyTwice restores one copy two times: whoever restores it tells it what the first
// restore had.
func testSameCopyTwice(t *testing.T, r *rig) {
	r.record(forms(1, "A"))
	var given []string
	restores := uint64(0)
	for i := range 2 {
		restored := r.backup()
		restored.takeOver(store.Takeover{Restores: restores + 1})
		restored.must(restored.Listed(t.Context(), store.Listing{Actor: "claire", At: noon()}))
		given = append(given, restored.record(forms(uint32(i)+2, fmt.Sprint("B", i))).Numbers...)
		restores = restored.ownership().Restores
	}
	given = append(given, r.record(forms(9, "C")).Numbers...)
	wantEqual(t, "numbers", given, []string{"CNS-2026-1000001", "CNS-2026-2000001", "CNS-2026-000002"})
}

func testDoubtful(t *testing.T, r *rig) {
	ids := r.intended(6)
	r.claim("a", after(time.Hour), 2)
	r.seal("a", store.Sealed{Reply: ids[1], Mail: []byte("bytes")})
	r.settle("a", store.Settlement{Reply: ids[0], Outcome: store.Sent, At: after(time.Hour), Words: "250 ok"})
	r.takeOver(store.Takeover{})
	r.must(r.Listed(t.Context(), store.Listing{Actor: "claire", At: noon()}))
	r.die()
	wantEqual(t, "doubtful", r.doubtful(), ids[1:])
	st := r.status()
	wantEqual(t, "unsent", st.Unsent, 0)
	wantEqual(t, "doubtful in the status", st.Doubtful, 5)
	wantEqual(t, "due", r.due(), time.Time{})
	wantEqual(t, "claimed", r.claimedIDs("b", after(1000*time.Hour), 9), []uint64(nil))
	for _, outcome := range []store.Outcome{store.Sent, store.Later} {
		wantError(t, "settled by its claimant as "+string(outcome), r.Settle(t.Context(), "a",
			[]store.Settlement{{Reply: ids[1], Outcome: outcome, At: noon()}}), store.ErrClaim)
	}
	d, err := r.Delivery(t.Context(), ids[2])
	r.must(err)
	wantEqual(t, "delivery", d.Doubtful, true)

	events := len(r.audited(0))
	r.must(r.SendDoubtful(t.Context(), ids[1], "claire", after(2*time.Hour)))
	wantEqual(t, "audit", r.lastEvent(),
		order.Event{At: after(2 * time.Hour), Actor: "claire", Verb: "reply.released", Reply: ids[1]})
	r.must(r.DropDoubtful(t.Context(), ids[2], "paul", after(2*time.Hour)))
	wantEqual(t, "audit", r.lastEvent(),
		order.Event{At: after(2 * time.Hour), Actor: "paul", Verb: "reply.dropped", Reply: ids[2]})
	r.die()
	for _, id := range []uint64{ids[0], ids[1], ids[2]} {
		wantError(t, "sent twice", r.SendDoubtful(t.Context(), id, "claire", noon()), store.ErrRevision)
		wantError(t, "dropped after", r.DropDoubtful(t.Context(), id, "claire", noon()), store.ErrRevision)
	}
	wantError(t, "no such reply", r.SendDoubtful(t.Context(), 999, "claire", noon()), store.ErrNotFound)
	wantError(t, "no such reply", r.DropDoubtful(t.Context(), 999, "claire", noon()), store.ErrNotFound)
	wantEqual(t, "audit lines", len(r.audited(0))-events, 2)
	wantEqual(t, "left", r.doubtful(), ids[3:])
	d, err = r.Delivery(t.Context(), ids[2])
	r.must(err)
	wantEqual(t, "dropped", store.Delivery{Outcome: d.Outcome, At: d.At, Doubtful: d.Doubtful},
		store.Delivery{Outcome: store.Dropped, At: after(2 * time.Hour)})
	wantEqual(t, "due", r.due(), after(2*time.Hour))
	wantEqual(t, "before it is due", r.claimedIDs("b", after(2*time.Hour-1), 9), []uint64(nil))
	claims := r.claim("b", after(2*time.Hour), 9)
	if len(claims) != 1 || claims[0].ID != ids[1] || string(claims[0].Mail) != "bytes" {
		t.Fatalf("got the claims %+v, want that of the reply that was sent, with its mail", claims)
	}
	r.settle("b", store.Settlement{Reply: ids[1], Outcome: store.Sent, At: after(3 * time.Hour)})

	// A second takeover adds to the list.
	more := r.record(forms(50, "Z")).Replies
	r.takeOver(store.Takeover{})
	wantEqual(t, "doubtful again", r.doubtful(), slices.Concat(ids[3:], more))
}

func testDoubtfulWait(t *testing.T, r *rig) {
	code := r.opened(1)[0]
	reply := forms(1, "A").Replies[0]
	reply.Results = nil
	id := r.decide(order.Decision{
		Kind: order.ActReturn, Case: code, Revision: 1, Actor: "claire", At: noon(), State: order.SentBack,
		Reply: &reply, Delay: time.Minute,
	}).Replies[0]
	r.takeOver(store.Takeover{})
	wantError(t, "before the folders are listed", r.SendDoubtful(t.Context(), id, "claire", noon()), store.ErrNotOwner)
	wantError(t, "taken back", r.Undo(t.Context(), order.Undo{
		Case: code, Revision: 2, Actor: "claire", At: noon(),
	}), store.ErrLeft)
	wantEqual(t, "doubtful", r.doubtful(), []uint64{id})
	r.must(r.DropDoubtful(t.Context(), id, "claire", noon()))
	wantEqual(t, "doubtful then", r.doubtful(), []uint64(nil))
}
