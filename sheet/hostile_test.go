package sheet

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"bdc/bench/need"
	"bdc/order"
	"bdc/sheet/sheettest"
)

// Every file made to exhaust its reader is refused, or read, with less than
// 256 MiB of memory and within 5 s. What a Read allocates in all is counted,
// which is more than it ever holds at once.
func TestHostileFiles(t *testing.T) {
	count := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i+1)
		}
		return b.String()
	}
	digest := func(n int, text string) string { return strings.Repeat(text, n/len(text)) }
	noise := func(n int) sheettest.Entry { // does not deflate: it pays for the ratio of the rest
		var b strings.Builder
		for x := uint64(1); b.Len() < n; {
			x = x*6364136223846793005 + 1442695040888963407
			b.WriteByte(byte(x >> 56))
		}
		return sheettest.Entry{Name: "xl/media/noise.bin", Text: b.String()}
	}
	paid := []sheettest.Entry{noise(1 << 20)}
	tests := []struct {
		name  string
		build sheettest.Workbook
		want  order.Code
	}{
		{"zip bomb", sheettest.Workbook{Sheets: []string{digest(70<<20, " ")}}, "form.limit.ratio"},
		{
			"zip bomb below the ratio",
			sheettest.Workbook{Sheets: []string{digest(70<<20, " ")}, More: paid},
			"form.limit.unzipped",
		},
		{"bomb in a part that is not read", sheettest.Workbook{
			Sheets: []string{sheettest.Rows("")},
			More:   []sheettest.Entry{{Name: "xl/media/image1.png", Text: digest(70<<20, "0")}},
		}, "form.none"},
		{"XFD on each of 2,000 rows", sheettest.Workbook{Sheets: []string{sheettest.Rows(
			count(2_000, `<row r="%[1]d"><c r="XFD%[1]d"><v>1</v></c></row>`))}}, "form.limit.columns"},
		{"XFD on each of 2,000 rows, empty", sheettest.Workbook{Sheets: []string{sheettest.Rows(
			count(2_000, `<row r="%[1]d"><c r="XFD%[1]d"/></row>`))}}, "form.limit.width"},
		{"a string of 8 MB shared 500 times", sheettest.Workbook{
			Sheets: []string{sheettest.Rows(
				count(500, `<row r="%d"><c t="s"><v>0</v></c></row>`))},
			Strings: "<si><t>" + digest(8<<20, "a") + "</t></si>", More: paid,
		}, "form.limit.string"},
		{"a string of 32,767 shared 10,000 times", sheettest.Workbook{
			Sheets: []string{sheettest.Rows(
				count(10_000, `<row r="%d"><c t="s"><v>0</v></c></row>`))},
			Strings: "<si><t>" + strings.Repeat("a", 32_767) + "</t></si>",
		}, "form.limit.text"},
		{"empty strings without end", sheettest.Workbook{
			Sheets:  []string{sheettest.Rows("")},
			Strings: digest(8<<20, "<si/>"), More: paid,
		}, "form.limit.cells"},
		{"formats without end", sheettest.Workbook{
			Sheets: []string{sheettest.Rows("")},
			Styles: "<cellXfs>" + digest(8<<20, "<xf/>") + "</cellXfs>", More: paid,
		}, "form.unreadable.damaged"},
		{
			"number formats without end",
			sheettest.Workbook{
				Sheets: []string{sheettest.Rows("")},
				Styles: "<numFmts>" + count(1<<20, `<numFmt numFmtId="%d" formatCode=""/>`) + "</numFmts>", More: paid,
			},
			"form.unreadable.damaged",
		},
		{
			"names without end",
			sheettest.Workbook{
				Sheets: []string{sheettest.Rows("")},
				Names:  digest(8<<20, `<definedName name="bdc_uai">S1!A1</definedName>`), More: paid,
			},
			"form.unreadable.damaged",
		},
		{"attributes without end", sheettest.Workbook{
			Sheets: []string{"<a " + digest(900<<10, "b='' ") + "/>"},
			More:   paid,
		}, "form.none"},
		{
			"a tag without end",
			sheettest.Workbook{Sheets: []string{"<a b='" + digest(8<<20, "c") + "'/>"}, More: paid},
			"form.unreadable.damaged",
		},
		{"a comment without end", sheettest.Workbook{
			Sheets: []string{"<!-- " + digest(8<<20, "c") + " -->"},
			More:   paid,
		}, "form.unreadable.damaged"},
		{
			"depth without end",
			sheettest.Workbook{Sheets: []string{digest(8<<20, "<a>")}, More: paid},
			"form.unreadable.damaged",
		},
		{"rows without end", sheettest.Workbook{
			Sheets: []string{sheettest.Rows(digest(8<<20, "<row/>"))},
			More:   paid,
		}, "form.limit.rows"},
		{"merges without end", sheettest.Workbook{Sheets: []string{sheettest.Rows("") + "<mergeCells>" +
			digest(8<<20, `<mergeCell ref="A1:XFD1048576"/>`) + "</mergeCells>"}, More: paid}, "form.limit.merges"},
		{"all that the limits allow", sheettest.Workbook{
			Sheets: []string{sheettest.Rows(strings.Repeat("<row>"+
				strings.Repeat(`<c t="inlineStr"><is><t>Établissement : `+strings.Repeat("é", 27)+`</t></is></c>`, 19)+
				"</row>", 10_000)) + "<mergeCells>" + count(5_000,
				`<mergeCell ref="A%[1]d:B%[1]d"/>`) + "</mergeCells>"},
			Strings: "<si><t>" + strings.Repeat(strings.Repeat("é", 32_000)+"</t></si><si><t>", 250) + "</t></si>",
			More:    paid,
		}, "form.none"},
	}
	form := sheettest.Form(t)
	lim := DefaultLimits()
	lim.Wall *= sheettest.Slowdown
	for i, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if i%3 > 0 && need.Race {
				need.Whole(t)
			}
			data := test.build.Bytes(t)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			var book Book
			if !sheettest.Within(lim.Wall, func() { book = Read("x", data, form, lim) }) {
				t.Fatalf("took more than %v", lim.Wall)
			}
			runtime.ReadMemStats(&after)
			if len(book.Findings) != 1 || book.Findings[0].Code != test.want {
				t.Errorf("got %d drafts, findings %v; want %s", len(book.Drafts), book.Findings, test.want)
			}
			const most = 256 << 20
			if got := after.TotalAlloc - before.TotalAlloc; got > most {
				t.Errorf("got %d MiB allocated, want at most %d", got>>20, most>>20)
			}
			t.Logf("%d KiB file, %d MiB allocated", len(data)>>10, (after.TotalAlloc-before.TotalAlloc)>>20)
		})
	}
}
