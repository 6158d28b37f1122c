package review_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"bdc/bench/need"
	"bdc/order"
)

// bookSeason gives the rig's bookseller and school some orders and cases.
func (r *rig) bookSeason() {
	r.t.Helper()
	for i := range 4 {
		r.receive(letter{
			form: map[string]string{order.FieldReference: fmt.Sprintf("BC-2026-%d", i)},
			lines: []map[string]string{{
				order.ColumnEAN: "3133091001018", order.ColumnQuantity: fmt.Sprint(20 + i),
				order.ColumnTitle: "Maths 6e",
			}},
		})
	}
	for i := range 3 {
		r.receive(letter{
			subject: "Commande",
			form:    map[string]string{order.FieldUAI: "0990011B", order.FieldReference: fmt.Sprintf("BC-2026-1%d", i)},
		})
	}
	r.receive(letter{
		from: "Sam <sam@ailleurs.test>", subject: "Commande",
		form: map[string]string{order.FieldReference: "BC-2026-20"},
	})
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
	file := accountsFile(t, "libraires-novembre.csv", "Compte;Nom;E-mails;CP;Ville\n01002001;Librairie "+
		"d’essai;shop@test.local;99010;Valmorin\n01004000;Papeterie du "+
		"Port;port@port.test;99030;Port-Clair\nabc;Sans numéro;x@y.test;;\n")
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
	b.says("Cet import retirerait")
	for _, width := range []int64{1280, 390} {
		for _, scheme := range []string{"light", "dark"} {
			b.picture(folder, "import-apercu", width, scheme)
		}
	}
	b.click("form[action*='/apercu/'] button")
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

// accountsFile writes a file of accounts for an import.
func accountsFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	must(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// shortcut presses keys that are shortcuts and so write nothing: the page keeps those of a
// real keyboard from going on to a field.
func (t *tab) shortcut(keys ...string) {
	t.t.Helper()
	for _, k := range keys {
		t.holds("document.readyState === 'complete'") // the script listens
		t.do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
			_, err := chromedp.Call(ctx, input.DispatchKeyEvent,
				input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeRawKeyDown, Key: k})
			return err
		}))
	}
}

// choose puts a file into the form of an import, as the browser's dialog does.
func (t *tab) choose(path string) {
	t.t.Helper()
	t.holds("document.querySelector('.drop').open")
	t.do(chromedp.SetUploadFiles(chromedp.CSS("#fichier"), []string{path}))
}

// on waits until the page of an address is there, with its script at work.
func (t *tab) on(path string) {
	t.t.Helper()
	t.holds("location.pathname === " + printed(path) + " && document.readyState === 'complete'")
}

// An administrator looks after a bookseller, by mouse: finds it, registers an
// address, strikes one off, and changes the account.
func TestBrowserBookseller(t *testing.T) {
	need.Time(t)
	r := newRig(t)
	r.bookSeason()
	b := newTab(t, r)
	b.signIn("ada")
	b.click("nav a[href='/libraires']")
	b.on("/libraires")
	b.type_("#filtre", "essai\r")
	b.holds("location.search === '?q=essai'")
	b.click("a[href='/libraires/01002001']")
	b.on("/libraires/01002001")
	b.says("Ses erreurs habituelles")
	b.type_("#expediteur", "sam@ailleurs.test")
	b.click("form[action$='/inscrire'] button")
	b.says("1 commande qui attendait est acceptée")
	b.says("sam@ailleurs.test inscrit à la main")
	b.click("button[aria-label='Retirer shop@test.local']")
	b.holds("!document.querySelector(\"button[aria-label='Retirer shop@test.local']\") && document.readyState === " +
		"'complete'")
	b.click("summary[data-key=m]")
	b.type_("#ville", kb.End+" d’en Haut")
	b.click("[name=actif]")
	b.click("form[action='/libraires/01002001'] button")
	b.says("99010 Valmorin d’en Haut")
	a := r.anAccount("01002001")
	if !a.Inactive || a.Town != "Valmorin d’en Haut" || len(a.Emails) != 1 || a.Emails[0] != "sam@ailleurs.test" {
		t.Errorf("got %+v, want all that was changed", a)
	}
}

// The same by keyboard alone.
func TestBrowserBooksellerByKeyboard(t *testing.T) {
	need.Time(t)
	r := newRig(t)
	r.bookSeason()
	b := newTab(t, r)
	b.signIn("ada")
	b.on("/a-traiter")
	b.shortcut("g", "l")
	b.on("/libraires")
	b.shortcut("j")
	b.press("\r")
	b.on("/libraires/01002001")
	b.shortcut("l")
	b.holds("document.activeElement.id === 'expediteur'")
	b.type_("#expediteur", "sam@ailleurs.test\r")
	b.says("sam@ailleurs.test inscrit à la main")
	b.do(chromedp.Focus(chromedp.CSS("button[aria-label='Retirer shop@test.local']")))
	b.press("\r")
	b.holds("!document.querySelector(\"button[aria-label='Retirer shop@test.local']\")")
	b.on("/libraires/01002001")
	b.shortcut("m")
	b.holds("document.activeElement.id === 'nom'")
	b.type_("#nom", "Librairie et fils\r") // in the place of the one before
	b.says("Librairie et fils")
	a := r.anAccount("01002001")
	if a.Name != "Librairie et fils" || len(a.Emails) != 1 || a.Emails[0] != "sam@ailleurs.test" {
		t.Errorf("got %+v, want all that was changed", a)
	}
}

// A user registers the sender of a waiting order from its case, by mouse and by keyboard.
func TestBrowserRegistersSender(t *testing.T) {
	need.Time(t)
	for name, way := range map[string]struct{ open, choose func(b *tab) }{
		"mouse": {
			func(b *tab) { b.click("a[data-key=l]") },
			func(b *tab) { b.click("button[name=compte]") },
		},
		"keyboard": {
			func(b *tab) { b.shortcut("l") },
			func(b *tab) {
				b.holds("document.activeElement.id === 'compte'")
				b.press("\t", "\t", "\r") // past « Chercher »
			},
		},
	} {
		r := newRig(t)
		code := r.held()
		b := newTab(t, r)
		b.signIn("claire")
		b.open("/dossiers/" + code)
		b.on("/dossiers/" + code)
		way.open(b)
		b.on("/dossiers/" + code + "/libraire")
		b.says("celui du bon")
		way.choose(b)
		b.says("Le libraire est enregistré : le bon, vérifié de nouveau, est accepté.")
		if k := r.aCase(code); k.State != order.Closed || len(k.Orders) != 1 {
			t.Errorf("%s: got state %s and orders %v, want it accepted", name, k.State, k.Orders)
		}
	}
}

// A user finds and opens schools and titles, by mouse and by keyboard.
func TestBrowserLooksThingsUp(t *testing.T) {
	need.Time(t)
	r := newRig(t)
	r.bookSeason()
	b := newTab(t, r)
	b.signIn("ines")
	b.click("nav a[href='/etablissements']")
	b.on("/etablissements")
	b.type_("#filtre", "lovelace")
	b.click("main form[role=search] button")
	b.holds("location.search === '?q=lovelace'")
	b.click("a[href='/etablissements/0990011Z']")
	b.on("/etablissements/0990011Z")
	b.says("CNS-2026-000004")
	b.click("nav a[href='/catalogue']")
	b.on("/catalogue")
	b.click("a[href='/catalogue/3133091001018']")
	b.on("/catalogue/3133091001018")
	b.says("3133091001018_001")

	b.shortcut("g", "e")
	b.on("/etablissements")
	b.shortcut("j", "j")
	b.press("\r")
	b.on("/etablissements/0990066J")
	b.says("2 sites")
	b.shortcut("g", "k")
	b.on("/catalogue")
	b.shortcut("j")
	b.press("\r")
	b.on("/catalogue/3133091001018")
	b.shortcut("?")
	b.says("importer un fichier")
}

// A file is chosen or dropped, and imported, by mouse and by keyboard. If it is refused, the
// page on which it was sent says why.
func TestBrowserImports(t *testing.T) {
	need.Time(t)
	r := newRig(t)
	code := r.held()
	b := newTab(t, r)
	b.signIn("ada")
	b.open("/libraires")
	b.on("/libraires")
	b.click("summary[data-key=i]")
	b.choose(accountsFile(t, "autre.csv", "Nom;Ville\nTurgot;Paris\n"))
	b.click(".drop button")
	b.says("il manque les colonnes « N° de compte », « E-mails »")
	b.says("Rien n’a été changé.")
	b.holds("!document.querySelector('.drop button').disabled")
	b.choose(accountsFile(t, "libraires.csv", goodFile))
	b.click(".drop button")
	b.says("Cet import retirerait 1 des 2 comptes")
	b.click("form[action*='/apercu/'] button")
	b.on("/imports/libraires")
	b.says("L’import est fait. 1 commande qui attendait est acceptée.")
	b.says("ligne 4 : « abc » n’est pas un numéro de compte")
	if k := r.aCase(code); k.State != order.Closed {
		t.Errorf("got state %s, want the waiting order accepted", k.State)
	}

	b.open("/libraires")
	b.on("/libraires")
	const dropped = `(() => {
		const data = new DataTransfer();
		data.items.add(new File(["Compte;Nom;E-mails\n01002001;Librairie d’essai;shop@test.local\n"], "déposé.csv"));
		const drop = (type) => document.querySelector("main").dispatchEvent(
			new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: data }));
		const taken = [drop("dragover"), drop("drop")];
		const chosen = document.querySelector("#fichier").files;
		return [...taken, chosen.length, document.activeElement.innerText].join();
	})()`
	got, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](dropped))
	must(t, err)
	if got != "false,false,1,Importer" {
		t.Fatalf("got %q, want both events taken, one file chosen and its button in focus", got)
	}
	b.press("\r")
	b.says("Cet import retirerait 1 des 2 comptes")
	b.click("form[action*='/apercu/'] button")
	b.says("par ada : déposé.csv")

	b.shortcut("g", "l")
	b.on("/libraires")
	b.shortcut("i")
	b.holds("document.activeElement.id === 'fichier'")
	b.choose(accountsFile(t, "clavier.csv", goodFile))
	b.press("\t", "\r")
	b.says("clavier.csv")
	if imports, err := r.store.Imports(t.Context(), "libraires"); err != nil || len(imports) != 4 ||
		imports[0].File != "clavier.csv" || imports[1].File != "déposé.csv" {
		t.Errorf("got imports %+v and error %v", imports, err)
	}
}
