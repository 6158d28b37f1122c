package ingest

import (
	"strings"
	"testing"

	"bdc/order"
)

// quotedReport is our report as most mail programs quote it below an answer.
const quotedReport = "\n\nLe sam. 21 nov. 2026 à 11:00, CNS <orders@test.local> a écrit :\n> 1 point à corriger.\n" +
	"> Répondez OK à ce message.\n"

// outlookReport is our report as Outlook quotes it.
const outlookReport = "\n\n________________________________\nDe : CNS <orders@test.local>\n" +
	"Envoyé : samedi 21 novembre 2026 11:00\nÀ : Librairie <shop@test.local>\n" +
	"Objet : [À corriger D-7K2Q9F] Re: Commande\n\n1 point à corriger, sauf erreur ?\n"

// TestAssents: a text is an OK if it says so and nothing else.
func TestAssents(t *testing.T) {
	yes := []string{
		"OK", "ok", "Ok.", "OK !", "O.K.", "« OK »", "*OK*", "Okay", "oki", "OK\u00a0!", "ok 👍", "OK :)",
		"D’accord", "d'accord", "D'ACCORD.", "daccord", "Oui", "oui.", "Oui, merci", "OUI MERCI",
		"Ok merci", "OK, merci beaucoup !", "Merci, c’est d’accord.", "C'est bon", "C’est bon pour moi.",
		"c'est ok pour nous", "C'est correct, merci.",
		"Je confirme", "Je confirme.\nMerci", "Nous confirmons.", "Oui, je confirme", "Je valide",
		"Nous validons ces corrections.", "J’accepte les corrections proposées.", "J'accepte",
		"Je vous confirme mon accord.", "Je suis d’accord avec ces corrections.", "Bon pour accord",
		"Vous avez mon accord.", "OK pour moi", "OK pour ces corrections", "Ok pour accepter ces corrections, merci",
		"Oui, c’est bien ça.", "Tout est correct.", "Ça marche, merci !", "OK de notre côté.", "Parfait, je confirme.",
		"Bonjour,\n\nOK\n\nCordialement", "Bonjour, ok pour moi.", "Bonjour Claire,\nd’accord.\nBonne journée",
		"Bonjour Madame Dupont,\n\nOui.\n\nBien cordialement,\nJean Martin",
		"Bonjour OK merci", "Bonsoir,\nC’est d’accord.\nMerci à vous\nBonne soirée",
		"OK\n\n-- \nJean Martin\nLibrairie des Écoles\n5 rue des Marronniers\n99010 Valmorin\nTél. 01 23 45 67 89\n" +
			"https://librairie.example",
		"OK\nJean Martin\nLibrairie des Écoles\n01 23 45 67 89",
		"Ok\n\nEnvoyé de mon iPhone", "OK\n\nTélécharger Outlook pour iOS<https://aka.ms/o0ukef>",
		"OK\n\nSent from my iPhone", "OK\n\nObtenir Outlook pour Android",
		"Bonjour,\n\nJe confirme les corrections.\n\nJe vous prie d’agréer, Madame, Monsieur, l’expression de mes " +
			"salutations distinguées.\n\nClaire Morel\nLa Page Blanche",
		"Bonjour,\nJe vous confirme notre accord.\nMeilleures salutations,\n\nClaire MOREL\nResponsable scolaire\n" +
			"La Page Blanche — 18 rue Haute — 99020 Saint-Aubin-le-Haut\n" +
			"claire@page-blanche.example | 06 00 00 00 00\nwww.page-blanche.example\nOuvert du mardi au samedi",
		"OK\n\nCordialement,\nClaire\nSuivez-nous sur Facebook et Instagram !\n" +
			"Pensez à l’environnement avant d’imprimer ce message.",
		"> 1 point à corriger.\n> Répondez OK.\n\nOK, merci.\n\nClaire",
		"Oui\n\n> Message du 21/11/26 11:00\n> De : \"CNS\" <orders@test.local>\n> A : shop@test.local\n> Copie à :\n" +
			"> Objet : À corriger\n>\n> 1 point",
		"OK" + quotedReport, "D’accord, merci.\n\nClaire" + outlookReport, "Oui" + outlookReport,
	}
	agrees := func(text string) bool { return assents(ownText(text)) && !annotated(text) }
	for _, text := range yes {
		if !agrees(text) {
			t.Errorf("got a doubt about %q, want OK", text)
		}
	}
	no := []string{
		"", "Merci", "Bonjour", "Bien reçu", "Bien reçu, merci.", "C’est noté, merci.", "Entendu.", "Parfait !",
		"Très bien, merci", "Bonjour,\nMerci pour votre retour.\nCordialement",
		"OK ?", "Ok ??", "OK mais la quantité est 30", "Ok sauf la ligne 3", "OK pour la première",
		"OK pour 30 exemplaires", "ok 30", "OK n°2",
		"Non", "Non merci", "Pas d’accord", "Je ne suis pas d’accord", "Pas ok", "Pas OK du tout",
		"OK, pas de problème", "Ce n’est pas bon", "C’est pas bon", "Non, c’est bon", "je n'accepte pas",
		"OK si le prix reste le même", "D’accord à condition de garder le prix", "Oui sous réserve",
		"OK s’il n’y a pas de surcoût", "Oui si possible demain",
		"OK je renvoie le fichier corrigé", "Oui, je vous envoie le bon fichier", "Ok je corrige",
		"D’accord, je vois avec l’école", "Ok je vérifie et reviens vers vous", "Oui, j’ai une question",
		"Je confirme ma commande", "Je confirme l’UAI 0990011A", "OK pour l’UAI, la quantité reste 12",
		"Oui c'est bon\nmais attendez lundi", "OK\n\nPS : ajoutez 2 exemplaires",
		"OK\n\nCordialement\n\nJean Martin\nattention la quantité est fausse", "OK\nQuantité 30",
		"OK\n\nJean Martin\nPouvez-vous passer à 12", "OK\nmerci de changer la quantité",
		"OK\nJean Martin\n1\n2\n3\n4\n5\n6\n7\n8",
		"OK\n\nenvoyez plutôt au lycée", "OK annulez tout", "Oui, remplacez par 0990011Z", "Est-ce ok",
		"C’est ok pour vous ?", "Je crois que oui", "Peut-être", "OK OK OK mais non", "D’accord sur le principe",
		"Je suis absent jusqu’au 24 novembre.", "Bonjour, je suis absent. OK", "Absence du bureau",
		"Le fichier corrigé est joint. OK", "Voir mes remarques ci-dessous. OK", "OK voir ci-dessous",
		"Bonjour Non, ok", "Bonjour Claire ok", "Bonjour 3, ok", "K", "o", "okok", "N'OK", "KO", "ok/non",
		"[ ] OK [x] Non", "1", "👍", "?",
		strings.TrimSpace(quotedReport), "Transmis.\n\n---------- Forwarded message ---------\nOK",
		"> 1. UAI faux\nOK\n> 2. EAN faux\n",
		"Le 21/11/2026 à 11:00, CNS <orders@test.local> a écrit :\n> 1. UAI faux\nOK\n> 2. EAN faux",
		"OK\n> attention, 12 et non 30", "OK" + quotedReport + "\nOK\n> Cordialement",
		"OK\nLe principal m’a écrit ce matin à 10h30 :\nil ne veut plus du manuel",
		"OK\nLe 20/11/2026 le lycée nous a écrit :\nil ne veut plus du manuel",
		"OK…", "Ok..", "OK :(", "OK ~~non~~", "OK\nDouze", "OK\nCordialement\n12", "OK\nCordialement\nQté : 12",
		"OK\nCordialement\nDoublon", "OK\nCordialement\nRefusé", "OK\nCordialement\nEn partie",
		"OK\nCordialement\nTéléphonez-moi",
		"OK" + quotedReport + "\nSauf la quantité.", "OK\n\nCordialement\npasser en enseignant",
		"OK\n\nCordialement\nSans la deuxième", "OK\n\nCordialement\n28 au total",
		"OK\n\nCordialement\nÀ reporter en septembre", "OK\n\nCordialement\nAbandonner",
		"OK\n\nCordialement\nReporter", "OK\n\nCordialement\nSeulement les élèves",
		"OK\n\nCordialement\nPasser en enseignant", "OK\nSuivez-nous sur la ligne 3",
		"OK\nCordialement\nle lycée d’à côté", "OK\n\nCordialement\n" + strings.Repeat("long ", 30),
	}
	for _, text := range no {
		if agrees(text) {
			t.Errorf("got OK from %q, want a doubt", text)
		}
	}
	if len(yes) < 60 || len(no) < 60 {
		t.Errorf("got %d and %d examples, want 60 of each", len(yes), len(no))
	}
}

// TestOKBetweenQuotedLines: an OK between the lines of a quoted mail is no OK to all of it.
func TestOKBetweenQuotedLines(t *testing.T) {
	const report = "Content-Type: text/html\r\n\r\n<p>OK</p><div>Le 21/11/2026 à 11:00, CNS " +
		"&lt;orders@test.local&gt; a écrit :</div><blockquote type=cite>1 point</blockquote>"
	e := newExaminer(t)
	for body, want := range map[string]bool{
		"\r\nOK": true, "\r\n> 1. UAI faux\r\n> 2. EAN faux\r\n\r\nOK": true, report: true,
		"\r\n> 1. UAI faux\r\n\r\nOK\r\n\r\n> 2. EAN faux": false, "\r\nOK\r\n> sauf la ligne 3": false,
		report + "<p>Sauf la ligne 3</p>":                                           false,
		"Content-Type: text/html\r\n\r\n<del>OK</del>":                              false,
		"Content-Type: text/html\r\n\r\n<p>OK</p><img alt=\"5 > 3\">":               true,
		"Content-Type: text/html\r\n\r\n<img alt=\"5 > OK\">":                       false,
		"Content-Type: text/html\r\n\r\n<p>Sauf la ligne 3</p><!-- > <p>OK</p> -->": false,
	} {
		raw := []byte("From: shop@test.local\r\n" + body)
		if got := e.Open(order.Mail{Received: at, Size: int64(len(raw)), Raw: raw}).isOK; got != want {
			t.Errorf("got %t from %q, want %t", got, body, want)
		}
	}
}

// FuzzAssents: an OK with a doubt above or below it is no OK, nor is a text whose first
// line has a question mark or a digit.
func FuzzAssents(f *testing.F) {
	for _, s := range []string{"OK", "Bonjour,\nOK\nCordialement\nJean Martin", "merci", "\x00\xff", "OK\n-- \nA\nB"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !assents(s) {
			return
		}
		first, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
		if strings.ContainsAny(first, "?0123456789") {
			t.Errorf("got OK from %q", s)
		}
		for _, doubt := range []string{"Mais pas la ligne.", "Quantité 30", "Pouvez-vous attendre ?"} {
			for _, text := range []string{s + "\n" + doubt, doubt + "\n" + s} {
				if assents(text) {
					t.Errorf("got OK from %q", text)
				}
			}
		}
	})
}
