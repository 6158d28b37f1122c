package sheet

import (
	"archive/zip"
	"bytes"
	"io"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"bdc/order"
	"bdc/sheet/grid"
	"bdc/sheet/sheettest"
)

// small are limits that a fuzzer can reach.
func small() Limits {
	lim := DefaultLimits()
	lim.Unzipped, lim.Text, lim.String = 1<<20, 10_000, 1_000
	lim.Cells, lim.Rows, lim.Columns, lim.Width, lim.Merges, lim.Lines = 500, 100, 50, 2_000, 20, 20
	return lim
}

// checkBook holds a Book against what Read promises of every file.
func checkBook(t *testing.T, book Book, lim Limits) {
	t.Helper()
	refused := false
	for _, f := range book.Findings {
		refused = refused || f.Severity == order.Error
	}
	if refused != (len(book.Drafts) == 0) {
		t.Fatalf("got %d drafts with findings %v", len(book.Drafts), book.Findings)
	}
	for _, d := range book.Drafts {
		if len(d.Lines) > lim.Lines {
			t.Fatalf("got %d lines, want at most %d", len(d.Lines), lim.Lines)
		}
		checkDraft(t, d, lim)
	}
}

// checkDraft holds a draft against what is promised of each.
func checkDraft(t *testing.T, d order.Draft, lim Limits) {
	t.Helper()
	for id, c := range d.Fields {
		if blank(c.Text) || c.Ref == "" || c.Ref != d.Inputs[id] {
			t.Fatalf("field %s: got %+v at %s", id, c, d.Inputs[id])
		}
	}
	for _, line := range d.Lines {
		if len(line.Cells) == 0 || line.Row < 1 || line.Row > lim.Rows {
			t.Fatalf("got line %+v", line)
		}
	}
}

// FuzzRead feeds bytes as they come in a mail.
func FuzzRead(f *testing.F) {
	form := sheettest.Form(f)
	f.Add(sheettest.Workbook{Sheets: []string{sheettest.Rows(sheettest.Inline("UAI", "x") +
		sheettest.Inline("EAN", "Qté") + sheettest.Inline("1", "2"))}}.Bytes(f))
	f.Add(sheettest.Stored(f, "xl/workbook.xml", "<workbook/>"))
	f.Add([]byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1" + strings.Repeat("\x00", 600)))
	f.Add([]byte("EAN;Quantité\n1;2\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		checkBook(t, Read("x", data, form, small()), small())
	})
}

// FuzzParts feeds the XML of a workbook whose zip is right.
func FuzzParts(f *testing.F) {
	form := sheettest.Form(f)
	f.Add(sheettest.Rows(sheettest.Inline("UAI", "x")+sheettest.Inline("EAN", "Qté")+
		`<row><c t="s"><v>0</v></c><c s="1"><v>2</v></c></row>`)+`<mergeCells><mergeCell ref="A1:B1"/></mergeCells>`,
		`<si><r><t>a_x000D_</t></r><rPh><t>b</t></rPh></si>`,
		`<numFmts><numFmt numFmtId="164" formatCode="[h]:mm"/></numFmts><cellXfs><xf/><xf numFmtId="164"/></cellXfs>`,
		`<definedName name="bdc_uai" localSheetId="0">'S1'!$B$1</definedName>`+
			`<definedName name="bdc_line_ean">S1!$A:$A</definedName>`)
	f.Fuzz(func(t *testing.T, sheet, table, styles, names string) {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		for _, e := range (sheettest.Workbook{
			Sheets: []string{sheet}, Strings: table, Styles: styles,
			Names: names,
		}).Entries() {
			part, err := w.CreateHeader(&zip.FileHeader{Name: e.Name, Method: zip.Store})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.WriteString(part, e.Text); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		checkBook(t, Read("x", b.Bytes(), form, small()), small())
	})
}

// FuzzFinder feeds sheets that were read: their cells, a row a line, with tabs
// between them; merges and names, as « A1:B2 » and « uai=A1:B2 », a word each.
func FuzzFinder(f *testing.F) {
	form := sheettest.Form(f)
	f.Add("UAI\t0750647W\tVille : Paris\nNom de la librairie\tDurand\n\nEAN\tQuantité\tQté\n9782090000313\t=3\t4\n"+
		"Total\t7", "A1:B1 C1:C2", "uai=B1 line_ean=A5:A9 version=C1")
	f.Add("9782090000313\t3\n3133091234560\t=", "", "")
	f.Add("UAI\tEAN\tQuantité\tNom étab\n0750647W\t9782090000313\t3\tTurgot\n"+
		"\t3133091234560\t4\tLavoisier", "A2:A3", "")
	f.Add("EAN\tÉlèves\tEnseignants\n9782090000313\t3\t1\nUAI\nVille\nNom du contac\tx\nEAN\tQté",
		"", "line_quantite=B2:B9")
	f.Fuzz(func(t *testing.T, cells, merges, names string) {
		lim := small()
		g := &grid.Grid{Name: "S1"}
		for i, line := range strings.Split(strings.ToValidUTF8(cells, "?"), "\n") {
			if i >= lim.Rows {
				break
			}
			first := len(g.Cells)
			for j, text := range strings.Split(line, "\t") {
				p := grid.At(i+1, j+1)
				c := grid.Cell{Pos: p, Kind: order.KindText, Text: text}
				if _, err := strconv.ParseFloat(text, 64); err == nil {
					c.Kind = order.KindNumber
				}
				if c.Text, c.Formula = strings.CutPrefix(text, "="); c.Formula && c.Text == "" {
					g.Uncomputed = append(g.Uncomputed, p)
				}
				if c.Text != "" && j < lim.Columns {
					g.Cells = append(g.Cells, c)
				}
			}
			if len(g.Cells) > first {
				g.Rows = append(g.Rows, grid.RowCells{
					Number: i + 1, First: first,
					Last: len(g.Cells), Hidden: i%7 == 6,
				})
			}
		}
		for _, word := range strings.Fields(merges) {
			if a, ok := grid.ParseArea(word); ok {
				g.Merge(a)
			}
		}
		wb := &grid.Workbook{Sheets: []grid.Sheet{{Name: "S1", Grid: g}}}
		for _, word := range strings.Fields(names) {
			id, refer, _ := strings.Cut(word, "=")
			wb.Names = append(wb.Names, grid.DefinedName{
				Name: order.NamePrefix + id, Sheet: -1,
				RefersTo: "S1!" + refer,
			})
		}
		drafts := newFinder(form, wb).drafts()
		for _, d := range drafts {
			checkDraft(t, d, lim)
			for _, found := range d.Findings {
				if p, ok := grid.ParsePos(found.Cell); found.Cell != "" && (!ok || p.Row > lim.Rows) {
					t.Fatalf("got finding %+v, which names no cell", found)
				}
			}
		}
		// What is read may not depend on the order of a map.
		if again := newFinder(form, wb).drafts(); !reflect.DeepEqual(again, drafts) {
			t.Fatalf("got %+v, then %+v", drafts, again)
		}
	})
}
