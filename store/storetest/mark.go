package storetest

import (
	"errors"
	"testing"

	"bdc/order"
	"bdc/store"
)

func markTests() []test {
	return []test{
		{"a clean store has no suspects", func(t *testing.T, r *rig) {
			wantEqual(t, "suspects", r.recover(), map[order.Key]int{})
		}},
		{"a crash leaves the marked", testMarked},
		{"only the one that was alone has a death", testAlone},
		{"three deaths", testThreeDeaths},
		{"marking again replaces the mark", testMarkAgain},
		{"recording takes the mark off", testRecordUnmarks},
		{"releasing keeps the deaths", testRelease},
		{"resting forgets", testRest},
		{"marks belong to their lease", testMarksOfLeases},
		{"marks belong to their epoch", testMarksOfEpochs},
		{"marks without a lease", testMarksWithoutLease},
	}
}

func (r *rig) mark(alone bool, keys ...order.Key) {
	r.t.Helper()
	if err := r.Mark(r.t.Context(), r.working(), keys, alone); err != nil {
		r.t.Fatalf("mark: %v", err)
	}
}

func (r *rig) release(keys ...order.Key) {
	r.t.Helper()
	if err := r.Unmark(r.t.Context(), r.working(), keys); err != nil {
		r.t.Fatalf("release: %v", err)
	}
}

func testMarked(t *testing.T, r *rig) {
	r.mark(false, key(1), key(2))
	r.mark(false)
	for range 3 {
		wantEqual(t, "suspects", r.recover(), map[order.Key]int{key(1): 0, key(2): 0})
	}
	r.mark(false, key(3))
	wantEqual(t, "suspects, and a new mark", r.recover(), map[order.Key]int{key(1): 0, key(2): 0, key(3): 0})
}

func testAlone(t *testing.T, r *rig) {
	r.mark(false, key(1), key(2))
	r.recover()
	r.mark(true, key(1))
	wantEqual(t, "after a death", r.recover(), map[order.Key]int{key(1): 1, key(2): 0})
	wantEqual(t, "no longer alone", r.recover(), map[order.Key]int{key(1): 1, key(2): 0})
}

func testThreeDeaths(t *testing.T, r *rig) {
	for deaths := range 3 {
		r.mark(true, key(1))
		wantEqual(t, "deaths", r.recover(), map[order.Key]int{key(1): deaths + 1})
	}
}

func testMarkAgain(t *testing.T, r *rig) {
	r.mark(true, key(1))
	r.recover()
	r.mark(true, key(1))
	r.mark(false, key(1))
	wantEqual(t, "alone, then not", r.recover(), map[order.Key]int{key(1): 1})
	r.mark(false, key(1))
	r.mark(true, key(1))
	wantEqual(t, "not alone, then alone", r.recover(), map[order.Key]int{key(1): 2})
}

func testRecordUnmarks(t *testing.T, r *rig) {
	r.mark(true, key(1))
	r.recover()
	r.mark(false, key(1), key(2), key(3))
	r.Record(t.Context(), r.working(), []order.Intake{letter(1), letter(3)})
	wantEqual(t, "suspects", r.recover(), map[order.Key]int{key(2): 0})
	r.mark(false, key(1))
	wantEqual(t, "deaths of the recorded", r.recover(), map[order.Key]int{key(1): 0, key(2): 0})
}

func testRelease(t *testing.T, r *rig) {
	r.mark(true, key(1))
	r.mark(false, key(2), key(3))
	r.recover()
	r.release(key(1), key(2), key(9))
	r.release()
	wantEqual(t, "after a release", r.recover(), map[order.Key]int{key(3): 0})
	r.mark(false, key(1), key(2))
	wantEqual(t, "marked again", r.recover(), map[order.Key]int{key(1): 1, key(2): 0, key(3): 0})

	r.mark(true, key(1))
	r.release(key(1))
	wantEqual(t, "released while alone", r.recover(), map[order.Key]int{key(2): 0, key(3): 0})
	r.mark(true, key(1))
	wantEqual(t, "dead again", r.recover(), map[order.Key]int{key(1): 2, key(2): 0, key(3): 0})
}

func testRest(t *testing.T, r *rig) {
	r.mark(true, key(1))
	r.recover()
	r.release(key(1))
	r.mark(true, key(2))
	for range 2 {
		if err := r.Rest(t.Context(), r.working()); err != nil {
			t.Fatal(err)
		}
	}
	wantEqual(t, "after a rest", r.recover(), map[order.Key]int{})
	r.mark(false, key(1), key(2))
	wantEqual(t, "deaths", r.recover(), map[order.Key]int{key(1): 0, key(2): 0})
}

// testMarksOfLeases has two inboxes, of two holders, on one store.
func testMarksOfLeases(t *testing.T, r *rig) {
	mark := func(f store.Fence, alone bool, keys ...order.Key) {
		t.Helper()
		if err := r.Mark(t.Context(), f, keys, alone); err != nil {
			t.Fatal(err)
		}
	}
	suspects := func(f store.Fence) []store.Suspect {
		t.Helper()
		suspects, err := r.Recover(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		return suspects
	}
	a, b := r.leased("inbox/a", "a", brief), r.leased("inbox/b", "b", brief)
	mark(a, true, key(1))
	mark(b, true, key(2))
	mark(b, false, key(3))
	r.pass(brief)
	a, b = r.leased("inbox/a", "c", brief), r.leased("inbox/b", "d", brief)
	wantEqual(t, "of a", suspects(a), []store.Suspect{{Key: key(1), Deaths: 1}})
	wantEqual(t, "of a again", suspects(a), []store.Suspect(nil))
	if err := errors.Join(r.Unmark(t.Context(), a, []order.Key{key(2)}), r.Rest(t.Context(), a)); err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "of b, after a rested", suspects(b), []store.Suspect{{Key: key(2), Deaths: 1}, {Key: key(3)}})
	if err := r.Unmark(t.Context(), b, []order.Key{key(2)}); err != nil {
		t.Fatal(err)
	}
	if err := r.Rest(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	mark(b, false, key(2))
	r.pass(brief)
	b = r.leased("inbox/b", "e", brief)
	wantEqual(t, "deaths of b, after a rested", suspects(b), []store.Suspect{{Key: key(2), Deaths: 1}, {Key: key(3)}})
}

// testMarksOfEpochs has one holder that is taken over while it works.
func testMarksOfEpochs(t *testing.T, r *rig) {
	r.mark(true, key(1))
	r.succeed()
	r.mark(false, key(2))
	if err := r.Rest(t.Context(), r.fence); err != nil {
		t.Fatal(err)
	}
	r.mark(false, key(3))
	r.succeed()
	wantEqual(t, "of both before", r.suspects(), map[order.Key]int{key(1): 1, key(3): 0})
	wantEqual(t, "again", r.suspects(), map[order.Key]int{})
	r.mark(true, key(3))
	wantEqual(t, "of this epoch", r.suspects(), map[order.Key]int{})
	r.succeed()
	wantEqual(t, "taken over again", r.suspects(), map[order.Key]int{key(1): 1, key(3): 1})
	if err := r.Rest(t.Context(), r.fence); err != nil {
		t.Fatal(err)
	}
	r.succeed()
	wantEqual(t, "after a rest", r.suspects(), map[order.Key]int{})
}

func testMarksWithoutLease(t *testing.T, r *rig) {
	if err := r.Mark(t.Context(), store.Fence{}, []order.Key{key(1)}, true); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		r.die()
		suspects, err := r.Recover(t.Context(), store.Fence{})
		if err != nil {
			t.Fatal(err)
		}
		wantEqual(t, "without a lease", suspects, []store.Suspect{{Key: key(1), Deaths: 1}})
	}
	wantEqual(t, "taken over", r.recover(), map[order.Key]int{key(1): 1})
	if suspects, err := r.Recover(t.Context(), store.Fence{}); err != nil || len(suspects) > 0 {
		t.Errorf("got %v and error %v, want them taken over", suspects, err)
	}
}
