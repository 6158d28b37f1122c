package review_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"bdc/order"
	"bdc/review"
)

const goodFile = "Compte;Nom;E-mails;CP;Ville\n" +
	"01002001;Librairie d’essai;shop@test.local, sam@ailleurs.test;99010;Valmorin\n" +
	"01004000;Papeterie du Port;port@port.test;;\nabc;Sans numéro;x@y.test;;\n"

// send posts files as a browser does.
func (b *browser) send(path string, files map[string]string, header ...string) response {
	b.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for name, text := range files {
		part, err := form.CreateFormFile("fichier", name)
		must(b.t, err)
		_, err = io.WriteString(part, text)
		must(b.t, err)
	}
	must(b.t, form.Close())
	return b.do(http.MethodPost, path, &body, append(header, "Content-Type", form.FormDataContentType())...)
}

// left are the folders of uploads that were not deleted.
func (r *rig) left() []string {
	r.t.Helper()
	found, err := filepath.Glob(r.c.Spool + "-*")
	must(r.t, err)
	return found
}

func TestImport(t *testing.T) {
	r := newRig(t)
	code := r.held()
	ada := r.as("ada")
	ada.get("/libraires").want(t, 200, "Importer un fichier…")
	resp := ada.send("/imports/libraires", map[string]string{"libraires novembre.csv": goodFile}).want(t,
		http.StatusSeeOther)
	resp = ada.post(resp.Header.Get("Location")).want(t, http.StatusSeeOther)
	ada.get(resp.Header.Get("Location")).want(t, 200, "L’import est fait. 1 commande qui attendait est acceptée.",
		"par ada : libraires novembre.csv", "ajoutés 1", "modifiés 1", "retirés 1",
		"comptes en tout 2", "lignes lues 3", "lignes écartées 1", "ligne 4 : « abc » n’est pas un numéro de compte",
		"Auparavant", "2 novembre 2026 à 9 h 30")
	if k := r.aCase(code); k.State != order.Closed {
		t.Errorf("got state %s, want the waiting order accepted", k.State)
	}
	if left := r.left(); len(left) != 0 {
		t.Errorf("got %v left behind, want nothing", left)
	}
}

// An import that removes more than a tenth of a register changes nothing before a second
// click, and says what would go. Abandoned, or looked at by somebody else, it stays so.
func TestImportThatRemoves(t *testing.T) {
	r := newRig(t)
	ada := r.as("ada")
	before, first, err := r.books.accounts(t.Context())
	must(t, err)
	for _, script := range []bool{false, true} {
		var page string
		if script {
			told := ada.send("/imports/libraires", map[string]string{"l.csv": goodFile}, "Bdc-Progress",
				"1").want(t, 200)
			lines := strings.Split(strings.TrimSpace(told.body), "\n")
			var last struct{ Fault, To string }
			must(t, json.Unmarshal([]byte(lines[len(lines)-1]), &last))
			page = last.To
		} else {
			page = ada.send("/imports/libraires", map[string]string{"l.csv": goodFile}).want(t,
				http.StatusSeeOther).Header.Get("Location")
		}
		ada.get(page).want(t, 200,
			"Cet import retirerait 1 des 2 comptes que le fichier remplace : rien n’a été changé",
			"à ajouter 1", "à modifier 1", "à retirer 1", "À retirer 01003000", "À ajouter 01004000 Papeterie du Port",
			"À modifier 01002001 Librairie d’essai",
			"e-mails : « shop@test.local » → « shop@test.local, sam@ailleurs.test »",
			"Lignes écartées ligne 4", "Importer quand même : 1 à retirer")
		after, still, err := r.books.accounts(t.Context())
		must(t, err)
		if printed(after) != printed(before) || still.Revision != first.Revision {
			t.Errorf("got %s before the second click, want the accounts as they were", printed(after))
		}
		r.as("claire").get(page).want(t, http.StatusForbidden)
		ada.post(page+"x").want(t, http.StatusNotFound, "Ce fichier n’attend plus")
		ada.post(page+"/abandonner").want(t, http.StatusSeeOther)
		ada.post(page).want(t, http.StatusNotFound, "Ce fichier n’attend plus")
		if left := r.left(); len(left) != 0 {
			t.Errorf("got %v left behind, want nothing", left)
		}
	}
}

// What waits for a second click is not imported after somebody else changed the register,
// nor when the person comes back too late; and there is at most one upload that waits.
func TestSecondClickTooLate(t *testing.T) {
	r := newRig(t)
	ada := r.as("ada")
	send := func() string {
		return ada.send("/imports/libraires", map[string]string{"l.csv": goodFile}).want(t,
			http.StatusSeeOther).Header.Get("Location")
	}
	first := send()
	second := send()
	ada.post(first).want(t, http.StatusNotFound)
	if left := r.left(); len(left) != 1 {
		t.Errorf("got %v, want the files of one upload", left)
	}
	ada.post("/libraires/01002001/inscrire", "expediteur", "neuve@ailleurs.test").want(t, http.StatusSeeOther)
	ada.post(second).want(t, http.StatusConflict)
	third := send()
	r.pass(31 * time.Minute)
	ada.get(third).want(t, http.StatusNotFound)
	if left := r.left(); len(left) != 0 {
		t.Errorf("got %v left behind, want nothing", left)
	}
}

// A preview changes nothing, whatever the file; an ordinary import then needs one click.
func TestImportPreview(t *testing.T) {
	r := newRig(t)
	ada := r.as("ada")
	all := goodFile + "01003000;Librairie fermée;a@b.test;;\n"
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("fichier", "l.csv")
	must(t, err)
	_, err = io.WriteString(part, all)
	must(t, err)
	must(t, errors.Join(form.WriteField("apercu", "1"), form.Close()))
	page := ada.do(http.MethodPost, "/imports/libraires", &body, "Content-Type", form.FormDataContentType()).want(t,
		http.StatusSeeOther).Header.Get("Location")
	ada.get(page).want(t, 200, "Rien n’a encore été changé.", "à ajouter 1", "à retirer 0")
	resp := ada.post(page).want(t, http.StatusSeeOther)
	ada.get(resp.Header.Get("Location")).want(t, 200, "L’import est fait.", "comptes en tout 3", "par ada : l.csv")
	again := ada.send("/imports/libraires", map[string]string{"l.csv": all}).want(t, http.StatusSeeOther)
	if to := again.Header.Get("Location"); !strings.HasPrefix(to, "/imports/libraires?acceptees=") {
		t.Errorf("an ordinary import: got %s, want it done", to)
	}
}

// The last import is undone by a button; what people changed since stays, and the journal
// says who undid it.
func TestUndoImport(t *testing.T) {
	r := newRig(t)
	ada := r.as("ada")
	before, _, err := r.books.accounts(t.Context())
	must(t, err)
	page := ada.send("/imports/libraires", map[string]string{"l.csv": goodFile}).want(t,
		http.StatusSeeOther).Header.Get("Location")
	ada.post(page).want(t, http.StatusSeeOther)
	ada.post("/libraires/01002001/inscrire", "expediteur", "neuve@ailleurs.test").want(t, http.StatusSeeOther)
	ada.get("/imports/libraires").want(t, 200, "Annuler cet import", "l.csv")
	_, last, err := r.books.accounts(t.Context())
	must(t, err)
	revision := fmt.Sprint(last.Revision)
	if text := r.as("ines").get("/imports/libraires").text(); strings.Contains(text, "Annuler cet import") {
		t.Error("a reader is offered to undo the import")
	}
	ada.post("/imports/libraires/annuler", "revision", fmt.Sprint(last.Revision-1)).want(t, http.StatusConflict)
	resp := ada.post("/imports/libraires/annuler", "revision", revision).want(t, http.StatusSeeOther)
	ada.get(resp.Header.Get("Location")).want(t, 200, "L’import est annulé.",
		"annulation de l’import du", "(l.csv)", "comptes en tout 2")
	ada.post("/imports/libraires/annuler", "revision", revision).want(t, http.StatusUnprocessableEntity,
		"ne peut plus être annulé") // pressed twice
	after, _, err := r.books.accounts(t.Context())
	must(t, err)
	if len(after) != len(before) || !slices.Equal(after[0].Emails, append(before[0].Emails, "neuve@ailleurs.test")) {
		t.Errorf("got %s, want %s and the address registered since", printed(after), printed(before))
	}
	ada.get("/journal").want(t, 200, "Import annulé")
}

// A file that is refused changes nothing. Its fault is named both on the page and
// to the script.
func TestImportRefuses(t *testing.T) {
	r := newRig(t)
	ada := r.as("ada")
	before, imported, err := r.books.accounts(t.Context())
	must(t, err)
	for _, tt := range []struct {
		name   string
		files  map[string]string
		status int
		want   string
	}{
		{
			"a column is missing",
			map[string]string{"autre.csv": "Nom;Ville\nTurgot;Paris\n"},
			422,
			"« autre.csv » : il manque les colonnes « N° de compte », « E-mails »",
		},
		{"a formula", map[string]string{"autre.csv": "Compte;Nom;E-mails\n=1+1;x;\n"}, 422, "formule"},
		{"no file", nil, 422, "Choisissez un fichier."},
		{"a file without a name", map[string]string{"": "x"}, 422, "Choisissez un fichier."},
		{"a path for a name", map[string]string{`..\..\..`: "x"}, 422, "il manque"},
		{"too large", map[string]string{"grand.csv": strings.Repeat("x", 102<<20)}, 413, "100 Mo au plus"},
	} {
		if tt.status == http.StatusRequestEntityTooLarge && testing.Short() {
			continue // 100 MB take their time
		}
		ada.send("/imports/libraires", tt.files).want(t, tt.status, tt.want)
		told := ada.send("/imports/libraires", tt.files, "Bdc-Progress", "1").want(t, 200)
		lines := strings.Split(strings.TrimSpace(told.body), "\n")
		var last struct{ Fault, To string }
		must(t, json.Unmarshal([]byte(lines[len(lines)-1]), &last))
		if last.To != "" || !strings.Contains(strings.ReplaceAll(last.Fault, "\u00a0", " "), tt.want) {
			t.Errorf("%s, told: got %q, want a fault that says %q", tt.name, lines[len(lines)-1], tt.want)
		}
		if left := r.left(); len(left) != 0 {
			t.Errorf("%s: got %v left behind, want nothing", tt.name, left)
		}
	}
	ada.do("POST", "/imports/libraires", strings.NewReader("x")).want(t, http.StatusUnsupportedMediaType)
	ada.send("/imports/rien", map[string]string{"x.csv": goodFile}).want(t, http.StatusNotFound)
	ada.get("/imports/rien").want(t, http.StatusNotFound)
	after, still, err := r.books.accounts(t.Context())
	must(t, err)
	if printed(after) != printed(before) || still.Revision != imported.Revision {
		t.Errorf("got %s, want the accounts as they were", printed(after))
	}
}

// Our script is told how much of the file was read, and at the end where to go.
func TestImportProgress(t *testing.T) {
	r := newRig(t)
	rows := strings.Repeat("01002001;Librairie d’essai;shop@test.local;99010;Valmorin\n", 20_000)
	text := "Compte;Nom;E-mails;CP;Ville\n01003000;L;a@b.test;;\n" + rows
	resp := r.as("ada").send("/imports/libraires", map[string]string{"libraires.csv": text},
		"Bdc-Progress", "1").want(t, 200)
	if got := resp.Header.Get("Content-Type"); got != "application/x-ndjson; charset=utf-8" {
		t.Errorf("got type %q", got)
	}
	lines := strings.Split(strings.TrimSpace(resp.body), "\n")
	if len(lines) < 2 || !strings.Contains(lines[0], `"part":"`) || !strings.Contains(lines[0], ` lignes, `) ||
		!strings.Contains(lines[len(lines)-1], `"to":"/imports/libraires?acceptees=0"`) {
		t.Errorf("got %q, want progress, and then where to go", lines)
	}
}

// What a crash left of an upload is deleted at the next start.
func TestImportLeavesNothing(t *testing.T) {
	r := newRig(t)
	must(t, os.MkdirAll(r.c.Spool+"-1/0", 0o700))
	must(t, os.WriteFile(r.c.Spool+"-1/0/libraires.csv", []byte("x"), 0o600))
	other := filepath.Join(filepath.Dir(r.c.Spool), "autre.db")
	must(t, os.WriteFile(other, []byte("x"), 0o600))
	_, err := r.c.Handler()
	must(t, err)
	if left := r.left(); len(left) != 0 {
		t.Errorf("got %v, want nothing", left)
	}
	if _, err := os.Stat(other); err != nil {
		t.Errorf("another file: %v", err)
	}
}

// If not all waiting orders were examined again, the page says that the change is recorded all the same.
func TestUnfinished(t *testing.T) {
	r := newRig(t)
	broken := fmt.Errorf("%w: disk full", review.ErrUnfinished)
	r.c.Import = func(context.Context, review.Upload) (order.Preview, error) { return order.Preview{}, broken }
	r.c.Amend = func(context.Context, order.AccountEdit) (int, error) { return 0, broken }
	ada := r.as("ada")
	const want = "C’est enregistré, mais tout n’a pas été réexaminé"
	file := map[string]string{"libraires.csv": goodFile}
	ada.send("/imports/libraires", file).want(t, http.StatusInternalServerError, want)
	ada.send("/imports/libraires", file, "Bdc-Progress", "1").want(t, http.StatusOK, want)
	ada.post("/libraires/01002001/inscrire", "expediteur", "sam@ailleurs.test").want(t, http.StatusInternalServerError,
		want)
}
