package storetest

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"bdc/order"
	"bdc/store"
)

func numberTests() []test {
	return []test{
		{"unique and without gaps under concurrency", testConcurrentNumbers},
		{"by the year in Paris", testYears},
		{"go on after a restart", testNumbersGoOn},
		{"go on after a refusal", testNumbersAfterRefusal},
	}
}

// testConcurrentNumbers has recorders and deciders compete for numbers.
func testConcurrentNumbers(t *testing.T, r *rig) {
	const recorders, rounds = 16, 6
	opening := letter(9999)
	for i := range recorders {
		opening.Cases = append(opening.Cases, aCase(fmt.Sprintf("D-2222%02d", i), opening.Message.Key))
	}
	r.record(opening)

	var mu sync.Mutex
	given := make(map[string]string) // reference by number
	note := func(numbers []string, references ...string) {
		mu.Lock()
		defer mu.Unlock()
		if len(numbers) != len(references) {
			t.Errorf("got numbers %v for %d orders", numbers, len(references))
			return
		}
		for i, n := range numbers {
			if was, twice := given[n]; twice {
				t.Errorf("%s was given to %s and to %s", n, was, references[i])
			}
			given[n] = references[i]
		}
	}
	var wg sync.WaitGroup
	for i := range recorders {
		wg.Go(func() {
			for j := range rounds {
				uid := uint32(i*rounds + j + 1)
				a, b, c := fmt.Sprint("A", uid), fmt.Sprint("B", uid), fmt.Sprint("C", uid)
				receipts := r.Record(t.Context(), store.Fence{}, []order.Intake{forms(uid, a, b), forms(uid+1000, c)})
				for k, references := range [][]string{{a, b}, {c}} {
					if err := receipts[k].Err; err != nil {
						t.Errorf("record: %v", err)
						continue
					}
					note(receipts[k].Numbers, references...)
				}
			}
			o := anOrder(fmt.Sprint("D", i))
			receipt, err := r.Decide(t.Context(), store.Fence{}, order.Decision{
				Case: fmt.Sprintf("D-2222%02d", i), Revision: 1, Actor: "claire", At: noon(), State: order.Closed,
				Order: &o,
			})
			if err != nil {
				t.Errorf("decide: %v", err)
				return
			}
			note(receipt.Numbers, o.Reference)
		})
	}
	wg.Wait()

	const want = recorders * (3*rounds + 1)
	for rank := range uint64(want) {
		number := order.Number(2026, rank+1)
		reference, ok := given[number]
		if !ok {
			t.Errorf("%s was never given", number)
			continue
		}
		o, err := r.Order(t.Context(), number)
		if err != nil {
			t.Error(err)
		} else if o.Number != number || o.Reference != reference {
			t.Errorf("order %s: got number %s and reference %s, want reference %s", number, o.Number, o.Reference,
				reference)
		}
	}
	wantEqual(t, "orders", r.status().Orders, want)
}

func testYears(t *testing.T, r *rig) {
	at := func(s string) time.Time {
		moment, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return moment.UTC()
	}
	opening := letter(99)
	opening.Cases = []order.Case{aCase("D-22222C", opening.Message.Key), aCase("D-22222D", opening.Message.Key)}
	r.record(opening)
	tests := []struct {
		name string
		at   string
		want string
	}{
		{"the last second of the year in Paris", "2026-12-31T22:59:59Z", "CNS-2026-000001"},
		{"midnight in Paris", "2026-12-31T23:00:00Z", "CNS-2027-000001"},
		{"still last year in UTC", "2026-12-31T23:30:00Z", "CNS-2027-000002"},
		{"recorded late, of last year", "2026-12-31T22:30:00Z", "CNS-2026-000002"},
		{"new year in UTC", "2027-01-01T00:00:00Z", "CNS-2027-000003"},
	}
	for i, tt := range tests {
		in := forms(uint32(i+1), fmt.Sprint("A", i))
		in.At = at(tt.at)
		wantEqual(t, tt.name, r.record(in).Numbers, []string{tt.want})
	}
	for code, decision := range map[string]struct{ at, want string }{
		"D-22222C": {"2026-12-31T22:59:59Z", "CNS-2026-000003"},
		"D-22222D": {"2026-12-31T23:30:00Z", "CNS-2027-000004"},
	} {
		o := anOrder(code)
		receipt, err := r.Decide(t.Context(), store.Fence{},
			order.Decision{Case: code, Revision: 1, At: at(decision.at), State: order.Closed, Order: &o})
		if err != nil {
			t.Fatal(err)
		}
		wantEqual(t, "decided at "+decision.at, receipt.Numbers, []string{decision.want})
	}
	orders, err := r.Orders(t.Context(), "CNS-2026-000001", 4)
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "listed", numbers(orders),
		[]string{"CNS-2026-000002", "CNS-2026-000003", "CNS-2027-000001", "CNS-2027-000002"})
}

func numbers(orders []order.Order) []string {
	var list []string
	for _, o := range orders {
		list = append(list, o.Number)
	}
	return list
}

func testNumbersGoOn(t *testing.T, r *rig) {
	var got []string
	for uid := range uint32(4) {
		got = append(got, r.record(forms(uid+1, fmt.Sprint("A", uid))).Numbers...)
		r.die()
	}
	wantEqual(t, "numbers", got, []string{"CNS-2026-000001", "CNS-2026-000002", "CNS-2026-000003", "CNS-2026-000004"})
}

func testNumbersAfterRefusal(t *testing.T, r *rig) {
	r.record(forms(1, "A"))
	for range 3 {
		r.Record(t.Context(), store.Fence{}, []order.Intake{forms(1, "A")})
		r.Record(t.Context(), store.Fence{}, []order.Intake{forms(2, "A")})
	}
	got := slices.Concat(r.record(forms(3, "B")).Numbers, r.record(forms(4, "C")).Numbers)
	wantEqual(t, "numbers", got, []string{"CNS-2026-000002", "CNS-2026-000003"})
}
