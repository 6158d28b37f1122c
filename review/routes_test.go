package review_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"bdc/order"
)

// visited is a request to a route, and the status that each role gets.
type visited struct {
	method, path string
	who          int // the least role
	status       int // for whoever may
}

// The roles, by rank.
const (
	everybody = iota
	reading
	sales
	admin
)

// visits has every route at least once. Acts are posted without a revision: whoever
// may act is shown a conflict or what is missing, and nothing changes.
func (s *scene) visits() []visited {
	code, number := s.waiting, s.number
	hash, pdf := string(s.part(code, "xlsx").Hash), string(s.part(code, "pdf").Hash)
	none := strings.Repeat("0", 64)
	return []visited{
		{"GET", "/connexion", everybody, 200},
		{"POST", "/connexion", everybody, 401},
		{"GET", "/", reading, 303},
		{"GET", "/compte", reading, 200},
		{"POST", "/compte/mot-de-passe", reading, 422},
		{"GET", "/journal", admin, 200},
		{"GET", "/barre", reading, 200},
		{"GET", "/a-traiter", reading, 200},
		{"GET", "/a-traiter?etat=classes&qui=moi&motif=uai.key&q=x", reading, 200},
		{"GET", "/recherche?q=lovelace", reading, 200},
		{"GET", "/recherche?q=" + number, reading, 303},
		{"GET", "/dossiers/" + code, reading, 200},
		{"GET", "/dossiers/" + code + "?modifier=entete", reading, 200},
		{"GET", "/dossiers/D-ZZZZZZ", reading, 404},
		{"GET", "/dossiers/" + code + "/pieces/" + hash, reading, 200},
		{"GET", "/dossiers/" + code + "/pieces/" + none, reading, 404},
		{"GET", "/commandes", reading, 200},
		{"GET", "/tableau-de-bord", reading, 200},
		{"GET", "/commandes/export/jsonl", reading, 200},
		{"GET", "/commandes/export/exe", reading, 404},
		{"GET", "/commandes/" + number, reading, 200},
		{"GET", "/commandes/CNS-2026-999999", reading, 404},
		{"GET", "/commandes/" + number + "/pieces/" + none, reading, 404},
		{"GET", "/dossiers/" + code + "/pieces/" + hash + "/pdf", reading, 404},
		{"GET", "/commandes/" + number + "/pieces/" + hash + "/pdf", reading, 404},
		{"GET", "/dossiers/" + code + "/etablissement", sales, 200},
		{"GET", "/dossiers/" + code + "/etablissement?q=", sales, 200},
		{"GET", "/dossiers/" + code + "/reponse/accepter", sales, 200},
		{"GET", "/dossiers/" + code + "/reponse/renvoyer", sales, 200},
		{"GET", "/dossiers/" + code + "/reponse/refuser", sales, 200},
		{"GET", "/dossiers/" + code + "/reponse/ecrire", sales, 200},
		{"GET", "/dossiers/" + code + "/reponse/rien", sales, 404},
		{"POST", "/dossiers/" + code + "/reponse/accepter", sales, 409},
		{"POST", "/dossiers/" + code + "/reponse/accepter/apercu", sales, 200},
		{"POST", "/dossiers/" + code + "/corriger", sales, 409},
		{"POST", "/dossiers/" + code + "/lever", sales, 409},
		{"POST", "/dossiers/" + code + "/classer", sales, 409},
		{"POST", "/dossiers/" + code + "/rouvrir", sales, 409},
		{"POST", "/dossiers/" + code + "/confier", sales, 409},
		{"POST", "/dossiers/" + code + "/noter", sales, 409},
		{"POST", "/dossiers/" + code + "/annuler", sales, 409},
		{"POST", "/dossiers/" + code + "/reprendre", sales, 409},
		{"POST", "/dossiers/" + code + "/nouveau", sales, 409},
		{"GET", "/reprise", reading, 200},
		{"POST", "/reprise/999/envoyer", sales, 404},
		{"POST", "/reprise/999/abandonner", sales, 404},
		{"GET", "/dossiers/" + code + "/pieces/" + pdf + "/pdf", reading, 200},
		{"POST", "/commandes/" + number + "/etat", sales, 404},
		{"GET", "/utilisateurs", admin, 200},
		{"POST", "/utilisateurs", admin, 422},
		{"GET", "/utilisateurs/paul", admin, 200},
		{"GET", "/utilisateurs/personne", admin, 404},
		{"POST", "/utilisateurs/paul/mot-de-passe", admin, 409},
		{"POST", "/utilisateurs/paul/role", admin, 422},
		{"POST", "/utilisateurs/paul/nom", admin, 422},
		{"POST", "/utilisateurs/paul/fermer", admin, 409},
		{"POST", "/utilisateurs/paul/rouvrir", admin, 409},
		{"GET", "/libraires", reading, 200},
		{"GET", "/libraires/01002001", reading, 200},
		{"GET", "/libraires/nouveau", sales, 200},
		{"POST", "/libraires", sales, 422},
		{"GET", "/dossiers/" + code + "/compte", sales, 404},
		{"GET", "/dossiers/" + s.letter + "/compte", sales, 200},
		{"POST", "/dossiers/" + s.letter + "/compte", sales, 409},
		{"POST", "/libraires/01002001", admin, 409},
		{"POST", "/libraires/01002001/inscrire", sales, 422},
		{"POST", "/libraires/01002001/retirer", admin, 303},
		{"GET", "/dossiers/" + code + "/libraire", sales, 200},
		{"POST", "/dossiers/" + code + "/libraire", sales, 409},
		{"GET", "/etablissements", reading, 200},
		{"GET", "/etablissements/0990011Z", reading, 200},
		{"GET", "/catalogue", reading, 200},
		{"GET", "/catalogue/3133091001018", reading, 200},
		{"GET", "/imports/libraires", reading, 200},
		{"POST", "/imports/libraires", admin, 415},
		{"GET", "/imports/libraires/apercu/X", admin, 404},
		{"POST", "/imports/libraires/apercu/X", admin, 404},
		{"POST", "/imports/libraires/apercu/X/abandonner", admin, 404},
		{"POST", "/imports/libraires/annuler", admin, 409},
		{"POST", "/suspendre/reception", sales, 422},
		{"POST", "/suspendre/rien", sales, 422},
		{"POST", "/reprendre/reception", sales, 303},
		{"GET", "/ailleurs", reading, 404},
		{"GET", "/static/rien.css", everybody, 404},
		{"GET", "/verifier", everybody, 200},
		{"POST", "/verifier", everybody, 415},
		{"POST", "/verifier/classeur", everybody, 415},
		{"GET", "/donnees-obligatoires", everybody, 200},
		{"GET", "/bon-de-commande.xlsx", everybody, 200},
		{"GET", "/evenements", reading, 503},     // after Quit, so that it ends
		{"POST", "/deconnexion", everybody, 303}, // at the end: it works
	}
}

// Every route is requested by nobody and by each role: some are sent to sign in, some are
// refused, the others get through.
func TestRoutes(t *testing.T) {
	s := newScene(t)
	people := map[string]*browser{"": s.anonymous(), "ines": s.as("ines"), "claire": s.as("claire"), "ada": s.as("ada")}
	before := s.aCase(s.waiting)
	s.c.Quit()
	for _, route := range s.visits() {
		for name, b := range people {
			role := map[string]int{"": everybody, "ines": reading, "claire": sales, "ada": admin}[name]
			want := route.status
			switch {
			case role >= route.who:
			case name == "" && route.method == "GET" && route.path != "/evenements":
				want = http.StatusSeeOther
			case name == "":
				want = http.StatusUnauthorized
			default:
				want = http.StatusForbidden
			}
			resp := b.do(route.method, route.path, strings.NewReader(""))
			if resp.StatusCode != want {
				t.Errorf("%s %s as %q: got %d, want %d", route.method, route.path, name, resp.StatusCode, want)
			}
			if name == "" && want == http.StatusSeeOther && route.who > everybody &&
				!strings.HasPrefix(resp.Header.Get("Location"), "/connexion?suite=") {
				t.Errorf("%s %s as nobody: got sent to %q, want to sign in", route.method, route.path,
					resp.Header.Get("Location"))
			}
			// A file's own header is stricter, a preview's lets it be framed by us.
			if csp := resp.Header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'") ||
				strings.Contains(csp, "script-src 'unsafe") {
				t.Errorf("%s %s as %q: got the policy %q", route.method, route.path, name, csp)
			}
			if got := resp.Header.Get("X-Content-Type-Options"); got != "nosniff" {
				t.Errorf("%s %s as %q: got X-Content-Type-Options %q, want nosniff", route.method, route.path, name,
					got)
			}
		}
	}
	if k := s.aCase(s.waiting); k.Revision != before.Revision {
		t.Errorf("got revision %d after all that, want %d: nothing was done", k.Revision, before.Revision)
	}
	if o, err := s.store.Order(t.Context(), s.number); err != nil || o.Status != order.Received {
		t.Errorf("got status %q and error %v, want it as received", o.Status, err)
	}
}

// Every route of the console is in visits.
func TestRoutesAreAllVisited(t *testing.T) {
	s := newScene(t)
	mux := http.NewServeMux()
	for _, pattern := range s.c.Patterns() {
		mux.Handle(pattern, http.NotFoundHandler())
	}
	seen := map[string]bool{}
	for _, v := range s.visits() {
		_, pattern := mux.Handler(httptest.NewRequest(v.method, v.path, nil))
		seen[pattern] = true
	}
	for _, pattern := range s.c.Patterns() {
		if !seen[pattern] {
			t.Errorf("no visit to %s", pattern)
		}
	}
}

// What another site posts in the name of a signed-in user is refused.
func TestCrossOriginPostIsRefused(t *testing.T) {
	s := newScene(t)
	ada := s.as("ada")
	before := s.aCase(s.waiting)
	for _, header := range [][]string{
		{"Sec-Fetch-Site", "cross-site"},
		{"Sec-Fetch-Site", "same-site"},
		{"Origin", "https://evil.example"},
		{"Origin", "null"},
	} {
		for _, v := range s.visits() {
			if v.method != http.MethodPost {
				continue
			}
			resp := ada.do(v.method, v.path, strings.NewReader("mots=piégé&motif=piégé"), header...)
			if resp.StatusCode != http.StatusForbidden || !strings.Contains(resp.body, "autre site") {
				t.Errorf("POST %s, %v: got %d, want 403 for its origin", v.path, header, resp.StatusCode)
			}
		}
	}
	if k := s.aCase(s.waiting); k.Revision != before.Revision {
		t.Errorf("got revision %d, want %d: nothing was done", k.Revision, before.Revision)
	}
	ada.do("POST", "/dossiers/"+s.waiting+"/noter",
		strings.NewReader("revision="+printed(before.Revision)+"&mots=bien"), "Sec-Fetch-Site", "same-origin").want(t,
		http.StatusSeeOther)
}
