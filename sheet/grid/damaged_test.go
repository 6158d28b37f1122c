package grid

import (
	"archive/zip"
	"bytes"
	"runtime"
	"strings"
	"testing"

	"bdc/sheet/sheettest"
)

func TestCRCFault(t *testing.T) {
	const text = "NEEDLE"
	entries := sheettest.Workbook{Sheets: []string{sheettest.Rows(`<row><c t="inlineStr"><is><t>` + text +
		`</t></is></c></row>`)}}.Entries()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range entries {
		f, err := w.CreateHeader(&zip.FileHeader{Name: e.Name, Method: zip.Store})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(e.Text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := readGrids(b.Bytes(), DefaultLimits()); err != nil {
		t.Fatalf("before: got %v, want it read", err)
	}
	bad := bytes.Replace(b.Bytes(), []byte(text), []byte("NOODLE"), 1)
	_, err := readGrids(bad, DefaultLimits())
	if got := codeOf(err); got != "form.unreadable.crc" {
		t.Errorf("got %v, want form.unreadable.crc", err)
	}
}

func TestDamaged(t *testing.T) {
	sheet := func(xml string) sheettest.Workbook {
		return sheettest.Workbook{Sheets: []string{xml}, Strings: "<si><t>a</t></si>"}
	}
	parts := func(edit func([]sheettest.Entry) []sheettest.Entry) []byte {
		return sheettest.Zip(t, edit(sheet(sheettest.Rows(`<row r="1">`+
			`<c r="A1" t="s"><v>0</v></c></row>`)).Entries())...)
	}
	without := func(name string) []byte {
		return parts(func(all []sheettest.Entry) (kept []sheettest.Entry) {
			for _, e := range all {
				if e.Name != name {
					kept = append(kept, e)
				}
			}
			return kept
		})
	}
	const part = "xl/worksheets/sheet1.xml"
	with := func(text string) []byte {
		return parts(func(all []sheettest.Entry) []sheettest.Entry {
			for i := range all {
				if all[i].Name == part {
					all[i].Text = text
				}
			}
			return all
		})
	}
	tests := []struct {
		name string
		data []byte
	}{
		{"rows out of order", sheet(sheettest.Rows(`<row r="2"/><row r="1"/>`)).Bytes(t)},
		{"a row twice", sheet(sheettest.Rows(`<row r="1"/><row r="1"/>`)).Bytes(t)},
		{"row zero", sheet(sheettest.Rows(`<row r="0"/>`)).Bytes(t)},
		{"row beyond the last", sheet(sheettest.Rows(`<row r="1048577"/>`)).Bytes(t)},
		{"a row after the last", sheet(sheettest.Rows(`<row r="1048576"/><row/>` + "<row><c/></row>")).Bytes(t)},
		{"row in words", sheet(sheettest.Rows(`<row r="un"/>`)).Bytes(t)},
		{"cells out of order", sheet(sheettest.Rows(`<row r="1"><c r="B1"/><c r="A1"/></row>`)).Bytes(t)},
		{"cell of another row", sheet(sheettest.Rows(`<row r="1"><c r="A2"/></row>`)).Bytes(t)},
		{"cell without a row", sheet(sheettest.Rows(`<row r="1"><c r="A"/></row>`)).Bytes(t)},
		{"cell without a column", sheet(sheettest.Rows(`<row r="1"><c r="1"/></row>`)).Bytes(t)},
		{"cell beyond the last column", sheet(sheettest.Rows(`<row r="1"><c r="XFE1"/></row>`)).Bytes(t)},
		{"empty reference", sheet(sheettest.Rows(`<row r="1"><c r=""/></row>`)).Bytes(t)},
		{"unknown type", sheet(sheettest.Rows(`<row r="1"><c t="z"><v>1</v></c></row>`)).Bytes(t)},
		{"number in words", sheet(sheettest.Rows(`<row r="1"><c><v>douze</v></c></row>`)).Bytes(t)},
		{"not a number", sheet(sheettest.Rows(`<row r="1"><c><v>NaN</v></c></row>`)).Bytes(t)},
		{"truth in words", sheet(sheettest.Rows(`<row r="1"><c t="b"><v>vrai</v></c></row>`)).Bytes(t)},
		{"string index -1", sheet(sheettest.Rows(`<row r="1"><c t="s"><v>-1</v></c></row>`)).Bytes(t)},
		{"string index too high", sheet(sheettest.Rows(`<row r="1"><c t="s"><v>1</v></c></row>`)).Bytes(t)},
		{"string index in words", sheet(sheettest.Rows(`<row r="1"><c t="s"><v>a</v></c></row>`)).Bytes(t)},
		{"format in words", sheet(sheettest.Rows(`<row r="1"><c s="x"><v>1</v></c></row>`)).Bytes(t)},
		{"merge of nothing", sheet(sheettest.Rows("") + `<mergeCells><mergeCell ref="A"/></mergeCells>`).Bytes(t)},
		{
			"merge of column and row",
			sheet(sheettest.Rows("") + `<mergeCells><mergeCell ref="A:2"/></mergeCells>`).Bytes(t),
		},
		{"merge of columns", sheet(sheettest.Rows("") + `<mergeCells><mergeCell ref="B:A"/></mergeCells>`).Bytes(t)},
		{"format id of eleven digits", sheettest.Workbook{
			Sheets: []string{sheettest.Rows("")}, Styles: `<cellXfs><xf numFmtId="42949672960"/></cellXfs>`,
		}.Bytes(t)},
		{"merge backwards", sheet(sheettest.Rows("") + `<mergeCells><mergeCell ref="B2:A1"/></mergeCells>`).Bytes(t)},
		{"no sheets", sheettest.Workbook{}.Bytes(t)},
		{"no strings part", without("xl/sharedStrings.xml")},
		{"no sheet part", without(part)},
		{"no relationships", without("xl/_rels/workbook.xml.rels")},
		{"no workbook", without("xl/workbook.xml")},
		{"empty part", with("")},
		{"no root", with("<!-- nothing -->")},
		{"another root", with("<html></html>")},
		{"two roots", with("<worksheet/><worksheet/>")},
		{"text after the root", with("<worksheet/>x")},
		{"unbalanced", with("<worksheet><sheetData></worksheet>")},
		{"crossed", with("<worksheet><a><b></a></b></worksheet>")},
		{"cut in a tag", with("<worksheet><sheetData")},
		{"cut in an attribute", with(`<worksheet><row r="1`)},
		{"cut in a comment", with("<worksheet><!-- ")},
		{"cut in CDATA", with("<worksheet><![CDATA[x")},
		{"document type", with(`<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet/>`)},
		{"unknown entity", with("<worksheet>&a;</worksheet>")},
		{"endless entity", with("<worksheet>&amp</worksheet>")},
		{"entity of nothing", with("<worksheet>&#0;</worksheet>")},
		{"unknown entity in an attribute", with(`<worksheet a="&b;"/>`)},
		{"attribute without quotes", with("<worksheet a=b/>")},
		{"attributes without a space", with(`<worksheet a="b"c="d"/>`)},
		{"< in an attribute", with(`<worksheet a="<"/>`)},
		{"too deep", with("<worksheet>" + strings.Repeat("<a>", 100) + strings.Repeat("</a>", 100) + "</worksheet>")},
		{"a tag of two megabytes", with("<worksheet a='" + strings.Repeat("0123456789abcdef", 1<<17) + "'/>")},
		{"unknown charset", with(`<?xml version="1.0" encoding="EBCDIC"?><worksheet/>`)},
		{"wrong charset", with("<worksheet><sheetData><row>" +
			"<c t='str'><v>caf\xE9</v></c></row></sheetData></worksheet>")},
		{"control character", with("<worksheet><sheetData><row>" +
			"<c t='str'><v>\x01</v></c></row></sheetData></worksheet>")},
		{"a sheet whose part is not told", parts(func(all []sheettest.Entry) []sheettest.Entry {
			all[len(all)-1].Text = strings.Replace(all[len(all)-1].Text, `r:id="rId1"`, `r:id=""`, 1)
			return all
		})},
		{"a part twice", parts(func(all []sheettest.Entry) []sheettest.Entry {
			return append(all, sheettest.Entry{Name: "XL/Worksheets\\Sheet1.xml", Text: "<worksheet/>"})
		})},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			lim := DefaultLimits()
			lim.Ratio = 10_000
			_, err := readGrids(test.data, lim)
			if got := codeOf(err); got != "form.unreadable.damaged" {
				t.Errorf("got %q (%v), want form.unreadable.damaged", got, err)
			}
		})
	}
}

// Honest forms have these.
func TestTolerated(t *testing.T) {
	plain := sheettest.Workbook{
		Sheets:  []string{sheettest.Rows(`<row r="1"><c r="A1" t="s"><v>0</v></c></row>`)},
		Strings: "<si><t>a</t></si>",
	}
	rename := func(edit func(string) string) []byte {
		entries := plain.Entries()
		for i := range entries {
			entries[i].Name = edit(entries[i].Name)
		}
		return sheettest.Zip(t, entries...)
	}
	module := plain.Entries()
	module[len(module)-1].Text = strings.Replace(module[len(module)-1].Text, "</sheets>",
		`<sheet name="Module1" sheetId="2" r:id=""/></sheets>`, 1)
	twice := plain
	twice.More = []sheettest.Entry{plain.Entries()[2]}
	tests := []struct {
		name string
		data []byte
	}{
		{"backslashes", rename(func(name string) string { return strings.ReplaceAll(name, "/", `\`) })},
		{"capitals", rename(strings.ToUpper)},
		{"the same part twice", twice.Bytes(t)},
		{"a last row that is empty", sheettest.Workbook{Sheets: []string{sheettest.Rows(`<row r="1">` +
			`<c r="A1" t="s"><v>0</v></c></row><row r="1048576"/>`)}, Strings: plain.Strings}.Bytes(t)},
		{"a module of Excel 95, which has no part", sheettest.Zip(t, module...)},
		{"no references", sheettest.Workbook{
			Sheets:  []string{sheettest.Rows(`<row><c t="s"><v>0</v></c></row>`)},
			Strings: plain.Strings,
		}.Bytes(t)},
		{"formats beyond the table", sheettest.Workbook{Sheets: []string{sheettest.Rows(`<row>` +
			`<c t="s" s="99"><v>0</v></c></row>`)}, Strings: plain.Strings}.Bytes(t)},
	}
	for _, test := range tests {
		grids, err := readGrids(test.data, DefaultLimits())
		if err != nil || len(grids) != 1 || len(grids[0].Cells) != 1 || grids[0].Cells[0].Text != "a" {
			t.Errorf("%s: got %v, %v; want one cell", test.name, grids, err)
		}
	}
}

// A zip's directory may list far more entries than anyone would look at.
func TestDirectoryWithoutEnd(t *testing.T) {
	data := append([]byte("PK\x03\x04xl/"), strings.Repeat(zipRecord+strings.Repeat("\x00", 42), 500_000)...)
	data = append(data, zipEnd+strings.Repeat("\x00", 18)...)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := readGrids(data, DefaultLimits())
	runtime.ReadMemStats(&after)
	if got := codeOf(err); got != "form.limit.entries" {
		t.Errorf("got %v, want form.limit.entries", err)
	}
	if got := after.TotalAlloc - before.TotalAlloc; got > 1<<20 {
		t.Errorf("got %d bytes allocated, want next to none", got)
	}
}
