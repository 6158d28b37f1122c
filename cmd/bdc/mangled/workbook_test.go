package mangled

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// at is the place of a cell, counted from 1.
type at struct{ row, col int }

func (p at) String() string {
	name, err := excelize.CoordinatesToCellName(p.col, p.row)
	if err != nil {
		panic(err)
	}
	return name
}

// value is what stands in a cell, and how it is stored.
type value struct {
	kind    string // "text", "inline", "rich", "number", "date", "iso", "bool", "error"
	text    string // as stored; of a date its serial
	formula bool   // text is its result, which was not stored if it is ""
}

// tab is a sheet of a workbook that is about to be mangled.
type tab struct {
	name       string
	hidden     bool
	cells      map[at]value
	merges     [][2]at
	hiddenRows map[int]bool
}

// name is a defined name.
type name struct {
	name        string
	sheet       *tab
	first, last at
	local       bool
}

// copied is a workbook taken apart, so that anything may be done to it, and
// written again by hand, as programs of all kinds would.
type copied struct {
	tabs     []*tab
	orders   *tab          // the one with the order
	where    map[string]at // the cells of the header block's values there
	names    []name
	date1904 bool
}

// takeApart reads what Fill wrote.
func takeApart(t testing.TB, data []byte) *copied {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	c := &copied{}
	byName := map[string]*tab{}
	for _, title := range f.GetSheetList() {
		visible, err := f.GetSheetVisible(title)
		if err != nil {
			t.Fatal(err)
		}
		s := &tab{name: title, hidden: !visible, cells: map[at]value{}, hiddenRows: map[int]bool{}}
		rows, err := f.GetRows(title)
		if err != nil {
			t.Fatal(err)
		}
		for i, row := range rows {
			for j, text := range row {
				p := at{i + 1, j + 1}
				formula, err := f.GetCellFormula(title, p.String())
				if err != nil {
					t.Fatal(err)
				}
				if text == "" && formula == "" {
					continue
				}
				kind, err := f.GetCellType(title, p.String())
				if err != nil {
					t.Fatal(err)
				}
				v := value{kind: "text", text: text, formula: formula != ""}
				if kind == excelize.CellTypeUnset || kind == excelize.CellTypeNumber {
					v.kind = "number"
				}
				s.cells[p] = v
			}
		}
		merges, err := f.GetMergeCells(title)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range merges {
			s.merges = append(s.merges, [2]at{place(t, m.GetStartAxis()), place(t, m.GetEndAxis())})
		}
		c.tabs = append(c.tabs, s)
		byName[title] = s
	}
	for _, n := range f.GetDefinedName() {
		title, cells, ok := strings.Cut(n.RefersTo, "!")
		s := byName[strings.Trim(title, "'")]
		if !ok || s == nil || !strings.HasPrefix(n.Name, "bdc_") {
			continue
		}
		from, to, ranged := strings.Cut(strings.ReplaceAll(cells, "$", ""), ":")
		if !ranged {
			to = from
		}
		c.names = append(c.names, name{n.Name, s, place(t, from), place(t, to), false})
	}
	return c
}

func place(t testing.TB, ref string) at {
	t.Helper()
	col, row, err := excelize.CellNameToCoordinates(ref)
	if err != nil {
		t.Fatal(err)
	}
	return at{row, col}
}

// named is the cell, or the first of the cells, that a name of the form points to.
func (c *copied) named(id string) at {
	i := slices.IndexFunc(c.names, func(n name) bool { return n.name == "bdc_"+id })
	return c.names[i].first
}

// move puts every cell, merge and hidden row of a sheet where to says, and the
// names with them if they follow.
func (c *copied) move(s *tab, follow bool, to func(at) at) {
	cells := make(map[at]value, len(s.cells))
	for p, v := range s.cells {
		cells[to(p)] = v
	}
	s.cells = cells
	for i, m := range s.merges {
		s.merges[i] = [2]at{to(m[0]), to(m[1])}
	}
	hidden := map[int]bool{}
	for row := range s.hiddenRows {
		hidden[to(at{row, 1}).row] = true
	}
	s.hiddenRows = hidden
	if s == c.orders {
		for id, p := range c.where {
			c.where[id] = to(p)
		}
	}
	for i := range c.names {
		if n := &c.names[i]; follow && n.sheet == s {
			n.first, n.last = to(n.first), to(n.last)
		}
	}
}

// bytes writes the workbook. Bare leaves out what may be left out: the addresses
// of cells and the table of shared strings.
func (c *copied) bytes(t testing.TB, bare bool) []byte {
	t.Helper()
	const header = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>`
	const office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	part := func(path, text string) {
		w, err := z.Create(path)
		if err == nil {
			_, err = w.Write([]byte(header + text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	var sheets, rels, names, types strings.Builder
	shared := &sharedTable{index: map[string]int{}}
	for i, s := range c.tabs {
		state := ""
		if s.hidden {
			state = ` state="hidden"`
		}
		fmt.Fprintf(&sheets, `<sheet name="%s" sheetId="%d"%s r:id="rId%d"/>`, escaped(s.name), i+1, state, i+1)
		fmt.Fprintf(&rels, `<Relationship Id="rId%d" Type="%s/worksheet" Target="worksheets/sheet%d.xml"/>`, i+1,
			office, i+1)
		fmt.Fprintf(&types, `<Override PartName="/xl/worksheets/sheet%d.xml" `+
			`ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>`, i+1)
		part(fmt.Sprintf("xl/worksheets/sheet%d.xml", i+1), s.xml(shared, bare))
	}
	for _, n := range c.names {
		i := slices.Index(c.tabs, n.sheet)
		if i < 0 {
			continue
		}
		local := ""
		if n.local {
			local = fmt.Sprintf(` localSheetId="%d"`, i)
		}
		fmt.Fprintf(&names, `<definedName name="%s"%s>'%s'!%s:%s</definedName>`, n.name, local,
			escaped(strings.ReplaceAll(n.sheet.name, "'", "''")), fixed(n.first), fixed(n.last))
	}
	part("[Content_Types].xml",
		`<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">`+
			`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>`+
			`<Default Extension="xml" ContentType="application/xml"/>`+types.String()+`</Types>`)
	part("_rels/.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`+
		`<Relationship Id="rId1" Type="`+office+`/officeDocument" Target="xl/workbook.xml"/></Relationships>`)
	part("xl/workbook.xml",
		fmt.Sprintf(`<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="%s">`+
			`<workbookPr date1904="%t"/><sheets>%s</sheets><definedNames>%s</definedNames></workbook>`,
			office, c.date1904, sheets.String(), names.String()))
	part("xl/styles.xml",
		`<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cellXfs count="2">`+
			`<xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>`)
	part("xl/sharedStrings.xml",
		`<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">`+shared.xml.String()+`</sst>`)
	part("xl/_rels/workbook.xml.rels",
		`<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`+rels.String()+
			`<Relationship Id="st" Type="`+office+`/styles" Target="styles.xml"/>`+
			`<Relationship Id="ss" Type="`+office+`/sharedStrings" Target="sharedStrings.xml"/></Relationships>`)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// sharedTable is the table of shared strings as it grows.
type sharedTable struct {
	xml   strings.Builder
	index map[string]int
}

func (s *sharedTable) at(text string) int {
	i, ok := s.index[text]
	if !ok {
		i = len(s.index)
		s.index[text] = i
		s.xml.WriteString(`<si><t xml:space="preserve">` + escaped(text) + `</t></si>`)
	}
	return i
}

func (s *tab) xml(shared *sharedTable, bare bool) string {
	var b strings.Builder
	b.WriteString(`<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>`)
	byRow := map[int][]int{}
	for p := range s.cells {
		byRow[p.row] = append(byRow[p.row], p.col)
	}
	for _, row := range slices.Sorted(maps.Keys(byRow)) {
		hidden := ""
		if s.hiddenRows[row] {
			hidden = ` hidden="1"`
		}
		fmt.Fprintf(&b, `<row r="%d"%s>`, row, hidden)
		cols := byRow[row]
		slices.Sort(cols)
		next := 1
		for _, col := range cols {
			ref := ""
			if !bare || col != next {
				ref = ` r="` + at{row, col}.String() + `"`
			}
			next = col + 1
			b.WriteString(s.cells[at{row, col}].xml(shared, ref, bare))
		}
		b.WriteString(`</row>`)
	}
	b.WriteString(`</sheetData>`)
	if len(s.merges) > 0 {
		b.WriteString(`<mergeCells>`)
		for _, m := range s.merges {
			fmt.Fprintf(&b, `<mergeCell ref="%v:%v"/>`, m[0], m[1])
		}
		b.WriteString(`</mergeCells>`)
	}
	return b.String() + `</worksheet>`
}

func (v value) xml(shared *sharedTable, ref string, bare bool) string {
	formula := ""
	if v.formula {
		formula = `<f>1*Z99</f>`
	}
	kind := v.kind
	if kind == "text" && bare && !v.formula {
		kind = "inline"
	}
	switch {
	case v.formula && v.text == "":
		return `<c` + ref + `>` + formula + `</c>`
	case kind == "text" && v.formula:
		return `<c` + ref + ` t="str">` + formula + `<v>` + escaped(v.text) + `</v></c>`
	case kind == "text":
		return fmt.Sprintf(`<c%s t="s"><v>%d</v></c>`, ref, shared.at(v.text))
	case kind == "inline":
		return `<c` + ref + ` t="inlineStr"><is><t xml:space="preserve">` + escaped(v.text) + `</t></is></c>`
	case kind == "rich":
		r := []rune(v.text)
		half := len(r) / 2
		return `<c` + ref + ` t="inlineStr"><is><r><rPr><b/></rPr><t xml:space="preserve">` +
			escaped(string(r[:half])) + `</t></r><r><t xml:space="preserve">` + escaped(string(r[half:])) +
			`</t></r><rPh sb="0" eb="1"><t>x</t></rPh></is></c>`
	case kind == "date":
		return `<c` + ref + ` s="1">` + formula + `<v>` + v.text + `</v></c>`
	case kind == "iso":
		return `<c` + ref + ` t="d"><v>` + v.text + `</v></c>`
	case kind == "bool":
		return `<c` + ref + ` t="b"><v>` + v.text + `</v></c>`
	case kind == "error":
		return `<c` + ref + ` t="e">` + formula + `<v>` + v.text + `</v></c>`
	}
	return `<c` + ref + `>` + formula + `<v>` + v.text + `</v></c>`
}

func escaped(text string) string {
	var b strings.Builder
	if err := xml.EscapeText(&b, []byte(text)); err != nil {
		panic(err) // a builder takes every write
	}
	return b.String()
}

// fixed is a cell as defined names refer to it: $C$5.
func fixed(p at) string {
	letters := strings.TrimRight(p.String(), "0123456789")
	return "$" + letters + "$" + strconv.Itoa(p.row)
}
