package validate

import "testing"

// TestTitlesAlike: people shorten titles, spell them otherwise and add to them.
func TestTitlesAlike(t *testing.T) {
	for _, tt := range []struct {
		typed, title string
		other        bool
	}{
		{"PHYSIQUE-CHIMIE SIRIUS 2DE -", "Physique Chimie Sirius seconde (éd. 2019)", false},
		{"Sirius 2nde", "PHYSIQUE-CHIMIE SIRIUS 2DE -", false},
		{"Maths 6ème", "Mathématiques 6e — Manuel numérique", false},
		{"SVT 1ère", "Sciences de la vie et de la Terre 1re", false},
		{"Sciences de la Vie et de la Terre", "SVT 1RE -", false},
		{"HGGSP Tle", "HISTOIRE-GEOGRAPHIE, GEOPOLITIQUE, SCIENCES POLITIQUES TLE", false},
		{"hist géo 3e", "Histoire-Géographie 3e", false},
		{"Bac pro 1re/Tle Négocier", "NEGOCIER - 1RE/ TERM BAC PRO VENTE - COLL. GALEE", false},
		{"CHOEURS ET MOEURS", "Chœurs et mœurs", false},
		{"Étude de l'œuvre", "L’ETUDE DE L’OEUVRE", false},
		{"Maths 6ᵉ", "Mathématiques 6e — Manuel numérique", false},
		{"Manuel numérique élève", "Latin 4e", false}, // says nothing
		{"", "Latin 4e", false},
		{"Mathématiques 5e", "Mathématiques 6e — Manuel numérique", true},
		{"Physique-Chimie 1re", "PHYSIQUE-CHIMIE SIRIUS 2DE -", true},
		{"Français 4e", "Mathématiques 4e", true},
		{"Anglais", "Latin 4e", true},
		{"S.E.S. 2DE -", "SES seconde", false},
		{"S.E.S. 2DE -", "Sciences économiques et sociales 2de", false},
		{"S.E.S. 2DE -", "GEOGRAPHIE 2DE", true},
	} {
		for _, pair := range [][2]string{{tt.typed, tt.title}, {tt.title, tt.typed}} {
			if got := titleOf(pair[0]).like(titleOf(pair[1])); got.isOther() != tt.other {
				t.Errorf("%q and %q: got %+v, want another book: %t", pair[0], pair[1], got, tt.other)
			}
		}
	}
}

// TestTitlesOfOtherClasses: each spelling of a class is that class, and no other.
func TestTitlesOfOtherClasses(t *testing.T) {
	classes := [][]string{
		{"CP"},
		{"CE1"},
		{"CE2"},
		{"CM1"},
		{"CM2"},
		{"6e", "6ème", "Sixième"},
		{"5e", "5ème", "cinquième"},
		{"4e", "4ème", "quatrième"},
		{"3e", "3ème", "troisième"},
		{"2de", "2nde", "2nd", "seconde"},
		{"1re", "1ère", "première"},
		{"Tle", "Tale", "Term", "terminale", "terminales"},
	}
	for i, class := range classes {
		for j, other := range classes {
			for _, a := range class {
				for _, b := range other {
					a, b := "Histoire "+a, "Histoire "+b
					if got := titleOf(a).like(titleOf(b)); got.isOther() != (i != j) {
						t.Errorf("%q and %q: got %+v, want another book: %t", a, b, got, i != j)
					}
				}
			}
		}
	}
}

func FuzzTitleOf(f *testing.F) {
	f.Add("PHYSIQUE-CHIMIE SIRIUS 2DE -", "¡LANZATE! 1RE")
	f.Add("\xff\xfe é", "SVT")
	f.Fuzz(func(t *testing.T, a, b string) {
		l := titleOf(a).like(titleOf(b))
		if l.shared < 0 || l.shared > 1 || l.whole < 0 || l.whole > 1 {
			t.Errorf("%q and %q: got %+v, want shares between 0 and 1", a, b, l)
		}
		if same := titleOf(a).like(titleOf(a)); same.isOther() {
			t.Errorf("%q: got %+v against itself", a, same)
		}
	})
}
