package boltstore

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"bdc/order"
	"bdc/store"
	"bdc/store/storetest"
)

// TestLookTwice: a search in two halves finds what one look finds, in its order,
// from any order on, over the turn of a year.
func TestLookTwice(t *testing.T) {
	s, err := Open(filepath.Join(t.TempDir(), "bdc.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	from := time.Date(2025, 12, 31, 12, 0, 0, 0, time.UTC)
	const orders = 60
	if err := storetest.Season(t.Context(), s, orders, order.Order{}, from, from.Add(24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	all, err := s.OrderRows(t.Context(), store.OrderFilter{}, "", orders)
	if err != nil || len(all) != orders || all[0].Number[:8] != "CNS-2026" || all[orders-1].Number[:8] != "CNS-2025" {
		t.Fatalf("got %d orders (%v), want %d of two years", len(all), err, orders)
	}
	numbers := func(rows []store.OrderRow) (list []string) {
		for _, r := range rows {
			list = append(list, r.Number)
		}
		return list
	}
	for _, words := range []string{"ecole", "ecole 7", "r-59", "r-0", "introuvable"} {
		for from := -1; from < orders; from++ {
			below, rows := "", rowsOf{rows: bucketOrderRows, index: bucketOrderTags, down: true}
			if from >= 0 {
				below = all[from].Number
				rows.beyond, _ = parseNumber(below)
			}
			data, err := s.look(t.Context(), rows, store.OrderFilter{}, newSearch(words), orders)
			if err != nil {
				t.Fatal(err)
			}
			want, err := decodeAll[store.OrderRow](data)
			if err != nil {
				t.Fatal(err)
			}
			for _, limit := range []int{1, 7, orders} {
				got, err := s.OrderRows(t.Context(), store.OrderFilter{Words: words}, below, limit)
				if few := want[:min(limit, len(want))]; err != nil || !slices.Equal(numbers(got), numbers(few)) {
					t.Fatalf("%q below %q: got %v (%v), want %v", words, below, numbers(got), err, numbers(few))
				}
			}
		}
	}
}
