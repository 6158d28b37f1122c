package sheet

import (
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"bdc/order"
	"bdc/sheet/sheettest"
)

// edited is a form of three lines, in rows 5 to 7, that something was done to.
func edited(t *testing.T, do func(f *excelize.File) error) order.Draft {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for i, row := range [][]any{
		{"N° de compte", "01002001"},
		{"UAI", "0750647W"},
		{"Ville", "Paris"},
		{"EAN", "Titre", "Quantité"},
		{"9782090000313", "x", 3},
		{"3133091234560", "y", 4},
		{"9782091194264", "z", nil},
		{nil, nil, nil},
		{nil, nil, nil, nil, "élèves boursiers"},
	} {
		cell, _ := excelize.CoordinatesToCellName(1, i+1)
		if err := f.SetSheetRow("Sheet1", cell, &row); err != nil {
			t.Fatal(err)
		}
	}
	if err := do(f); err != nil {
		t.Fatal(err)
	}
	data, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	drafts := Read("x.xlsx", data.Bytes(), sheettest.Form(t), DefaultLimits()).Drafts
	if len(drafts) != 1 {
		t.Fatalf("got %d orders, want 1", len(drafts))
	}
	return drafts[0]
}

// TestRowsHiddenByTables: a line with a quantity that the filter of a table hides is held, and quoted; one
// without a quantity says nothing.
func TestRowsHiddenByTables(t *testing.T) {
	for row, want := range map[int]string{6: "hold A6 3133091234560 × 4", 7: ""} {
		d := edited(t, func(f *excelize.File) error {
			if err := f.AddTable("Sheet1", &excelize.Table{Range: "A4:C7", Name: "lignes"}); err != nil {
				return err
			}
			return f.SetRowVisible("Sheet1", row, false)
		})
		got := ""
		for _, f := range d.Findings {
			if f.Code == "form.sheet.hidden" {
				got = string(f.Severity) + " " + f.Cell + " " + f.Value
			}
		}
		if got != want {
			t.Errorf("row %d: got %q, want %q", row, got, want)
		}
	}
}

// TestLegendsOfColours: a text in the colour of some lines, or beside a cell of that colour, is their
// legend; without such a text, colours say nothing.
func TestLegendsOfColours(t *testing.T) {
	for _, tt := range []struct {
		cells []string
		want  []int
	}{
		{[]string{"A5", "B5", "E9"}, []int{5}},
		{[]string{"A5", "A6", "D9"}, []int{5, 6}},
		{[]string{"A5", "A6", "A7", "D9"}, nil},
		{[]string{"A5"}, nil},
	} {
		d := edited(t, func(f *excelize.File) error {
			style, err := f.NewStyle(&excelize.Style{
				Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"FFFF00"}},
			})
			for _, cell := range tt.cells {
				if err == nil {
					err = f.SetCellStyle("Sheet1", cell, cell, style)
				}
			}
			return err
		})
		i := slices.IndexFunc(d.Asides, func(a order.Aside) bool { return a.Ref == "E9" })
		if i < 0 || !slices.Equal(d.Asides[i].Rows, tt.want) {
			t.Errorf("%v: got %+v, want the legend of the rows %v", tt.cells, d.Asides, tt.want)
		}
	}
}

// TestMoreThanIsReadBesideAForm: what lies beyond the bound is not passed over in silence.
func TestMoreThanIsReadBesideAForm(t *testing.T) {
	var b strings.Builder
	for _, row := range []string{"N° de compte;01002001", "UAI;0750647W", "Ville;Paris", "EAN;Quantité"} {
		b.WriteString(row + strings.Repeat(";", 100) + "\n")
	}
	for range 250 {
		b.WriteString("9782090000313;3" + strings.Repeat(";x", 100) + "\n")
	}
	drafts := Read("x.csv", []byte(b.String()), sheettest.Form(t), DefaultLimits()).Drafts
	more := 0
	for _, a := range drafts[0].Asides {
		if a.Kind == order.AsideMore {
			more++
		}
	}
	if more != 1 || len(drafts[0].Asides) > mostAsides+2 {
		t.Errorf("got %d of %d asides that say that there is more, want 1", more, len(drafts[0].Asides))
	}
}
