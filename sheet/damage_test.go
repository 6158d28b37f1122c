package sheet

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"testing"

	"bdc/order"
)

// A form cut short anywhere is refused, and never read as a shorter order.
func TestTruncatedFormIsNeverAShorterOrder(t *testing.T) {
	form := testForm(t)
	data := filledForm(t, form, 30)
	codes := map[order.Code]int{}
	for i := range 1000 {
		n := len(data) * i / 1000
		book := Read("bdc.xlsx", data[:n], form, DefaultLimits())
		if len(book.Drafts) > 0 || len(book.Findings) != 1 || book.Findings[0].Severity != order.Error {
			t.Fatalf("cut at %d of %d: got %d drafts, findings %v; want none and one error", n, len(data), len(book.Drafts), book.Findings)
		}
		codes[book.Findings[0].Code]++
	}
	if codes["form.unreadable.truncated"] < 990 {
		t.Errorf("got %v, want nearly all of them to be form.unreadable.truncated", codes)
	}
}

// A part cut short, its zip being whole, is damaged.
func TestTruncatedPart(t *testing.T) {
	form := testForm(t)
	z, err := zip.NewReader(bytes.NewReader(filledForm(t, form, 30)), int64(len(filledForm(t, form, 30))))
	if err != nil {
		t.Fatal(err)
	}
	var entries []entry
	for _, f := range z.File {
		var b bytes.Buffer
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.ReadFrom(r); err != nil {
			t.Fatal(err)
		}
		entries = append(entries, entry{f.Name, b.String()})
	}
	for i, e := range entries {
		if !strings.HasPrefix(e.name, "xl/") || strings.Contains(e.name, "theme") {
			continue // not read
		}
		for cut := range 50 {
			if testing.Short() && cut%5 > 0 {
				continue
			}
			n := len(e.text) * cut / 50
			damaged := append([]entry{}, entries...)
			damaged[i].text = e.text[:n]
			book := Read("bdc.xlsx", zipOf(t, damaged...), form, DefaultLimits())
			if len(book.Drafts) > 0 || len(book.Findings) != 1 || book.Findings[0].Code != "form.unreadable.damaged" {
				t.Errorf("%s cut at %d: got %d drafts, findings %v; want form.unreadable.damaged", e.name, n, len(book.Drafts), book.Findings)
			}
		}
		missing := append(append([]entry{}, entries[:i]...), entries[i+1:]...)
		if book := Read("bdc.xlsx", zipOf(t, missing...), form, DefaultLimits()); len(book.Drafts) > 0 {
			t.Errorf("without %s: got %d drafts, want none", e.name, len(book.Drafts))
		}
	}
}

// Any byte of a form may be wrong: what is read then is either refused or the
// very same order.
func TestFlippedByte(t *testing.T) {
	form := testForm(t)
	data := filledForm(t, form, 30)
	want := fmt.Sprintf("%+v", Read("bdc.xlsx", data, form, DefaultLimits()).Drafts)
	refused := map[order.Code]int{}
	for i := 0; i < len(data); i += 31 {
		bad := bytes.Clone(data)
		bad[i] ^= 0x10
		book := Read("bdc.xlsx", bad, form, DefaultLimits())
		if len(book.Findings) == 1 {
			refused[book.Findings[0].Code]++
			continue
		}
		if got := fmt.Sprintf("%+v", book.Drafts); got != want {
			t.Fatalf("byte %d of %d flipped: got another order, want the same or none:\n%s\n%s", i, len(data), got, want)
		}
	}
	if refused["form.unreadable.crc"] == 0 || refused["form.unreadable.damaged"] == 0 {
		t.Errorf("got %v, want some form.unreadable.crc and some form.unreadable.damaged", refused)
	}
}

func TestCRCFault(t *testing.T) {
	const text = "NEEDLE"
	entries := raw{sheets: []string{rows(`<row><c t="inlineStr"><is><t>` + text + `</t></is></c></row>`)}}.entries()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range entries {
		f, err := w.CreateHeader(&zip.FileHeader{Name: e.name, Method: zip.Store})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(e.text)); err != nil {
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
	sheet := func(xml string) raw { return raw{sheets: []string{xml}, strings: "<si><t>a</t></si>"} }
	parts := func(edit func([]entry) []entry) []byte {
		return zipOf(t, edit(sheet(rows(`<row r="1"><c r="A1" t="s"><v>0</v></c></row>`)).entries())...)
	}
	without := func(name string) []byte {
		return parts(func(all []entry) (kept []entry) {
			for _, e := range all {
				if e.name != name {
					kept = append(kept, e)
				}
			}
			return kept
		})
	}
	const part = "xl/worksheets/sheet1.xml"
	with := func(text string) []byte {
		return parts(func(all []entry) []entry {
			for i := range all {
				if all[i].name == part {
					all[i].text = text
				}
			}
			return all
		})
	}
	tests := []struct {
		name string
		data []byte
	}{
		{"rows out of order", sheet(rows(`<row r="2"/><row r="1"/>`)).bytes(t)},
		{"a row twice", sheet(rows(`<row r="1"/><row r="1"/>`)).bytes(t)},
		{"row zero", sheet(rows(`<row r="0"/>`)).bytes(t)},
		{"row beyond the last", sheet(rows(`<row r="1048577"/>`)).bytes(t)},
		{"a row after the last", sheet(rows(`<row r="1048576"/><row/>` + "<row><c/></row>")).bytes(t)},
		{"row in words", sheet(rows(`<row r="un"/>`)).bytes(t)},
		{"cells out of order", sheet(rows(`<row r="1"><c r="B1"/><c r="A1"/></row>`)).bytes(t)},
		{"cell of another row", sheet(rows(`<row r="1"><c r="A2"/></row>`)).bytes(t)},
		{"cell without a row", sheet(rows(`<row r="1"><c r="A"/></row>`)).bytes(t)},
		{"cell without a column", sheet(rows(`<row r="1"><c r="1"/></row>`)).bytes(t)},
		{"cell beyond the last column", sheet(rows(`<row r="1"><c r="XFE1"/></row>`)).bytes(t)},
		{"empty reference", sheet(rows(`<row r="1"><c r=""/></row>`)).bytes(t)},
		{"unknown type", sheet(rows(`<row r="1"><c t="z"><v>1</v></c></row>`)).bytes(t)},
		{"number in words", sheet(rows(`<row r="1"><c><v>douze</v></c></row>`)).bytes(t)},
		{"not a number", sheet(rows(`<row r="1"><c><v>NaN</v></c></row>`)).bytes(t)},
		{"truth in words", sheet(rows(`<row r="1"><c t="b"><v>vrai</v></c></row>`)).bytes(t)},
		{"string index -1", sheet(rows(`<row r="1"><c t="s"><v>-1</v></c></row>`)).bytes(t)},
		{"string index too high", sheet(rows(`<row r="1"><c t="s"><v>1</v></c></row>`)).bytes(t)},
		{"string index in words", sheet(rows(`<row r="1"><c t="s"><v>a</v></c></row>`)).bytes(t)},
		{"format in words", sheet(rows(`<row r="1"><c s="x"><v>1</v></c></row>`)).bytes(t)},
		{"merge of nothing", sheet(rows("") + `<mergeCells><mergeCell ref="A"/></mergeCells>`).bytes(t)},
		{"merge backwards", sheet(rows("") + `<mergeCells><mergeCell ref="B2:A1"/></mergeCells>`).bytes(t)},
		{"no sheets", raw{}.bytes(t)},
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
		{"wrong charset", with("<worksheet><sheetData><row><c t='str'><v>caf\xE9</v></c></row></sheetData></worksheet>")},
		{"control character", with("<worksheet><sheetData><row><c t='str'><v>\x01</v></c></row></sheetData></worksheet>")},
		{"a sheet whose part is not told", parts(func(all []entry) []entry {
			all[len(all)-1].text = strings.Replace(all[len(all)-1].text, `r:id="rId1"`, `r:id=""`, 1)
			return all
		})},
		{"a part twice", parts(func(all []entry) []entry { return append(all, entry{"XL/Worksheets\\Sheet1.xml", "<worksheet/>"}) })},
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
	plain := raw{sheets: []string{rows(`<row r="1"><c r="A1" t="s"><v>0</v></c></row>`)}, strings: "<si><t>a</t></si>"}
	rename := func(edit func(string) string) []byte {
		entries := plain.entries()
		for i := range entries {
			entries[i].name = edit(entries[i].name)
		}
		return zipOf(t, entries...)
	}
	module := plain.entries()
	module[len(module)-1].text = strings.Replace(module[len(module)-1].text, "</sheets>", `<sheet name="Module1" sheetId="2" r:id=""/></sheets>`, 1)
	twice := plain
	twice.more = []entry{plain.entries()[2]}
	tests := []struct {
		name string
		data []byte
	}{
		{"backslashes", rename(func(name string) string { return strings.ReplaceAll(name, "/", `\`) })},
		{"capitals", rename(strings.ToUpper)},
		{"the same part twice", twice.bytes(t)},
		{"a last row that is empty", raw{sheets: []string{rows(`<row r="1"><c r="A1" t="s"><v>0</v></c></row><row r="1048576"/>`)}, strings: plain.strings}.bytes(t)},
		{"a module of Excel 95, which has no part", zipOf(t, module...)},
		{"no references", raw{sheets: []string{rows(`<row><c t="s"><v>0</v></c></row>`)}, strings: plain.strings}.bytes(t)},
		{"formats beyond the table", raw{sheets: []string{rows(`<row><c t="s" s="99"><v>0</v></c></row>`)}, strings: plain.strings}.bytes(t)},
	}
	for _, test := range tests {
		grids, err := readGrids(test.data, DefaultLimits())
		if err != nil || len(grids) != 1 || len(grids[0].cells) != 1 || grids[0].cells[0].text != "a" {
			t.Errorf("%s: got %v, %v; want one cell", test.name, grids, err)
		}
	}
}
