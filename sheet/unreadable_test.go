package sheet

import (
	"testing"

	"bdc/order"
	"bdc/sheet/sheettest"
)

// Of a file without orders, Read says what kind of file it is and why it is refused.
func TestReadNamesTheKind(t *testing.T) {
	tests := []struct {
		name, input, want string
		code              order.Code
	}{
		{"zero bytes", "", "empty", "form.unreadable.empty"},
		{
			"workbook of no content", string(sheettest.Zip(t, sheettest.Entry{Name: "xl/workbook.xml", Text: "x"})),
			"xlsx", "form.unreadable.damaged",
		},
		{"workbook without an order", string(sheettest.Workbook{Sheets: []string{sheettest.Rows(
			sheettest.Inline("Bonjour"))}}.Bytes(t)), "xlsx", "form.none"},
		{"pdf", "%PDF-1.7\n", "pdf", "form.unreadable.pdf"},
		{"gif", "GIF89a\x01\x00", "gif", "form.unreadable.image"},
		{"xls", "\x09\x08\x08\x00\x00\x05\x10\x00", "xls", "form.unreadable.xls"},
		{"csv", "EAN;Titre\n9782090000313;Histoire\n", "csv", "form.unreadable.csv"},
		{"csv with two byte order marks", "\uFEFF\uFEFFid;date\n1;2\n", "csv", "form.unreadable.csv"},
		{"csv in Latin-1", "EAN;Libell\xE9\n9782090000313;2\n", "csv", "form.unreadable.csv"},
		{"csv of one line", "9782090000313,Histoire,2019", "csv", "form.unreadable.csv"},
		{
			"Unicode text of Excel", "\xFF\xFEE\x00A\x00N\x00\t\x00Z\x00\r\x00\n\x001\x00\t\x002\x00", "csv",
			"form.unreadable.csv",
		},
		{"text", "Bonjour,\nvoici notre commande.\n", "text", "form.unreadable.text"},
		{"binary", "\x00\x01\x02\x03", "unknown", "form.unreadable.unknown"},
	}
	form := sheettest.Form(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			book := Read("x", []byte(test.input), form, DefaultLimits())
			if len(book.Drafts) > 0 || len(book.Findings) != 1 || book.Findings[0].Code != test.code ||
				book.Findings[0].Severity != order.Error {
				t.Errorf("got %d drafts, findings %v; want %s", len(book.Drafts), book.Findings, test.code)
			}
			if book.Kind != test.want {
				t.Errorf("got kind %q, want %q", book.Kind, test.want)
			}
		})
	}
}
