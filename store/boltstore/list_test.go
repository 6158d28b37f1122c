package boltstore

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"bdc/order"
	"bdc/store"
	"bdc/store/storetest"
)

// TestPassOver: a search that passes over blocks finds what a look at every row
// finds, in its order, from any row on, either way, over the turn of a year.
func TestPassOver(t *testing.T) {
	s, err := Open(filepath.Join(t.TempDir(), "bdc.db"), Options{Create: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	from := time.Date(2025, 12, 31, 12, 0, 0, 0, time.UTC)
	const orders = 5*blockRows + 7
	if err := storetest.Season(t.Context(), s, orders, order.Order{}, from, from.Add(24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	for _, step := range []order.Status{order.Received, order.Checked} {
		next := order.Step{Status: map[order.Status]order.Status{
			order.Received: order.Checked,
			order.Checked:  order.Opened,
		}[step], At: from, Actor: "claire"}
		if _, err := s.Advance(t.Context(), "CNS-2026-000070", step, next); err != nil {
			t.Fatal(err)
		}
	}
	passed := 0
	for _, list := range []listed{orderList(), caseList()} {
		for _, want := range []search{
			newSearch(""), newSearch("ecole"), newSearch("ecole 107"), newSearch("r-9"), newSearch("107"),
			newSearch("introuvable"),
			newSearch("").tag("status:", "opened"), newSearch("").tag("state:", "sentback"),
		} {
			err := s.db.View(func(tx *bolt.Tx) error {
				every := keys(list, tx, func(sketch) bool { return true }, want, nil, false)
				for k, _ := tx.Bucket([]byte(list.rows)).Cursor().First(); k != nil; k = next(tx, list, k) {
					for _, down := range []bool{true, false} {
						got := keys(list, tx, func(k sketch) bool {
							may := want.may(k)
							if !may {
								passed++
							}
							return may
						}, want, k, down)
						if wanted := beyond(every, string(k), down); !slices.Equal(got, wanted) {
							t.Fatalf("%s, %v beyond %x, down %t: got %x, want %x", list.rows, want, k, down, got,
								wanted)
						}
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	if passed == 0 {
		t.Error("no block was passed over")
	}
	rows, err := s.OrderRows(t.Context(), store.OrderFilter{Status: order.Opened}, "", orders)
	if err != nil || len(rows) != 1 || rows[0].Number != "CNS-2026-000070" {
		t.Errorf("got %+v (%v), want the one order that was opened", rows, err)
	}
}

// keys are those of the rows that a search finds.
func keys(l listed, tx *bolt.Tx, may func(sketch) bool, want search, beyond []byte, down bool) (found []string) {
	l.all(tx, may, beyond, down, func(key, value []byte) bool {
		if row, ok := unpack(value); ok && want.finds(row) {
			found = append(found, string(key))
		}
		return true
	})
	return found
}

func next(tx *bolt.Tx, l listed, key []byte) []byte {
	c := tx.Bucket([]byte(l.rows)).Cursor()
	c.Seek(key)
	k, _ := c.Next()
	return k
}

// beyond are the keys of a rising list beyond one, in either direction.
func beyond(every []string, key string, down bool) (list []string) {
	for _, k := range every {
		if down && k < key || !down && k > key {
			list = append(list, k)
		}
	}
	if down {
		slices.Reverse(list)
	}
	return list
}
