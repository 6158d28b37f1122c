package ingest

import (
	"context"
	"slices"
	"strings"
	"testing"

	"bdc/order"
)

// What a sender writes beside the form holds it where it may change it, unless the
// configuration makes that a warning; a question alone is noted on the order.
func TestLetterBesideTheForm(t *testing.T) {
	warn := func(code order.Code, s order.Severity) order.Severity {
		if code == codeLetterDoubt {
			return order.Warning
		}
		return s
	}
	for _, test := range []struct {
		name, header, text string
		severity           func(order.Code, order.Severity) order.Severity
		reply              order.ReplyKind
		code               order.Code // "" where no finding is about the letter
		value              string
	}{
		{"ordinary", "", "Bonjour,\n\nVoici notre commande.\n\nCordialement", nil, order.ReplyAck, "", ""},
		{
			"doubt", "", "Bonjour,\n\nMerci d’annuler la deuxième ligne.", nil, order.ReplyHeld, codeLetterDoubt,
			"Merci d’annuler la deuxième ligne.",
		},
		{"in the subject", "Subject: Devis SVP\r\n", "Bonjour", nil, order.ReplyHeld, codeLetterDoubt, "Devis SVP"},
		{"subject of ours", "Subject: RE: [À corriger D-7K2Q9F] Re: Devis\r\n", "Bonjour", nil, order.ReplyAck, "", ""},
		{
			"subject of what is quoted", "Subject: RE: Bon à corriger\r\n",
			"Voici le bon.\n\nLe 27 nov. 2026 à 10:10, Paul <paul@test.local> a écrit :\n> Corrigez puis renvoyez.",
			nil,
			order.ReplyAck, "", "",
		},
		{
			"beyond what a case keeps", "",
			strings.Repeat("Voici notre commande, merci beaucoup.\n", 300) + "Annulez la ligne 1.",
			nil, order.ReplyHeld, codeLetterDoubt, "Annulez la ligne 1.",
		},
		{"a warning", "", "Plutôt 25.", warn, order.ReplyAck, codeLetterDoubt, "Plutôt 25."},
		{
			"question", "", "Quand les élèves auront-ils leurs accès ?", nil, order.ReplyAck, codeLetterQuestion,
			"Quand les élèves auront-ils leurs accès ?",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := newExaminer(t)
			e.Policy.Severity = test.severity
			x := e.Open(says(1, "Shop@test.local", test.header, test.text, attachment{"BdC.xlsx", filled(t, nil, "3")}))
			in := e.Judge(x, nothing(x.Query), at)
			if len(in.Replies) != 1 || in.Replies[0].Kind != test.reply {
				t.Fatalf("got replies %+v, want one of kind %s", in.Replies, test.reply)
			}
			findings := in.Replies[0].Results[0].Findings
			i := slices.IndexFunc(findings, func(f order.Finding) bool {
				return f.Code == codeLetterDoubt || f.Code == codeLetterQuestion
			})
			switch {
			case i < 0 && test.code != "", i >= 0 && (findings[i].Code != test.code || findings[i].Value != test.value):
				t.Errorf("got findings %+v, want %q with %q", findings, test.code, test.value)
			}
		})
	}
}

// When staff look at a form again, the letter beside it still holds it.
func TestLetterIsRechecked(t *testing.T) {
	e := newExaminer(t)
	workbook := filled(t, nil, "3")
	x := e.Open(says(1, "Shop@test.local", "", "Ne pas enregistrer.", attachment{"BdC.xlsx", workbook}))
	in := e.Judge(x, nothing(x.Query), at)
	if len(in.Cases) != 1 {
		t.Fatalf("got %d cases, want 1", len(in.Cases))
	}
	a, err := e.Recheck(t.Context(), in.Cases[0].Attempts[0], &in.Message, workbook, emptyRecord{})
	if err != nil || a.Verdict != order.Held {
		t.Errorf("got %s with %+v, %v, want held", a.Verdict, a.Findings, err)
	}
}

// emptyRecord is a record that knows nothing.
type emptyRecord struct{}

func (emptyRecord) Past(_ context.Context, q order.Query) (order.Past, error) { return nothing(q), nil }
