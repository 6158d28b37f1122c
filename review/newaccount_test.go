package review_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"bdc/bench/need"
	"bdc/order"
)

// request makes a case of a mail that asks for an account, and returns its code.
func (r *rig) request(text string) string {
	r.t.Helper()
	in, _ := r.receive(letter{
		from: "Le Port <contact@leport.test>", subject: "Ouverture de compte", bare: true,
		text: text,
	})
	if len(in.Cases) != 1 || in.Cases[0].Reason != "mail.account" {
		r.t.Fatalf("got %+v, want one case of a request", in.Cases)
	}
	return in.Cases[0].Code
}

const requestText = "Bonjour, nous souhaitons ouvrir un compte.\nLibrairie : Le Port\n" +
	"N° de compte Interforum : 01 009 009\nAdresse : 12 rue du Port, 99030 Port-Clair\nMerci"

// A user creates the account that a mail asks for from what the mail says, and is then
// shown the beginning of an answer.
func TestRequestedAccountIsCreated(t *testing.T) {
	r := newRig(t)
	code := r.request(requestText)
	claire := r.as("claire")
	claire.get("/dossiers/"+code).want(t, 200, "Créer le compte…")
	page := claire.get("/dossiers/"+code+"/compte").want(t, 200, "vérifiez, complétez",
		"nous souhaitons ouvrir un compte")
	for _, value := range []string{
		"01009009", "Le Port", "contact@leport.test", "12 rue du Port", "99030",
		"Port-Clair",
	} {
		if !strings.Contains(page.body, `value="`+value+`"`) {
			t.Errorf("the form does not hold %q as read", value)
		}
	}
	read := []string{
		"compte", "01009009", "nom", "Le Port", "emails", "contact@leport.test, achats@leport.test",
		"adresse", "12 rue du Port", "code-postal", "99030", "ville", "Port-Clair",
	}
	r.as("ines").act(code, "compte", read...).want(t, http.StatusForbidden)
	claire.post("/dossiers/"+code+"/compte", append([]string{"revision", "9"}, read...)...).want(t, http.StatusConflict)
	if _, known := r.books.listed.Load().Account("01009009"); known {
		t.Fatal("got the account created by who may not, or did not see the case as it is")
	}
	resp := claire.act(code, "compte", read...).want(t, http.StatusSeeOther)
	a := r.anAccount("01009009")
	if a.Name != "Le Port" || !slices.Equal(a.Emails, []string{"contact@leport.test", "achats@leport.test"}) ||
		a.Postcode != "99030" || a.Hand == nil || !a.Hand.Created || a.Hand.Actor != "claire" {
		t.Errorf("got %+v, hand %+v, want what was confirmed", a, a.Hand)
	}
	answer := claire.get(resp.Header.Get("Location")).want(t, 200,
		"Votre compte Libraire est ouvert : il porte votre numéro Interforum, 01009009.",
		"contact@leport.test, achats@leport.test")
	if !strings.Contains(answer.body, `value="oui" checked`) {
		t.Error("the answer would not close the case")
	}
	claire.get("/dossiers/"+code).want(t, 200, "claire a noté", "Compte 01009009 créé pour Le Port")
	claire.act(code, "reponse/ecrire", "mots", "Votre compte est ouvert.", "classer", "oui").want(t,
		http.StatusSeeOther)
	if k := r.aCase(code); k.State != order.Closed {
		t.Errorf("got state %s, want the case closed by its answer", k.State)
	}
	claire.get("/dossiers/"+code+"/compte").want(t, http.StatusNotFound)
	r.as("ada").get("/journal?quoi=account.").want(t, 200, "Compte créé", "01009009: nom « Le Port »")
}

// Two people who act on one request create only one account.
func TestRequestedAccountIsCreatedOnce(t *testing.T) {
	r := newRig(t)
	code := r.request(requestText)
	claire, paul := r.as("claire"), r.as("paul")
	read := []string{
		"revision", printed(r.aCase(code).Revision), "compte", "01009009", "nom", "Le Port", "emails",
		"contact@leport.test",
	}
	claire.post("/dossiers/"+code+"/compte", read...).want(t, http.StatusSeeOther)
	paul.post("/dossiers/"+code+"/compte", read...).want(t, http.StatusConflict, "Quelqu’un d’autre a agi entre-temps")
	paul.act(code, "compte", read[2:]...).want(t, http.StatusUnprocessableEntity, "Le compte 01009009 existe déjà")
}

// If the account that is asked for exists already, the page says so, and keeps what the user has
// written.
func TestRequestedAccountIsTaken(t *testing.T) {
	r := newRig(t)
	code := r.request(strings.Replace(requestText, "01 009 009", "1002001", 1))
	claire := r.as("claire")
	claire.get("/dossiers/"+code+"/compte").want(t, 200, "Le compte 01002001 existe déjà : Librairie d’essai",
		"Inscrire contact@leport.test pour ce compte")
	page := claire.act(code, "compte", "compte", "1002001", "nom", "Le Port d’attache", "emails",
		"contact@leport.test").want(t, http.StatusUnprocessableEntity, "Le compte 01002001 existe déjà",
		"Rien n’a été changé")
	if !strings.Contains(page.body, `value="Le Port d’attache"`) {
		t.Error("what was written is lost")
	}
	claire.act(code, "compte", "compte", "01009009", "nom", "Le Port", "emails", "contact chez leport").want(t,
		http.StatusUnprocessableEntity, "n’est pas une adresse e-mail")
	claire.act(code, "compte", "compte", "01009009", "nom", "Le Port", "emails", " ").want(t,
		http.StatusUnprocessableEntity, "Il manque l’adresse e-mail")
}

// A user creates the account that a waiting order names from its case, and the order is
// accepted.
func TestUnknownAccountIsCreated(t *testing.T) {
	r := newRig(t)
	in, _ := r.receive(letter{
		from: "Le Port <contact@leport.test>",
		form: map[string]string{
			order.FieldAccount: "01009009", order.FieldBookseller: "Le Port",
			order.FieldBookMail: "achats@leport.test",
		},
	})
	code := in.Cases[0].Code
	in, _ = r.receive(letter{
		from: "Le Port <contact@leport.test>",
		form: map[string]string{
			order.FieldAccount: "01009009", order.FieldReference: "R-2", order.FieldUAI: "",
			order.FieldNoUAI: "oui",
		},
	})
	other := in.Cases[0].Code
	claire := r.as("claire")
	claire.get("/dossiers/"+other).want(t, 200, "Créer le compte…")
	page := claire.get("/dossiers/"+code+"/compte").want(t, 200, "un numéro de compte que nous ne connaissons pas")
	if !strings.Contains(page.body, `value="contact@leport.test, achats@leport.test"`) {
		t.Error("the form does not hold both addresses of the bookseller")
	}
	claire.act(other, "compte", "compte", "01009009", "nom", "Le Port", "emails", "contact@leport.test").want(t,
		http.StatusSeeOther)
	if k := r.aCase(code); k.State != order.Closed || len(k.Orders) != 1 {
		t.Errorf("got state %s and orders %v, want the waiting order accepted", k.State, k.Orders)
	}
	claire.get("/dossiers/"+other).want(t, 200, "Compte 01009009 créé pour Le Port")
	if k := r.aCase(other); k.State != order.Waiting ||
		slices.ContainsFunc(k.Attempts[0].Findings, func(f order.Finding) bool {
			return f.Code == "bookseller.account.unknown"
		}) {
		t.Errorf("got state %s and findings %+v, want it waiting for something else", k.State, k.Attempts[0].Findings)
	}
}

// An account is created from the list as well, by mouse and by keyboard.
func TestBrowserCreatesAccounts(t *testing.T) {
	need.Time(t)
	r := newRig(t)
	code := r.request(requestText)
	b := newTab(t, r)
	b.signIn("claire")
	b.click("nav a[href='/libraires']")
	b.on("/libraires")
	b.click("a[href='/libraires/nouveau']")
	b.on("/libraires/nouveau")
	b.type_("#compte", "01 005 005")
	b.type_("#nom", "Papeterie des Arts")
	b.type_("#emails", "arts@papeterie.test")
	b.click("main .primary")
	b.on("/libraires/01005005")
	b.says("Papeterie des Arts")
	b.says("créé à la main par claire")

	b.open("/dossiers/" + code)
	b.shortcut("l")
	b.on("/dossiers/" + code + "/compte")
	b.type_("#ville", "\r")
	b.says("Répondre par e-mail")
	b.holds("document.querySelector('#mots').value.includes('01009009') && " +
		"document.querySelector('[name=classer]').checked")
	b.click("[data-send]")
	b.says("La réponse part dans")
	if k := r.aCase(code); k.State != order.Closed {
		t.Errorf("got state %s, want it closed by the answer", k.State)
	}
	if path, err := chromedp.Run(b.ctx, chromedp.Evaluate[string]("location.pathname")); err != nil ||
		path != "/dossiers/"+code {
		t.Errorf("got to %s, error %v, want the case", path, err)
	}
}
