package registry

import (
	"fmt"
	"slices"
	"testing"

	"bdc/order"
)

func TestSearchSchools(t *testing.T) {
	school := func(uai, kind, name, address, postcode, town string) order.School {
		u, err := order.ParseUAI(uai)
		if err != nil {
			t.Fatal(err)
		}
		return order.School{UAI: u, Kind: kind, Name: name, Address: address, Postcode: postcode, Town: town}
	}
	r := New([]order.School{
		school("0990022L", "Lycée", "Lycée général Émilie du Châtelet", "12 avenue de l’Église", "99020",
			"Saint-Aubin-le-Haut"),
		school("0990011Z", "Collège", "Collège Ada Lovelace", "1 rue du Tilleul", "99010", "Valmorin"),
		school("0990066J", "Collège", "Collège Évariste Galois", "3 chemin des Noyers", "99010", "Valmorin"),
		school("0990077W", "Collège", "Collège privé du Sacré-Cœur", "5 place de l’Œuvre", "99040", "Brumeval"),
	}, nil, nil)
	for _, tt := range []struct {
		words string
		limit int
		want  []string
	}{
		{"valmorin", 9, []string{"0990011Z", "0990066J"}},
		{"valmorin", 1, []string{"0990011Z"}},
		{"college GALOIS", 9, []string{"0990066J"}},
		{"emilie chatelet", 9, []string{"0990022L"}},
		{"saint aubin", 9, []string{"0990022L"}},
		{"église", 9, []string{"0990022L"}},
		{"0990066j", 9, []string{"0990066J"}},
		{"99010 ada", 9, []string{"0990011Z"}},
		{"valmorin chatelet", 9, nil},
		{"coeur", 9, []string{"0990077W"}},
		{"CŒUR", 9, []string{"0990077W"}},
		{"lʼoeuvre", 9, []string{"0990077W"}},
		{" ", 9, nil},
	} {
		var got []string
		for _, s := range r.SearchSchools(tt.words, tt.limit) {
			got = append(got, s.UAI.String())
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%q, at most %d: got %v, want %v", tt.words, tt.limit, got, tt.want)
		}
	}
	if got := new(Registry).SearchSchools("valmorin", 9); len(got) != 0 {
		t.Errorf("nothing imported: got %v, want none", got)
	}
}

// BenchmarkFirstSearch is what the first to search a directory of France's size
// waits for.
func BenchmarkFirstSearch(b *testing.B) {
	schools := make([]order.School, 70_000)
	for i := range schools {
		schools[i] = order.School{
			Kind: "Lycée général et technologique", Name: fmt.Sprintf("Lycée Évariste-Galois %d", i),
			Address: fmt.Sprint(i, " avenue de l’Église"), Postcode: "99010", Town: "SAINT-ÉTIENNE-SUR-MER",
		}
	}
	r := New(schools, nil, nil)
	for b.Loop() {
		r.searched[Directory] = new(texts)
		if got := r.SearchSchools("introuvable", 1); len(got) != 0 {
			b.Fatalf("got %v, want none", got)
		}
	}
}

// Each list is read by cursor, whole or as far as words are found.
func TestPages(t *testing.T) {
	uai := func(s string) (u order.UAI) {
		if s != "" && u.UnmarshalText([]byte(s)) != nil {
			t.Fatalf("%q is no UAI", s)
		}
		return u
	}
	ean := func(s string) (e order.EAN) {
		if s != "" && e.UnmarshalText([]byte(s)) != nil {
			t.Fatalf("%q is no EAN", s)
		}
		return e
	}
	r := New(
		[]order.School{
			{UAI: uai("0990022L"), Name: "Lycée", Town: "Valmorin"},
			{UAI: uai("0990011Z"), Name: "Collège", Town: "Ailleurs"},
			{UAI: uai("0990011Z"), Name: "Collège, annexe", Town: "Valmorin"},
			{UAI: uai("0990066J"), Name: "Collège Galois", Town: "Valmorin"},
		},
		[]order.Title{
			{EAN: ean("9782090000313"), Name: "Maths 6e", Publisher: "Éditions du Chêne"},
			{EAN: ean("3133091001018"), Name: "Maths 5e", Offers: []order.Offer{{
				Reference: "3133091001018_001",
				EAN:       ean("9782091194264"),
			}}},
		},
		[]order.Account{
			{Number: "2", Name: "Librairie Élan", Emails: []string{"shop@elan.test"}},
			{Number: "1", Name: "Au bon livre", Domains: []string{"bonlivre.test"}, Hand: &order.Hand{Facts: true}},
		},
	)
	schools := func(words, beyond string, limit int) (keys []string) {
		for _, s := range r.SchoolsBeyond(words, uai(beyond), limit) {
			keys = append(keys, s.UAI.String()+" "+s.Town)
		}
		return keys
	}
	titles := func(words, beyond string, limit int) (keys []string) {
		for _, s := range r.TitlesBeyond(words, ean(beyond), limit) {
			keys = append(keys, s.EAN.String())
		}
		return keys
	}
	accounts := func(words, beyond string, limit int) (keys []string) {
		for _, s := range r.AccountsBeyond(words, beyond, limit) {
			keys = append(keys, s.Number)
		}
		return keys
	}
	for _, tt := range []struct {
		name      string
		got, want []string
	}{
		{"schools", schools("", "", 9), []string{"0990011Z Ailleurs", "0990022L Valmorin", "0990066J Valmorin"}},
		{"schools, first two", schools("", "", 2), []string{"0990011Z Ailleurs", "0990022L Valmorin"}},
		{"schools, beyond", schools("", "0990022L", 9), []string{"0990066J Valmorin"}},
		{"schools, words", schools("valmorin", "", 9), []string{
			"0990011Z Valmorin", "0990022L Valmorin",
			"0990066J Valmorin",
		}},
		{"schools, words beyond", schools("valmorin", "0990011Z", 1), []string{"0990022L Valmorin"}},
		{"titles", titles("", "", 9), []string{"3133091001018", "9782090000313"}},
		{"titles, beyond", titles("", "3133091001018", 9), []string{"9782090000313"}},
		{"titles by an offer’s EAN in groups", titles("978-2-09-119426-4", "", 9), []string{"3133091001018"}},
		{"titles by a reference", titles("3133091001018_001", "", 9), []string{"3133091001018"}},
		{"titles by publisher", titles("editions chene", "", 9), []string{"9782090000313"}},
		{"accounts", accounts("", "", 9), []string{"1", "2"}},
		{"accounts, beyond", accounts("", "1", 9), []string{"2"}},
		{"accounts by address", accounts("shop@elan.test", "", 9), []string{"2"}},
		{"accounts by domain", accounts("bonlivre.test", "", 9), []string{"1"}},
		{"accounts by none", accounts("rien", "", 9), nil},
	} {
		if !slices.Equal(tt.got, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, tt.got, tt.want)
		}
	}
	if found, n := r.Changed(9); n != 1 || found[0].Number != "1" {
		t.Errorf("got %d changed by hand, want the one", n)
	}
	next := r.WithAccounts([]order.Account{{Number: "3", Name: "Neuve"}})
	if got := next.AccountsBeyond("neuve", "", 9); len(got) != 1 {
		t.Errorf("with other accounts: got %v, want the new one", got)
	}
	if got := accounts("", "", 9); len(got) != 2 || len(next.SchoolsBeyond("", order.UAI{}, 9)) != 3 {
		t.Errorf("got %v in the one before, want it unchanged, and its schools shared", got)
	}
}

// The zero Registry has no registers, and gets accounts like any other.
func TestZeroRegistryWithAccounts(t *testing.T) {
	var none Registry
	next := none.WithAccounts([]order.Account{{Number: "3", Name: "Neuve"}})
	if got := next.AccountsBeyond("neuve", "", 9); len(got) != 1 || !next.Has(Accounts) || next.Has(Directory) {
		t.Errorf("got accounts %v, want the new one", got)
	}
}
