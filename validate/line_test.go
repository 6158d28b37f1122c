package validate

import (
	"testing"

	"bdc/order"
)

// TestRowsThatOrderNothing: what stands in a table of orders without being one.
func TestRowsThatOrderNothing(t *testing.T) {
	form := testForm(t)
	text := func(s string) order.Cell { return order.Cell{Text: s} }
	formula := func(s string) order.Cell { return order.Cell{Text: s, Formula: true} }
	tests := []struct {
		name  string
		cells map[string]order.Cell
		want  int // lines
	}{
		{"blanks", map[string]order.Cell{order.ColumnEAN: text(" "), order.ColumnQuantity: text("-")}, 0},
		{"duration copied down", map[string]order.Cell{
			order.ColumnDuration: text("1 an"),
			order.ColumnLicence:  text("Élève"),
		}, 0},
		{"formulas copied down", map[string]order.Cell{
			order.ColumnTitle:    formula("0"),
			order.ColumnQuantity: formula("0"),
			order.ColumnPrice:    formula("0"),
		}, 0},
		{"errors copied down", map[string]order.Cell{
			order.ColumnTitle: {Text: "#N/A", Kind: order.KindError, Formula: true},
		}, 0},
		{"remark", map[string]order.Cell{order.ColumnRemark: text("Merci de livrer avant le 1er septembre")}, 0},
		{"total in the title", map[string]order.Cell{
			order.ColumnTitle:    text("TOTAL :"),
			order.ColumnQuantity: text("60"),
		}, 0},
		{"total in the EAN", map[string]order.Cell{
			order.ColumnEAN:      text("Sous-total"),
			order.ColumnQuantity: text("60"),
		}, 0},
		{"sum alone", map[string]order.Cell{order.ColumnQuantity: formula("60")}, 0},
		{"title alone", map[string]order.Cell{order.ColumnTitle: text("Hyperbole 2de")}, 1},
		{"quantity alone", map[string]order.Cell{order.ColumnQuantity: text("60")}, 1},
		{"title that begins with total", map[string]order.Cell{
			order.ColumnTitle:    text("Total English 2de"),
			order.ColumnQuantity: text("60"),
		}, 1},
		{
			"total beside an EAN",
			map[string]order.Cell{order.ColumnEAN: text(goodEAN), order.ColumnTitle: text("Total")},
			1,
		},
		{"EAN by formula", map[string]order.Cell{order.ColumnEAN: formula(goodEAN)}, 1},
		{"offer alone", map[string]order.Cell{order.ColumnOffer: text(offerRef)}, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := goodDraft(form, 0)
			d.Lines = []order.DraftLine{{Sheet: "BdC", Row: 31, Cells: tt.cells}}
			o, _, _ := Check(form, d, nil, Sender{Any: true}, Policy{})
			if len(o.Lines) != tt.want {
				t.Errorf("lines: got %d, want %d", len(o.Lines), tt.want)
			}
		})
	}
}

// TestPlaceOfAMissingCell: under its header, else where the line begins.
func TestPlaceOfAMissingCell(t *testing.T) {
	form := testForm(t)
	for _, tt := range []struct {
		name, header, want string
	}{
		{"header known", "AB12", "AB40"},
		{"no such column", "", "D40"},
	} {
		d := &order.Draft{Labels: map[string]order.Cell{order.ColumnQuantity: {Ref: tt.header}}}
		l := &order.DraftLine{Row: 40, Cells: map[string]order.Cell{order.ColumnTitle: {Ref: "D40"}}}
		c := &checker{form: form, draft: d}
		if got := c.cell(l, order.ColumnQuantity); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}
