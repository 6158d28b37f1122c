package grid

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"bdc/order"
	"bdc/sheet/sheettest"
)

func TestCells(t *testing.T) {
	const styles = `<numFmts><numFmt numFmtId="164" formatCode="dd/mm/yyyy"/>` +
		`<numFmt numFmtId="165" formatCode="00000"/><numFmt numFmtId="166" formatCode="[h]:mm"/>` +
		`<numFmt numFmtId="4294967295" formatCode="mm/yyyy"/></numFmts>` +
		`<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/>` +
		`<xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="166"/><xf numFmtId="20"/>` +
		`<xf numFmtId="4294967295"/><xf numFmtId="4294967294"/></cellXfs>`
	const table = `<si><t xml:space="preserve"> Lycée &amp; Cie </t></si><si><r><rPr><b/></rPr><t>Hé</t></r><r>` +
		`<t>lène</t></r><rPh sb="0" eb="1"><t>phon</t></rPh></si>` +
		`<si><t>a_x000D_b_x005F_x_x41_</t></si><si><t>1&#13;
2</t></si><si><t><![CDATA[<a>]]]></t></si><si/>`
	tests := []struct {
		name, cell string
		want       Cell
	}{
		{"shared", `<c t="s"><v>0</v></c>`, Cell{Text: " Lycée & Cie "}},
		{"rich without its phonetic run", `<c t="s"><v>1</v></c>`, Cell{Text: "Hélène"}},
		{"escapes", `<c t="s"><v>2</v></c>`, Cell{Text: "a\rb_x_x41_"}},
		{"line ends", `<c t="s"><v>3</v></c>`, Cell{Text: "1\n2"}},
		{"CDATA", `<c t="s"><v>4</v></c>`, Cell{Text: "<a>]"}},
		{"empty string", `<c t="s"><v>5</v></c>`, Cell{}},
		{"inline", `<c t="inlineStr"><is><t>Gé</t></is></c>`, Cell{Text: "Gé"}},
		{"inline rich", `<c t="inlineStr"><is><r><t>a</t></r><r><t>b</t></r><rPh>` +
			`<t>c</t></rPh></is></c>`, Cell{Text: "ab"}},
		{"inline twice escaped surrogates", `<c t="inlineStr"><is><t>_xD83D__xDE00_</t></is></c>`, Cell{Text: "😀"}},
		{"formula's text", `<c t="str"><f>A1&amp;"x"</f><v>12 ex.</v></c>`, Cell{Text: "12 ex.", Formula: true}},
		{"formula's empty text", `<c t="str"><f>""</f><v></v></c>`, Cell{}},
		{
			"shared formula", `<c><f t="shared" si="0"/><v>3</v></c>`,
			Cell{Text: "3", Kind: order.KindNumber, Formula: true},
		},
		{"EAN as a number", `<c><v>9.782090000313E12</v></c>`, Cell{Text: "9.782090000313E12", Kind: order.KindNumber}},
		{"postal code under a format", `<c s="3"><v>1000</v></c>`, Cell{Text: "1000", Kind: order.KindNumber}},
		{"number between spaces", `<c t="n"><v> 12 </v></c>`, Cell{Text: "12", Kind: order.KindNumber}},
		{"date", `<c s="1"><v>46188</v></c>`, Cell{Text: "2026-06-15", Kind: order.KindDate}},
		{
			"date under a format of its own", `<c s="2"><v>46188.75</v></c>`,
			Cell{Text: "2026-06-15", Kind: order.KindDate},
		},
		{
			"date under the highest format", `<c s="6"><v>46188</v></c>`,
			Cell{Text: "2026-06-15", Kind: order.KindDate},
		},
		{"number under an unknown format", `<c s="7"><v>46188</v></c>`, Cell{Text: "46188", Kind: order.KindNumber}},
		{
			"hours", `<c s="4"><v>8.3333300000000003E-2</v></c>`,
			Cell{Text: "8.3333300000000003E-2", Kind: order.KindNumber},
		},
		{"time of day", `<c s="5"><v>0.5</v></c>`, Cell{Text: "0.5", Kind: order.KindNumber}},
		{"no day", `<c s="1"><v>-4</v></c>`, Cell{Text: "-4", Kind: order.KindNumber}},
		{
			"EAN under a date format", `<c s="1"><v>9782090000313</v></c>`,
			Cell{Text: "9782090000313", Kind: order.KindNumber},
		},
		{"ISO date", `<c t="d"><v>2026-06-15T10:00:00</v></c>`, Cell{Text: "2026-06-15", Kind: order.KindDate}},
		{"ISO time", `<c t="d"><v>T10:00:00</v></c>`, Cell{Text: "T10:00:00"}},
		{"true", `<c t="b"><v>1</v></c>`, Cell{Text: "TRUE", Kind: order.KindBool}},
		{"false", `<c t="b"><v>0</v></c>`, Cell{Text: "FALSE", Kind: order.KindBool}},
		{"error", `<c t="e"><v>#N/A</v></c>`, Cell{Text: "#N/A", Kind: order.KindError}},
		{"nothing", `<c/>`, Cell{}},
		{
			"an extension's value", `<c><v>1</v><extLst><ext><v>2</v></ext></extLst></c>`,
			Cell{Text: "1", Kind: order.KindNumber},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := sheettest.Workbook{
				Sheets:  []string{sheettest.Rows(`<row r="7"><c r="B7"/>` + test.cell + `</row>`)},
				Strings: table, Styles: styles,
			}
			grids, err := readGrids(r.Bytes(t), DefaultLimits())
			if err != nil {
				t.Fatal(err)
			}
			if test.want.Text == "" {
				if n := len(grids[0].Cells); n != 0 {
					t.Fatalf("got %d cells, want none", n)
				}
				return
			}
			test.want.Pos = Pos{7, 3}
			if got := grids[0].Cells; len(got) != 1 || got[0] != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}

func TestDate1904(t *testing.T) {
	r := sheettest.Workbook{
		Sheets: []string{sheettest.Rows(`<row><c s="1"><v>44726</v></c></row>`)},
		Styles: `<cellXfs><xf/><xf numFmtId="14"/></cellXfs>`, Date1904: true,
	}
	grids, err := readGrids(r.Bytes(t), DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	if got := grids[0].Cells[0].Text; got != "2026-06-15" {
		t.Errorf("got %s, want 2026-06-15", got)
	}
}

func TestSerialDate(t *testing.T) {
	tests := []struct {
		serial   string
		date1904 bool
		want     string // "" for no day
	}{
		{"1", false, "1900-01-01"},
		{"59", false, "1900-02-28"},
		{"60", false, ""},
		{"61", false, "1900-03-01"},
		{"0.99", false, ""},
		{"-1", false, ""},
		{"2958465", false, "9999-12-31"},
		{"2958466", false, ""},
		{"1E300", false, ""},
		{"0", true, "1904-01-01"},
		{"-0.1", true, ""},
	}
	for _, test := range tests {
		got, ok := serialDate(test.serial, test.date1904)
		if got != test.want || ok != (test.want != "") {
			t.Errorf("serialDate(%s, %t): got %q, %t; want %q", test.serial, test.date1904, got, ok, test.want)
		}
	}
}

func TestIsDateFormat(t *testing.T) {
	tests := []struct {
		code string
		want bool
	}{
		{"General", false},
		{"0.00", false},
		{"dd/mm/yyyy", true},
		{"D-MMM", true},
		{"mmmm", true},
		{"[$-40C]d mmmm yyyy;@", true},
		{"hh:mm:ss", false},
		{"[mm]:ss", false},
		{"h:mm AM/PM", false},
		{`0.00" jours/day"`, false},
		{`0\d`, false},
		{`_d0`, false},
		{"[Red]0;[Yellow]-0", false},
		{`0 "ye`, false},
		{"0;yyyy", false},
		{"yyyy-mm-dd hh:mm", true},
	}
	for _, test := range tests {
		if got := isDateFormat(test.code); got != test.want {
			t.Errorf("isDateFormat(%q): got %t, want %t", test.code, got, test.want)
		}
	}
}

// What programs make of the same sheet.
func TestDialects(t *testing.T) {
	const sheet = `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>` +
		`<row r="1"><c r="A1" t="inlineStr"><is><t>Hélène</t></is></c></row></sheetData></worksheet>`
	prefixed := strings.NewReplacer("</", "</x:", "<", "<x:", "xmlns=", "xmlns:x=").Replace(sheet)
	prefixed = strings.ReplaceAll(prefixed, "<x:/x:", "</x:")
	tests := []struct{ name, sheet string }{
		{"plain", sheet},
		{"prefixed", prefixed},
		{"strict", strings.ReplaceAll(sheet, "http://schemas.openxmlformats.org", "http://purl.oclc.org/ooxml")},
		{"UTF-8 with a byte order mark", "\uFEFF" + sheet},
		{"UTF-16 little", utf16Bytes("\uFEFF<?xml version='1.0' encoding='UTF-16'?>"+sheet, 0)},
		{"UTF-16 big", utf16Bytes("\uFEFF"+sheet, 1)},
		{"UTF-16 little, unmarked", utf16Bytes("<?xml version='1.0' encoding='UTF-16'?>"+sheet, 0)},
		{"UTF-16 big, unmarked", utf16Bytes("<?xml version='1.0' encoding='UTF-16'?>"+sheet, 1)},
		{"Latin-1", "<?xml version='1.0' encoding='ISO-8859-1' ?>" +
			strings.NewReplacer("é", "\xE9", "è", "\xE8").Replace(sheet)},
		{"spaces in tags", strings.NewReplacer(`<row r="1"`, "<row\n r = '1' ", "</row>", "</row\t>").Replace(sheet)},
		{"comments and instructions", strings.ReplaceAll(sheet, "<row", "<!-- <row> --><?row?><row")},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			entries := sheettest.Workbook{Sheets: []string{""}}.Entries()
			for i := range entries {
				if entries[i].Name == "xl/worksheets/sheet1.xml" {
					entries[i].Text = test.sheet
				}
			}
			grids, err := readGrids(sheettest.Zip(t, entries...), DefaultLimits())
			if err != nil {
				t.Fatal(err)
			}
			want := Cell{Pos: Pos{1, 1}, Text: "Hélène"}
			if got := grids[0].Cells; len(got) != 1 || got[0] != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

// utf16Bytes encodes s with the low byte of each unit at the offset low.
func utf16Bytes(s string, low int) string {
	var b []byte
	for _, unit := range utf16.Encode([]rune(s)) {
		pair := [2]byte{}
		pair[low], pair[1-low] = byte(unit), byte(unit>>8)
		b = append(b, pair[:]...)
	}
	return string(b)
}

// A part is read through a window: whatever it cuts in two must not matter.
func TestScannerWindow(t *testing.T) {
	const xml = `<?xml version="1.0"?><a:b  x="1&amp;2" y='é>'><!-- c --><d/>text&lt;é<![CDATA[]]]]>` +
		`<![CDATA[>]]></a:b >` + "\n"
	want := scanAll(t, xml, len(xml))
	for n := 1; n < 40; n++ {
		if got := scanAll(t, xml, n); got != want {
			t.Errorf("%d bytes at a time: got %s, want %s", n, got, want)
		}
	}
	if want != `<b x=1&2 y=é>><d></d>text<é]]></b>` {
		t.Errorf("got %s", want)
	}
}

func scanAll(t *testing.T, xml string, n int) string {
	t.Helper()
	s := scanners.Get().(*scanner)
	defer s.free()
	if err := s.start(&trickle{strings.NewReader(xml), n}); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for {
		tok, err := s.next()
		if err != nil {
			t.Fatal(err)
		}
		switch tok {
		case tokenEOF:
			return b.String()
		case tokenStart:
			b.WriteString("<" + string(s.name))
			for _, name := range []string{"x", "y"} {
				if v, err := s.attrText(name); err == nil && v != "" {
					b.WriteString(" " + name + "=" + v)
				}
			}
			b.WriteString(">")
		case tokenText:
			b.Write(s.text)
		case tokenEnd:
			b.WriteString("</" + string(s.name) + ">")
		}
	}
}

// trickle gives at most n bytes at a time.
type trickle struct {
	r *strings.Reader
	n int
}

func (r *trickle) Read(b []byte) (int, error) { return r.r.Read(b[:min(len(b), r.n)]) }

// Cells may be merged over whole columns and whole rows.
func TestMergesWithoutEnd(t *testing.T) {
	xml := sheettest.Rows(`<row r="2"><c r="B2"><v>1</v></c></row>`) +
		`<mergeCells><mergeCell ref="Z:Z"/><mergeCell ref="B:C"/><mergeCell ref="7:8"/></mergeCells>`
	grids, err := readGrids(sheettest.Workbook{Sheets: []string{xml}}.Bytes(t), DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	want := []Area{
		{At(1, 26), At(LastRow, 26)}, {At(1, 2), At(LastRow, 3)}, {At(7, 1), At(8, LastColumn)},
	}
	if got := grids[0].Merges; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
