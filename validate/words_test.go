package validate

import (
	"testing"
	"time"

	"bdc/order"
)

// TestOtherSchools: a school is another one by its UAI or by its name, not by what follows the name.
func TestOtherSchools(t *testing.T) {
	o := &order.Order{Establishment: "Lycée Jean Moulin", Town: "Valmorin"}
	for text, want := range map[string]bool{
		"Lycée Jean Moulin, 69 rue de Turbigo":  false,
		"COMMANDE LYCÉE MOULIN RENTRÉE 2026":    false,
		"Lycée Jean Moulin rue des Marronniers": false,
		"pour le lycée de Valmorin":             false,
		"niveau collège":                        false,
		"Lycée Jean Jaurès":                     true,
		"Lycée Jean Jaurès, Valmorin":           true,
		"à livrer au collège Sainte-Marguerite": true,
		"voir l’UAI 0750650Z":                   true,
	} {
		if got := isOtherSchool(text, o); got != want {
			t.Errorf("%q: got %t, want %t", text, got, want)
		}
	}
}

// TestSeasons: words that name another school year than the one that is ordered for.
func TestSeasons(t *testing.T) {
	p := Policy{Today: time.Date(2026, 6, 18, 0, 0, 0, 0, time.UTC)}
	for text, want := range map[string]bool{
		"Année scolaire 2026-2027":    false,
		"rentrée 2026":                false,
		"2025-2026 et 2026-2027":      false,
		"collection 2023":             false,
		"Année scolaire 2024/25":      true,
		"pour la rentrée 2027":        true,
		"rentrée de septembre 2027":   true,
		"Commandes 2024-2025 (tarif)": true,
	} {
		if got := p.otherSeason(text); got != want {
			t.Errorf("%q: got %t, want %t", text, got, want)
		}
	}
	for text, want := range map[string]bool{
		"01/01/2027": true, "2027-01-01": true, "janvier": true, "01/06/2026": false, "immédiate": false,
	} {
		if got := p.isLater(text); got != want {
			t.Errorf("%q: got later %t, want %t", text, got, want)
		}
	}
}
