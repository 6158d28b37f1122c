package review_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"bdc/order"
)

// bookSeason gives the bookseller and the school of the rig some history.
func (r *rig) bookSeason() {
	r.t.Helper()
	for i := range 4 {
		r.receive(letter{form: map[string]string{order.FieldReference: fmt.Sprintf("BC-2026-%d", i)}, lines: []map[string]string{{order.ColumnEAN: "3133091001018", order.ColumnQuantity: fmt.Sprint(20 + i), order.ColumnTitle: "Maths 6e"}}})
	}
	for i := range 3 {
		r.receive(letter{subject: "Commande", form: map[string]string{order.FieldUAI: "0990011B", order.FieldReference: fmt.Sprintf("BC-2026-1%d", i)}})
	}
	r.receive(letter{from: "Sam <sam@ailleurs.test>", subject: "Commande", form: map[string]string{order.FieldReference: "BC-2026-20"}})
}

// BDC_TEST_SHOTS names a folder for pictures of the pages of the registers.
func TestBrowserBookPictures(t *testing.T) {
	folder := os.Getenv("BDC_TEST_SHOTS")
	if folder == "" {
		t.Skip("BDC_TEST_SHOTS is not set")
	}
	r := newRig(t)
	r.bookSeason()
	waiting := r.held()
	b := newTab(t, r)
	b.signIn("ada")
	file := accountsFile(t, "libraires-novembre.csv", "Compte;Nom;E-mails;CP;Ville\n01002001;Librairie d’essai;shop@test.local;99010;Valmorin\n01004000;Papeterie du Port;port@port.test;99030;Port-Clair\nabc;Sans numéro;x@y.test;;\n")
	b.open("/libraires/01002001")
	b.shortcut("l")
	b.type_("#expediteur", "commandes@test.local\r")
	b.says("inscrit à la main")
	for _, page := range []struct {
		name, path string
		before     func()
	}{
		{"libraires", "/libraires", nil},
		{"libraires-import", "/libraires", func() { b.shortcut("i") }},
		{"libraire", "/libraires/01002001", nil},
		{"libraire-modifier", "/libraires/01002001", func() { b.shortcut("m") }},
		{"libraire-inactif", "/libraires/01003000", nil},
		{"etablissements", "/etablissements", nil},
		{"ecole", "/etablissements/0990011Z", nil},
		{"ecole-deux-sites", "/etablissements/0990066J", nil},
		{"catalogue", "/catalogue", nil},
		{"titre", "/catalogue/9782091194264", nil},
		{"titre-papier", "/catalogue/9782090000313", nil},
		{"expediteur", "/dossiers/" + waiting + "/libraire", nil},
		{"dossier-inconnu", "/dossiers/" + waiting, nil},
		{"aide", "/libraires", func() { b.shortcut("?") }},
	} {
		for _, width := range []int64{1280, 390} {
			for _, scheme := range []string{"light", "dark"} {
				b.open(page.path)
				if page.before != nil {
					page.before()
				}
				b.picture(folder, page.name, width, scheme)
			}
		}
	}
	b.open("/libraires")
	b.shortcut("i")
	b.choose(file)
	b.click(".drop button")
	b.says("Ce que le dernier import a changé")
	for _, width := range []int64{1280, 390} {
		for _, scheme := range []string{"light", "dark"} {
			b.picture(folder, "import", width, scheme)
		}
	}
	bad := accountsFile(t, "annuaire.csv", "Nom;Ville\nTurgot;Paris\n")
	b.shortcut("i")
	b.choose(bad)
	b.click(".drop button")
	b.says("il manque")
	for _, scheme := range []string{"light", "dark"} {
		b.picture(folder, "import-refuse", 1280, scheme)
		b.picture(folder, "import-refuse", 390, scheme)
	}
}

// accountsFile writes a file to be imported.
func accountsFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	must(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// shortcut presses keys that write nothing: a real keyboard's go no further once
// the page has taken them.
func (t *tab) shortcut(keys ...string) {
	t.t.Helper()
	for _, k := range keys {
		t.holds("document.readyState === 'complete'") // the script listens
		t.do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
			_, err := chromedp.Call(ctx, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeRawKeyDown, Key: k})
			return err
		}))
	}
}

// choose puts a file into the import's input, as the browser's dialog does.
func (t *tab) choose(path string) {
	t.t.Helper()
	t.holds("document.querySelector('.drop').open")
	t.do(chromedp.SetUploadFiles(chromedp.CSS("#fichier"), []string{path}))
}
