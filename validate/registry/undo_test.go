package registry

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"bdc/order"
)

// TestUndoKeepsHands: an import of accounts is undone, and what people changed by hand since
// stays, whatever the two files had.
func TestUndoKeepsHands(t *testing.T) {
	at := func(hour int) time.Time { return time.Date(2026, 11, 21, hour, 0, 0, 0, time.UTC) }
	amend := func(list []order.Account, e order.AccountEdit) []order.Account {
		t.Helper()
		if e.Number == "" {
			e.Number = "1"
		}
		e.Actor = "claire"
		list, _, err := Amend(list, e)
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	file := func(name string, emails ...string) []order.Account {
		return []order.Account{{Number: "1", Name: name, Emails: emails}}
	}
	told := func(list []order.Account) string {
		var all []string
		for _, a := range list {
			emails := slices.Sorted(slices.Values(a.Emails))
			all = append(all, fmt.Sprintf("%s %s %s", a.Number, a.Name, strings.Join(emails, ",")))
		}
		return strings.Join(all, "; ")
	}
	type edits func([]order.Account) []order.Account
	add := func(hour int, sender string) edits {
		return func(l []order.Account) []order.Account {
			return amend(l, order.AccountEdit{Add: []string{sender}, At: at(hour)})
		}
	}
	strike := func(hour int, sender string) edits {
		return func(l []order.Account) []order.Account {
			return amend(l, order.AccountEdit{Strike: []string{sender}, At: at(hour)})
		}
	}
	rename := func(hour int, was, name string) edits {
		return func(l []order.Account) []order.Account {
			facts := order.Facts{Name: name}
			return amend(l, order.AccountEdit{Facts: &facts, Seen: order.Facts{Name: was}, At: at(hour)})
		}
	}
	create := func(hour int) edits {
		return func(l []order.Account) []order.Account {
			return amend(l, order.AccountEdit{
				Number: "9", New: true, Add: []string{"n@x.fr"}, Facts: &order.Facts{Name: "Neuve"}, At: at(hour),
			})
		}
	}
	nothing := func(l []order.Account) []order.Account { return l }
	for _, tt := range []struct {
		name    string
		first   []order.Account
		earlier edits // before the import that is undone
		second  []order.Account
		later   edits // after it
		want    string
	}{
		{"nobody did anything", file("A", "a@x.fr"), nothing, file("B", "b@x.fr"), nothing, "1 A a@x.fr"},
		{"added before", file("A", "a@x.fr"), add(1, "m@x.fr"), file("B"), nothing, "1 A a@x.fr,m@x.fr"},
		{"added since", file("A", "a@x.fr"), nothing, file("B", "b@x.fr"), add(2, "m@x.fr"), "1 A a@x.fr,m@x.fr"},
		{
			"added since, and in the first file too", file("A", "a@x.fr"), nothing, file("B"), add(2, "a@x.fr"),
			"1 A a@x.fr",
		},
		{
			"struck since", file("A", "a@x.fr", "c@x.fr"), nothing, file("B", "a@x.fr"), strike(2, "a@x.fr"),
			"1 A c@x.fr",
		},
		{
			"added before, struck since", file("A", "a@x.fr"), add(1, "m@x.fr"), file("B"), strike(2, "m@x.fr"),
			"1 A a@x.fr",
		},
		{
			"added before, in the second file, something else since", file("A"), add(1, "m@x.fr"), file("B", "m@x.fr"),
			add(2, "n@x.fr"), "1 A m@x.fr,n@x.fr",
		},
		{
			"struck before, not in the second file, something else since", file("A", "a@x.fr", "c@x.fr"),
			strike(1, "a@x.fr"), file("B"), add(2, "n@x.fr"), "1 A c@x.fr,n@x.fr",
		},
		{
			"struck before, registered again since", file("A", "a@x.fr"), strike(1, "a@x.fr"), file("B", "a@x.fr"),
			add(2, "a@x.fr"), "1 A a@x.fr",
		},
		{"renamed before", file("A"), rename(1, "A", "Z"), file("B"), nothing, "1 Z "},
		{"renamed since", file("A"), nothing, file("B"), rename(2, "B", "Z"), "1 Z "},
		{"created before", file("A"), create(1), file("B"), nothing, "1 A ; 9 Neuve n@x.fr"},
		{"created since", file("A"), nothing, file("B"), create(2), "1 A ; 9 Neuve n@x.fr"},
		{
			"added to an account that the file brought",
			[]order.Account{{Number: "2", Name: "C"}},
			nothing, file("B"),
			add(2, "m@x.fr"), "2 C ; 1 B m@x.fr",
		},
		{
			"brought by the file, and left alone",
			[]order.Account{{Number: "2", Name: "C"}},
			nothing, file("B"),
			nothing, "2 C ",
		},
	} {
		before := tt.earlier(Complete(nil, tt.first))
		now := tt.later(Complete(before, slices.Clone(tt.second)))
		was := told(before)
		undone := Undo(before, now)
		if got := told(undone); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
		if told(before) != was {
			t.Errorf("%s: the accounts from before were changed", tt.name)
		}
		// The next import of the first file changes none of it.
		if got := told(Complete(undone, Complete(nil, slices.Clone(tt.first)))); tt.want == "1 A a@x.fr,m@x.fr" &&
			got != tt.want {
			t.Errorf("%s, and imported again: got %q, want %q", tt.name, got, tt.want)
		}
	}
	if got := Undo([]order.Title{{Name: "A"}}, []order.Title{{Name: "B"}}); len(got) != 1 || got[0].Name != "A" {
		t.Errorf("titles: got %v, want those from before", got)
	}
}

// TestCompare: each difference has up to ten examples, and a changed entry says which value
// was what.
func TestCompare(t *testing.T) {
	price := func(cents order.Cents) []order.Offer {
		return []order.Offer{{Reference: "r", Price: cents, VAT: order.SingleVAT(55)}}
	}
	titles := func(from, to int, cents order.Cents) (list []order.Title) {
		for i := from; i < to; i++ {
			ean := mustEAN(t, testEAN(t, i))
			list = append(list, order.Title{EAN: ean, Name: fmt.Sprint("T", i), Offers: price(cents)})
		}
		return list
	}
	var report order.Import
	x, err := Compare(titles(0, 15, 500), append(titles(12, 15, 650), titles(20, 35, 500)...), &report)
	if err != nil || report.Added != 15 || report.Changed != 3 || report.Removed != 12 {
		t.Fatalf("got %+v, error %v, want 15 added, 3 changed, 12 removed", report, err)
	}
	if len(x.Added) != 10 || len(x.Removed) != 10 || len(x.Changed) != 3 || x.Added[0].Name != "T20" ||
		x.Removed[9].Name != "T9" {
		t.Errorf("got %+v, want the first ten of each", x)
	}
	changes := strings.ReplaceAll(fmt.Sprint(x.Changed[0].Changes), "\u00a0", " ")
	if want := "[{offre r : prix HT 5,00 € 6,50 €}]"; changes != want {
		t.Errorf("got %s, want %s", changes, want)
	}
	uai := mustUAI(t, "0750647W")
	one, two := order.School{UAI: uai, Name: "A", Town: "Paris"}, order.School{UAI: uai, Name: "B", Town: "Paris"}
	moved, shut := two, order.School{UAI: mustUAI(t, "0932030B"), Name: "C"}
	moved.Town, moved.SIRET, moved.Pupils = "Lyon", mustSIRET(t, "19932030000023"), 12
	closed := shut
	closed.Closed = time.Date(2026, 8, 31, 0, 0, 0, 0, time.UTC)
	x, err = Compare([]order.School{one, two, shut}, []order.School{moved, one, closed}, &report)
	if err != nil || len(x.Closed) != 1 || x.Closed[0].Key != "0932030B" || len(x.Changed) != 1 {
		t.Fatalf("got %+v, error %v, want one closed and one changed", x, err)
	}
	want := "[{commune Paris Lyon} {SIRET  19932030000023} {nombre d’élèves  12}]"
	if got := fmt.Sprint(x.Changed[0].Changes); got != want {
		t.Errorf("a school of two sites, of which one moved: got %s, want %s", got, want)
	}
}

// TestReplaced: a file with one kind of school replaces that kind.
func TestReplaced(t *testing.T) {
	old := []order.School{
		{UAI: mustUAI(t, "0750647W"), Kind: "Lycée"},
		{UAI: mustUAI(t, "0750647W"), Kind: "Lycée"},
		{UAI: mustUAI(t, "0932030B"), Kind: "Lycée"},
		{UAI: mustUAI(t, "0770930T"), Kind: "Collège"},
	}
	for _, tt := range []struct {
		imported []order.School
		want     int
	}{
		{old[:1], 2},
		{old[3:], 1},
		{old, 3},
		{nil, 3},
		{[]order.School{{Kind: "École"}}, 0},
	} {
		if got := Replaced(old, tt.imported); got != tt.want {
			t.Errorf("%v: got %d, want %d", tt.imported, got, tt.want)
		}
	}
}
