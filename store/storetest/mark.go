package storetest

import (
	"testing"

	"bdc/order"
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
	}
}

func (r *rig) mark(alone bool, keys ...order.Key) {
	r.t.Helper()
	if err := r.Mark(r.t.Context(), keys, alone); err != nil {
		r.t.Fatalf("mark: %v", err)
	}
}

func (r *rig) release(keys ...order.Key) {
	r.t.Helper()
	if err := r.Unmark(r.t.Context(), keys); err != nil {
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
	r.Record(t.Context(), []order.Intake{letter(1), letter(3)})
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
		if err := r.Rest(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	wantEqual(t, "after a rest", r.recover(), map[order.Key]int{})
	r.mark(false, key(1), key(2))
	wantEqual(t, "deaths", r.recover(), map[order.Key]int{key(1): 0, key(2): 0})
}
