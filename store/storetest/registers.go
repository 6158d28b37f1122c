package storetest

import (
	"bytes"
	"sync"
	"testing"
	"time"

	"bdc/order"
	"bdc/store"
)

func registerTests() []test {
	return []test{
		{"replaced as a whole", testSwap},
		{"data and import change together", testSwapAtomic},
	}
}

func testSwap(t *testing.T, r *rig) {
	_, _, err := r.Register(t.Context(), "annuaire")
	wantError(t, "never imported", err, store.ErrNotFound)
	first := order.Import{Register: "annuaire", At: noon(), Rows: 3, Entries: 2, Added: 2, Skipped: []string{"ligne 3 : UAI"}, SkippedN: 1}
	second := order.Import{Register: "annuaire", At: after(time.Hour), Rows: 1, Entries: 1, Removed: 1}
	other := order.Import{Register: "catalogue", At: noon(), Entries: 9}
	large := bytes.Repeat([]byte("establishment;"), 1<<16)
	for _, swap := range []struct {
		register string
		data     []byte
		imported order.Import
	}{
		{"annuaire", []byte("old"), first},
		{"catalogue", []byte("titles"), other},
		{"annuaire", large, second},
	} {
		data := bytes.Clone(swap.data)
		if err := r.Swap(t.Context(), swap.register, data, swap.imported); err != nil {
			t.Fatal(err)
		}
		clear(data)
		for range 2 {
			got, imported, err := r.Register(t.Context(), swap.register)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, swap.data) {
				t.Errorf("%s: got %d bytes, want the %d that were swapped in", swap.register, len(got), len(swap.data))
			}
			wantEqual(t, "import", imported, swap.imported)
			clear(got)
		}
	}
	r.die()
	for name, want := range map[string][]order.Import{"annuaire": {second}, "catalogue": {other}, "libraires": nil} {
		imports, err := r.Imports(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		wantEqual(t, "the last import of "+name, imports[:min(len(imports), 1)], want)
	}
	got, imported, err := r.Register(t.Context(), "catalogue")
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "data of the other", string(got), "titles")
	wantEqual(t, "import of the other", imported, other)
	_, _, err = r.Register(t.Context(), "libraires")
	wantError(t, "never imported", err, store.ErrNotFound)
}

// testSwapAtomic reads while a writer swaps: data of n bytes goes with an
// import of n entries.
func testSwapAtomic(t *testing.T, r *rig) {
	swap := func(n int) error {
		return r.Swap(t.Context(), "annuaire", bytes.Repeat([]byte{byte(n)}, n), order.Import{Entries: n})
	}
	if err := swap(1); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	done := make(chan struct{})
	for range 4 {
		wg.Go(func() {
			for {
				data, imported, err := r.Register(t.Context(), "annuaire")
				if err != nil {
					t.Errorf("register: %v", err)
					return
				}
				if n := imported.Entries; !bytes.Equal(data, bytes.Repeat([]byte{byte(n)}, n)) {
					t.Errorf("got %d bytes with an import of %d entries", len(data), n)
				}
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	for i := range 40 {
		if err := swap(1 + i*1000%7001); err != nil {
			t.Errorf("swap: %v", err)
		}
	}
	close(done)
	wg.Wait()
}
