package templates

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestGuide checks that the booksellers' guide explains the fields of the form, all
// required ones and no unknown ones, and names the tag of every kind of reply.
func TestGuide(t *testing.T) {
	b, err := os.ReadFile("../docs/guide-libraires.md")
	if err != nil {
		t.Fatal(err)
	}
	guide := string(b)
	form := newTestForm(t)
	for _, field := range append(form.Fields, form.Columns...) {
		if field.Required && !strings.Contains(guide, "| "+field.Label) {
			t.Errorf("the guide has no row for the required %q", field.Label)
		}
	}
	labels := map[string]bool{"Case": true, "Colonne": true} // the heads of the tables
	for _, field := range append(form.Fields, form.Columns...) {
		labels[field.Label] = true
	}
	explained, _, _ := strings.Cut(guide, "## 2.")
	for _, row := range regexp.MustCompile(`(?m)^\| ([^|*]+?)(?: \*)? \|`).FindAllStringSubmatch(explained, -1) {
		if !labels[row[1]] {
			t.Errorf("the guide explains %q, which the form does not have", row[1])
		}
	}
	for _, kind := range []string{
		"À corriger", "En cours d’examen", "Déjà reçue", "Fichier illisible", "Sans bon de commande",
		"Commande refusée", "Dossier", "CNS-",
	} {
		if !strings.Contains(guide, "["+kind) {
			t.Errorf("the guide does not speak of the answers tagged %q", kind)
		}
	}
}
