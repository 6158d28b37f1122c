package templates

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"bdc/order"
)

// TestRulesPage holds docs/regles.md to the list of findings, of which it is made:
// go test ./templates -run RulesPage -update writes it.
func TestRulesPage(t *testing.T) {
	const path = "../docs/regles.md"
	want := rulesPage(newTestForm(t))
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s: got other words than the list's; write it anew with -update", path)
	}
	for i, line := range strings.Split(want, "\n") {
		if n := utf8.RuneCountInString(line); n > 120 {
			t.Errorf("%s:%d: got %d columns, want at most 120", path, i+1, n)
		}
	}
}

// rulesPage is every code with when it arises, what it does and what to do.
func rulesPage(form *order.Form) string {
	chapters := []struct {
		title string
		areas []string
	}{
		{"Le fichier", []string{"form"}},
		{"Toutes les cases", []string{
			"field", "value", "choice", "account", "postcode", "email", "phone", "date", "reference",
		}},
		{"L’établissement", []string{"uai", "establishment"}},
		{"Les lignes", []string{"line"}},
		{"Le libraire", []string{"bookseller"}},
		{"La commande", []string{"order"}},
		{"Le message et la réponse", []string{"letter", "message", "mail", "reply"}},
	}
	var b strings.Builder
	b.WriteString(`# Les règles

Chaque règle a un code, stable, et une gravité :

- **erreur** : le bon de commande repart chez le libraire, avec ce qu’il doit corriger ;
- **attente** : une personne décide ;
- **remarque** : la commande passe, et la remarque est dite dans l’accusé de réception ;
- **rectifié** : nous avons mis une valeur en forme, et nous le disons.

Un bon qui a une erreur repart, même s’il a aussi de quoi attendre : le doute est examiné une fois le bon corrigé. Là où
d’autres gravités sont possibles, la configuration peut en changer (` +
		"[configuration.md](configuration.md), `[rules]`" + `).

De chaque règle, cette page dit le code, la gravité, quand elle s’applique et, après une flèche, que faire.

Cette page est faite à partir de templates/findings.toml.
`)
	seen := 0
	for i, chapter := range chapters {
		fmt.Fprintf(&b, "\n## %d. %s\n\n", i+1, chapter.title)
		for _, code := range Codes() {
			area, _, _ := strings.Cut(string(code), ".")
			if !slices.Contains(chapter.areas, area) {
				continue
			}
			seen++
			severity, _ := Severity(code)
			words := Explain(form, order.Finding{Code: code, Severity: severity})
			fmt.Fprintf(&b, "- `%s` : %s\\\n  %s", code, gravity(severity, Allowed(code)), inItem(words.Wrong))
			if words.Fix != "" {
				fmt.Fprintf(&b, "\\\n  %s", inItem("→ "+words.Fix))
			}
			b.WriteByte('\n')
		}
	}
	if n := len(Codes()); seen != n {
		return fmt.Sprintf("%d codes of %d have a chapter", seen, n)
	}
	return b.String()
}

// gravity is a severity in French, and those that it may be changed to.
func gravity(severity order.Severity, allowed []order.Severity) string {
	french := map[order.Severity]string{
		order.Fixed: "rectifié", order.Warning: "remarque", order.Hold: "attente", order.Error: "erreur",
	}
	var others []string
	for _, s := range allowed {
		if s != severity {
			others = append(others, french[s])
		}
	}
	text := "**" + french[severity] + "**"
	if others != nil {
		text += " (ou " + strings.Join(others, ", ") + ")"
	}
	return text
}

// inItem is a text in an item of a list: a backslash ends the line before it. No
// line is longer than 120 columns, the last one with a backslash after it.
func inItem(s string) string {
	return wrap(119, 2, strings.NewReplacer("*", `\*`, "<", "&lt;").Replace(s))
}
