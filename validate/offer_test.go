package validate

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"bdc/order"
)

// shop is a catalogue of one title, sold in three ways, beside two that share its
// words.
func shop(t testing.TB) *book {
	t.Helper()
	day := func(s string) time.Time {
		d, err := time.Parse(time.DateOnly, s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	return &book{has: []string{Catalogue}, titles: []order.Title{
		{EAN: mustEAN(t, goodEAN), Name: "Physique-Chimie Sirius 2de", Publisher: "Nathan", Offers: []order.Offer{
			{
				Reference: "a", EAN: mustEAN(t, offerEAN), Duration: "1 an", Licence: "Élève", Price: 740,
				VAT: order.SingleVAT(55),
			},
			{Reference: "b", Duration: "36 mois", Licence: "Licence élève", Price: 1200},
			{Reference: "c", Duration: "1 an", Licence: "Enseignant", Minimum: 5, Price: 900},
		}},
		{EAN: mustEAN(t, "3133091195205"), Name: "Physique-Chimie Sirius 1re", Offers: []order.Offer{
			{Reference: "past", Until: day("2026-08-31")},
			{Reference: "coming", From: day("2027-09-01")},
		}},
		{
			EAN: mustEAN(t, "9782091650005"), Name: "Latin 4e",
			Offers: []order.Offer{
				{Reference: "gone", Until: day("2026-08-31")},
				{Reference: "longgone", Until: day("2025-08-31")},
			},
		},
		{EAN: mustEAN(t, "9782091655659"), Name: "Grec 4e", Elsewhere: true, Distributor: "KNE"},
		{EAN: mustEAN(t, "9782091655697"), Name: "Hyperbole 2de", Offers: []order.Offer{
			{Reference: "h1", Minimum: 20, Price: 500}, {Reference: "h2", Adopter: true, Price: 300},
		}},
		{EAN: mustEAN(t, "9782091655703"), Name: "Sillage", Offers: []order.Offer{
			{Reference: "s", Duration: "jusqu’en 2027", Licence: "Utilisateur", Price: 600},
		}},
		{
			EAN: mustEAN(t, physicalEAN), Name: "Physique-Chimie Sirius 2de — Manuel papier", Publisher: "Nathan",
			Physical: true, Offers: []order.Offer{{Reference: "paper"}},
		},
	}}
}

// TestOffers: what a line says, and the one offer that it takes up or why none.
func TestOffers(t *testing.T) {
	form := testForm(t)
	tests := []struct {
		name string
		line string // ean|offer|quantity|duration|licence|price|title
		// want is the findings, as "code field value of the first argument", or the
		// offer, duration, licence and price that were taken.
		want string
	}{
		{"by duration and licence", goodEAN + "||30|1 an|Élève||", "a, 1 an, Élève, 7,40"},
		{"by duration in months", goodEAN + "||30|3 ans|Élève||", "b, 36 mois, Licence élève, 12,00"},
		{"by duration alone", goodEAN + "||30|3 ans|||", "b, 36 mois, Licence élève, 12,00"},
		{"by licence alone", goodEAN + "||30||Enseignant||", "c, 1 an, Enseignant, 9,00"},
		{"by price", goodEAN + "||30|||12||", "b, 36 mois, Licence élève, 12,00"},
		{"by quantity, then licence", goodEAN + "||4|1 an|||", "a, 1 an, Élève, 7,40"},
		{"by the offer's EAN", offerEAN + "||30||||", "a, 1 an, Élève, 7,40"},
		{"by the reference", "|b|30||||", "b, 36 mois, Licence élève, 12,00"},
		{"by the reference and the title's EAN", goodEAN + "|c|30||||", "c, 1 an, Enseignant, 9,00"},
		{"one is left by date", "3133091195205|past|30||||", "line.offer.ended line_offre 2026-08-31"},
		{"several and none chosen", goodEAN + "||30||||", "line.offer.ambiguous line_ean a (1 an, Élève, 7,40 € HT), " +
			"b (36 mois, Licence élève, 12,00 € HT) ou c (1 an, Enseignant, dès 5, 9,00 € HT)"},
		{
			"a duration that is not sold", goodEAN + "||30|2 ans|Élève||",
			"line.offer.mismatch line_duree a (1 an, Élève, 7,40 € HT), b (36 mois, Licence élève, 12,00 € HT) ou c " +
				"(1 an, Enseignant, dès 5, 9,00 € HT)",
		},
		{
			"a licence that is not sold", goodEAN + "||30||Établissement||",
			"line.offer.mismatch line_licence a (1 an, Élève, 7,40 € HT), b (36 mois, Licence élève, 12,00 € HT) ou " +
				"c (1 an, Enseignant, dès 5, 9,00 € HT)",
		},
		{
			"a reference of another duration", "|b|30|1 an|||",
			"line.offer.mismatch line_duree b (36 mois, Licence élève, 12,00 € HT)",
		},
		{
			"a reference of another title", "3133091195205|a|30||||",
			"line.offer.conflict line_offre Physique-Chimie Sirius 1re",
		},
		{
			"a reference of another offer than the EAN", offerEAN + "|b|30||||",
			"line.offer.conflict line_offre Physique-Chimie Sirius 2de",
		},
		{"not yet sold", "|coming|30||||", "line.offer.early line_offre 2027-09-01"},
		{"one gone, one to come", "3133091195205||30||||", "line.offer.early line_ean 2027-09-01"},
		{"no longer sold", "9782091650005||30||||", "line.offer.ended line_ean 2026-08-31"},
		{"not ours to sell", "9782091655659||30||||", "line.product.elsewhere line_ean KNE"},
		{
			"a licence that the catalogue calls otherwise", "9782091655703||30|1 an|Établissement||",
			"s, jusqu’en 2027, Utilisateur, 6,00",
		},
		{
			"adopters apart", "9782091655697||30||||",
			"line.offer.ambiguous line_ean h1 (dès 20, 5,00 € HT) ou h2 (adoptant, 3,00 € HT)",
		},
		{"the minimum", "|c|5||||", "c, 1 an, Enseignant, 9,00"},
		{"below the minimum", "|c|4||||", "line.quantity.minimum line_quantite 5"},
		{"the price to the cent", "|c|5|||9,01|", "c, 1 an, Enseignant, 9,00"},
		{"another price", "|c|5|||9,02|", "line.price.mismatch line_prix_ht 9,00 € c, 1 an, Enseignant, 9,00"},
		{"the greatest quantity", "|a|2000||||", "a, 1 an, Élève, 7,40"},
		{"more", "|a|2001||||", "line.quantity.absurd line_quantite 2000 a, 1 an, Élève, 7,40"},
		{
			"another book", "|a|30||||Latin 4e",
			"line.title.mismatch line_titre Physique-Chimie Sirius 2de a, 1 an, Élève, 7,40",
		},
		{"the paper book", physicalEAN + "||30||||", "line.product.physical line_ean Physique-Chimie Sirius 2de"},
		{
			"the paper book by its reference", "|paper|30||||",
			"line.product.physical line_offre Physique-Chimie Sirius 2de — Manuel papier",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := goodDraft(form, 0)
			cells := map[string]order.Cell{}
			for i, text := range strings.Split(tt.line, "|") {
				column := []string{
					order.ColumnEAN, order.ColumnOffer, order.ColumnQuantity, order.ColumnDuration,
					order.ColumnLicence, order.ColumnPrice, order.ColumnTitle, "",
				}[i]
				if text != "" {
					cells[column] = order.Cell{Sheet: "BdC", Ref: "B31", Text: text}
				}
			}
			d.Lines = []order.DraftLine{{Sheet: "BdC", Row: 31, Cells: cells}}
			policy := Policy{Today: time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)}
			o, findings, _ := Check(form, d, shop(t), Sender{Any: true}, policy)
			var got []string
			for _, f := range findings {
				about := ""
				for _, key := range []string{
					"offers", "from", "until", "minimum", "maximum", "seller", "price", "digital", "title",
				} {
					if about = f.Args[key]; about != "" {
						break
					}
				}
				got = append(got, string(f.Code)+" "+f.Field+" "+about)
			}
			l := o.Lines[0]
			if l.ListPrice != nil && !slices.ContainsFunc(findings,
				func(f order.Finding) bool { return f.Code == CodeQuantityMinimum }) {
				price := strings.TrimSuffix(l.ListPrice.String(), "\u00a0€")
				got = append(got, strings.Join([]string{l.Offer, l.Duration, l.Licence, price}, ", "))
			}
			if text := strings.ReplaceAll(strings.Join(got, " "), "\u00a0", " "); text != tt.want {
				t.Errorf("got  %s\nwant %s", text, tt.want)
			}
		})
	}
}

// TestOfferDays: an offer may be taken up on its first day and its last, in France.
func TestOfferDays(t *testing.T) {
	from, until := time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC), time.Date(2027, 8, 31, 0, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		at           time.Time
		notYet, over bool
	}{
		{time.Time{}, false, false},
		{time.Date(2026, 8, 31, 21, 59, 0, 0, time.UTC), true, false}, // 23:59 in Paris
		{time.Date(2026, 8, 31, 22, 0, 0, 0, time.UTC), false, false},
		{time.Date(2027, 8, 31, 21, 59, 0, 0, time.UTC), false, false},
		{time.Date(2027, 8, 31, 22, 0, 0, 0, time.UTC), false, true},
	} {
		p := Policy{Today: tt.at}
		if p.notYet(from) != tt.notYet || p.over(until) != tt.over {
			t.Errorf("%s: got not yet %t, over %t; want %t, %t", tt.at, p.notYet(from), p.over(until), tt.notYet,
				tt.over)
		}
	}
}

// TestPolicySeverity: a deployment's severity counts for the verdict, and never
// hides what was put right.
func TestPolicySeverity(t *testing.T) {
	form := testForm(t)
	policy := Policy{Severity: func(code order.Code, s order.Severity) order.Severity {
		if code == CodeReferenceMissing || code == CodeNormalized || code == "form.sheet.hidden" {
			return order.Hold
		}
		return s
	}}
	for _, tt := range []struct {
		name   string
		change func(*order.Draft)
		want   order.Verdict
	}{
		{"nothing", func(*order.Draft) {}, order.Accepted},
		{"a finding of the check", func(d *order.Draft) { delete(d.Fields, order.FieldReference) }, order.Held},
		{"a finding of the reader", func(d *order.Draft) {
			d.Findings = []order.Finding{{Code: "form.sheet.hidden", Severity: order.Warning}}
		}, order.Held},
		{"a value put right", func(d *order.Draft) {
			d.Fields[order.FieldUAI] = order.Cell{Text: strings.ToLower(goodUAI)}
		}, order.Accepted},
	} {
		d := goodDraft(form, 1)
		tt.change(d)
		o, findings, verdict := Check(form, d, testBook(t), Sender{Email: goodMail}, policy)
		if verdict != tt.want || o.Verdict != tt.want {
			t.Errorf("%s: got %s with %v, want %s", tt.name, verdict, findings, tt.want)
		}
		if len(d.Findings) > 0 && d.Findings[0].Severity != order.Warning {
			t.Errorf("%s: the draft's own finding became %s", tt.name, d.Findings[0].Severity)
		}
	}
}

// TestTotal: the catalogue's price counts, else the one typed; a line without
// either adds nothing.
func TestTotal(t *testing.T) {
	form := testForm(t)
	d := goodDraft(form, 0)
	line := func(row int, ean, quantity, price string) order.DraftLine {
		cell := func(text string) order.Cell { return order.Cell{Text: text} }
		return order.DraftLine{Row: row, Cells: map[string]order.Cell{
			order.ColumnEAN: cell(ean), order.ColumnQuantity: cell(quantity), order.ColumnPrice: cell(price),
			order.ColumnDuration: cell("1 an"), order.ColumnLicence: cell("Élève"),
		}}
	}
	d.Lines = []order.DraftLine{
		line(31, goodEAN, "10", "5"), line(32, "9782091650029", "2", "3,50"),
		line(33, "9782091650036", "7", ""),
	}
	o, _, _ := Check(form, d, shop(t), Sender{Any: true}, Policy{})
	if want := order.Cents(10*740 + 2*350); o.Total != want {
		t.Errorf("got %s, want %s", o.Total, want)
	}
}

// TestRepeatedIsSaidOnce: with the rows that are alike.
func TestRepeatedIsSaidOnce(t *testing.T) {
	form := testForm(t)
	d := goodDraft(form, 5)
	for _, i := range []int{1, 3, 4} {
		d.Lines[i].Cells[order.ColumnRemark] = order.Cell{Text: "même classe"}
	}
	_, findings, verdict := Check(form, d, testBook(t), Sender{Email: goodMail}, Policy{})
	if len(findings) != 1 || findings[0].Code != CodeRepeated || findings[0].Args["rows"] != "32, 34 et 35" ||
		findings[0].Cell != "B34" || verdict != order.Accepted {
		t.Errorf("got %s with %+v, want accepted with rows 32, 34 et 35, at B34", verdict, findings)
	}
}

// A line's points were told as they were found: the quantity before the EAN.
func TestPointsOfALineAreToldFromTheLeft(t *testing.T) {
	form := testForm(t)
	d := goodDraft(form, 1)
	ean, quantity := d.Lines[0].Cells[order.ColumnEAN], d.Lines[0].Cells[order.ColumnQuantity]
	ean.Text, quantity.Text = "3133091234560", "une trentaine" // an EAN that the catalogue lacks
	d.Lines[0].Cells[order.ColumnEAN], d.Lines[0].Cells[order.ColumnQuantity] = ean, quantity
	_, findings, _ := Check(form, d, testBook(t), Sender{Email: goodMail}, Policy{})
	if len(findings) != 2 || findings[0].Field != order.ColumnEAN || findings[1].Field != order.ColumnQuantity {
		t.Errorf("got %+v, want the EAN, then the quantity", findings)
	}
}

// The rows of two articles were told as those of one, without the first of the second.
func TestRepeatedTellsEachArticleApart(t *testing.T) {
	form := testForm(t)
	d := goodDraft(form, 5)
	for i, class := range map[int]string{0: "a", 1: "b", 2: "b", 3: "a", 4: "c"} {
		d.Lines[i].Cells[order.ColumnRemark] = order.Cell{Text: class}
	}
	_, findings, _ := Check(form, d, testBook(t), Sender{Email: goodMail}, Policy{})
	if len(findings) != 1 || findings[0].Args["rows"] != "31 et 34, puis 32 et 33" || findings[0].Cell != "B33" {
		t.Errorf("got %+v, want the rows 31 et 34, puis 32 et 33, at B33", findings)
	}
}

func TestMonths(t *testing.T) {
	for _, tt := range []struct{ text, want string }{ // "?" for a text that is not clear
		{"1 an", "12"},
		{"3ans", "36"},
		{"un an", "12"},
		{"1 an (du 01/09/2026 au 31/08/2027)", "12"},
		{"1 an, soit 12 mois", "12"},
		{"jusqu’en 2027", ""},
		{"3 ans ou 1 an", "?"},
		{"1 à 3 ans", "?"},
		{"1/3 ans", "?"},
		{"pas 3 ans", "?"},
		{"1 an ou plus", "?"},
		{"12 mois", "12"},
		{"Annuelle", "12"},
		{"3 ans", "36"},
		{"3 années", "36"},
		{"5", "60"},
		{"1 année scolaire", "12"},
		{"illimitée", ""},
		{"10 jours", "?"},
		{"", ""},
	} {
		n, clear := monthsIn(tt.text)
		got := strconv.Itoa(n)
		switch {
		case !clear:
			got = "?"
		case n == 0:
			got = ""
		}
		if got != tt.want {
			t.Errorf("monthsIn(%q): got %q, want %q", tt.text, got, tt.want)
		}
	}
}

// TestLineKeepsVAT: a line has the VAT of the offer that it takes up.
func TestLineKeepsVAT(t *testing.T) {
	form := testForm(t)
	o, _, _ := Check(form, goodDraft(form, 1), shop(t), Sender{Any: true}, Policy{})
	if want := order.SingleVAT(55); len(o.Lines) != 1 || !slices.Equal(o.Lines[0].VAT, want) {
		t.Errorf("got %+v, want one line with VAT %v", o.Lines, want)
	}
}
