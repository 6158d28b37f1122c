package registry

import (
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
		school("0990022L", "Lycée", "Lycée général Émilie du Châtelet", "12 avenue de l’Église", "99020", "Saint-Aubin-le-Haut"),
		school("0990011Z", "Collège", "Collège Ada Lovelace", "1 rue du Tilleul", "99010", "Valmorin"),
		school("0990066J", "Collège", "Collège Évariste Galois", "3 chemin des Noyers", "99010", "Valmorin"),
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
