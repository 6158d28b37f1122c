package ingest

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"bdc/ingest/mime"
	"bdc/order"
	"bdc/validate"
	"bdc/validate/registry"
)

const (
	authserv = "mx.test.local"
	proof    = "Authentication-Results: " + authserv + "; dmarc=pass header.from=test.local\r\n"
)

// trusting is an examiner that offers corrections: senders are registered, and
// proof of them is asked for. It knows a title that is sold by ten, and a paper
// book.
func trusting(t testing.TB) *Examiner {
	t.Helper()
	e := newExaminer(t)
	ean := func(s string) order.EAN {
		code, err := order.ParseEAN(s)
		if err != nil {
			t.Fatal(err)
		}
		return code
	}
	titles := []order.Title{
		{EAN: ean("3133091001018"), Name: "Mathématiques 6e"},
		{
			EAN: ean("3133091002022"), Name: "Mathématiques 5e",
			Offers: []order.Offer{{Reference: "3133091002022_001", Minimum: 10, Price: 450}},
		},
		{EAN: ean("3133091003036"), Name: "Français 4e"},
	}
	registers := registry.New(nil, titles, []order.Account{
		{Number: "01002001", Name: "Librairie d’essai", Emails: []string{"shop@test.local", "achats@test.local"}},
	})
	e.Registry, e.AnySender, e.AuthservID = func() validate.Registry { return registers }, false, authserv
	return e
}

// TestOffer: a report offers corrections if there is one for each error, if the form would
// be accepted with them, and if an OK of the recipient would count.
func TestOffer(t *testing.T) {
	uai := map[string]string{order.FieldUAI: "0990011A"}
	good := attachment{"bon.xlsx", filled(t, elsewhere(), "3")}
	wrong := attachment{"BdC.xlsx", filled(t, uai, "28")}
	of := func(change map[string]string, lines ...map[string]string) attachment {
		return attachment{"BdC.xlsx", filledLines(t, change, lines...)}
	}
	line := func(ean, title, quantity string) map[string]string {
		return map[string]string{order.ColumnEAN: ean, order.ColumnTitle: title, order.ColumnQuantity: quantity}
	}
	tests := []struct {
		name   string
		change func(*Examiner, *order.Past)
		header string
		files  []attachment
		want   string // the corrections; "" for no offer
	}{
		{"a wrong letter", nil, proof, []attachment{wrong}, "uai=0990011Z"},
		{"beside forms that are ordered", nil, proof, []attachment{good, wrong}, "uai=0990011Z"},
		{
			"too few, and a digit wrong", nil, proof,
			[]attachment{of(uai, line("3133091002022", "", "3"), line("3133091001019", "", "28"))},
			"uai=0990011Z line_quantite@27=10 line_ean@28=3133091001018",
		},
		{
			"an error without a proposal", nil, proof,
			[]attachment{of(map[string]string{order.FieldUAI: "0990011A", order.FieldPostcode: "75"},
				line("3133091001018", "", "28"))},
			"",
		},
		{"two proposals for one", nil, proof, []attachment{of(nil, line("3133091001028", "Français 4e", "28"))}, ""},
		{
			"a doubt would be left", nil, proof,
			[]attachment{of(map[string]string{order.FieldUAI: "0990011A", order.FieldAccount: "7654321"},
				line("3133091001018", "", "28"))},
			"",
		},
		{
			"a warning would be new", nil, proof,
			[]attachment{of(nil, line("3133091001019", "Philosophie Terminale", "28"))},
			"",
		},
		{"nothing is wrong", nil, proof, []attachment{good}, ""},
		{
			"two EANs in a cell", nil, proof,
			[]attachment{of(nil, line("3133091001018\n3133091003036", "Mathématiques 6e", "28"))},
			"",
		},
		{
			"two forms go back", nil, proof,
			[]attachment{wrong, {
				"b.xlsx",
				filled(t, map[string]string{order.FieldReference: "R-2", order.FieldUAI: "0990011A"}, "3"),
			}},
			"",
		},
		{"a file can't be read", nil, proof, []attachment{wrong, {"b.xlsx", good.data[:len(good.data)/2]}}, ""},
		{
			"another form is held", func(_ *Examiner, p *order.Past) { p.Forms[0].Reused = "CNS-2026-000009" }, proof,
			[]attachment{good, wrong},
			"",
		},
		{
			"ordered already", func(_ *Examiner, p *order.Past) { p.Forms[1].Same = "CNS-2026-000009" }, proof,
			[]attachment{wrong},
			"",
		},
		{
			"its reference is another order's",
			func(_ *Examiner, p *order.Past) { p.Forms[1].Reused = "CNS-2026-000009" },
			proof,
			[]attachment{wrong},
			"",
		},
		{"nearly ordered already", func(_ *Examiner, p *order.Past) {
			p.Forms[1].Near = []order.Recent{
				{Number: "CNS-2026-000009", Account: "01002001", Lines: []string{"3133091001018 × 28"}},
			}
		}, proof, []attachment{wrong}, ""},
		{
			"nearly ordered in the same mail", nil, proof,
			[]attachment{{"a.xlsx", filled(t, map[string]string{order.FieldReference: "R-2"}, "28")}, wrong},
			"",
		},
		{"a version of a recorded one", func(_ *Examiner, p *order.Past) {
			p.Forms[0].Same = "CNS-2026-000009"
		}, proof, []attachment{{"a.xlsx", filled(t, map[string]string{order.FieldReference: "R-2"}, "3")}, wrong}, ""},
		{
			"nobody's word is believed", func(e *Examiner, _ *order.Past) { e.AuthservID = "" }, proof,
			[]attachment{wrong},
			"",
		},
		{
			"without a policy, where that is let in", func(e *Examiner, _ *order.Past) { e.DMARCOptional = true },
			strings.Replace(proof, "pass", "none", 1),
			[]attachment{wrong},
			"",
		},
		{"to another address", nil, proof + "Reply-To: achats@test.local\r\n", []attachment{wrong}, ""},
		{"anybody may order, and this one is not registered", func(e *Examiner, _ *order.Past) {
			none := registry.New(nil, nil, nil)
			e.AnySender, e.Registry = true, func() validate.Registry { return none }
		}, proof, []attachment{wrong}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e := trusting(t)
			m := mail(1, "", test.files...)
			m.Raw = append([]byte(test.header), m.Raw...)
			past := order.NoPast(3)
			if test.change != nil {
				test.change(e, &past)
			}
			in := e.Judge(e.Open(m), past, at)
			if len(in.Replies) != 1 {
				t.Fatalf("got %s, want a reply", told(in))
			}
			reply := in.Replies[0]
			i := slices.IndexFunc(reply.Results, func(r order.Result) bool { return r.Offered })
			if (i >= 0) != (test.want != "") {
				t.Fatalf("got %s, offered in result %d; want %q", told(in), i, test.want)
			}
			var got []string
			for _, c := range in.Cases {
				p := c.Attempts[0].Proposed
				if p == nil {
					continue
				}
				if p.Report != reply.MessageID || c.Code != reply.Results[i].Case ||
					!strings.HasPrefix(p.Report, "<"+c.Code+".") {
					t.Errorf("the case %s says that %s offers, want %s of %s", c.Code, p.Report, reply.MessageID,
						reply.Results[i].Case)
				}
				for _, c := range p.Corrections {
					place := ""
					if c.Row > 0 {
						place = fmt.Sprint("@", c.Row)
					}
					got = append(got, c.Field+place+"="+c.Text)
				}
			}
			if s := strings.Join(got, " "); s != test.want {
				t.Errorf("got %q, want %q", s, test.want)
			}
		})
	}
}

// The Message-ID of a report that offers names its own case, whatever cases the
// mail's other forms close.
func TestOfferNamesItsCase(t *testing.T) {
	e := trusting(t)
	m := mail(1, "", attachment{"bon.xlsx", filled(t, elsewhere(), "3")},
		attachment{"BdC.xlsx", filled(t, map[string]string{order.FieldUAI: "0990011A"}, "28")})
	m.Raw = append([]byte(proof), m.Raw...)
	x := e.Open(m)
	past := nothing(x.Query)
	past.Forms[0].Thread = order.Thread{Case: "D-222222", Revision: 1, State: order.SentBack}
	reply := e.Judge(x, past, at).Replies[0]
	if r := reply.Results[1]; !r.Offered || !strings.HasPrefix(reply.MessageID, "<"+r.Case+".") {
		t.Errorf("got the Message-ID %s, want one of the case %s, which is offered: %t", reply.MessageID, r.Case,
			r.Offered)
	}
}

// TestDraftStays: the corrections of an offer are in no form but its own.
func TestDraftStays(t *testing.T) {
	e := trusting(t)
	m := mail(1, "", attachment{"BdC.xlsx", filled(t, map[string]string{order.FieldUAI: "0990011A"}, "28")})
	m.Raw = append([]byte(proof), m.Raw...)
	x := e.Open(m)
	if x.offer == nil || x.Forms[0].Draft.Fields[order.FieldUAI].Text != "0990011A" ||
		x.Forms[0].Order.Fields[order.FieldUAI] != "0990011A" {
		t.Errorf("got the offer %+v and the UAI %q in the form, want one, and as typed", x.offer,
			x.Forms[0].Draft.Fields[order.FieldUAI].Text)
	}
}

func TestProposals(t *testing.T) {
	form := newExaminer(t).Form
	finding := func(field, cell, proposal string) order.Finding {
		return order.Finding{
			Code: "x", Severity: order.Error, Field: field, Sheet: "BdC", Cell: cell,
			Proposal: proposal,
		}
	}
	many := make([]order.Finding, maxOffered+1)
	for i := range many {
		many[i] = finding(order.ColumnQuantity, fmt.Sprint("E", i+30), "10")
	}
	for _, test := range []struct {
		name     string
		findings []order.Finding
		want     int // corrections; -1 for no offer
	}{
		{"none", nil, -1},
		{"only a warning", []order.Finding{{Severity: order.Warning, Field: order.FieldUAI, Proposal: "x"}}, -1},
		{"two", []order.Finding{finding(order.FieldUAI, "C13", "a"), finding(order.ColumnEAN, "A30", "b")}, 2},
		{
			"the same twice",
			[]order.Finding{finding(order.FieldUAI, "C13", "a"), finding(order.FieldUAI, "C13", "a")},
			1,
		},
		{
			"two for one cell",
			[]order.Finding{finding(order.FieldUAI, "C13", "a"), finding(order.FieldUAI, "C13", "b")},
			-1,
		},
		{"of no cell of a line", []order.Finding{finding(order.ColumnEAN, "", "a")}, -1},
		{"of no field", []order.Finding{finding("", "C13", "a")}, -1},
		{"of a field that the form lacks", []order.Finding{finding("autre", "C13", "a")}, -1},
		{"as many as may be", many[1:], maxOffered},
		{"too many", many, -1},
	} {
		got := -1
		if list, ok := proposals(form, test.findings); ok {
			got = len(list)
		}
		if got != test.want {
			t.Errorf("%s: got %d corrections, want %d", test.name, got, test.want)
		}
	}
}

// TestUnnamedServer: where the server leaves its name out, its word is believed
// for an offer as for any order.
func TestUnnamedServer(t *testing.T) {
	e := trusting(t)
	e.AuthservID = mime.UnnamedTopmost
	m := mail(1, "", attachment{"BdC.xlsx", filled(t, map[string]string{order.FieldUAI: "0990011A"}, "28")})
	m.Raw = append([]byte(strings.Replace(proof, authserv+";", "spf=pass;", 1)), m.Raw...)
	if x := e.Open(m); x.offer == nil {
		t.Errorf("got no offer to %s", bytes.SplitN(m.Raw, []byte("\r\n"), 2)[0])
	}
}
