package storetest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"bdc/order"
	"bdc/store"
)

func leaseTests() []test {
	return []test{
		{"taken, renewed, given back", testLease},
		{"taken over after its time", testTakenOver},
		{"good after its time while nobody takes it", testOverdue},
		{"epochs never repeat", testEpochs},
		{"of many that ask, one gets it", testLeaseContested},
		{"opening ends none", testLeaseReopened},
		{"a deposed holder changes nothing", testDeposed},
		{"a fence of no lease, of another epoch or holder", testNoFence},
		{"without a lease nothing is checked", testUnfenced},
		{"a claim is settled after the claimant's store was opened anew", testClaimReopened},
	}
}

func pulseTests() []test {
	return []test{{"moves with registers, pauses and audit", testPulse}}
}

// The times of leases: one that outlasts each test, and one that a test waits out.
const (
	long  = time.Hour
	brief = 200 * time.Millisecond
)

const inbox = "inbox/commandes/INBOX"

// working is the fence under which the rig works on its inbox.
func (r *rig) working() store.Fence {
	r.t.Helper()
	if r.fence == (store.Fence{}) {
		r.succeed()
	}
	return r.fence
}

// succeed takes the lease of the inbox as another holder, which the time of the one before
// may have to end for.
func (r *rig) succeed() {
	r.t.Helper()
	r.pass(brief)
	r.fence = r.leased(inbox, rand.Text(), brief)
}

// leased takes or renews a lease that must be given.
func (r *rig) leased(name, holder string, ttl time.Duration) store.Fence {
	r.t.Helper()
	epoch, err := r.Lease(r.t.Context(), name, holder, ttl)
	if err != nil {
		r.t.Fatalf("lease %s for %s: %v", name, holder, err)
	}
	return store.Fence{Lease: name, Holder: holder, Epoch: epoch}
}

// refused asks for a lease that another must have.
func (r *rig) refused(what, name, holder string) {
	r.t.Helper()
	_, err := r.Lease(r.t.Context(), name, holder, long)
	wantError(r.t, what, err, store.ErrLeased)
}

func (r *rig) unlease(f store.Fence) {
	r.t.Helper()
	if err := r.Unlease(r.t.Context(), f); err != nil {
		r.t.Errorf("give %+v back: %v", f, err)
	}
}

// good reports whether a fence is good.
func (r *rig) good(f store.Fence) bool {
	r.t.Helper()
	err := r.Mark(r.t.Context(), f, nil, false)
	if err != nil && !errors.Is(err, store.ErrFenced) {
		r.t.Errorf("fence %+v: %v", f, err)
	}
	return err == nil
}

// fences are those of Leases.
func (r *rig) fences() (fences []store.Fence) {
	r.t.Helper()
	states, err := r.Leases(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	for _, s := range states {
		if s.Until.IsZero() {
			r.t.Errorf("lease %+v has no end", s.Fence)
		}
		fences = append(fences, s.Fence)
	}
	return fences
}

func testLease(t *testing.T, r *rig) {
	wantEqual(t, "leases of a new store", r.fences(), []store.Fence(nil))
	other := r.leased("inbox/b", "b", long)
	first := r.leased("inbox/a", "a", long)
	if first.Epoch == 0 {
		t.Error("got epoch 0")
	}
	wantEqual(t, "renewed", r.leased("inbox/a", "a", long), first)
	r.refused("while it runs", "inbox/a", "b")
	wantEqual(t, "good", []bool{r.good(first), r.good(other)}, []bool{true, true})
	wantEqual(t, "leases", r.fences(), []store.Fence{first, other})

	r.unlease(first)
	wantEqual(t, "good when it was given back", []bool{r.good(first), r.good(other)}, []bool{false, true})
	wantEqual(t, "leases when it was given back", r.fences(), []store.Fence{other})
	second := r.leased("inbox/a", "b", long)
	r.unlease(first) // which is not good any more
	r.unlease(store.Fence{Lease: "inbox/c", Holder: "a", Epoch: 1})
	wantEqual(t, "good when another took it", []bool{r.good(first), r.good(second)}, []bool{false, true})
	r.refused("the first again", "inbox/a", "a")
	wantEqual(t, "leases when another took it", r.fences(), []store.Fence{second, other})
}

func testTakenOver(t *testing.T, r *rig) {
	first := r.leased("inbox/a", "a", brief)
	r.pass(brief)
	second := r.leased("inbox/a", "b", brief)
	if second.Epoch <= first.Epoch {
		t.Errorf("taken over: got epoch %d after %d", second.Epoch, first.Epoch)
	}
	wantEqual(t, "good", []bool{r.good(first), r.good(second)}, []bool{false, true})
	r.pass(brief)
	third := r.leased("inbox/a", "a", long)
	if third.Epoch <= second.Epoch {
		t.Errorf("taken back: got epoch %d after %d", third.Epoch, second.Epoch)
	}
	wantEqual(t, "good when taken back", []bool{r.good(first), r.good(second), r.good(third)},
		[]bool{false, false, true})
}

func testOverdue(t *testing.T, r *rig) {
	f := r.leased("inbox/a", "a", brief)
	r.pass(brief)
	wantEqual(t, "good", r.good(f), true)
	wantEqual(t, "leases", r.fences(), []store.Fence{f})
	wantEqual(t, "renewed late", r.leased("inbox/a", "a", long), f)
	r.refused("renewed late", "inbox/a", "b")
}

func testEpochs(t *testing.T, r *rig) {
	last := map[string]uint64{}
	take := func(name string, ttl time.Duration) store.Fence {
		f := r.leased(name, rand.Text(), ttl)
		if f.Epoch <= last[name] {
			t.Errorf("lease %s: got epoch %d after %d", name, f.Epoch, last[name])
		}
		last[name] = f.Epoch
		return f
	}
	for range 3 {
		r.unlease(take("inbox/a", long))
		take("inbox/b", brief)
		r.pass(brief)
		r.unlease(take("inbox/b", long))
		r.die()
	}
}

func testLeaseContested(t *testing.T, r *rig) {
	var mu sync.Mutex
	var winners []store.Fence
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			holder := fmt.Sprint("daemon ", i)
			epoch, err := r.Lease(t.Context(), "inbox/a", holder, long)
			if err == nil {
				mu.Lock()
				defer mu.Unlock()
				winners = append(winners, store.Fence{Lease: "inbox/a", Holder: holder, Epoch: epoch})
			} else if !errors.Is(err, store.ErrLeased) {
				t.Errorf("%s: %v", holder, err)
			}
		})
	}
	wg.Wait()
	wantEqual(t, "who has it", r.fences(), winners)
	wantEqual(t, "winners", len(winners), 1)
}

func testLeaseReopened(t *testing.T, r *rig) {
	f := r.leased(inbox, "a", brief)
	r.die()
	wantEqual(t, "good", r.good(f), true)
	wantEqual(t, "leases", r.fences(), []store.Fence{f})
	r.succeed()
	wantEqual(t, "good when another took it", []bool{r.good(f), r.good(r.fence)}, []bool{false, true})
}

// testDeposed tries every verb that takes a fence under one that another's has replaced, and
// under one that was given back.
func testDeposed(t *testing.T, r *rig) {
	opening := forms(1, "A")
	opening.Cases = []order.Case{aCase("D-7K2Q9F", opening.Message.Key)}
	r.record(opening)
	deposed := r.leased(inbox, "a", brief)
	if err := r.Mark(t.Context(), deposed, []order.Key{key(8)}, true); err != nil {
		t.Fatal(err)
	}
	r.pass(brief)
	f := r.leased(inbox, "b", long)
	if err := r.Mark(t.Context(), f, []order.Key{key(9)}, true); err != nil {
		t.Fatal(err)
	}
	back := r.leased("daemon/a", "a", long)
	r.unlease(back)
	before, events := dump(t, r), len(r.audited(0))
	o := anOrder("B")
	for _, f := range []store.Fence{deposed, back} {
		for verb, call := range map[string]func(context.Context) error{
			"Recover": func(ctx context.Context) error { _, err := r.Recover(ctx, f); return err },
			"Mark":    func(ctx context.Context) error { return r.Mark(ctx, f, []order.Key{key(7), key(9)}, false) },
			"Unmark":  func(ctx context.Context) error { return r.Unmark(ctx, f, []order.Key{key(8), key(9)}) },
			"Rest":    func(ctx context.Context) error { return r.Rest(ctx, f) },
			"Record": func(ctx context.Context) error {
				receipts := r.Record(ctx, f, []order.Intake{letter(8), forms(9, "C")})
				wantError(t, "the first of two", receipts[0].Err, store.ErrFenced)
				return receipts[1].Err
			},
			"Claim": func(ctx context.Context) error {
				claims, err := r.Claim(ctx, f, after(time.Hour), lease, 9)
				wantEqual(t, "claims", len(claims), 0)
				return err
			},
			"Claim before anything is due": func(ctx context.Context) error {
				_, err := r.Claim(ctx, f, after(-time.Hour), lease, 9)
				return err
			},
			"Decide": func(ctx context.Context) error {
				_, err := r.Decide(ctx, f, order.Decision{
					Case: "D-7K2Q9F", Revision: 1, At: noon(), State: order.Closed, Order: &o,
				})
				return err
			},
		} {
			wantError(t, f.Lease+": "+verb, call(t.Context()), store.ErrFenced)
		}
	}
	wantSame(t, dump(t, r), before)
	wantEqual(t, "audit lines", len(r.audited(0)), events)
	suspects, err := r.Recover(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "marks of the deposed", suspects, []store.Suspect{{Key: key(8), Deaths: 1}})
	r.unlease(f)
	r.succeed()
	wantEqual(t, "marks of both", r.suspects(), map[order.Key]int{key(8): 1, key(9): 1})
}

func testNoFence(t *testing.T, r *rig) {
	f := r.leased("inbox/a", "a", long)
	for _, bad := range []store.Fence{
		{Lease: "inbox/b", Holder: f.Holder, Epoch: f.Epoch},
		{Lease: "inbox/b"},
		{Lease: f.Lease, Holder: "b", Epoch: f.Epoch},
		{Lease: f.Lease, Epoch: f.Epoch},
		{Lease: f.Lease, Holder: f.Holder, Epoch: f.Epoch - 1},
		{Lease: f.Lease, Holder: f.Holder, Epoch: f.Epoch + 1},
	} {
		if r.good(bad) {
			t.Errorf("%+v is good, want it refused", bad)
		}
	}
	r.unlease(f)
	if r.good(store.Fence{Lease: f.Lease}) || r.good(store.Fence{Lease: "inbox/c"}) {
		t.Error("a lease that nobody has can be used")
	}
}

func testUnfenced(t *testing.T, r *rig) {
	f := r.leased(inbox, "a", long)
	for _, none := range []store.Fence{{}, {Holder: "b"}, {Epoch: 7}} {
		wantEqual(t, "good", r.good(none), true)
	}
	r.record(letter(1))
	wantEqual(t, "the lease", r.good(f), true)
}

func testClaimReopened(t *testing.T, r *rig) {
	ids := r.intended(2)
	r.claim("a", after(time.Minute), 2)
	r.die()
	r.settle("a", store.Settlement{Reply: ids[0], Outcome: store.Sent, At: after(time.Minute)})
	taken := r.claimedIDs("b", after(time.Minute+lease), 9)
	wantEqual(t, "taken over", taken, ids[1:])
	sent := store.Settlement{Reply: ids[1], Outcome: store.Sent, At: after(time.Hour)}
	wantError(t, "settled by the first", r.Settle(t.Context(), "a", []store.Settlement{sent}), store.ErrClaim)
	wantError(t, "sealed by the first",
		r.Seal(t.Context(), "a", []store.Sealed{{Reply: ids[1], Mail: []byte("x")}}), store.ErrClaim)
	r.settle("b", sent)
}

func (r *rig) pulse() store.Pulse {
	r.t.Helper()
	p, err := r.Pulse(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	return p
}

func testPulse(t *testing.T, r *rig) {
	wantEqual(t, "of a new store", r.pulse(), store.Pulse{Registers: map[string]uint64{}})
	for i, step := range []struct {
		name string
		do   func() error
	}{
		{"an import", func() error {
			return r.Swap(t.Context(), "annuaire", []byte("a"), order.Import{Register: "annuaire", At: noon()})
		}},
		{"another register", func() error {
			return r.Swap(t.Context(), "catalogue", []byte("b"), order.Import{Register: "catalogue", At: noon()})
		}},
		{"an import again", func() error {
			return r.Swap(t.Context(), "annuaire", []byte("c"), order.Import{Register: "annuaire", At: noon()})
		}},
		{"a register begun by a person", func() error {
			return r.Amend(t.Context(), "libraires", 0, []byte("d"), order.Event{At: noon(), Verb: "account.created"})
		}},
		{"a message", func() error { r.record(letter(1)); return nil }},
		{"a pause of the intake", func() error {
			return r.PauseIntake(t.Context(), store.Pause{At: noon(), Actor: "claire", Reason: "a"})
		}},
		{"a pause of the outbox", func() error {
			return r.PauseOutbox(t.Context(), store.Pause{At: noon(), Actor: "claire", Reason: "b"})
		}},
		{"the intake resumed", func() error { return r.ResumeIntake(t.Context(), "claire", noon()) }},
		{"a doubt", func() error { return r.Disown(t.Context(), store.Foreign, "other", noon()) }},
		{"a death", func() error { r.die(); return nil }},
	} {
		before := r.pulse()
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		p := r.pulse()
		if i < 9 && p.Audit <= before.Audit {
			t.Errorf("after %s: got audit %d after %d", step.name, p.Audit, before.Audit)
		}
		want := store.Pulse{Registers: map[string]uint64{}}
		for _, name := range []string{"annuaire", "catalogue", "libraires"} {
			_, imported, err := r.Register(t.Context(), name)
			if err == nil {
				want.Registers[name] = imported.Revision
			} else if !errors.Is(err, store.ErrNotFound) {
				t.Fatal(err)
			}
		}
		var err error
		if want.Pauses, err = r.Store.Pauses(t.Context()); err != nil {
			t.Fatal(err)
		}
		owned, err := r.Ownership(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		want.Doubt = owned.Doubt
		events := r.audited(0)
		want.Audit = events[len(events)-1].Seq
		wantEqual(t, "after "+step.name, p, want)
	}
}
