package school

import "testing"

func TestSameTown(t *testing.T) {
	tests := []struct {
		typed, listed string
		want          bool
	}{
		{"PARIS", "Paris", true},
		{"Paris 3e", "Paris", true},
		{"PARIS 03", "Paris  3e  Arrondissement", true},
		{"Paris CEDEX 06", "Paris", true},
		{"GRENOBLE CEDEX 1", "Grenoble", true},
		{"St Denis", "Saint-Denis", true},
		{"Saint-Denis (Réunion)", "Saint-Denis", true},
		{"ST GILLES CROIX DE VIE", "Saint-Gilles-Croix-de-Vie", true},
		{"Ste-Foy-lès-Lyon", "Sainte-Foy-lès-Lyon", true},
		{"Le Havre", "HAVRE", true},
		{"L'Île-Rousse", "ILE ROUSSE", true},
		{"Boulogne s/ Mer", "Boulogne-sur-Mer", true},
		{"Boulogne", "Boulogne-Billancourt", true},
		{"Chalon s/ Saone", "Chalon-sur-Saône", true},
		{"Montpelier", "Montpellier", true},
		{"Lyon", "Sainte-Foy-lès-Lyon", false},
		{"Neuilly-sur-Seine", "Neuilly-sur-Marne", false},
		{"Saint-Denis", "Saint-Ouen", false},
		{"Saint", "Saint-Ouen", false},
		{"Paris", "Lyon", false},
		{"", "Paris", false},
		{"75003", "Paris", false},
	}
	for _, tt := range tests {
		if got := ParseTown(tt.typed).Same(ParseTown(tt.listed)); got != tt.want {
			t.Errorf("%q for %q: got %t, want %t", tt.typed, tt.listed, got, tt.want)
		}
	}
}

func TestSamePostcode(t *testing.T) {
	tests := []struct {
		a, b string
		want bool
	}{
		{"75003", "75003", true},
		{"38014", "38000", true},  // CEDEX
		{"75272", "75006", true},  // CEDEX of an arrondissement
		{"75116", "75016", true},  // the 16th has two
		{"75003", "75011", false}, // two arrondissements
		{"69003", "69009", false},
		{"13001", "13016", false},
		{"69003", "69100", true}, // Lyon and its suburb: the town tells
		{"38000", "69003", false},
		{"20000", "20200", true}, // Corsica has one
		{"97400", "97100", false},
		{"98800", "98713", false},
		{"75003", "", false},
		{"", "", true},
	}
	for _, tt := range tests {
		if got := SamePostcode(tt.a, tt.b); got != tt.want {
			t.Errorf("%q and %q: got %t, want %t", tt.a, tt.b, got, tt.want)
		}
	}
}

func TestShownTown(t *testing.T) {
	tests := []struct{ town, postcode, want string }{
		{"Paris", "75003", "Paris 3e"},
		{"Paris", "75116", "Paris 16e"},
		{"Paris  9e  Arrondissement", "75009", "Paris 9e"},
		{"Lyon 1er Arrondissement", "69001", "Lyon 1er"},
		{"Marseille", "13016", "Marseille 16e"},
		{"Marseille", "13388", "Marseille"},
		{"Paris", "75272", "Paris"},
		{"Stains", "93240", "Stains"},
		{"Villeurbanne", "69003", "Villeurbanne"},
	}
	for _, tt := range tests {
		if got := ShownTown(tt.town, tt.postcode); got != tt.want {
			t.Errorf("%q, %q: got %q, want %q", tt.town, tt.postcode, got, tt.want)
		}
	}
}
