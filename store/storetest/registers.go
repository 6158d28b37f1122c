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
		{"amended by people", testAmend},
		{"begun by a person", testAmendBegins},
		{"imports remembered", testImports},
		{"imports undone", testRevert},
		{"undone and amended", testRevertAmended},
	}
}

func testSwap(t *testing.T, r *rig) {
	_, _, err := r.Register(t.Context(), "annuaire")
	wantError(t, "never imported", err, store.ErrNotFound)
	first := order.Import{
		Register: "annuaire", At: noon(), Rows: 3, Entries: 2, Added: 2,
		Skipped: []string{"ligne 3 : UAI"}, SkippedN: 1,
	}
	second := order.Import{Register: "annuaire", At: after(time.Hour), Rows: 1, Entries: 1, Removed: 1}
	other := order.Import{Register: "catalogue", At: noon(), Entries: 9}
	large := bytes.Repeat([]byte("establishment;"), 1<<16)
	revisions := map[string]uint64{}
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
		revisions[swap.register]++
		swap.imported.Revision = revisions[swap.register]
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
	got, imported, err := r.Register(t.Context(), "catalogue")
	if err != nil {
		t.Fatal(err)
	}
	other.Revision = 1
	wantEqual(t, "data of the other", string(got), "titles")
	wantEqual(t, "import of the other", imported, other)
	_, _, err = r.Register(t.Context(), "libraires")
	wantError(t, "never imported", err, store.ErrNotFound)
}

// testAmend: of two people who change the same register, the second is told.
func testAmend(t *testing.T, r *rig) {
	edit := order.Event{
		At: after(time.Hour), Actor: "claire", Verb: "account.changed", Detail: "01234567: +shop@librairie.example",
	}
	wantError(t, "never imported", r.Amend(t.Context(), "libraires", 1, []byte("x"), edit), store.ErrNotFound)
	first := order.Import{Register: "libraires", At: noon(), Actor: "ada", File: "libraires.csv", Entries: 2}
	if err := r.Swap(t.Context(), "libraires", []byte("first"), first); err != nil {
		t.Fatal(err)
	}
	seen := uint64(len(r.audited(0)))
	if err := r.Amend(t.Context(), "libraires", 1, []byte("hers"), edit); err != nil {
		t.Fatal(err)
	}
	wantError(t, "made from an older state", r.Amend(t.Context(), "libraires", 1, []byte("his"), edit),
		store.ErrRevision)
	r.die()
	wantError(t, "after a restart", r.Amend(t.Context(), "libraires", 1, []byte("his"), edit), store.ErrRevision)
	data, imported, err := r.Register(t.Context(), "libraires")
	if err != nil {
		t.Fatal(err)
	}
	first.Revision = 2
	wantEqual(t, "data", string(data), "hers")
	wantEqual(t, "import", imported, first)
	events := r.audited(seen)
	if len(events) != 1 {
		t.Fatalf("got %d events, want one: %+v", len(events), events)
	}
	edit.Seq = events[0].Seq
	wantEqual(t, "event", events[0], edit)
	if err := r.Swap(t.Context(), "libraires", []byte("second"), first); err != nil {
		t.Fatal(err)
	}
	wantError(t, "made before an import", r.Amend(t.Context(), "libraires", 2, []byte("his"), edit), store.ErrRevision)
}

// testAmendBegins: a register that no file ever began is begun by the first entry that
// a person adds, with one event and nothing before it; of two people, the second is
// told.
func testAmendBegins(t *testing.T, r *rig) {
	edit := order.Event{At: after(time.Hour), Actor: "claire", Verb: "account.created", Detail: "01009009"}
	seen := uint64(len(r.audited(0)))
	if err := r.Amend(t.Context(), "libraires", 0, []byte("hers"), edit); err != nil {
		t.Fatal(err)
	}
	r.die()
	wantError(t, "begun already", r.Amend(t.Context(), "libraires", 0, []byte("his"), edit), store.ErrRevision)
	data, imported, err := r.Register(t.Context(), "libraires")
	if err != nil {
		t.Fatal(err)
	}
	want := order.Import{Register: "libraires", At: edit.At, Actor: "claire", Revision: 1}
	wantEqual(t, "data", string(data), "hers")
	wantEqual(t, "import", imported, want)
	all, err := r.Imports(t.Context(), "libraires")
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "imports", all, []order.Import{want})
	events := r.audited(seen)
	if len(events) != 1 {
		t.Fatalf("got %d events, want one: %+v", len(events), events)
	}
	edit.Seq = events[0].Seq
	wantEqual(t, "event", events[0], edit)
	err = r.Amend(t.Context(), "libraires", 2, []byte("his"), edit)
	wantError(t, "made from an older state", err, store.ErrRevision)
}

func testImports(t *testing.T, r *rig) {
	if none, err := r.Imports(t.Context(), "annuaire"); err != nil || len(none) != 0 {
		t.Fatalf("never imported: got %v and error %v, want none", none, err)
	}
	var want []order.Import
	for i := range store.MaxImports + 3 {
		imported := order.Import{
			Register: "annuaire", At: after(time.Duration(i) * time.Hour), Actor: "ada",
			File: "annuaire.csv", Entries: i, Skipped: []string{"ligne 3"}, SkippedN: 1,
		}
		if err := r.Swap(t.Context(), "annuaire", []byte("x"), imported); err != nil {
			t.Fatal(err)
		}
		if len(want) > 0 {
			want[0].Skipped = nil
		}
		imported.Revision = uint64(i + 1)
		want = append([]order.Import{imported}, want...)
	}
	r.die()
	got, err := r.Imports(t.Context(), "annuaire")
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "imports", got, want[:store.MaxImports])
	events := r.audited(0)
	wantEqual(t, "who imported", events[len(events)-1].Actor, "ada")
	wantEqual(t, "what", events[len(events)-1].Detail, "annuaire: annuaire.csv")
}

// testRevert: of five imports the last three are undone, one by one, each by the data that
// it replaced; then no other.
func testRevert(t *testing.T, r *rig) {
	ctx := t.Context()
	revert := func(revision uint64, data string) error {
		return r.Revert(ctx, "catalogue", revision, []byte(data), order.Import{
			Register: "catalogue", At: after(9 * time.Hour), Actor: "ada", File: "c.csv", Undoes: noon(), Entries: 7,
		})
	}
	wantNone := func(when string) {
		t.Helper()
		if none, err := r.Undoable(ctx, "catalogue"); err != nil || len(none) != 0 {
			t.Errorf("%s: got %v and error %v, want none", when, none, err)
		}
		_, err := r.Before(ctx, "catalogue")
		wantError(t, when, err, store.ErrNotFound)
		_, last, _ := r.Register(ctx, "catalogue") // never imported: revision 0
		wantError(t, when, revert(last.Revision, "x"), store.ErrNotFound)
	}
	wantNone("never imported")
	large := bytes.Repeat([]byte("title;"), 1<<15)
	contents := []string{"one", "two", string(large), "four", "five"}
	var swapped []order.Import
	for i, text := range contents {
		imported := order.Import{
			Register: "catalogue", At: after(time.Duration(i) * time.Hour), File: "c.csv", Entries: i,
			Skipped: []string{"x"}, SkippedN: 1, Dropped: []string{"y"}, DroppedN: 1,
		}
		if err := r.Swap(ctx, "catalogue", []byte(text), imported); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			wantNone("imported once")
		}
		imported.Revision, imported.Skipped, imported.Dropped = uint64(i+1), nil, nil
		swapped = append([]order.Import{imported}, swapped...)
	}
	if err := r.Swap(ctx, "annuaire", []byte("schools"), order.Import{}); err != nil {
		t.Fatal(err)
	}
	seen := uint64(len(r.audited(0)))
	for i := range store.MaxUndo {
		r.die()
		undoable, err := r.Undoable(ctx, "catalogue")
		if err != nil {
			t.Fatal(err)
		}
		wantEqual(t, "undoable", undoable, swapped[i:store.MaxUndo])
		before, err := r.Before(ctx, "catalogue")
		if err != nil {
			t.Fatal(err)
		}
		if want := contents[len(contents)-2-i]; string(before) != want {
			t.Errorf("undo %d: got %d bytes from before, want %d", i, len(before), len(want))
		}
		revision := uint64(len(contents) + i)
		wantError(t, "made at another revision", revert(revision-1, "x"), store.ErrRevision)
		if err := revert(revision, "merged "+string(before)); err != nil {
			t.Fatal(err)
		}
		data, last, err := r.Register(ctx, "catalogue")
		if err != nil || string(data) != "merged "+string(before) || last.Revision != revision+1 || last.Entries != 7 {
			t.Errorf("undo %d: got %d bytes, %+v, error %v, want what was reverted to", i, len(data), last, err)
		}
	}
	wantNone("all undone")
	imports, err := r.Imports(ctx, "catalogue")
	if err != nil || len(imports) != len(contents)+store.MaxUndo || imports[0].Undoes.IsZero() {
		t.Errorf("got %d imports, %+v, error %v, want those undone and the undoing", len(imports), imports[0], err)
	}
	events := r.audited(seen)
	if len(events) != store.MaxUndo {
		t.Fatalf("got %d events, want one for each undone: %+v", len(events), events)
	}
	wantEqual(t, "event", events[0], order.Event{
		Seq: events[0].Seq, At: after(9 * time.Hour), Actor: "ada", Verb: "register.undone", Detail: "catalogue: c.csv",
	})
	if err := r.Swap(ctx, "catalogue", []byte("six"), order.Import{}); err != nil {
		t.Fatal(err)
	}
	before, err := r.Before(ctx, "catalogue")
	if err != nil || string(before) != "merged two" {
		t.Errorf("imported again: got %.20q from before, error %v, want what was reverted to", before, err)
	}
	if data, _, err := r.Register(ctx, "annuaire"); err != nil || string(data) != "schools" {
		t.Errorf("the other register: got %q, error %v, want it as it was", data, err)
	}
}

// testRevertAmended: what people change uses up none of the imports that can be undone.
func testRevertAmended(t *testing.T, r *rig) {
	ctx := t.Context()
	edit := order.Event{At: after(time.Hour), Actor: "claire", Verb: "account.changed", Detail: "01234567"}
	for _, text := range []string{"first", "second"} {
		if err := r.Swap(ctx, "libraires", []byte(text), order.Import{File: text}); err != nil {
			t.Fatal(err)
		}
	}
	for i := range uint64(store.MaxUndo + 1) {
		if err := r.Amend(ctx, "libraires", 2+i, []byte("hers"), edit); err != nil {
			t.Fatal(err)
		}
	}
	r.die()
	undoable, err := r.Undoable(ctx, "libraires")
	if err != nil || len(undoable) != 1 || undoable[0].File != "second" || undoable[0].Revision != 2 {
		t.Errorf("got %+v, error %v, want the second import, at its revision", undoable, err)
	}
	if before, err := r.Before(ctx, "libraires"); err != nil || string(before) != "first" {
		t.Errorf("got %q, error %v, want the first", before, err)
	}
	wantError(t, "made before an edit", r.Revert(ctx, "libraires", 2, []byte("x"), order.Import{}), store.ErrRevision)
	if err := r.Revert(ctx, "libraires", 2+store.MaxUndo+1, []byte("first"), order.Import{}); err != nil {
		t.Fatal(err)
	}
	if data, _, err := r.Register(ctx, "libraires"); err != nil || string(data) != "first" {
		t.Errorf("got %q, error %v, want the first", data, err)
	}
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
