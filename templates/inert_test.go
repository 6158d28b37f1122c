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
		reply := order.Reply{Kind: kind, To: "a@b.fr", ToName: evil, Subject: evil, Results: []order.Result{result}}
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
