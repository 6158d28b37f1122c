package form

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"bdc/bench/need"
	"bdc/order"
	"bdc/sheet/sheettest"
)

// The formulas that Excel checks values by must agree with our own rules.
func TestRulesInOffice(t *testing.T) {
	need.Time(t)
	tests := []struct {
		kind  order.Type
		value string
		want  bool
	}{
		{order.TypeUAI, "0750647W", true},
		{order.TypeUAI, "0750647w", true},
		{order.TypeUAI, "6200001G", true},
		{order.TypeUAI, "0750647X", false},
		{order.TypeUAI, "0750648W", false},
		{order.TypeUAI, "750647W", false},
		{order.TypeUAI, "0750647", false},
		{order.TypeUAI, "075 647W", false},
		{order.TypeUAI, "1E+0005T", false},
		{order.TypeUAI, "-000001B", false},
		{order.TypeUAI, "Turgot", false},
		{order.TypeEAN, "3133091234560", true},
		{order.TypeEAN, "9782090000313", true},
		{order.TypeEAN, "9782090000314", false},
		{order.TypeEAN, "978209000031", false},
		{order.TypeEAN, "978-209000031", false},
		{order.TypeEAN, "97820900003X3", false},
		{order.TypePostcode, "75003", true},
		{order.TypePostcode, "01000", true},
		{order.TypePostcode, "1000", false},
		{order.TypePostcode, "2A004", false},
		{order.TypePostcode, "1E+04", false},
		{order.TypePostcode, "12.50", false},
		{order.TypeEmail, "ce.0750647w@ac-paris.fr", true},
		{order.TypeEmail, "turgot", false},
		{order.TypeEmail, "a@b", false},
		{order.TypeEmail, "a@b.fr; c@d.fr", false},
		{order.TypeEmail, "a @b.fr", false},
		{order.TypeQuantity, "30", true},
		{order.TypeQuantity, "0", false},
		{order.TypeQuantity, "-3", false},
		{order.TypeQuantity, "2.5", false},
		{order.TypeQuantity, "30 ex.", false}, // which we read, and the form's total doesn't
		{order.TypeQuantity, "une trentaine", false},
		{order.TypeAccount, "01002001", true},
		{order.TypeAccount, "0100 2001", true},
		{order.TypeAccount, "LIB-2001", false},
	}
	f := excelize.NewFile()
	defer f.Close()
	p := &worksheet{file: f, sheet: "Sheet1"}
	p.paint(fmt.Sprintf("A1:A%d", len(tests)), p.style(excelize.Style{NumFmt: 49}))
	for i, test := range tests {
		p.text(cellName(1, i+1), test.value)
		p.formula(cellName(2, i+1), fmt.Sprintf(`IF(IFERROR(%s,FALSE),"good","bad")`,
			ruleOf(test.kind, cellName(1, i+1)).formula))
	}
	data, err := p.bytes()
	if err != nil {
		t.Fatal(err)
	}
	rows := officeCells(t, data)[0]
	if len(rows) != len(tests) {
		t.Fatalf("got %d rows, want %d", len(rows), len(tests))
	}
	for i, test := range tests {
		if got := rows[i][1] == "good"; got != test.want {
			t.Errorf("%s %q: got %v (%s), want %v", test.kind, test.value, got, rows[i][1], test.want)
		}
	}
}

// The row above the form says what it lacks and what it comes to.
func TestTallyInOffice(t *testing.T) {
	need.Time(t)
	form := sheettest.Form(t)
	tests := []struct {
		name            string
		spoil           func(values map[string]string, lines []map[string]string)
		blank           bool
		state           string
		licences, total string
	}{
		{
			name: "blank", blank: true, state: "Remplissez les cases jaunes, puis le tableau.",
			licences: "0 licence", total: "0.00 € HT",
		},
		{
			name: "complete", state: "Toutes les cases obligatoires sont remplies.",
			licences: "6 licences", total: "27.00 € HT",
		},
		{
			name: "without lines",
			spoil: func(_ map[string]string, lines []map[string]string) {
				for _, l := range lines {
					clear(l)
				}
			},
			state: "À compléter · aucune ligne de commande", licences: "0 licence", total: "0.00 € HT",
		},
		{
			name: "a little of each",
			spoil: func(values map[string]string, lines []map[string]string) {
				delete(values, order.FieldUAI)
				delete(values, order.FieldTown)
				delete(values, order.FieldContactMail) // the school's does instead
				delete(lines[1], order.ColumnQuantity)
			},
			state:    "À compléter · 2 cases obligatoires · 1 ligne inachevée",
			licences: "4 licences", total: "18.00 € HT",
		},
		{
			name: "what does instead",
			spoil: func(values map[string]string, lines []map[string]string) {
				delete(values, order.FieldUAI)
				values[order.FieldNoUAI] = "Oui"
				delete(lines[0], order.ColumnEAN)
				lines[0][order.ColumnOffer] = "9782091194264_001"
			},
			state: "Toutes les cases obligatoires sont remplies.", licences: "6 licences", total: "27.00 € HT",
		},
		{
			name:  "text for a quantity",
			spoil: func(_ map[string]string, lines []map[string]string) { lines[2][order.ColumnQuantity] = "3 ex." },
			state: "Toutes les cases obligatoires sont remplies.", licences: "3 licences", total: "13.50 € HT",
		},
	}
	workbooks := make([][]byte, len(tests))
	for i, test := range tests {
		values, lines := sheettest.ExampleValues(form), sheettest.ExampleLines(form, 3) // quantities 1, 2, 3 at 4,50
		if test.spoil != nil {
			test.spoil(values, lines)
		}
		if test.blank {
			values, lines = nil, nil
		}
		data, err := Fill(form, values, lines)
		if err != nil {
			t.Fatal(err)
		}
		workbooks[i] = data
	}
	sheets := officeCells(t, workbooks...)
	for i, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			row := sheets[i][1]
			n := len(row)
			if row[0] != test.state || row[n-2] != test.licences || strings.TrimSpace(row[n-1]) != test.total {
				t.Errorf("got %q, %q, %q; want %q, %q, %q", row[0], row[n-2], row[n-1], test.state,
					test.licences, test.total)
			}
		})
	}
}

// A bookseller inserts rows where the protection allows it: at the top of the
// table, within it and at its end.
func TestTotalsCountInsertedLines(t *testing.T) {
	need.Time(t)
	form := sheettest.Form(t)
	plan, err := layOut(form, form.Rows)
	if err != nil {
		t.Fatal(err)
	}
	data, err := Fill(form, sheettest.ExampleValues(form), sheettest.ExampleLines(form, 3))
	if err != nil {
		t.Fatal(err)
	}
	f := opened(t, data)
	p := &worksheet{file: f, sheet: SheetName}
	for _, row := range []int{plan.end, plan.first + 1, plan.first} {
		p.do(f.InsertRows(SheetName, row, 1))
		p.do(f.SetCellInt(SheetName, cellName(plan.column(order.ColumnQuantity), row), 100))
		p.do(f.SetCellInt(SheetName, cellName(plan.column(order.ColumnPrice), row), 2))
	}
	changed, err := p.bytes()
	if err != nil {
		t.Fatal(err)
	}
	row := officeCells(t, changed)[0][1]
	n := len(row)
	if row[n-2] != "306 licences" || strings.TrimSpace(row[n-1]) != "627.00 € HT" {
		t.Errorf("got %q and %q, want 306 licences and 627.00 € HT", row[n-2], row[n-1])
	}
	if want := "À compléter · 3 lignes inachevées"; row[0] != want { // the inserted ones have no EAN
		t.Errorf("got %q, want %q", row[0], want)
	}
}

// officeCells has LibreOffice compute workbooks, and returns the first sheet of
// each as shown, in the separators of English.
func officeCells(t *testing.T, workbooks ...[]byte) [][][]string {
	t.Helper()
	const semicolonsUTF8 = `csv:Text - txt - csv (StarCalc):59,34,76,1,,1033`
	sheets := make([][][]string, len(workbooks))
	for i, text := range sheettest.Convert(t, semicolonsUTF8, workbooks...) {
		r := csv.NewReader(bytes.NewReader(text))
		r.Comma, r.FieldsPerRecord = ';', -1
		rows, err := r.ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		sheets[i] = rows
	}
	return sheets
}
