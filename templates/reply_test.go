package templates

import (
	"strings"
	"testing"
	"time"

	"bdc/order"
)

// A reply shows what one of our staff wrote for it. Refusals and letters exist only with
// such words.
func TestRenderPersonal(t *testing.T) {
	words := "Merci pour votre commande.\nLe code de l’établissement est celui de l’annexe.\r\n\r\n\r\n" +
		"Bien à vous,\nClaire <b>Morel</b>"
	for _, kind := range []order.ReplyKind{order.ReplyRefused, order.ReplyLetter, order.ReplyReport} {
		result := order.Result{Kind: kind, Order: -1, Case: "D-7K2Q9F"}
		if kind != order.ReplyLetter {
			result.Bookstore, result.Reference, result.School = "Librairie des Écoles", "CMD-1", "Lycée Turgot"
		}
		reply := order.Reply{
			Kind: kind, Subject: "Commande", Personal: words, CreatedAt: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC),
			Results: []order.Result{result},
		}
		subject, text, page := mustRender(t, reply, Options{})
		golden(t, "personal-"+string(kind)+".txt", "Objet : "+subject+"\n\n"+text)
		golden(t, "personal-"+string(kind)+".html", page)
		again, _, _ := mustRender(t, order.Reply{Kind: kind, Subject: subject, Results: reply.Results}, Options{})
		if again != subject {
			t.Errorf("%s: answering our own subject: got %q, want %q", kind, again, subject)
		}
		if strings.Contains(page, "<b>") {
			t.Errorf("%s: got markup that was typed", kind)
		}
	}
}

func TestParagraphs(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       []string
	}{
		{"none", " \r\n\r\n ", nil},
		{"one", "a", []string{"a"}},
		{"lines stay together", "a \r\n b\n", []string{"a\nb"}},
		{"empty lines part", "a\n\n \n\nb\nc", []string{"a", "b\nc"}},
		{"control characters go", "a\x00\x1b[31mb\u202ec", []string{"a [31mbc"}},
	} {
		got := paragraphs(tt.text)
		if strings.Join(got, "|") != strings.Join(tt.want, "|") {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestRenderTitles: an acknowledgement names what is ordered as the catalogue does, and
// quotes the title of the form where that is another one.
func TestRenderTitles(t *testing.T) {
	line := order.Line{Quantity: 30, Title: "Sirius seconde", ListTitle: "PHYSIQUE-CHIMIE SIRIUS 2DE"}
	plain := order.Line{Quantity: 28, Title: "Latin 4E", ListTitle: "LATIN 4e"}
	short := order.Line{Quantity: 12, Title: "svt 1re", ListTitle: "SVT 1re — Manuel numérique"}
	reply := order.Reply{Kind: order.ReplyAck, Results: []order.Result{{
		Kind: order.ReplyAck, Order: 0, Number: "CNS-2026-000042", Lines: []order.Line{line, plain, short},
	}}}
	_, text, page := mustRender(t, reply, Options{})
	for part, s := range map[string]string{"text": text, "HTML": page} {
		if !strings.Contains(s, line.ListTitle) ||
			!strings.Contains(s, "Votre bon indique\u00a0: «\u00a0Sirius seconde\u00a0»") {
			t.Errorf("got the %s %s, want both titles", part, s)
		}
		if strings.Contains(s, plain.Title) || strings.Count(s, "Votre bon indique") != 1 {
			t.Errorf("got the %s %s, want no title that only looks different, or is the same shortened", part, s)
		}
	}
}
