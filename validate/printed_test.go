package validate

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"bdc/order"
)

// TestPrintedList: in a list where only what is ordered has a quantity, the other lines order
// nothing, and the acknowledgement says so. A quantity that may have been forgotten is asked for.
func TestPrintedList(t *testing.T) {
	form := testForm(t)
	eans := []string{"3133091195199", "3133091195205", "3133091195212", "9782091194264", "9782090000313"}
	for _, tt := range []struct {
		name       string
		quantities string // of the lines; "-" for an empty cell, "!" for one with a remark beside it
		want       string // the quantities ordered, and the codes about quantities
	}{
		{"all filled", "30 28 12", "30 28 12"},
		{"one forgotten", "30 - 12", "30 0 12 line.quantity.missing"},
		{"two forgotten", "30 - 12 -", "30 0 12 0 line.quantity.missing line.quantity.missing"},
		{
			"three of many forgotten", "1 2 3 4 5 6 7 - - -",
			"1 2 3 4 5 6 7 0 0 0 line.quantity.missing line.quantity.missing line.quantity.missing",
		},
		{"a printed list", "30 - - - 28 -", "30 28 line.quantity.none"},
		{"zeros", "30 0 12 0", "30 12 line.quantity.none"},
		{"one zero", "30 0 12", "30 0 12 line.quantity.format"},
		{"zeros and empty cells", "30 0 - - -", "30 line.quantity.none"},
		{"a remark where no quantity is", "30 - - - !", "30 0 line.quantity.missing line.quantity.none"},
		{"nothing ordered", "- - - -", "0 0 0 0" + strings.Repeat(" line.quantity.missing", 4)},
	} {
		var d order.Draft
		for i, q := range strings.Fields(tt.quantities) {
			cells := map[string]order.Cell{
				order.ColumnEAN: {Sheet: "S", Ref: fmt.Sprint("A", i+2), Text: eans[i%len(eans)]},
			}
			switch q {
			case "-":
			case "!":
				cells[order.ColumnRemark] = order.Cell{
					Sheet: "S", Ref: fmt.Sprint("C", i+2),
					Text: "comme l’an dernier",
				}
			default:
				cells[order.ColumnQuantity] = order.Cell{Sheet: "S", Ref: fmt.Sprint("B", i+2), Text: q}
			}
			d.Lines = append(d.Lines, order.DraftLine{Sheet: "S", Row: i + 2, Cells: cells})
		}
		o, findings, _ := Check(form, &d, nil, Sender{Any: true}, Policy{})
		var got []string
		for _, l := range o.Lines {
			got = append(got, fmt.Sprint(l.Quantity))
		}
		var codes []string
		for _, f := range findings {
			if strings.HasPrefix(string(f.Code), "line.quantity.") {
				codes = append(codes, string(f.Code))
			}
		}
		slices.Sort(codes)
		if got := strings.Join(append(got, codes...), " "); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
}
