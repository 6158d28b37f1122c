package form

import (
	"bytes"
	"testing"

	"github.com/xuri/excelize/v2"

	"bdc/order"
	"bdc/sheet/sheettest"
)

func TestFillStoresEachTypeAsExcelWould(t *testing.T) {
	form := sheettest.Form(t)
	tests := []struct {
		name, id, value string
		text            bool
		stored          string
	}{
		{"account", order.FieldAccount, "01002001", true, "01002001"},
		{"UAI", order.FieldUAI, "0750647w", true, "0750647w"},
		{"postcode", order.FieldPostcode, "01000", true, "01000"},
		{"French date", order.FieldDate, "15/06/2026", false, "46188"},
		{"ISO date", order.FieldDate, "2026-06-15", false, "46188"},
		{"last date", order.FieldDate, "31/12/9999", false, "2958465"},
		{"no date", order.FieldDate, "31/02/2026", true, "31/02/2026"},
		{"before Excel's dates", order.FieldDate, "15/06/1815", true, "15/06/1815"},
		{"EAN", order.ColumnEAN, "3133091234560", true, "3133091234560"},
		{"quantity", order.ColumnQuantity, "30", false, "30"},
		{"quantity in words", order.ColumnQuantity, "10 ex.", true, "10 ex."},
		{"fraction", order.ColumnQuantity, "1.5", true, "1.5"},
		{"price with comma", order.ColumnPrice, "4,50", false, "4.5"},
		{"price with point", order.ColumnPrice, "4.50", false, "4.5"},
		{"price with its sign", order.ColumnPrice, "4,50 €", true, "4,50 €"},
		{"price that is not a number", order.ColumnPrice, "NaN", true, "NaN"},
		{"control character", order.FieldReference, "CMD\x00-1", true, "CMD\ufffd-1"},
		{"formula", order.FieldReference, "=1+1", true, "=1+1"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			values, lines := map[string]string{}, []map[string]string{}
			if _, header := placeOf(t, form, test.id); header {
				values[test.id] = test.value
			} else {
				lines = append(lines, map[string]string{test.id: test.value})
			}
			data, err := Fill(form, values, lines)
			if err != nil {
				t.Fatal(err)
			}
			f := opened(t, data)
			_, cell, _ := cellsOf(t, defined(f)[order.NamePrefix+test.id])
			got, err := f.GetCellValue(SheetName, cell)
			if err != nil {
				t.Fatal(err)
			}
			kind, err := f.GetCellType(SheetName, cell)
			if err != nil {
				t.Fatal(err)
			}
			if text := kind == excelize.CellTypeSharedString; got != test.stored || text != test.text {
				t.Errorf("got %q, text %v; want %q, text %v", got, text, test.stored, test.text)
			}
			if formula, _ := f.GetCellFormula(SheetName, cell); formula != "" {
				t.Errorf("got formula %q", formula)
			}
		})
	}
}

func placeOf(t *testing.T, form *order.Form, id string) (place, bool) {
	t.Helper()
	plan, err := layOut(form, 1)
	if err != nil {
		t.Fatal(err)
	}
	return plan.place(id)
}

func TestFillIsDeterministic(t *testing.T) {
	form := sheettest.Form(t)
	values, lines := sheettest.ExampleValues(form), sheettest.ExampleLines(form, 30)
	first, err := Fill(form, values, lines)
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		again, err := Fill(form, values, lines)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(first, again) {
			t.Fatal("got other bytes from the same values")
		}
	}
}

func TestFillGrowsWithItsLines(t *testing.T) {
	form := sheettest.Form(t)
	values, lines := sheettest.ExampleValues(form), sheettest.ExampleLines(form, form.Rows+30)
	data, err := Fill(form, values, lines)
	if err != nil {
		t.Fatal(err)
	}
	f := opened(t, data)
	_, _, last := cellsOf(t, defined(f)[order.NamePrefix+order.ColumnQuantity])
	got, err := f.GetCellValue(SheetName, last)
	if err != nil {
		t.Fatal(err)
	}
	if want := lines[len(lines)-1][order.ColumnQuantity]; got != want {
		t.Errorf("got %q in the last line, want %q", got, want)
	}
}

func TestFillRefusesUnknownIDs(t *testing.T) {
	form := sheettest.Form(t)
	for name, call := range map[string]func() ([]byte, error){
		"field":           func() ([]byte, error) { return Fill(form, map[string]string{"rne": "x"}, nil) },
		"column":          func() ([]byte, error) { return Fill(form, nil, []map[string]string{{"ean": "x"}}) },
		"column as field": func() ([]byte, error) { return Fill(form, map[string]string{order.ColumnEAN: "x"}, nil) },
		"empty column":    func() ([]byte, error) { return Fill(form, nil, []map[string]string{{"": "x"}}) },
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := call(); err == nil {
				t.Error("got no error")
			}
		})
	}
}
