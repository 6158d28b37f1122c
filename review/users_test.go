package review_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"bdc/order"
	"bdc/store"
)

// manage posts a change of a user, as the user is now.
func (b *browser) manage(name, what string, pairs ...string) response {
	b.t.Helper()
	u, err := b.store.User(b.t.Context(), name)
	must(b.t, err)
	return b.post("/utilisateurs/"+name+"/"+what, append([]string{"revision", fmt.Sprint(u.Revision)}, pairs...)...)
}

// passwordIn returns the password that a page shows.
func passwordIn(t *testing.T, r response) string {
	t.Helper()
	found := regexp.MustCompile(`<code class="drawn">([a-z0-9-]{19})</code>`).FindStringSubmatch(r.body)
	if found == nil {
		t.Fatalf("the page shows no password: %.1500s", r.text())
	}
	return found[1]
}

// An administrator adds a user, whose password is shown once, and gives another role,
// another password and another name; closes the account and opens it again.
func TestUserIsManaged(t *testing.T) {
	r := newRig(t)
	ada := r.as("ada")
	signIn := func(name, password string, want int) *browser {
		t.Helper()
		b := r.anonymous()
		resp := b.post("/connexion", "nom", name, "mot-de-passe", password).want(t, want)
		if want == http.StatusSeeOther {
			b.cookie = resp.Cookies()[0]
		}
		return b
	}
	added := ada.post("/utilisateurs", "nom", " Zoe ", "complet", "Zoé  Petit", "role", "lecture")
	added.want(t, 200, "L’utilisateur est ajouté", "Il n’est affiché que cette fois", "zoe · lecture")
	zoe := signIn("zoe", passwordIn(t, added), http.StatusSeeOther)
	ada.get("/utilisateurs/zoe").want(t, 200, "Zoé Petit", "dernière connexion le 21 novembre 2026 à 10 h 00")
	if body := ada.get("/utilisateurs/zoe").body; strings.Contains(body, "drawn") {
		t.Error("the password is shown a second time")
	}
	ada.get("/utilisateurs").want(t, 200, "zoe Zoé Petit lecture", "Ouvert")

	zoe.get("/journal").want(t, http.StatusForbidden)
	ada.manage("zoe", "role", "role", "administration").want(t, http.StatusSeeOther)
	zoe.get("/journal").want(t, 200, "Rôle changé", "zoe, administration") // at once, and still signed in

	ada.manage("zoe", "nom", "nom", "zoe.petit", "complet", "Zoé Petit").want(t, http.StatusSeeOther)
	zoe.get("/compte").want(t, 200, "zoe.petit")
	ada.get("/utilisateurs/zoe").want(t, http.StatusSeeOther)
	ada.get("/utilisateurs/zoe.petit").want(t, 200, "avant : zoe")

	fresh := passwordIn(t, ada.manage("zoe.petit", "mot-de-passe").want(t, 200, "Son mot de passe"))
	zoe.get("/compte").want(t, http.StatusSeeOther) // signed out
	zoe = signIn("zoe.petit", fresh, http.StatusSeeOther)

	ada.manage("zoe.petit", "fermer").want(t, http.StatusSeeOther)
	zoe.get("/compte").want(t, http.StatusSeeOther)
	signIn("zoe.petit", fresh, http.StatusUnauthorized)
	ada.get("/utilisateurs/zoe.petit").want(t, 200, "Fermé", "Rouvrir le compte")
	ada.manage("zoe.petit", "rouvrir").want(t, http.StatusSeeOther)
	signIn("zoe.petit", fresh, http.StatusSeeOther)

	ada.get("/journal?quoi=user.").want(t, 200, "Utilisateur ajouté", "zoe s’appelle désormais zoe.petit",
		"Utilisateur fermé", "Utilisateur rouvert", "zoe (aujourd’hui zoe.petit)")
}

// A name is given once, and a wrong one is told; what was typed stays in the form.
func TestUserNameRefused(t *testing.T) {
	r := newRig(t)
	ada := r.as("ada")
	must(t, r.store.Rename(t.Context(),
		store.UserChange{User: "paul", Revision: 1, Actor: "bdc", At: r.clock()}, "paul.girard", "Paul Girard"))
	for _, tt := range []struct {
		name, full, role string
		status           int
		words            string
	}{
		{"claire", "", "vente", http.StatusConflict, "est pris, ou l’a été"},
		{"paul", "", "vente", http.StatusConflict, "est pris, ou l’a été"},
		{"", "", "vente", http.StatusUnprocessableEntity, "lettres minuscules"},
		{"zoé", "", "vente", http.StatusUnprocessableEntity, "lettres minuscules"},
		{"bdc", "", "vente", http.StatusUnprocessableEntity, "lettres minuscules"},
		{"zoe", strings.Repeat("é", 101), "vente", http.StatusUnprocessableEntity, "100 caractères"},
		{"zoe", "", "root", http.StatusUnprocessableEntity, "Choisissez un rôle"},
	} {
		resp := ada.post("/utilisateurs", "nom", tt.name, "complet", tt.full, "role", tt.role)
		resp.want(t, tt.status, tt.words)
		if !strings.Contains(resp.body, `value="`+tt.name+`"`) {
			t.Errorf("%q: the form has lost what was typed", tt.name)
		}
		if tt.role == "vente" {
			ada.manage("ines", "nom", "nom", tt.name, "complet", tt.full).want(t, tt.status, tt.words)
		}
	}
	users, err := r.store.Users(t.Context())
	must(t, err)
	if len(users) != 4 {
		t.Errorf("got %d users, want the 4 of before", len(users))
	}
}

// Nobody is locked out by mistake: an administrator can neither close nor demote his or
// her own account, and the last one stays.
func TestAdministratorsStay(t *testing.T) {
	r := newRig(t)
	ada := r.as("ada")
	ada.get("/utilisateurs/ada").want(t, 200, "C’est votre propre compte")
	for what, pairs := range map[string][]string{"fermer": nil, "role": {"role", "vente"}, "mot-de-passe": nil} {
		ada.manage("ada", what, pairs...).want(t, http.StatusUnprocessableEntity, "C’est votre propre compte",
			"Rien n’a été changé")
	}
	ada.manage("ada", "nom", "nom", "ada.renard", "complet", "Ada").want(t, http.StatusSeeOther)
	ada.get("/utilisateurs/ada.renard?fait=oui").want(t, 200, "C’est enregistré", "C’est votre propre compte")

	// Somebody who has just lost the role manages nobody any more.
	must(t, r.store.AddUser(t.Context(),
		order.User{Name: "bea", Role: order.Admin, Password: passwordHash(), CreatedAt: r.clock()}, "bdc", r.clock()))
	bea := r.as("bea")
	must(t, r.store.SetRole(t.Context(), store.UserChange{User: "bea", Revision: 1, Actor: "bdc", At: r.clock()},
		order.Sales))
	bea.manage("ada.renard", "fermer").want(t, http.StatusForbidden)
}

// A change from a page that is no longer true changes nothing, and says so.
func TestUserChangedMeanwhile(t *testing.T) {
	r := newRig(t)
	ada := r.as("ada")
	must(t, r.store.SetRole(t.Context(), store.UserChange{User: "paul", Revision: 1, Actor: "bdc", At: r.clock()},
		order.Admin))
	for what, pairs := range map[string][]string{
		"fermer": nil, "role": {"role", "lecture"}, "mot-de-passe": nil, "nom": {"nom", "x", "complet", ""},
	} {
		resp := ada.post("/utilisateurs/paul/"+what, append([]string{"revision", "1"}, pairs...)...)
		resp.want(t, http.StatusConflict, "Quelqu’un d’autre a agi entre-temps")
		if !strings.Contains(resp.body, `href="/utilisateurs/paul"`) {
			t.Errorf("%s: the page leads nowhere", what)
		}
	}
	u, err := r.store.User(t.Context(), "paul")
	must(t, err)
	if u.Revision != 2 || u.Role != order.Admin || u.Closed {
		t.Errorf("got %+v, want what was set before", u)
	}
}

// What somebody did under an old name says who that is today, in a case and in the journal.
func TestRenamedUserIsKnown(t *testing.T) {
	r := newRig(t)
	code := r.held()
	claire := r.as("claire")
	claire.act(code, "noter", "mots", "vu").want(t, http.StatusSeeOther)
	claire.act(code, "confier", "a", "claire").want(t, http.StatusSeeOther)
	r.as("ada").manage("claire", "nom", "nom", "claire.morel", "complet", "Claire Morel").want(t, http.StatusSeeOther)
	claire.get("/dossiers/"+code).want(t, 200, "claire (aujourd’hui claire.morel) a noté")
	claire.get("/a-traiter?qui=moi").want(t, 200, code, "claire.morel")
}
