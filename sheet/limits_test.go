package sheet

import (
	"strings"
	"testing"

	"bdc/order"
	"bdc/sheet/sheettest"
)

func TestLimitLines(t *testing.T) {
	form := sheettest.Form(t)
	lim := DefaultLimits()
	for n, want := range map[int]order.Code{lim.Lines - 1: "", lim.Lines: "", lim.Lines + 1: "form.limit.lines"} {
		var b strings.Builder
		b.WriteString(`<row r="1"><c t="inlineStr"><is><t>EAN</t></is></c>` +
			`<c t="inlineStr"><is><t>Quantité</t></is></c></row>`)
		for range n {
			b.WriteString("<row><c><v>9782090000313</v></c><c><v>1</v></c></row>")
		}
		book := Read("x", sheettest.Workbook{Sheets: []string{sheettest.Rows(b.String())}}.Bytes(t), form, lim)
		switch {
		case want == "" && (len(book.Drafts) != 1 || len(book.Drafts[0].Lines) != n):
			t.Errorf("%d lines: got %d drafts, %v; want 1 with all lines", n, len(book.Drafts), book.Findings)
		case want != "" && (len(book.Drafts) > 0 || len(book.Findings) != 1 || book.Findings[0].Code != want):
			t.Errorf("%d lines: got %d drafts, %v; want %s", n, len(book.Drafts), book.Findings, want)
		}
	}
}
