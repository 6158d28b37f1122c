package letter_test

import (
	"strings"
	"testing"

	"bdc/order"
	"bdc/templates"
	"bdc/validate/letter"
)

func words(t testing.TB) *letter.Words {
	t.Helper()
	w, err := letter.New(templates.LoadLetterWords())
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// TestCorpus: of letters by several hands, and of sentences alone, each with what a
// salesperson concludes, no fewer are judged rightly than when this was written. Who mends
// a rule raises the figures; -v shows what is judged otherwise, and by which rules.
func TestCorpus(t *testing.T) {
	w, known := words(t), form(t)
	right, all := map[string]int{}, map[string]int{}
	for _, s := range samples(t, "testdata/*.jsonl") {
		got := "pass"
		j, rules := w.Trace(s.message(), known)
		if len(j.Doubts) > 0 {
			got = "person"
		}
		all[s.Want]++
		if got == s.Want {
			right[s.Want]++
		} else {
			t.Logf("%s: %s, not %s: %q", s.ID, got, s.Want, rules)
		}
	}
	for want, least := range map[string][2]int{"person": {851, 886}, "pass": {743, 869}} {
		if right[want] < least[0] || all[want] != least[1] {
			t.Errorf("%s: got %d of %d right, want %d of %d at least", want, right[want], all[want], least[0], least[1])
		}
	}
	t.Logf("right: %v of %v", right, all)
}

func TestJudge(t *testing.T) {
	w, known := words(t), form(t)
	tests := []struct {
		name, subject, own, history string
		want                        string // the kind of the first doubt, or ""
	}{
		{
			"courtesies", "Commande",
			"Bonjour,\n\nVeuillez trouver ci-joint notre commande.\n\nCordialement,\nAnne Roy", "", "",
		},
		{
			"its own quantities", "Commande",
			"30 en seconde, 28 en première et 12 en enseignement scientifique, soit 70.", "", "",
		},
		{"exchanged quantities", "Commande", "28 en seconde et 30 en première.", "", "unclear"},
		{"another quantity", "Commande", "Pour les secondes il en faut trente-deux.", "", "unclear"},
		{"subject", "Devis SVP", "Bonjour", "", "quote"},
		{"below the leave-taking", "Commande", "Bonjour\n\nCordialement\nAnne\n\nSans la deuxième", "", "cancel"},
		{"a letter wrong", "Commande", "Merci d'anuler la commande.", "", "cancel"},
		{"shouted, without accents", "COMMANDE", "MERCI DE NE PAS ENREGISTRER LA COMMANDE", "", "cancel"},
		{"life cancels", "Commande", "La tempête a annulé nos vacances, sans un parapluie. Le bon est joint.", "", ""},
		{"life, but it asks", "Commande", "Je pars en vacances : annulez la commande.", "", "cancel"},
		{"another matter", "Commande", "Rien à voir mais un autre bon suivra pour un collège.", "", ""},
		{"awaited", "Commande", "J'attends simplement votre accusé de réception.", "", ""},
		{"awaited, but not that", "Commande", "J'attends le vote du budget.", "", "wait"},
		{"years of life", "Commande", "Nous commandons chez vous depuis vingt ans.", "", ""},
		{"years of licences", "Commande", "Comptez vingt ans de licences.", "", "unclear"},
		{
			"a notice goes on", "Commande",
			"This e-mail is confidential. Do not cancel anything in reliance upon it. Wait.", "", "",
		},
		{"a notice ends with its line", "Commande", "This e-mail is confidential.\nAnnulez.", "", "cancel"},
		{"an amount in words", "Commande", "Le tout pour cinq cent dix-huit euros.", "", ""},
		{"a thousand and more", "Commande", "Nous avons vendu 1 200 compas de travers.", "", ""},
		{"struck out, about the order", "Commande", "Voici la commande ~~annulée~~ jointe.", "", "struck"},
		{"struck out, a number", "Commande", "Voici la commande. ~~28~~ ~~32~~", "", "struck"},
		{"struck out, a greeting", "Commande", "Bonjour ~~Pierre~~ Paul, voici la commande.", "", ""},
		{"what is struck out is not said", "Commande", "Merci, ~~n'attrapez pas froid~~ à bientôt.", "", ""},
		{"not struck out", "Commande", "~~~~~~~~\nVoici la commande.", "", ""},
		{
			"a signature with odd names", "Commande",
			"Voici.\nCordialement\nMartin\nLibrairie Sans Fin, rue du Retard\nNiveau 2, porte Alpes", "", "",
		},
		{"no signature", "Commande", "Voici la commande.\nCordialement\nAbandonner", "", "cancel"},
		{"a number in place of a signature", "Commande", "Voici.\nCordialement\nAnne\n29 au total", "", "unclear"},
		{"a meeting is annulled", "Commande", "Merci d'annuler mon abonnement au club, le bon est joint.", "", ""},
		{"a pronoun may mean the order", "Commande", "Merci de l'annuler.", "", "cancel"},
		{"history, not pointed to", "Commande", "Voici la commande.", "Annulez la ligne 2.", ""},
		{"history, pointed to", "Commande", "Voir ci-dessous.", "Annulez la ligne 2.", "cancel"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := ""
			j := w.Judge(letter.Message{Subject: test.subject, Own: test.own, History: test.history}, known)
			if len(j.Doubts) > 0 {
				got = j.Doubts[0].Kind
			}
			if got != test.want {
				t.Errorf("got %q of %+v, want %q", got, j.Doubts, test.want)
			}
		})
	}
}

func TestCutTextDoubts(t *testing.T) {
	j := words(t).Judge(letter.Message{Own: "Bonjour", Cut: true}, form(t))
	if len(j.Doubts) != 1 || j.Doubts[0].Kind != letter.CutOff {
		t.Errorf("got %+v, want that the end is missing", j.Doubts)
	}
}

func TestQuestion(t *testing.T) {
	j := words(t).Judge(letter.Message{Own: "Bonjour, quand les élèves auront-ils leurs accès ?"}, form(t))
	if len(j.Doubts) != 0 || len(j.Questions) != 1 {
		t.Errorf("got %+v, want one question and no doubt", j)
	}
}

// FuzzJudge: no text is too odd, or takes long.
func FuzzJudge(f *testing.F) {
	w, known := words(f), form(f)
	for _, s := range []string{
		"Bonjour", "28 au lieu de 30", "\xff\x00é", strings.Repeat("pas de ", 500), "1.2.3.4/5:6-7",
	} {
		f.Add(s, s, s)
	}
	f.Fuzz(func(t *testing.T, subject, own, history string) {
		j := w.Judge(letter.Message{Subject: subject, Own: own, History: history}, known)
		for _, d := range append(j.Doubts, j.Questions...) {
			if !strings.Contains(subject+"\n"+own+"\n"+history, d.Quote) && !strings.Contains(d.Quote, " ") {
				t.Errorf("got the quote %q, which nobody wrote", d.Quote)
			}
		}
	})
}

// BenchmarkJudge: a letter of 2 KB.
func BenchmarkJudge(b *testing.B) {
	w, known := words(b), form(b)
	var m letter.Message
	for _, s := range samples(b, "testdata/a.jsonl") {
		if s.Want == "pass" && len(m.Own)+len(s.Text) < 2048 {
			m.Own += s.Text + "\n\n"
		}
	}
	b.SetBytes(int64(len(m.Own)))
	b.ReportAllocs()
	for b.Loop() {
		w.Judge(m, known)
	}
}

// TestLetterWords: each rule finds its example, whatever the other rules say of it.
func TestLetterWords(t *testing.T) {
	data := templates.LoadLetterWords()
	for _, rules := range [][]order.LetterRule{data.Ordinary, data.Told, data.Doubt} {
		for _, r := range rules {
			one := &order.LetterWords{Words: data.Words, Doubt: []order.LetterRule{r}}
			w, err := letter.New(one)
			if err != nil {
				t.Fatal(err)
			}
			if !w.Finds(r.Example, form(t)) {
				t.Errorf("%s: got %q not found in %q", r.Kind, r.Pattern, r.Example)
			}
		}
	}
	if n := len(data.Ordinary) + len(data.Told) + len(data.Doubt); n < 300 {
		t.Errorf("got %d rules, want 300 at least", n)
	}
}

func TestWrongWordsAreRefused(t *testing.T) {
	for name, data := range map[string]*order.LetterWords{
		"a word with an accent": {Words: map[string][]string{"order": {"numéro"}}},
		"no class":              {Doubt: []order.LetterRule{{Kind: "cancel", Pattern: "<nothing>"}}},
		"no pattern":            {Doubt: []order.LetterRule{{Kind: "cancel"}}},
	} {
		if _, err := letter.New(data); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
}

// TestArticlesAreNoSchool: an article in the name of a school is none of the words that name it.
func TestArticlesAreNoSchool(t *testing.T) {
	known := form(t)
	o := *known.Orders[0]
	o.Establishment, o.Town = "Lycée de la Plaine", "Stains"
	known.Orders = []*order.Order{&o}
	const text = "Commande pour le lycée de la Forêt Noire."
	if j := words(t).Judge(letter.Message{Own: text}, known); len(j.Doubts) != 1 {
		t.Errorf("got %+v, want another school doubted", j.Doubts)
	}
}
