package templates

import (
	"strings"
	"testing"

	"bdc/order"
)

func TestInert(t *testing.T) {
	for in, want := range map[string]string{
		"http://evil.fr/x":              "http[:]//evil[.]fr/x",
		"HTTPS://1.2.3.4/x":             "HTTPS[:]//1.2.3.4/x",
		"www.evil.example":              "www[.]evil[.]example",
		"voir evil.fr":                  "voir evil[.]fr",
		"a.bc.de.fr":                    "a[.]bc[.]de[.]fr",
		"a@evil.co.uk":                  "a@evil[.]co[.]uk",
		"evil.fr.exupéry":               "evil[.]fr[.]exupéry",
		"evil。com":                      "evil[.]com",
		"évil.org":                      "évil[.]org",
		"evil.xn--p1ai":                 "evil[.]xn--p1ai",
		"evil.рф":                       "evil[.]рф",
		"a.evil.mm":                     "a[.]evil[.]mm",
		"evil\u200b.fr":                 "evil[.]fr",
		"evil.\u2060fr":                 "evil[.]fr",
		"evil\u00ad.\u200efr\ufeff":     "evil[.]fr",
		"evile\u0301.fr":                "evile\u0301[.]fr",
		"💩.la":                          "💩[.]la",
		"👩\u200d🚀.ws":                   "👩\u200d🚀[.]ws",
		"evil\xff.fr":                   "evil[.]fr",
		"ht\u200btp:/\u200b/1.2.3.4":    "http[:]//1.2.3.4",
		"St.Exupéry":                    "St.Exupéry",
		"BdC Lycée.xlsx":                "BdC Lycée.xlsx",
		"evil.fr.xlsx":                  "evil[.]fr.xlsx",
		"M. Dupont, 12.50 €, 3 : 4, 1.": "M. Dupont, 12.50 €, 3 : 4, 1.",
		"S.E.S. 2de":                    "S.E.S. 2de",
	} {
		if got := inert(in); got != want {
			t.Errorf("got %q of %q, want %q", got, in, want)
		}
	}
}

// The recipient's own address is shown as it is, and nothing that only has it in it.
func TestOwnAddressIsShown(t *testing.T) {
	const own = "Achats@Librairie.fr"
	for in, want := range map[string]string{
		"achats@librairie.fr":                "achats@librairie.fr",
		"<achats@librairie.fr>, merci":       "<achats@librairie.fr>, merci",
		"de achats@librairie.fr à evil.fr":   "de achats@librairie.fr à evil[.]fr",
		"xachats@librairie.fr":               "xachats@librairie[.]fr",
		"achats@librairie.fr.evil.com":       "achats@librairie[.]fr[.]evil[.]com",
		"http://achats@librairie.fr":         "http[:]//achats@librairie[.]fr",
		"achats@librairie.fr/x":              "achats@librairie[.]fr/x",
		"evil.com,achats@librairie.fr":       "evil[.]com,achats@librairie[.]fr",
		"achats@librairie.fr\u200b.evil.com": "achats@librairie[.]fr[.]evil[.]com",
	} {
		if got := inertBut(own, in); got != want {
			t.Errorf("got %q of %q, want %q", got, in, want)
		}
	}
}

// A stranger's words in a reply, wherever they come from, are no link.
func TestRepliesHaveNoLinksOfStrangers(t *testing.T) {
	form, err := Form()
	if err != nil {
		t.Fatal(err)
	}
	r, err := NewRenderer(form)
	if err != nil {
		t.Fatal(err)
	}
	const evil = "http://www.evil.fr/a"
	result := order.Result{
		Part: evil, Sheet: evil, Bookstore: evil, Reference: evil, School: evil, Order: -1, Case: "D-7K2Q9F",
		Lines: []order.Line{{Title: evil, Offer: evil, Duration: evil, Licence: evil, Quantity: 1}},
		Findings: []order.Finding{
			{
				Code: "email.format", Severity: order.Error, Field: order.FieldBookMail, Cell: "C3",
				Sheet: evil, Value: evil,
				Proposal: evil, Args: map[string]string{"title": evil, "name": evil, "town": evil},
			},
			{Code: "email.format", Severity: order.Warning, Field: order.FieldBookMail, Value: evil, Proposal: evil},
			{Code: "email.format", Severity: order.Fixed, Field: order.FieldBookMail, Value: evil, Proposal: evil},
		},
		Changes: []order.Change{{Field: order.FieldBookMail, Line: evil, Before: evil, After: evil}},
	}
	for _, kind := range []order.ReplyKind{
		order.ReplyAck, order.ReplyReport, order.ReplyHeld, order.ReplyDuplicate, order.ReplyUnreadable,
		order.ReplyNoForm,
	} {
		result.Kind, result.Offered = kind, kind == order.ReplyReport
		reply := order.Reply{Kind: kind, To: "a@b.fr", Subject: evil, Results: []order.Result{result}}
		subject, text, html, err := r.Render(reply, Options{})
		if err != nil {
			t.Fatal(err)
		}
		for what, s := range map[string]string{"subject": subject, "text": text, "HTML": html} {
			if strings.Contains(s, "evil.fr") || strings.Contains(s, "www.evil") ||
				strings.Contains(s, "http://www") {
				t.Errorf("%s: the %s has a link:\n%s", kind, what, s)
			}
		}
		if strings.Contains(subject, "evil") {
			t.Errorf("%s: the subject has a stranger's link: %s", kind, subject)
		}
	}
}
