package review_test

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"bdc/order"
)

func (r *rig) anAccount(number string) order.Account {
	r.t.Helper()
	accounts, _, err := r.books.accounts(r.t.Context())
	must(r.t, err)
	i := slices.IndexFunc(accounts, func(a order.Account) bool { return a.Number == number })
	if i < 0 {
		r.t.Fatalf("no account %s is stored", number)
	}
	return accounts[i]
}

func TestBookseller(t *testing.T) {
	r := newRig(t)
	r.bookSeason()
	ines := r.as("ines")
	ines.get("/libraires").want(t, 200, "2 comptes à l’import du 2 novembre 2026 à 9 h 30, par ada",
		"01002001 Librairie d’essai", "shop@test.local", "01003000 Au bon livre", "tout le domaine bonlivre.test",
		"Inactif")
	ines.get("/libraires?q=bonlivre").want(t, 200, "01003000")
	ines.get("/libraires?q=rien").want(t, 200, "Rien ne correspond")
	page := ines.get("/libraires/01002001").want(t, 200, "Librairie d’essai Actif", "shop@test.local",
		"CNS-2026-000004", "Attendent une décision", "réf. BC-2026-20", "2 place du Marché",
		"Sur ses 4 derniers dossiers",
		"La lettre finale du code UAI ne correspond pas à ses chiffres : il s’y trouve une faute de frappe. 3",
		"n’est pas enregistrée pour ce compte Interforum. 1")
	if strings.Contains(page.body, `action="/libraires`) || strings.Contains(page.body, "data-drop") {
		t.Error("got a reader who may change a bookseller, or import")
	}
	claire := r.as("claire").get("/libraires/01002001").want(t, 200, "Inscrire")
	if strings.Contains(claire.body, "/retirer") || strings.Contains(claire.body, "Modifier le compte") {
		t.Error("got a salesperson who may strike off addresses, or change the account")
	}
	ines.get("/libraires/1002001").want(t, http.StatusSeeOther)
	ines.get("/libraires/99999").want(t, http.StatusNotFound)
	r.receive(letter{form: map[string]string{order.FieldAccount: "77777777", order.FieldReference: "R-77"}})
	ines.get("/libraires/77777777").want(t, 200, "Libraire inconnu", "Aucun compte importé ne porte ce numéro", "R-77")
}

func TestBooksellerEdits(t *testing.T) {
	r := newRig(t)
	code := r.held()
	claire, ada := r.as("claire"), r.as("ada")
	const path = "/libraires/01002001"

	claire.post(path+"/inscrire", "expediteur", "sam").want(t, http.StatusUnprocessableEntity,
		"« sam » n’est pas une adresse e-mail.")
	claire.post(path+"/inscrire", "expediteur", "@ailleurs.test").want(t, http.StatusForbidden, "administrateur")
	ada.post(path+"/inscrire", "expediteur", "@orange.fr").want(t, http.StatusUnprocessableEntity, "ouvert à tous")
	ada.post("/libraires/99999/inscrire", "expediteur", "sam@ailleurs.test").want(t, http.StatusNotFound)
	if a := r.anAccount("01002001"); a.Hand != nil {
		t.Errorf("got %+v after refusals, want nothing changed", a.Hand)
	}

	resp := claire.post(path+"/inscrire", "expediteur", " Sam@Ailleurs.test ").want(t, http.StatusSeeOther)
	claire.get(resp.Header.Get("Location")).want(t, 200, "C’est enregistré. 1 commande qui attendait est acceptée.",
		"sam@ailleurs.test inscrit à la main", "modifié à la main par claire")
	if k := r.aCase(code); k.State != order.Closed || len(k.Orders) != 1 {
		t.Errorf("got state %s and orders %v, want the waiting order accepted", k.State, k.Orders)
	}
	events, err := r.store.Audit(t.Context(), 0, 1000)
	must(t, err)
	if !slices.ContainsFunc(events, func(e order.Event) bool {
		return e.Actor == "claire" && e.Verb == "account.changed" && e.Detail == "01002001: +sam@ailleurs.test"
	}) {
		t.Error("the audit does not say who registered the address")
	}

	ada.post(path+"/retirer", "expediteur", "shop@test.local").want(t, http.StatusSeeOther)
	if a := r.anAccount("01002001"); !slices.Equal(a.Emails, []string{"sam@ailleurs.test"}) ||
		!slices.Equal(a.Hand.Struck, []string{"shop@test.local"}) {
		t.Errorf("got %+v, want the address struck off", a)
	}

	seen := regexp.MustCompile(`name="vu" value="([^"]*)"`).FindStringSubmatch(ada.get(path).body)[1]
	seen = strings.ReplaceAll(seen, "&#34;", `"`)
	facts := []string{
		"vu", seen, "nom", "Librairie nouvelle", "adresse", "3 rue Neuve", "code-postal", "99010",
		"ville", "Valmorin",
	}
	ada.post(path, append(facts, "actif", "oui")...).want(t, http.StatusSeeOther)
	ada.post(path, append(facts, "actif", "")...).want(t, http.StatusConflict, "Quelqu’un d’autre a agi entre-temps")
	ada.post(path, "vu", "rien", "nom", "X").want(t, http.StatusConflict)
	if a := r.anAccount("01002001"); a.Name != "Librairie nouvelle" || a.Inactive || !a.Hand.Facts {
		t.Errorf("got %+v, want the first of the two changes", a)
	}
	ada.get("/libraires").want(t, 200, "Un compte a été modifié à la main : Librairie nouvelle",
		"L’import remettra le nom")
}

// A user registers the sender of a waiting order from its case. If the order has other
// findings, the case then shows those.
func TestRegisterSender(t *testing.T) {
	r := newRig(t)
	first := r.held()
	in, _ := r.receive(letter{
		from: "Sam <sam@ailleurs.test>",
		form: map[string]string{order.FieldReference: "R-2", order.FieldUAI: "", order.FieldNoUAI: "oui"},
	})
	second := in.Cases[0].Code
	claire := r.as("claire")
	claire.get("/dossiers/"+first).want(t, 200, "Enregistrer cette adresse pour ce libraire…")
	claire.get("/dossiers/"+first+"/libraire").want(t, 200, "Enregistrer sam@ailleurs.test",
		"Le bon porte le compte 01002001", "01002001 celui du bon", "shop@test.local")
	claire.get("/dossiers/"+first+"/libraire?q=bon+livre").want(t, 200, "01003000 Au bon livre")
	claire.get("/dossiers/"+first+"/libraire?q=").want(t, 200, "Aucun libraire ne correspond")
	claire.act(first, "libraire", "compte", "42").want(t, http.StatusUnprocessableEntity,
		"Choisissez un libraire de la liste")
	claire.post("/dossiers/"+first+"/libraire", "revision", "9", "compte", "01002001").want(t, http.StatusConflict)
	claire.act(second, "libraire", "compte", "01002001").want(t, http.StatusSeeOther)
	if k := r.aCase(first); k.State != order.Closed || len(k.Orders) != 1 {
		t.Errorf("the other one: got state %s and orders %v, want it accepted", k.State, k.Orders)
	}
	k := r.aCase(second)
	if k.State != order.Waiting || len(k.Attempts[0].Findings) == 0 ||
		slices.ContainsFunc(k.Attempts[0].Findings, func(f order.Finding) bool {
			return f.Code == "bookseller.sender.unregistered"
		}) {
		t.Errorf("got state %s and findings %+v, want it waiting for something else", k.State, k.Attempts[0].Findings)
	}
	claire.get("/dossiers/"+second).want(t, 200, "claire a noté",
		"sam@ailleurs.test est enregistrée pour Librairie d’essai")
	claire.get("/dossiers/"+second+"/libraire").want(t, http.StatusNotFound)
	claire.get("/dossiers/"+first+"/libraire").want(t, http.StatusNotFound)
}

func TestSchoolAndTitle(t *testing.T) {
	r := newRig(t)
	r.bookSeason()
	ines := r.as("ines")
	ines.get("/etablissements").want(t, 200, "Rien n’a encore été importé", "0990011Z Collège Ada Lovelace",
		"0990066J Lycée Évariste Galois", "fermé le 31 août 2025")
	ines.get("/etablissements?q=saint+aubin").want(t, 200, "0990066J")
	ines.get("/etablissements/0990011z").want(t, 200, "Collège Ada Lovelace", "public", "ce.0990011z@test.local",
		"Élèves 480", "SIRET 19990011700012", "CNS-2026-000004", "Derniers dossiers")
	two := ines.get("/etablissements/0990066J").want(t, 200, "2 sites", "3 chemin des Noyers", "5 chemin des Noyers",
		"CONTRAT D’ASSOCIATION", "Aucune commande.")
	if strings.Contains(two.body, "Derniers dossiers") {
		t.Error("got cases of another school")
	}
	ines.get("/etablissements/0990022L").want(t, http.StatusNotFound)
	ines.get("/etablissements/rien").want(t, http.StatusNotFound)
	r.receive(letter{form: map[string]string{
		order.FieldUAI: "0990022L", order.FieldReference: "R-22",
		order.FieldEstablishment: "Lycée Ailleurs",
	}})
	ines.get("/etablissements/0990022L").want(t, 200, "Lycée Ailleurs", "L’annuaire importé ne connaît pas cet UAI",
		"R-22")

	ines.get("/catalogue").want(t, 200, "3133091001018 Maths 6e", "Éditions du Chêne", "Numérique",
		"9782090000313 Français 1re", "Physique")
	ines.get("/catalogue?q=978-2-09-119426-4").want(t, 200, "Maths 6e")
	for _, ean := range []string{"3133091001018", "9782091194264"} { // its own, and its offer's
		ines.get("/catalogue/"+ean).want(t, 200, "Maths 6e Numérique",
			"distribué par CNS · A. Martin · 6e · ark:/49591/CNS000000101.p",
			"3133091001018_001 9782091194264 1 an élève adoptant 20 5,90 € 5,5 % oui", "CNS-2026-000004")
	}
	ines.get("/catalogue/9782090000313").want(t, 200, "se commande par Dilicom", "Aucune offre", "Aucune commande.")
	ines.get("/catalogue/9782090000306").want(t, http.StatusNotFound)
	ines.get("/catalogue/rien").want(t, http.StatusNotFound)
}

// Each entry of a register's list is on exactly one of its pages.
func TestBookPages(t *testing.T) {
	r := newRig(t)
	var accounts []order.Account
	for i := range 120 {
		accounts = append(accounts, order.Account{
			Number: fmt.Sprintf("%08d", i+1),
			Name:   fmt.Sprintf("Librairie %d", i+1),
		})
	}
	r.books.use(r.books.listed.Load().WithAccounts(accounts), accounts)
	ines := r.as("ines")
	seen, path := map[string]int{}, "/libraires?q=librairie"
	for pages := 1; ; pages++ {
		page := ines.get(path).want(t, 200)
		for _, found := range regexp.MustCompile(`href="/libraires/(\d+)"`).FindAllStringSubmatch(page.body, -1) {
			seen[found[1]]++
		}
		next := regexp.MustCompile(`href="([^"]*)" rel="next"`).FindStringSubmatch(page.body)
		if next == nil {
			if pages != 3 {
				t.Errorf("got %d pages, want 3", pages)
			}
			break
		}
		path = strings.ReplaceAll(next[1], "&amp;", "&")
	}
	for number, n := range seen {
		if n != 1 {
			t.Errorf("account %s stands on %d pages, want 1", number, n)
		}
	}
	if len(seen) != 120 {
		t.Errorf("got %d accounts, want 120", len(seen))
	}
}
