package validate

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"bdc/order"
)

// evidenceOf checks a draft of the shop whose lines are "ean|quantity|licence|duration|price|title",
// and returns its verdict and what is said of each line, as "code cell".
func evidenceOf(t *testing.T, lines ...string) (order.Order, []string) {
	t.Helper()
	d := goodDraft(testForm(t), 0)
	for i, text := range lines {
		l := order.DraftLine{Sheet: "BdC", Row: 31 + i, Cells: map[string]order.Cell{}}
		for j, value := range strings.Split(text, "|") {
			id := []string{
				order.ColumnEAN, order.ColumnQuantity, order.ColumnLicence, order.ColumnDuration,
				order.ColumnPrice, order.ColumnTitle,
			}[j]
			if value != "" {
				l.Cells[id] = order.Cell{Sheet: "BdC", Ref: fmt.Sprintf("%c%d", 'B'+j, l.Row), Text: value}
			}
		}
		d.Lines = append(d.Lines, l)
	}
	o, findings, _ := Check(testForm(t), d, shop(t), Sender{Any: true}, Policy{})
	var got []string
	for _, f := range findings {
		if f.Severity != order.Fixed && f.Code != CodeRepeated {
			got = append(got, string(f.Code)+" "+f.Cell)
		}
	}
	return o, got
}

// TestALineContradictsItself: who and how long is asked where the cells of a line do not say
// the same, and where a cell says two things.
func TestALineContradictsItself(t *testing.T) {
	for _, tt := range []struct {
		line    string
		verdict order.Verdict
		want    string // findings, or the offer that is taken
	}{
		{goodEAN + "|30|Élève/Enseignant|1 an", order.Rejected, "choice.unclear D31"},
		{goodEAN + "|30|élèves et professeurs|1 an", order.Rejected, "choice.unclear D31"},
		{goodEAN + "|30|pas enseignant|1 an", order.Rejected, "choice.unclear D31"},
		{goodEAN + "|30|Profil élève|1 an", order.Rejected, "choice.unclear D31"},
		{goodEAN + "|30|Licence numérique élève|1 an", order.Accepted, "a choice.unknown D31"},
		{goodEAN + "|30|Élève (pas enseignant)|1 an", order.Accepted, "a choice.unknown D31"},
		{goodEAN + "|30|Élève|3 ans ou 1 an", order.Rejected, "choice.unclear E31"},
		{goodEAN + "|30|Élève|12 mois (1 an)", order.Accepted, "a choice.unknown E31"},
		{offerEAN + "|30|Élève/Enseignant|1 an", order.Accepted, "a choice.unknown D31"}, // the EAN is of the offer
		{goodEAN + "|2 profs|Élève|1 an", order.Rejected, "a line.quantity.users C31"},
		{goodEAN + "|30 élèves|Enseignant|1 an", order.Rejected, "c line.quantity.users C31"},
		{goodEAN + "|30 élèves|Élève|1 an", order.Accepted, "a"},
		{goodEAN + "|30 élèves||1 an", order.Accepted, "a"},
		{goodEAN + "|5 profs||1 an", order.Accepted, "c"},
		{goodEAN + "|30|Enseignant|1 an|7,40", order.Held, "c line.price.other F31"},
		{goodEAN + "|30|Enseignant|1 an|8,00", order.Accepted, "c line.price.mismatch F31"},
		{goodEAN + "|30|Enseignant|1 an|9,00", order.Accepted, "c"},
		{goodEAN + "|30|Élève|1 an||Sirius 2de licence 3 ans", order.Held, "a line.title.offer G31"},
		{goodEAN + "|30|Élève|1 an||Sirius 2de - manuel enseignant", order.Held, "a line.title.offer G31"},
		{goodEAN + "|30|Élève|1 an||Sirius 2de élève 1 an", order.Accepted, "a"},
		{goodEAN + "|30|Élève|1 an||Sirius 2de", order.Accepted, "a"},
		{goodEAN + "|30|Élève|1 an||Sirius 1re", order.Accepted, "a line.title.mismatch G31"},
		{goodEAN + "|30|Élève|1 an|7,40|Sirius 1re", order.Accepted, "a line.title.mismatch G31"},
		{goodEAN + "|30|Élève|1 an|8,10|Sirius 1re", order.Held, "a line.price.mismatch F31 line.title.mismatch G31"},
		{goodEAN + "|30|Élève|1 an||Physique-Chimie Sirius 2de papier", order.Held, "a line.title.mismatch G31"},
		{goodEAN + "|30|Élève|1 an||Sirius 2de, numérique (pas le papier)", order.Accepted, "a"},
	} {
		o, got := evidenceOf(t, tt.line)
		if o.Lines[0].Offer != "" {
			got = slices.Insert(got, 0, o.Lines[0].Offer)
		}
		if text := strings.Join(got, " "); text != tt.want || o.Verdict != tt.verdict {
			t.Errorf("%s: got %s, %q; want %s, %q", tt.line, o.Verdict, text, tt.verdict, tt.want)
		}
	}
}

// TestAccessInTwoWays is asked, as licences are.
func TestAccessInTwoWays(t *testing.T) {
	for text, want := range map[string]order.Verdict{
		"GAR": order.Accepted, "GAR ou site CNS": order.Rejected, "pas de GAR": order.Rejected,
		"GAR par l’ENT": order.Accepted,
	} {
		d := goodDraft(testForm(t), 1)
		d.Fields[order.FieldAccess] = order.Cell{Sheet: "BdC", Ref: "C9", Text: text}
		if _, findings, got := Check(testForm(t), d, nil, Sender{Any: true}, Policy{}); got != want {
			t.Errorf("%s: got %s, %v, want %s", text, got, told(findings), want)
		}
	}
}

// TestColumnsOfOtherRows: titles or prices that belong to other rows than the EANs are held,
// with the rows that seem to belong together. One that differs is a remark.
func TestColumnsOfOtherRows(t *testing.T) {
	names := []string{
		"Physique-Chimie Sirius 2de", "Physique-Chimie Sirius 1re", "Latin 4e", "Hyperbole 2de", "Sillage",
	}
	eans := []string{goodEAN, "3133091195205", "9782091650005", "9782091655697", "9782091655703"}
	form := func(titles ...string) (lines []string) {
		for i, title := range titles {
			lines = append(lines, eans[i%len(eans)]+"|30||||"+title)
		}
		return lines
	}
	for _, tt := range []struct {
		name   string
		titles []string
		want   string // the pairs of rows; "-" for a hold without any
	}{
		{"all right", names, ""},
		{"one other", []string{names[0], names[1], "Grec 3e", names[3]}, ""},
		{"one of three is of no other row", []string{"Grec 3e", names[1], names[2]}, ""},
		{"two of four are of no other row", []string{"Grec 3e", names[1], names[2], "Tamoul"}, "-"},
		{"three of three are", []string{"Grec 3e", "Russe", "Tamoul"}, ""},
		{"two of five are", []string{"Grec 3e", names[1], names[2], "Tamoul", names[4]}, ""},
		{"four are of no other row", []string{"Grec 3e", "Russe", "Tamoul", "Chinois", names[4]}, "-"},
		{"two rows swapped", []string{names[0], names[1], names[3], names[2]}, "33 → 34, 34 → 33"},
		{
			"all moved by one",
			[]string{names[1], names[2], names[3], names[4], names[0]},
			"31 → 32, 32 → 33, 33 → 34, 34 → 35, 35 → 31",
		},
	} {
		b := shop(t)
		for i := range b.titles {
			for j := range b.titles[i].Offers {
				b.titles[i].Offers[j].Until = date(2030, 1, 1)
			}
		}
		got := ""
		d := goodDraft(testForm(t), 0)
		for i, text := range form(tt.titles...) {
			part := strings.Split(text, "|")
			d.Lines = append(d.Lines, order.DraftLine{Sheet: "BdC", Row: 31 + i, Cells: map[string]order.Cell{
				order.ColumnEAN: {Text: part[0]}, order.ColumnQuantity: {Text: part[1]},
				order.ColumnTitle: {Text: part[5]},
			}})
		}
		_, findings, _ := Check(testForm(t), d, b, Sender{Any: true}, Policy{})
		for _, f := range findings {
			if f.Code == CodeTitleShifted {
				if got = f.Args["pairs"]; got == "" {
					got = "-"
				}
			}
		}
		if got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestPricesOfOtherRows are held; prices that are of no row are remarks.
func TestPricesOfOtherRows(t *testing.T) {
	const sirius, hyperbole, sillage = goodEAN + "|30|Élève|1 an|", "9782091655697|10|||", "9782091655703|30|||"
	for _, tt := range []struct {
		name   string
		prices [4]string
		want   bool
	}{
		{"right", [4]string{"7,40", "3", "6", "7,40"}, false},
		{"in another order", [4]string{"3", "6", "7,40", "7,40"}, true},
		{"with tax", [4]string{"7,81", "3,17", "6,33", "7,81"}, false},
		{"two exchanged", [4]string{"3", "7,40", "6", "7,40"}, false},
	} {
		_, got := evidenceOf(t, sirius+tt.prices[0], hyperbole+tt.prices[1], sillage+tt.prices[2], sirius+tt.prices[3])
		if held := slices.Contains(got, "line.price.shifted F31"); held != tt.want {
			t.Errorf("%s: got %v, want it held: %t", tt.name, got, tt.want)
		}
	}
}

// TestTheCataloguesTitleIsKept beside the one that was typed.
func TestTheCataloguesTitleIsKept(t *testing.T) {
	for typed, want := range map[string][2]string{
		"Sirius seconde":             {"Sirius seconde", "Physique-Chimie Sirius 2de"},
		"Physique-Chimie Sirius 2de": {"Physique-Chimie Sirius 2de", ""},
		"":                           {"Physique-Chimie Sirius 2de", ""},
	} {
		o, _ := evidenceOf(t, goodEAN+"|30|Élève|1 an||"+typed)
		if got := [2]string{o.Lines[0].Title, o.Lines[0].ListTitle}; got != want {
			t.Errorf("%q: got %q, want %q", typed, got, want)
		}
	}
}
