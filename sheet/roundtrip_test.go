package sheet

import (
	"encoding/xml"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"bdc/bench/need"
	"bdc/order"
	"bdc/sheet/grid"
	"bdc/sheet/sheettest"
)

// A form that was filled in and saved by another program reads the same: every
// field and every line, exactly.
func TestRoundTrips(t *testing.T) {
	form := sheettest.Form(t)
	lines := sheettest.ExampleLines(form, 12)
	lines[3][order.ColumnQuantity] = "1 120"
	lines[4][order.ColumnOffer] = "9782091194264_001"
	lines[5][order.ColumnRemark] = "classe 2 A, « à part »"
	data := fill(t, form, sheettest.ExampleValues(form), lines)
	want := contents(one(t, data))
	if n := strings.Count(want, "\n"); n < 100 {
		t.Fatalf("got %d cells in the form itself:\n%s", n, want)
	}
	for i, trip := range []struct {
		name string
		save func(t *testing.T, data []byte) []byte
	}{
		{"LibreOffice", func(t *testing.T, data []byte) []byte { return sheettest.Convert(t, "xlsx", data)[0] }},
		{"LibreOffice by ods", func(t *testing.T, data []byte) []byte {
			return sheettest.Convert(t, "xlsx", sheettest.Convert(t, "ods", data)...)[0]
		}},
		{"LibreOffice by xls", func(t *testing.T, data []byte) []byte {
			return sheettest.Convert(t, "xlsx", sheettest.Convert(t, "xls", data)...)[0]
		}},
		{"openpyxl", openpyxl},
		{"SheetJS", func(t *testing.T, data []byte) []byte { return node(t, "sheetjs", data) }},
		{"exceljs", func(t *testing.T, data []byte) []byte { return node(t, "exceljs", data) }},
		{"Google", googleLike},
		{"openpyxl, then SheetJS", func(t *testing.T, data []byte) []byte {
			return node(t, "sheetjs", openpyxl(t, data))
		}},
	} {
		t.Run(trip.name, func(t *testing.T) {
			if i%3 > 0 { // one by LibreOffice, one by openpyxl, one by Google stay
				need.Time(t)
			}
			if got := contents(one(t, trip.save(t, data))); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// contents are the fields and lines of a draft, a cell a line.
func contents(d order.Draft) string {
	var b strings.Builder
	for _, id := range slices.Sorted(maps.Keys(d.Fields)) {
		fmt.Fprintf(&b, "%s: %q\n", id, d.Fields[id].Text)
	}
	for i, line := range d.Lines {
		for _, id := range slices.Sorted(maps.Keys(line.Cells)) {
			fmt.Fprintf(&b, "line %d, %s: %q\n", i+1, id, line.Cells[id].Text)
		}
	}
	return b.String()
}

// serialOf is the number by which a workbook stores a day.
func serialOf(t *testing.T, day string) int64 {
	t.Helper()
	d, err := time.Parse(time.DateOnly, day)
	if err != nil {
		t.Fatal(err)
	}
	return int64(d.Sub(time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)) / (24 * time.Hour))
}

// inXML is a text as it stands in XML.
func inXML(text string) string {
	var b strings.Builder
	if err := xml.EscapeText(&b, []byte(text)); err != nil {
		panic(err) // a builder takes every write
	}
	return b.String()
}

// openpyxl saves a workbook with the Python library of that name.
func openpyxl(t *testing.T, data []byte) []byte {
	t.Helper()
	return through(t, data, need.Openpyxl(t), filepath.Join("testdata", "roundtrip.py"))
}

// node saves a workbook with a JavaScript library.
func node(t *testing.T, library string, data []byte) []byte {
	t.Helper()
	folder := filepath.Join("testdata", "node")
	return through(t, data, need.Node(t, folder), filepath.Join(folder, "roundtrip.mjs"), library)
}

// through has a program read a workbook and write it again.
func through(t *testing.T, data []byte, program string, args ...string) []byte {
	t.Helper()
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in.xlsx"), filepath.Join(dir, "out.xlsx")
	if err := os.WriteFile(in, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if said, err := exec.CommandContext(t.Context(), program, append(args, in, out)...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", program, err, said)
	}
	saved, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return saved
}

// googleLike is a workbook as online spreadsheets export it: the cells and
// merges of each sheet, texts inline, without names.
func googleLike(t *testing.T, data []byte) []byte {
	t.Helper()
	wb, err := grid.Read("xlsx", data, grid.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	export := sheettest.Workbook{Styles: `<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs>`}
	for _, g := range wb.Grids() {
		var b strings.Builder
		for _, r := range g.Rows {
			fmt.Fprintf(&b, `<row r="%d">`, r.Number)
			for _, c := range g.Row(r) {
				switch c.Kind {
				case order.KindText:
					fmt.Fprintf(&b, `<c r="%v" t="inlineStr"><is><t>%s</t></is></c>`, c.Pos, inXML(c.Text))
				case order.KindDate:
					fmt.Fprintf(&b, `<c r="%v" s="1"><v>%d</v></c>`, c.Pos, serialOf(t, c.Text))
				default:
					fmt.Fprintf(&b, `<c r="%v"><v>%s</v></c>`, c.Pos, c.Text)
				}
			}
			b.WriteString(`</row>`)
		}
		sheet := sheettest.Rows(b.String())
		if len(g.Merges) > 0 {
			sheet += `<mergeCells>`
			for _, a := range g.Merges {
				sheet += fmt.Sprintf(`<mergeCell ref="%v:%v"/>`, a.First, a.Last)
			}
			sheet += `</mergeCells>`
		}
		export.Sheets = append(export.Sheets, sheet)
	}
	return export.Bytes(t)
}
