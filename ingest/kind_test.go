package ingest

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"bdc/order"
	"bdc/templates"
)

// letter is a mail of nothing but text.
func letter(subject, text string) order.Mail {
	raw := "From: =?utf-8?Q?Librairie_des_=C3=89coles?= <achats@librairie.example>\r\n" +
		"Message-ID: <1@librairie.example>\r\nContent-Type: text/plain; charset=utf-8\r\n" +
		"Subject: " + subject + "\r\n\r\n" + strings.ReplaceAll(text, "\n", "\r\n")
	key := order.Key{Account: "a", Folder: "INBOX", UIDValidity: 1, UID: 1}
	return order.Mail{Key: key, Received: at, Size: int64(len(raw)), Raw: []byte(raw)}
}

func TestFindingWithoutForm(t *testing.T) {
	tests := []struct {
		subject, text string
		want          order.Code
		number        string
	}{
		{"Ouverture de compte", "Bonjour,\nje souhaite ouvrir un compte libraire.", codeAccount, ""},
		{"Demande", "Comment obtenir un compte Interforum pour commander ?", codeAccount, ""},
		{"Création d’un compte", "", codeAccount, ""},
		{"Annulation", "Merci d’annuler la commande CNS-2026-000012.", codeCancel, "CNS-2026-000012"},
		{"RE: [CNS-2026-000012] Commande", "Nous annulons.", codeCancel, "CNS-2026-000012"},
		{"Commande", "Pouvez-vous annuler notre commande d’hier ?", codeCancel, ""},
		{"cns-2026-000012", "Il faut modifier la quantité : 30 au lieu de 28.", codeChange, "CNS-2026-000012"},
		{"Erreur dans notre commande", "La quantité est de 30.", codeChange, ""},
		{"RE: [CNS-2026-000012] Commande", "Quand le service sera-t-il ouvert ?", codeQuestion, "CNS-2026-000012"},
		{"Conditions commerciales", "Pourriez-vous nous les envoyer", codeQuestion, ""},
		{"Commande lycée Turgot", "Bonjour,\nveuillez trouver notre commande ci-jointe.\nCordialement", codeNoForm, ""},
		{"RE: [CNS-2026-000012] Commande", "Merci !", codeOther, "CNS-2026-000012"},
		{"Bonjour", "Voici nos vœux.", codeOther, ""},
		{"", "", codeOther, ""},
		// What is quoted does not count.
		{
			"RE: Commande",
			"Merci\n\nLe 20 nov. 2026 à 10:00, CNS <orders@test.local> a écrit :\n" +
				"> Comment annuler la commande CNS-2026-000099 ?",
			codeNoForm, "",
		},
	}
	e := newExaminer(t)
	for _, test := range tests {
		t.Run(test.subject+"/"+test.text, func(t *testing.T) {
			x := e.Open(letter(test.subject, test.text))
			past := nothing(x.Query)
			past.Numbers = x.Query.Numbers
			in := e.Judge(x, past, at)
			if want := fmt.Sprintf("attention orders:0 waiting:%s", test.want); told(in) != want {
				t.Fatalf("got  %s\nwant %s", told(in), want)
			}
			c := in.Cases[0]
			if f := c.Attempts[0].Findings[0]; f.Code != test.want || f.Args["number"] != test.number {
				t.Errorf("got finding %s %v, want %s of %q", f.Code, f.Args, test.want, test.number)
			}
			if got := strings.Join(c.Orders, " "); got != test.number {
				t.Errorf("got a case linked to %q, want %q", got, test.number)
			}
		})
	}
}

// A number that was given to no order links the case to none.
func TestKindUnknownOrder(t *testing.T) {
	e := newExaminer(t)
	x := e.Open(letter("CNS-2026-999999", "À annuler."))
	if in := e.Judge(x, nothing(x.Query), at); len(in.Cases[0].Orders) != 0 {
		t.Errorf("got a case linked to %v, want none", in.Cases[0].Orders)
	}
}

// TestApplicant reads the four things that an account needs.
func TestApplicant(t *testing.T) {
	tests := []struct {
		name, text string
		want       map[string]string
	}{
		{
			"labelled",
			"Bonjour, je souhaite ouvrir un compte.\nNom de la librairie : L’Écume des pages\n" +
				"N° de compte Interforum : 01 002 001\nE-mail : Contact@ecume.example\nAdresse : 12 rue du Port\n" +
				"99010 Valmorin\nMerci",
			map[string]string{
				"name": "L’Écume des pages", "account": "01002001", "email": "contact@ecume.example",
				"address": "12 rue du Port 99010 Valmorin",
			},
		},
		{
			"a list",
			"Demande de compte\n- Librairie : Ecume\n- compte Interforum n° 01002001\n- mail contact@ecume.example\n" +
				"- adresse postale :\n12 rue du Port, 99010 Valmorin",
			map[string]string{
				"name": "Ecume", "account": "01002001", "email": "contact@ecume.example",
				"address": "12 rue du Port, 99010 Valmorin",
			},
		},
		{
			"a signature",
			"Nous voudrions ouvrir un compte, notre compte client Interforum est le 1002001.\n\n" +
				"Librairie des Écoles\n12 rue du Port\n99010 VALMORIN",
			map[string]string{
				"name": "Librairie des Écoles", "account": "1002001", "email": "achats@librairie.example",
				"address": "12 rue du Port 99010 VALMORIN",
			},
		},
		{
			"French colons",
			"Ouverture de compte\nRaison sociale\u00a0: Ecume\nCompte Interforum\u202f: 01\u00a0002\u00a0001\n" +
				"Adresse\u00a0: 12 rue du Port, 99010\u00a0Valmorin",
			map[string]string{
				"name": "Ecume", "account": "01002001", "email": "achats@librairie.example",
				"address": "12 rue du Port, 99010 Valmorin",
			},
		},
		{
			"nothing", "Je souhaite ouvrir un compte.",
			map[string]string{"name": "Librairie des Écoles", "email": "achats@librairie.example"},
		},
	}
	e := newExaminer(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			x := e.Open(letter("Ouverture de compte", test.text))
			if f := x.findingWithoutForm(); f.Code != codeAccount || !maps.Equal(f.Args, test.want) {
				t.Errorf("got  %s %v\nwant %s %v", f.Code, f.Args, codeAccount, test.want)
			}
		})
	}
}

// TestOwnText tells what a person wrote from what the person's program quotes.
func TestOwnText(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"nothing quoted", "Bonjour\n\nMerci", "Bonjour\n\nMerci"},
		{
			"French",
			"Merci\n\nLe ven. 20 nov. 2026 à 10:00, CNS <orders@test.local> a écrit :\n\n> Bonjour\n> Votre commande",
			"Merci",
		},
		{
			"French, wrapped",
			"Merci\n\nLe ven. 20 nov. 2026 à 10:00, Commandes numériques des librairies\n" +
				"<orders@test.local> a écrit :\n> Bonjour",
			"Merci",
		},
		{"English", "Thanks\n\nOn Fri, Nov 20, 2026 at 10:00 AM CNS <orders@test.local> wrote:\n> Bonjour", "Thanks"},
		{"from HTML, without marks", "Merci\n\nLe 20/11/2026 à 10:00, CNS a écrit :\nBonjour\nVotre commande", "Merci"},
		{
			"Outlook",
			"Merci\n\n________________________________\nDe : CNS <orders@test.local>\n" +
				"Envoyé : vendredi 20 novembre 2026 10:00\nÀ : achats\nObjet : Commande\n\nBonjour",
			"Merci",
		},
		{"Outlook, no rule", "Merci\nDe : CNS\nDate : vendredi\nÀ : achats\nObjet : x\n\nBonjour", "Merci"},
		{"old Outlook", "Merci\n\n-----Message d'origine-----\nDe : CNS\nBonjour", "Merci"},
		{"forwarded", "Pour toi\n\n---------- Forwarded message ---------\nDe : X\nBonjour", "Pour toi"},
		{"forwarded in French", "Pour toi\n-------- Message transféré --------\nSujet : x", "Pour toi"},
		{"iPhone", "Merci\n\nDébut du message réexpédié :\n\nDe: X", "Merci"},
		{
			"Gmail",
			"Merci\n\nLe ven. 20 nov. 2026 à\u00a010:00, CNS <orders@test.local> a\u00a0écrit\u00a0:\n\n> Bonjour",
			"Merci",
		},
		{
			"Thunderbird", "Merci\n\nLe 20/11/2026 à 10:00, CNS a écrit\u00a0:\n> Bonjour\n\n-- \nLibrairie",
			"Merci\n\n\n-- \nLibrairie",
		},
		{
			"Apple Mail",
			"Merci\n\nEnvoyé de mon iPhone\n\n> Le 20 nov. 2026 à 10:00, CNS <orders@test.local> a écrit\u00a0:\n>\n" +
				"> Bonjour",
			"Merci\n\nEnvoyé de mon iPhone",
		},
		{
			"Apple Mail in English",
			"Thanks\n\n> On 20 Nov 2026, at 10:00, CNS <orders@test.local> wrote:\n> \n> Bonjour", "Thanks",
		},
		{
			"Yahoo",
			"Merci\n\nLe vendredi 20 novembre 2026 à 10:00:00 UTC+1, CNS <orders@test.local> a écrit :\n\n\nBonjour",
			"Merci",
		},
		{
			"Orange",
			"Merci\n\n> Message du 20/11/26 10:00\n> De : CNS\n> A : achats\n> Objet : Commande\n>\n> Bonjour", "Merci",
		},
		{"Zimbra", "Merci\n\n----- Mail original -----\nDe: CNS <orders@test.local>\nBonjour", "Merci"},
		{
			"Outlook, French colons",
			"Merci\n\nDe\u00a0: CNS <orders@test.local>\nEnvoyé\u00a0: vendredi 20 novembre 2026\nÀ\u00a0: achats\n" +
				"Objet\u00a0: Commande\n\nBonjour",
			"Merci",
		},
		{
			"Outlook in English",
			"Thanks\n\nFrom: CNS <orders@test.local>\nSent: Friday, November 20, 2026 10:00 AM\nTo: achats\n" +
				"Subject: Commande\n\nBonjour",
			"Thanks",
		},
		{
			"Outlook in bold",
			"Merci\n\n**De :** CNS\n**Envoyé :** vendredi\n**À :** achats\n**Objet :** Commande\n\nBonjour", "Merci",
		},
		{"spaces as typed", "Quand\u00a0?", "Quand\u00a0?"},
		{
			"a list with a date", "De : librairie\nÀ : lycée\nDate : demain\n20 manuels",
			"De : librairie\nÀ : lycée\nDate : demain\n20 manuels",
		},
		{
			"somebody quoted by hand", "Le lycée nous a écrit :\nil faut 20 licences",
			"Le lycée nous a écrit :\nil faut 20 licences",
		},
		{"below the quote", "Le 20/11/2026 à 10:00, CNS a écrit :\n> Quel est votre UAI ?\n\n0990011Z", "0990011Z"},
		{"between the lines", "> Quel UAI ?\n0990011Z\n> Quelle ville ?\nValmorin", "0990011Z\nValmorin"},
		{"only a forward", "---------- Message transféré ---------\nDe : X\nBonjour", ""},
		{"a list that looks like a header", "De : Paris\nÀ vous de voir", "De : Paris\nÀ vous de voir"},
		{
			"a sentence that looks like an attribution", "Le libraire a écrit une lettre.\nMerci",
			"Le libraire a écrit une lettre.\nMerci",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := ownText(test.text); got != test.want {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
		})
	}
}

// The case keeps the sender's own text, and the message keeps the whole text.
func TestCaseKeepsOwnText(t *testing.T) {
	e := newExaminer(t)
	x := e.Open(letter("Question", "Quand ?\n\nOn Monday, CNS wrote:\n> Bonjour"))
	in := e.Judge(x, nothing(x.Query), at)
	if got := in.Cases[0].Attempts[0].Text; got != "Quand ?" {
		t.Errorf("the case says %q, want only what was written", got)
	}
	if !strings.Contains(in.Message.Text, "> Bonjour") {
		t.Errorf("the message says %q, want the history too", in.Message.Text)
	}
}

// Every code that a message as a whole gets has its words, and the severity that
// it is given here.
func TestCodesHaveWords(t *testing.T) {
	findings := []order.Finding{automatic(), tooLarge(1)}
	for _, code := range []order.Code{
		codeNoForm, codeAccount, codeCancel, codeChange, codeQuestion, codeOther, order.ReasonBounced, codeUnproven,
		codeStaff, codePoison, codeNoSender,
	} {
		findings = append(findings, hold(code))
	}
	for _, f := range findings {
		if severity, ok := templates.Severity(f.Code); !ok || severity != f.Severity {
			t.Errorf("%s: got severity %s, want %q as in the list", f.Code, f.Severity, severity)
		}
	}
}
