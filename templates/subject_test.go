package templates

import (
	"strings"
	"testing"
	"unicode/utf8"

	"bdc/order"
)

func TestSubject(t *testing.T) {
	ack := order.Result{Kind: order.ReplyAck, Number: "CNS-2026-000001"}
	report := order.Result{Kind: order.ReplyReport, Case: "D-7K2Q9F"}
	long := strings.Repeat("é", 300)
	for _, test := range []struct {
		name    string
		subject string
		results []order.Result
		want    string
	}{
		{"acknowledged", "Commande Lycée Turgot", []order.Result{ack}, "[CNS-2026-000001] Re: Commande Lycée Turgot"},
		{"to correct", "Commande", []order.Result{report}, "[À corriger D-7K2Q9F] Re: Commande"},
		{
			"held", "Commande",
			[]order.Result{{Kind: order.ReplyHeld, Case: "D-7K2Q9F"}},
			"[En cours d’examen D-7K2Q9F] Re: Commande",
		},
		{
			"duplicate", "Commande",
			[]order.Result{{Kind: order.ReplyDuplicate, Number: "CNS-2026-000001", Case: "D-7K2Q9F"}},
			"[Déjà reçue CNS-2026-000001] Re: Commande",
		},
		{"unreadable", "Commande", []order.Result{{Kind: order.ReplyUnreadable}}, "[Fichier illisible] Re: Commande"},
		{
			"no form", "Commande",
			[]order.Result{{Kind: order.ReplyNoForm, Case: "D-7K2Q9F"}},
			"[Sans bon de commande D-7K2Q9F] Re: Commande",
		},
		{"no code", "Commande", []order.Result{{Kind: order.ReplyReport}}, "[À corriger] Re: Commande"},
		{"a number to come", "Commande", []order.Result{{Kind: order.ReplyAck}}, "Re: Commande"},
		{
			"the gravest first", "Commande",
			[]order.Result{ack, report},
			"[À corriger D-7K2Q9F] [CNS-2026-000001] Re: Commande",
		},
		{
			"many of a kind", "Commande",
			[]order.Result{
				{Kind: order.ReplyAck, Number: "1"},
				{Kind: order.ReplyAck, Number: "1"},
				{Kind: order.ReplyAck, Number: "2"},
				{Kind: order.ReplyAck, Number: "3"},
				{Kind: order.ReplyAck, Number: "4"},
			},
			"[1, 2, 3, …] Re: Commande",
		},
		{"no subject", " \r\n", []order.Result{ack}, "[CNS-2026-000001] Re: Votre bon de commande"},
		{
			"nothing but our own", "Re: [À corriger D-7K2Q9F] RE :",
			[]order.Result{ack},
			"[CNS-2026-000001] Re: Votre bon de commande",
		},
		{
			"answered again and again", "RE : Re: Rép. : AW: re[2]: Commande",
			[]order.Result{ack},
			"[CNS-2026-000001] Re: Commande",
		},
		{
			"our tags of before",
			"Re: [À corriger D-7K2Q9F] RE: [sans bon de commande D-7K2Q9F] " +
				"[CNS-2026-000001, CNS-2026-000002] [en cours d'examen D-7K2Q9F] Re: Commande",
			[]order.Result{ack},
			"[CNS-2026-000001] Re: Commande",
		},
		{
			"a forwarded answer of ours", "TR: [Fichier illisible] Re: Commande",
			[]order.Result{ack},
			"[CNS-2026-000001] Re: TR: Commande",
		},
		{
			"tags of others", "[EXTERNE] Commande [urgent]",
			[]order.Result{ack},
			"[CNS-2026-000001] Re: [EXTERNE] Commande [urgent]",
		},
		{
			"a gateway's tag, each time", "Re: [EXTERNE] RE: [À corriger D-7K2Q9F] Re: [EXTERNE] Commande",
			[]order.Result{ack},
			"[CNS-2026-000001] Re: [EXTERNE] Commande",
		},
		{
			"answered and forwarded", "Re: TR: Fwd: Re: Commande",
			[]order.Result{ack},
			"[CNS-2026-000001] Re: TR: Fwd: Re: Commande",
		},
		{
			"a word that begins like an answer", "Réassort : Lycée Turgot",
			[]order.Result{ack},
			"[CNS-2026-000001] Re: Réassort : Lycée Turgot",
		},
		{
			"header injection", "Commande\r\nBcc: tout le monde\x00",
			[]order.Result{ack},
			"[CNS-2026-000001] Re: Commande Bcc: tout le monde",
		},
		{
			"a link", "Gagnez sur www.evil.example",
			[]order.Result{ack},
			"[CNS-2026-000001] Re: Votre bon de commande",
		},
		{
			"hostile numbers", "Commande",
			[]order.Result{{Kind: order.ReplyAck, Number: "1\r\nBcc: tout@le.monde, et encore"}},
			"[1 Bcc: tout@le.mond…] Re: Commande",
		},
		{
			"too long", long,
			[]order.Result{ack},
			"[CNS-2026-000001] Re: " + strings.Repeat("é", maxSubject-len("[CNS-2026-000001] Re: ")-1) + "…",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := subjectOf(test.subject, test.results); got != test.want {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
		})
	}
}

// The subject of a reply to a reply of ours, and so on, does not grow.
func FuzzSubject(f *testing.F) {
	f.Add("RE : [À corriger D-7K2Q9F] Re: Commande")
	f.Add(hostile[:300])
	f.Add("[[À corriger] x]")
	f.Add("[EXTERNE] Re: [À corriger D-7K2Q9F] Re: [EXTERNE] Commande")
	f.Fuzz(func(t *testing.T, subject string) {
		results := []order.Result{{Kind: order.ReplyReport, Case: "D-7K2Q9F"}}
		got := subjectOf(subject, results)
		if utf8.RuneCountInString(got) > maxSubject || !strings.HasPrefix(got, "[À corriger D-7K2Q9F] ") {
			t.Errorf("got %q", got)
		}
		if again := subjectOf("Re: "+got, results); again != got {
			t.Errorf("answered again: got %q, want %q", again, got)
		}
	})
}
