package validate

import (
	"slices"
	"testing"
	"time"

	"bdc/order"
)

func TestReadDate(t *testing.T) {
	testRead(t, order.Field{Type: order.TypeDate}, []readCase{
		{text: "2026-06-15", kind: order.KindDate, value: "2026-06-15"},
		{text: "2026-06-15T10:30:00", kind: order.KindDate, value: "2026-06-15"},
		{text: "15/06/2026", value: "2026-06-15"},
		{text: "15/6/26", value: "2026-06-15", fixed: true},
		{text: "15-06-2026", value: "2026-06-15"},
		{text: "15.06.2026", value: "2026-06-15"},
		{text: "15 juin 2026", value: "2026-06-15", fixed: true},
		{text: "lundi 15 juin 2026", value: "2026-06-15", fixed: true},
		{text: "1er août 2026", value: "2026-08-01", fixed: true},
		{text: "3 févr. 2026", value: "2026-02-03", fixed: true},
		{text: "29/02/2028", value: "2028-02-29"},
		{text: "29/02/2026", code: CodeDate},
		{text: "31/04/2026", code: CodeDate},
		{text: "06/15/2026", code: CodeDate},
		{text: "0/06/2026", code: CodeDate},
		{text: "15/0/2026", code: CodeDate},
		{text: "01/01/2000", value: "2000-01-01"},
		{text: "31/12/1999", code: CodeDate},
		{text: "31/12/2099", value: "2099-12-31"},
		{text: "01/01/2100", code: CodeDate},
		{text: "15 jui 2026", code: CodeDate}, // June or July
		{text: "46188", kind: order.KindNumber, code: CodeDate},
		{text: "dès que possible", code: CodeDate},
	})
}

// TestDateOfAnotherYear: a form that is dated in another school year may be an old one.
func TestDateOfAnotherYear(t *testing.T) {
	form := testForm(t)
	for _, tt := range []struct {
		dated, today string
		held         bool
	}{
		{"15/06/2026", "2026-11-21", false}, // ordered before the holidays
		{"21/11/2026", "2026-11-21", false},
		{"12/09/2026", "2027-03-15", false},
		{"21/11/2025", "2026-11-21", true},
		{"15/06/2025", "2026-06-15", true},
		{"12/03/2026", "2026-11-21", true},
		{"21/11/2027", "2026-11-21", true},
		{"25/04/2026", "2026-05-12", false}, // both years are ordered for in spring
		{"", "2026-11-21", false},
		{"hier", "2026-11-21", false},
		{"21/11/2025", "", false},
	} {
		d := goodDraft(form, 1)
		d.Fields[order.FieldDate] = order.Cell{Ref: "G11", Text: tt.dated}
		today, _ := time.Parse(time.DateOnly, tt.today)
		_, findings, _ := Check(form, d, nil, Sender{Any: true}, Policy{Today: today})
		isYear := func(f order.Finding) bool { return f.Code == CodeDateYear && f.Severity == order.Hold }
		if got := slices.ContainsFunc(findings, isYear); got != tt.held {
			t.Errorf("dated %q, on %s: got held %t, want %t", tt.dated, tt.today, got, tt.held)
		}
	}
}

func TestMonth(t *testing.T) {
	for _, tt := range []struct {
		input string
		want  int
	}{
		{"1", 1},
		{"12", 12},
		{"janvier", 1},
		{"Jan", 1},
		{"fév.", 2},
		{"MARS", 3},
		{"avr", 4},
		{"mai", 5},
		{"juin", 6},
		{"juil", 7},
		{"août", 8},
		{"aout", 8},
		{"sept", 9},
		{"octobre", 10},
		{"nov", 11},
		{"décembre", 12},
		{"jui", 0},
		{"juinet", 0},
		{"ma", 0},
	} {
		if got := int(month(tt.input)); got != tt.want {
			t.Errorf("month(%q): got %d, want %d", tt.input, got, tt.want)
		}
	}
}

// A quantity in a cell with a date format is proposed as the number that it was typed as.
func TestQuantityShownAsADate(t *testing.T) {
	for day, want := range map[string]string{
		"1900-01-01": "1", "1900-01-30": "30", "1900-02-28": "59", "1900-03-01": "61", "1900-04-29": "120",
		"1903-01-24": "1120", "1904-01-31": "", "2026-06-15": "", "1899-12-31": "",
	} {
		got := read(&order.Field{Type: order.TypeQuantity}, order.Cell{Text: day, Kind: order.KindDate})
		if got.code != CodeQuantityFormat || got.proposal != want {
			t.Errorf("%s: got %s with the proposal %q, want %q", day, got.code, got.proposal, want)
		}
	}
}
