package school

import (
	"strings"
	"testing"
)

func TestSameName(t *testing.T) {
	tests := []struct {
		typed, listed, kind string
		want                bool
	}{
		// What people leave out, abbreviate, misspell or put elsewhere.
		{"Lycée J. Moulin", "Lycée général et technologique Jean Moulin", "Lycée", true},
		{"LYCEE JEAN MOULIN", "Lycée Jean Moulin", "", true},
		{"LGT Jean-Moulin", "Lycée général et technologique Jean Moulin", "", true},
		{"L.G.T. Moulin", "Lycée Jean Moulin", "", true},
		{"Moulin Jean (lycée)", "Lycée polyvalent Jean Moulin", "", true},
		{"Lycée Jean Moulni", "Lycée Jean Moulin", "", true},
		{"LPO Jean Lurçat", "Lycée polyvalent Jean Lurçat - Site Patay", "", true},
		{"Lyc. St Exupéry", "Lycée Antoine de Saint-Exupéry", "", true},
		{"Clg Ste-Marie", "Collège privé Sainte Marie", "", true},
		{"Collège ND de la Providence", "Collège privé Notre-Dame de la Providence", "", true},
		{"Collège N.-D. Providence", "Collège privé Notre-Dame de la Providence", "", true},
		{"LP J.B. Say", "Lycée professionnel Jean-Baptiste Say", "", true},
		{"Lycée JB Say", "Lycée Jean-Baptiste Say", "", true},
		{"Lycée D. Diderot", "Lycée Denis Diderot", "", true},
		{"Lycée d’Arsonval", "Lycée d'Arsonval", "", true},
		{"Lycée Charles de Gaulle", "Lycée Général de Gaulle", "", true},
		{"Lycée du Gal de Gaulle", "Lycée Général de Gaulle", "", true},
		{"Collège Mal Leclerc", "Collège Maréchal Leclerc", "", true},
		{"Lycée Gaylussac", "Lycée Gay-Lussac", "", true},
		{"Collège La Fontaine", "Collège Lafontaine", "", true},
		{"Collège du Sacré Cœur", "Collège privé Sacré-Coeur", "", true},
		{"Collège du Sacré‑Cœur", "Collège privé Sacré Coeur", "", true},
		{"Lycée dʼArsonval", "Lycée d'Arsonval", "", true},
		{"Collège de l‘Œuvre d´Auteuil", "Collège OEUVRE D'AUTEUIL", "", true},
		{"Collège Jean 23", "Collège privé Jean XXIII", "", true},
		{"Lycée Jean Moulin Draguignan", "Lycée Jean Moulin", "", true},
		{"Institution Sainte-Marie", "Collège privé Sainte-Marie", "Collège", true},
		{"Cité scolaire Jean Moulin", "Lycée Jean Moulin", "Lycée", true},
		{"SEP Paul Poiret", "Section d'enseignement professionnel du Lycée polyvalent Paul Poiret", "", true},
		{"SEP du lycée de Rion", "Section d'enseignement professionnel", "", true},
		{"Lycée", "Lycée Jean Moulin", "", true}, // says nothing that contradicts

		// Another school, by its name.
		{"Lycée Jean Monnet", "Lycée Jean Moulin", "", false},
		{"Lycée J. Monnet", "Lycée Jean Moulin", "", false},
		{"Collège Saint-Jean", "Collège privé Saint Joseph", "", false},
		{"Lycée Victor Hugo", "Lycée Turgot", "", false},
		{"Lycée Acajou 2", "Lycée Acajou 1", "", false},
		{"Lycée Marie Curie", "Lycée Marie Laurencin", "", false},

		// Another school, by its kind.
		{"Collège Jean Moulin", "Lycée Jean Moulin", "", false},
		{"Lycée Jean Moulin", "Collège Jean Moulin", "", false},
		{"Collège Sainte-Marie", "Institution Sainte-Marie", "Lycée", false},
		{"Lycée Paul Poiret", "Section d'enseignement professionnel du lycée polyvalent Paul Poiret", "Lycée", false},
		{"SEP Paul Poiret", "Lycée polyvalent Paul Poiret", "", false},
		{"Lycée professionnel Turgot", "Lycée général et technologique Turgot", "", false},
		{"SEGPA du collège Jean Moulin", "Collège Jean Moulin", "", false},
		{"École primaire Jean Moulin", "Collège Jean Moulin", "", false},
		{"SGT du LP Sully", "Lycée professionnel Sully", "", false},
	}
	town := ParseTown("Draguignan")
	for _, tt := range tests {
		a, b := ParseName(tt.typed, ""), ParseName(tt.listed, tt.kind)
		if got := a.Same(b, town); got != tt.want {
			t.Errorf("%q for %q: got %t, want %t (%+v, %+v)", tt.typed, tt.listed, got, tt.want, a, b)
		}
	}
}

func TestKind(t *testing.T) {
	tests := []struct {
		name string
		want Kind
	}{
		{"Lycée Turgot", Lycee},
		{"Lycée polyvalent Turgot", Lycee},
		{"LPO Turgot", Lycee},
		{"Lycée général Turgot", General},
		{"Lyc. gén. Turgot", Lycee}, // no word that everybody reads so
		{"LT Turgot", General},
		{"LEGTA George Sand", Lycee},
		{"Lycée d'enseignement technologique Turgot", General},
		{"Lycée professionnel Turgot", Vocational},
		{"L.P. Turgot", Vocational},
		{"Lycée Général de Gaulle", Lycee},
		{"Collège Général Leclerc", College},
		{"Collège et lycée Sainte-Marie", College | Lycee},
		{"S.E.P. du lycée Turgot", SEP},
		{"Section d'enseignement général et technologique du lycée professionnel Sully", SGT},
		{"Section d’enseignement professionnel", SEP},
		{"SEGPA du collège Turgot", SEGPA},
		{"École élémentaire Turgot", Primary},
		{"École du second degré Turgot", 0},
		{"Institution Turgot", 0},
		{"CFA Turgot", Training},
		{"", 0},
	}
	for _, tt := range tests {
		if got := ParseName(tt.name, "").Kind; got != tt.want {
			t.Errorf("%q: got %b, want %b", tt.name, got, tt.want)
		}
	}
	if got := ParseName("Institution Turgot", "Collège").Kind; got != College {
		t.Errorf("with its kind in the directory: got %b, want %b", got, College)
	}
}

func FuzzSame(f *testing.F) {
	for _, s := range []string{
		"Lycée J.-B. Say", "S.E.P. du lycée d'Arc", "", ".", "a.b.c.d.", "L.",
		strings.Repeat("a.", 200), strings.Repeat("é", 400), "\xff\xfe", "Section",
	} {
		f.Add(s, "Lycée Turgot")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		x, y, town := ParseName(a, ""), ParseName(b, ""), ParseTown(b)
		if len(x.words) > 0 && !x.Same(x, town) {
			t.Errorf("%q is not itself: %+v", a, x)
		}
		covered, shared := x.compare(y, town)
		if covered < 0 || covered > 1 || shared < 0 || shared > 1 {
			t.Errorf("%q and %q: got %v and %v, want parts of 1", a, b, covered, shared)
		}
		if p := ParseTown(a); p.Key() != "" && !p.Same(p) {
			t.Errorf("town %q is not itself", a)
		}
	})
}
