package grid

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"bdc/sheet/sheettest"
)

// readRows reads rows as "number:text|text…", and the code of what refused them.
func readRows(data []byte, lim Limits) string {
	var b strings.Builder
	for row, err := range Rows(data, lim) {
		var refused *Refusal
		if errors.As(err, &refused) {
			fmt.Fprintf(&b, "%s ", refused.Code)
			continue
		}
		fmt.Fprintf(&b, "%d:", row.Number)
		for i, c := range row.Cells {
			if i > 0 {
				b.WriteByte('|')
			}
			b.WriteString(c.Text)
		}
		b.WriteByte(' ')
	}
	return strings.TrimSpace(b.String())
}

func TestRows(t *testing.T) {
	const some = `<sheetData><row r="2"><c r="B2"><v>7</v></c><c r="D2" t="s"><v>1</v></c></row><row r="3"/>` +
		`<row r="9"><c r="A9" t="inlineStr"><is><t>z</t></is></c></row></sheetData>`
	const table = `<si><t>a</t></si><si><t>b</t></si>`
	tests := []struct {
		name string
		in   sheettest.Workbook
		want string
	}{
		{"places are kept, empty rows are not", sheettest.Workbook{
			Sheets:  []string{some},
			Strings: table,
		}, "2:|7||b 9:z"},
		{"the first sheet that holds anything", sheettest.Workbook{
			Sheets:  []string{`<sheetData/>`, some},
			Strings: table,
		}, "2:|7||b 9:z"},
		{"one that is seen before a hidden one", sheettest.Workbook{
			Sheets:  []string{`<sheetData/>`, some},
			Strings: table, Hidden: true,
		}, "2:|7||b 9:z"},
		{"only one sheet", sheettest.Workbook{Sheets: []string{`<sheetData><row r="1">` +
			`<c r="A1"><v>1</v></c></row></sheetData>`, some}, Strings: table}, "1:1"},
		{"nothing", sheettest.Workbook{Sheets: []string{`<sheetData/>`}}, ""},
		{"a string that is not there", sheettest.Workbook{Sheets: []string{some}}, "form.unreadable.damaged"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := readRows(sheettest.Zip(t, tt.in.Entries()...), RowLimits()); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestRowsRefuses(t *testing.T) {
	var body strings.Builder
	for i := range 20 {
		fmt.Fprintf(&body, `<row r="%d"><c r="A%[1]d"><v>%[1]d</v></c></row>`, i+1)
	}
	good := sheettest.Zip(t, sheettest.Workbook{Sheets: []string{"<sheetData>" + body.String() +
		"</sheetData>"}}.Entries()...)
	few := RowLimits()
	few.Rows = 10
	damaged := bytes.Clone(good)
	damaged[bytes.Index(damaged, []byte("xl/worksheets/sheet1.xml"))+60] ^= 1
	for _, tt := range []struct {
		name string
		data []byte
		lim  Limits
		want string
	}{
		{"too many rows", good, few, "form.limit.rows"},
		{"damaged", damaged, RowLimits(), "form.unreadable."},
		{"cut short", good[:len(good)-40], RowLimits(), "form.unreadable.truncated"},
		{"a PDF", []byte("%PDF-1.7"), RowLimits(), "form.unreadable.pdf"},
		{"nothing", nil, RowLimits(), "form.unreadable.empty"},
	} {
		got := readRows(tt.data, tt.lim)
		if last := got[strings.LastIndexByte(got, ' ')+1:]; !strings.HasPrefix(last, tt.want) {
			t.Errorf("%s: got %q, want it to end with %s", tt.name, got, tt.want)
		}
	}
}

// TestRowsMayBeLeft: whoever has seen enough rows stops.
func TestRowsMayBeLeft(t *testing.T) {
	data := sheettest.Zip(t, sheettest.Workbook{Sheets: []string{`<sheetData><row r="1"><c r="A1"><v>1</v></c></row>` +
		`<row r="2"><c r="A2" t="x"/></row></sheetData>`}}.Entries()...)
	for row, err := range Rows(data, RowLimits()) {
		if err != nil || row.Number != 1 {
			t.Errorf("got row %d and %v, want the first", row.Number, err)
		}
		break
	}
}

// FuzzRows: whatever the bytes, no panic, rows in rising order, and one refusal at
// most, at the end.
func FuzzRows(f *testing.F) {
	f.Add(sheettest.Zip(f, sheettest.Workbook{Sheets: []string{`<sheetData><row r="2">` +
		`<c r="B2"><v>7</v></c></row></sheetData>`}}.Entries()...))
	f.Add([]byte("PK\x03\x04"))
	lim := DefaultLimits()
	f.Fuzz(func(t *testing.T, data []byte) {
		last, refused := 0, false
		for row, err := range Rows(data, lim) {
			if refused {
				t.Error("got something after a refusal, want the end")
			}
			if refused = err != nil; refused {
				continue
			}
			if row.Number <= last || len(row.Cells) == 0 || len(row.Cells) > lim.Columns {
				t.Errorf("got row %d of %d cells after row %d", row.Number, len(row.Cells), last)
			}
			last = row.Number
		}
	})
}
