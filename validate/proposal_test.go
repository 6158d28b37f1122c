package validate

import (
	"slices"
	"strings"
	"testing"

	"bdc/order"
)

// TestProposals: what a line with a wrong code may have meant, the best first.
func TestProposals(t *testing.T) {
	form := testForm(t)
	tests := []struct{ name, ean, offer, title, want string }{
		{"one wrong digit", "3133091195189", "", "", "3133091195199"},
		{"a wrong check digit", "3133091195198", "", "", "3133091195199"},
		{"two digits swapped", "3133019195199", "", "", "3133091195199"},
		{"one lost", "313309119519", "", "", "3133091195199"},
		{"one too many", "31330911951999", "", "", "3133091195199"},
		{"an offer's EAN", "9782091194246", "", "", offerEAN},
		{"in groups", "313 3091 195 189", "", "", "3133091195199"},
		{"the title alone", "", "", "Sirius physique 2de", "3133091195199"},
		{"the title of an unknown EAN", unknownEAN, "", "SIRIUS PHYSIQUE CHIMIE", "3133091195199 3133091195205"},
		{"slip and title agree", "3133091195189", "", "Sirius 2de", "3133091195199"},
		{"slip and title disagree", "3133091195189", "", "Latin 4e", "9782091650005 3133091195199"},
		{"only a slip, and the title disagrees", "9782091655673", "", "Rien de tel", ""},
		{"no word in common", "3,13E+12", "", "Géographie 4e", ""},
		{"lost in Excel", "3,13E+12", "", "Latin 4e", "9782091650005"},
		{"nothing near", unknownEAN, "", "", ""},
		{"a title of nobody", unknownEAN, "", "Cuisine", ""},
		{"only what is sold here", unknownEAN, "", "Grec 4e", ""},
		{"an offer of a known title", "", goodEAN + "_009", "", "a"},
		{"an offer of an unknown title", "", unknownEAN + "_009", "", ""},
		{"an unknown EAN beside a known offer", unknownEAN, "a", "", "3133091195199"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := goodDraft(form, 0)
			cells := map[string]order.Cell{
				order.ColumnQuantity: {Text: "30"}, order.ColumnDuration: {Text: "1 an"},
				order.ColumnLicence: {Text: "Élève"},
			}
			for id, text := range map[string]string{
				order.ColumnEAN: tt.ean, order.ColumnOffer: tt.offer,
				order.ColumnTitle: tt.title,
			} {
				if text != "" {
					cells[id] = order.Cell{Text: text}
				}
			}
			d.Lines = []order.DraftLine{{Row: 31, Cells: cells}}
			_, findings, _ := Check(form, d, shop(t), Sender{Any: true}, Policy{})
			i := slices.IndexFunc(findings, func(f order.Finding) bool { return f.Severity == order.Error })
			if i < 0 {
				t.Fatalf("got %v, want an error", told(findings))
			}
			f := findings[i]
			got := strings.TrimSpace(f.Proposal + " " + f.Args["proposal2"] + " " + f.Args["proposal3"])
			if got != tt.want {
				t.Errorf("%s: got %q, want %q", f.Code, got, tt.want)
			}
			if f.Proposal != "" && f.Args["title"] == "" {
				t.Errorf("%s: the proposal %s has no title", f.Code, f.Proposal)
			}
		})
	}
}

// TestNoProposalOfACellWithTwoCodes: only the bookseller knows which of them is meant.
func TestNoProposalOfACellWithTwoCodes(t *testing.T) {
	form := testForm(t)
	d := goodDraft(form, 1)
	d.Fields[order.FieldUAI] = order.Cell{Ref: "C13", Text: "0750647W\n0932030B"}
	d.Lines[0].Cells[order.ColumnEAN] = order.Cell{Ref: "B31", Text: "3133091195199\n9782091650005"}
	d.Lines[0].Cells[order.ColumnTitle] = order.Cell{Ref: "D31", Text: "Latin 4e"}
	b := shop(t)
	b.has, b.schools = append(b.has, Directory), schoolBook(t).schools
	_, findings, _ := Check(form, d, b, Sender{Any: true}, Policy{})
	for code, both := range map[order.Code]string{
		CodeUAIFormat: "0750647W 0932030B", CodeEANFormat: "3133091195199 9782091650005",
	} {
		i := slices.IndexFunc(findings, func(f order.Finding) bool { return f.Code == code })
		if i < 0 {
			t.Errorf("got %v, want %s", told(findings), code)
			continue
		}
		f := findings[i]
		if got := f.Args["first"] + " " + f.Args["second"]; got != both ||
			f.Proposal != "" || f.Args["proposal2"] != "" {
			t.Errorf("%s: got %q and the proposal %q, want %q and none", code, f.Args, f.Proposal, both)
		}
	}
}

// TestProposalsAreThree at most, each with its title.
func TestProposalsAreThree(t *testing.T) {
	b := &book{has: []string{Catalogue}}
	for _, ean := range []string{"9782091650005", "9782091650012", "9782091650029", "9782091650036"} {
		b.titles = append(b.titles, order.Title{EAN: mustEAN(t, ean), Name: "Latin 4e"})
	}
	c := &checker{reg: b}
	var f order.Finding
	c.propose(&f, "", "Latin")
	if f.Proposal == "" || f.Args["title2"] == "" || f.Args["proposal3"] == "" || f.Args["title3"] == "" ||
		len(f.Args) != 5 {
		t.Errorf("got %q and %v, want three EANs with their titles", f.Proposal, f.Args)
	}
}

// TestPhysicalProposesTheDigitalBook of the same publisher.
func TestPhysicalProposesTheDigitalBook(t *testing.T) {
	b := shop(t)
	c := &checker{reg: b}
	paper := b.titles[len(b.titles)-1]
	if got, ok := c.digital(paper); !ok || got.EAN.String() != goodEAN {
		t.Errorf("got %v, want %q", got, goodEAN)
	}
	paper.Publisher = "Bordas"
	if got, ok := c.digital(paper); ok {
		t.Errorf("of another publisher: got %v, want none", got)
	}
}

// TestSlipsFindEveryOne: whatever single slip is made in typing an EAN, it is
// among those that are looked up.
func TestSlipsFindEveryOne(t *testing.T) {
	const ean = "9782091194264"
	check := func(typed string) {
		if typed != ean && !slices.Contains(slips(typed), mustEAN(t, ean)) {
			t.Errorf("%s: got %v, want %s among them", typed, slips(typed), ean)
		}
	}
	for i := range ean {
		check(ean[:i] + ean[i+1:])
		for d := '0'; d <= '9'; d++ {
			check(ean[:i] + string(d) + ean[i+1:])
			check(ean[:i] + string(d) + ean[i:])
		}
		if i > 0 {
			check(ean[:i-1] + ean[i:i+1] + ean[i-1:i] + ean[i+1:])
		}
	}
	for _, typed := range []string{"", "1", "97820911942x4", strings.Repeat("9", 15)} {
		if got := slips(typed); got != nil {
			t.Errorf("slips(%q): got %v, want none", typed, got)
		}
	}
}
