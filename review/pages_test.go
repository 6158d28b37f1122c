package review_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"bdc/order"
	"bdc/store"
)

// scene is a console whose store has cases and orders of every kind.
type scene struct {
	*rig
	waiting string // a case that waits, with a PDF
	wrong   string // one that was sent back, with a proposal
	closed  string // one that was accepted by a person
	letter  string // one without a form
	long    string // one whose form has as many lines as a form may have, half of them wrong
	number  string // of an order
	longest string // of an order of as many lines
	takeUp  string // a case « À reprendre »
}

func newScene(t testing.TB) *scene {
	t.Helper()
	s := &scene{rig: newPublicRig(t)}
	stranger := "Sam <sam@ailleurs.test>"
	open := func(l letter) string {
		t.Helper()
		in, _ := s.receive(l)
		if len(in.Cases) != 1 {
			t.Fatalf("got %d cases of %+v, want 1", len(in.Cases), l)
		}
		return in.Cases[0].Code
	}
	claire := s.as("claire")
	s.closed = open(letter{from: stranger, subject: "Commande", form: map[string]string{order.FieldReference: "R-0"}})
	claire.act(s.closed, "noter", "mots", "Vu avec le libraire.").want(t, http.StatusSeeOther)
	claire.act(s.closed, "reponse/accepter", "mots", "Merci.").want(t, http.StatusSeeOther)
	s.pass(s.c.UndoFor)
	s.number = s.aCase(s.closed).Orders[0]
	s.waiting = open(letter{
		from: stranger, subject: "Commande de rentrée", text: "Bonjour,\nvoici notre commande.",
		pdf: redPDF(), form: map[string]string{order.FieldReference: "R-2"},
	})
	s.wrong = s.rig.wrong()
	s.letter = open(letter{
		from: stranger, subject: "Ouverture de compte", bare: true,
		text: "Bonjour,\nnous souhaitons ouvrir un compte.\nLibrairie : Le Port\n" +
			"N° de compte Interforum : 01 009 009\nAdresse : 12 rue du Port, 99030 Port-Clair\nMerci",
	})
	s.long = open(letter{
		from: stranger, subject: "Longue commande",
		text: strings.Repeat("L'une des plus longues lettres, d'où qu'elle vienne.\n", 1500),
		form: map[string]string{order.FieldReference: "R-3"}, lines: manyLines(true),
	})
	_, receipt := s.receive(letter{form: map[string]string{order.FieldReference: "R-4"}, lines: manyLines(false)})
	s.longest = receipt.Numbers[0]
	s.restored()
	s.takeUp = open(letter{
		subject: "Commande avant la panne", form: map[string]string{order.FieldReference: "R-5"},
		lies: order.FolderProcessed, told: [][]order.Told{{{Kind: order.ReplyAck, Number: "CNS-2026-000871"}}},
	})
	return s
}

// mostLines is how many lines a form may have.
const mostLines = 2000

func manyLines(wrong bool) []map[string]string {
	lines := make([]map[string]string, mostLines)
	for i := range lines {
		lines[i] = map[string]string{
			order.ColumnEAN: "3133091001018", order.ColumnQuantity: fmt.Sprint(i%30 + 1),
			order.ColumnTitle:  fmt.Sprintf("Un manuel au titre assez long pour une vraie commande, tome %d", i),
			order.ColumnRemark: "à ouvrir pour la rentrée, merci de nous prévenir",
		}
		if wrong && i%2 == 0 {
			lines[i][order.ColumnEAN], lines[i][order.ColumnQuantity] = "3133091001019", "beaucoup"
		}
	}
	return lines
}

// shown is a page of the console that an administrator can see. The tests of
// pictures, of size and of accessibility visit all of these.
type shown struct{ name, path string }

func (s *scene) pages() []shown {
	return []shown{
		{"a-traiter", "/a-traiter"},
		{"a-traiter-tous", "/a-traiter?etat=tous"},
		{"a-traiter-vide", "/a-traiter?qui=moi"},
		{"dossier", "/dossiers/" + s.waiting},
		{"dossier-faux", "/dossiers/" + s.wrong},
		{"dossier-modifier", "/dossiers/" + s.wrong + "?modifier=entete"},
		{"dossier-classe", "/dossiers/" + s.closed},
		{"dossier-lettre", "/dossiers/" + s.letter},
		{"dossier-reprendre", "/dossiers/" + s.takeUp},
		{"reprise", "/reprise"},
		{"dossier-long", "/dossiers/" + s.long},
		{"dossier-milieu", "/dossiers/" + s.long + "?points=tous&lignes=1000"},
		{"dossier-points", "/dossiers/" + s.long + "?lignes=300&modifier=entete"},
		{"etablissement", "/dossiers/" + s.wrong + "/etablissement"},
		{"etablissement-rien", "/dossiers/" + s.wrong + "/etablissement?q=inconnu"},
		{"accepter", "/dossiers/" + s.waiting + "/reponse/accepter"},
		{"renvoyer", "/dossiers/" + s.wrong + "/reponse/renvoyer"},
		{"renvoyer-long", "/dossiers/" + s.long + "/reponse/renvoyer"},
		{"refuser", "/dossiers/" + s.waiting + "/reponse/refuser"},
		{"ecrire", "/dossiers/" + s.waiting + "/reponse/ecrire"},
		{"recherche", "/recherche?q=lovelace"},
		{"recherche-rien", "/recherche?q=zzz"},
		{"commandes", "/commandes"},
		{"commande", "/commandes/" + s.number},
		{"commande-longue", "/commandes/" + s.longest},
		{"commande-fin", "/commandes/" + s.longest + "?lignes=2000"},
		{"tableau", "/tableau-de-bord"},
		{"libraires", "/libraires"},
		{"libraire", "/libraires/01002001"},
		{"inscrire", "/dossiers/" + s.waiting + "/libraire"},
		{"nouveau-compte", "/libraires/nouveau"},
		{"compte-demande", "/dossiers/" + s.letter + "/compte"},
		{"etablissements", "/etablissements"},
		{"etablissement-page", "/etablissements/0990011Z"},
		{"catalogue", "/catalogue"},
		{"titre", "/catalogue/3133091001018"},
		{"import", "/imports/libraires"},
		{"verifier", "/verifier"},
		{"obligatoires", "/donnees-obligatoires"},
		{"compte", "/compte"},
		{"journal", "/journal"},
		{"utilisateurs", "/utilisateurs"},
		{"utilisateur", "/utilisateurs/paul"},
		{"utilisateur-soi", "/utilisateurs/ada"},
		{"introuvable", "/rien"},
	}
}

// hold pauses the intake and the outbox, so that the pages say so.
func (s *scene) hold() {
	s.t.Helper()
	must(s.t, s.store.PauseIntake(s.t.Context(),
		store.Pause{At: s.clock(), Actor: "claire", Reason: "Nouveau catalogue"}))
	must(s.t, s.store.PauseOutbox(s.t.Context(),
		store.Pause{At: s.clock(), Actor: "bdc", Reason: "200 e-mails sont partis en une heure"}))
}

// Pages stay small, however much there is to show.
func TestPagesAreSmall(t *testing.T) {
	s := newScene(t)
	ada := s.as("ada")
	for _, p := range s.pages() {
		resp := ada.get(p.path)
		if resp.StatusCode >= 400 && p.name != "introuvable" {
			t.Errorf("%s: got %s", p.name, resp.Status)
		}
		t.Logf("%6d octets: %s", len(resp.body), p.path)
		if got := len(resp.body); got > 150_000 {
			t.Errorf("%s: got %d octets, want at most 150,000", p.path, got)
		}
	}
	// As many cases as a list shows, each with values as long as they come.
	for i := range 50 {
		endless := strings.Repeat("é'", 1000)
		s.receive(letter{
			from: endless + " <sam@ailleurs.test>", subject: endless,
			form: map[string]string{
				order.FieldReference: fmt.Sprint(i, endless), order.FieldEstablishment: endless,
				order.FieldBookseller: endless, order.FieldTown: endless,
			},
		})
	}
	for _, path := range []string{"/a-traiter", "/recherche?q=e", "/journal"} {
		if got := len(ada.get(path).body); got > 150_000 {
			t.Errorf("%s with endless values: got %d octets, want at most 150,000", path, got)
		}
	}
	if got := len(s.as("claire").act(s.long, "reponse/renvoyer/apercu").body); got > 150_000 {
		t.Errorf("the preview of a long report: got %d octets, want at most 150,000", got)
	}
}
