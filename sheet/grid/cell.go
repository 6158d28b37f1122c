package grid

import (
	"bytes"
	"strconv"
	"strings"
	"time"

	"bdc/order"
)

// usage counts what was read of all sheets of a workbook, for the limits of the same names.
type usage struct {
	cells, rows, merges int
	width, text         int64
}

// cellReader turns the XML of one sheet into its grid.
type cellReader struct {
	grid     *Grid
	lim      *Limits
	used     *usage
	strings  *sharedStrings
	styles   []style // the cell formats, by their index
	date1904 bool

	// Which elements are open. Their depths are 2 for <sheetData> and <mergeCells>, 3 for
	// <row> and <mergeCell>, and 4 for <c>.
	inRows, inMerges, inRow, inCell bool
	row, col                        int  // the last row, and the last cell in it; 0 before the first
	hidden                          bool // the row is not shown
	began                           bool // the row has a filled cell

	// The cell being read.
	style   int      // the attribute s
	kind    string   // the attribute t
	formula bool     // it has a formula
	inValue bool     // <v> is open
	value   []byte   // the text of <v>
	rich    richText // the text of <is>
	struck  bool     // a part of its text is struck through

	header  bool   // within the text of a page header or footer
	headers []byte // the texts of the page headers and footers
}

// visit takes one token.
func (c *cellReader) visit(s *scanner, tok token) error {
	switch tok {
	case tokenStart:
		return c.startElement(s)
	case tokenText:
		if c.inCell {
			return c.inside(s, tok)
		}
		if c.header && len(c.headers)+len(s.text) <= c.lim.String {
			c.headers = append(c.headers, s.text...)
		}
	case tokenEnd:
		return c.endElement(s)
	}
	return nil
}

func (c *cellReader) startElement(s *scanner) error {
	switch s.depth {
	case 1:
		if string(s.name) != "worksheet" {
			return damaged("the part of a sheet begins with <%s>", s.name)
		}
	case 2:
		c.inRows, c.inMerges = string(s.name) == "sheetData", string(s.name) == "mergeCells"
		if string(s.name) == "autoFilter" {
			c.grid.Filtered = true
		}
	case 3:
		switch {
		case string(s.parent()) == "headerFooter":
			c.header, s.mute = true, false
		case c.inRows && string(s.name) == "row":
			return c.startRow(s)
		case c.inMerges && string(s.name) == "mergeCell":
			return c.mergeCells(s.attr("ref"))
		case !c.inRows && string(s.name) == "col" && string(s.parent()) == "cols" && s.attrFlag("hidden"):
			return c.hideColumns(s)
		}
	case 4:
		if c.inRow && string(s.name) == "c" {
			return c.startCell(s)
		}
	default:
		if c.inCell {
			return c.inside(s, tokenStart)
		}
	}
	return nil
}

func (c *cellReader) endElement(s *scanner) error {
	switch {
	case s.depth == 4 && c.inCell:
		c.inCell = false
		if err := c.endCell(); err != nil {
			return err
		}
		return c.plainCells(s)
	case s.depth == 3 && c.inRow:
		c.inRow = false
		c.used.width += int64(c.col)
		if c.used.width > c.lim.Width {
			return Exceeded("width", c.lim.Width, c.used.width)
		}
	case s.depth >= 5 && c.inCell:
		return c.inside(s, tokenEnd)
	case s.depth == 3 && c.header:
		c.header = false
		c.grid.aside(Aside{Kind: AsideHeader, Text: headerText(string(c.headers))})
		c.headers = c.headers[:0]
	}
	return nil
}

func (c *cellReader) startRow(s *scanner) error {
	number := c.row + 1
	if r := s.attr("r"); r != nil {
		n, ok := digits(r)
		if !ok || n > LastRow {
			return damaged("row %q", r)
		}
		if n <= c.row {
			return damaged("row %d comes after row %d", n, c.row)
		}
		number = n
	}
	c.used.rows++
	if c.used.rows > c.lim.Rows {
		return Exceeded("rows", int64(c.lim.Rows), int64(c.used.rows))
	}
	c.row, c.col, c.inRow, c.began = number, 0, true, false
	c.hidden = s.attrFlag("hidden")
	if s.empty {
		return nil
	}
	return c.plainCells(s)
}

// plainCells reads the cells that stand next, as long as they are plain cells (see plainCell).
// It stops at a plain cell that is wrong: startCell reads that one, and returns the error.
func (c *cellReader) plainCells(s *scanner) error {
	for c.used.cells < c.lim.Cells {
		cell, size := s.plainCell()
		if size == 0 {
			return nil
		}
		p, ok := parsePos(cell.ref)
		style, okStyle := 0, true
		if cell.style != nil {
			style, okStyle = digits(cell.style)
		}
		kind := "n"
		if cell.kind != nil {
			kind = cellKind(cell.kind)
		}
		if !ok || p.Row != c.row || p.Col <= c.col || !okStyle || kind == "" {
			return nil
		}
		s.pos += size
		c.used.cells++
		c.col = p.Col
		if cell.value == nil {
			c.fill(style)
			continue
		}
		c.style, c.kind, c.formula, c.rich.base, c.value = style, kind, false, 0, c.value[:0]
		if err := appendText(&c.value, cell.value, c.lim.String); err != nil {
			return err
		}
		if err := c.endCell(); err != nil {
			return err
		}
	}
	return nil
}

func (c *cellReader) startCell(s *scanner) error {
	at := Pos{c.row, c.col + 1}
	c.style, c.kind = 0, "n"
	for i := range s.attrs {
		name, value := s.attrAt(i)
		switch string(name) {
		case "r":
			p, ok := parsePos(value)
			if !ok || p.Row != c.row {
				return damaged("cell %q in row %d", value, c.row)
			}
			if p.Col <= c.col {
				return damaged("cell %v comes after column %d", p, c.col)
			}
			at = p
		case "s":
			n, ok := digits(value)
			if !ok {
				return damaged("cell format %q", value)
			}
			c.style = n // a format that does not exist is ignored, as LibreOffice does
		case "t":
			c.kind = cellKind(value)
		}
	}
	if !at.valid() || c.kind == "" {
		return damaged("cell %v has no place or an unknown type", at)
	}
	c.used.cells++
	if c.used.cells > c.lim.Cells {
		return Exceeded("cells", int64(c.lim.Cells), int64(c.used.cells))
	}
	c.col, c.inCell = at.Col, true
	c.formula, c.inValue = false, false
	c.value = c.value[:0]
	c.rich.base = 0
	s.mute = true
	return nil
}

// cellKind is the value of an attribute t as a string, or "" if ECMA-376 does not define it.
// It allocates nothing.
func cellKind(t []byte) string {
	switch string(t) {
	case "s":
		return "s"
	case "n":
		return "n"
	case "str":
		return "str"
	case "b":
		return "b"
	case "inlineStr":
		return "inlineStr"
	case "e":
		return "e"
	case "d":
		return "d"
	}
	return ""
}

// inside takes a token within <c>: of the value, the inline text or the formula.
func (c *cellReader) inside(s *scanner, tok token) error {
	if tok == tokenText && c.inValue {
		return appendText(&c.value, s.text, c.lim.String)
	}
	if s.depth == 5 {
		switch tok {
		case tokenStart:
			switch string(s.name) {
			case "v":
				c.inValue = true
			case "f":
				c.formula = true
			case "is":
				c.rich.open(5)
			}
		case tokenEnd:
			c.inValue = false
		}
		if tok != tokenText {
			s.mute = !c.inValue && c.rich.base == 0 // the text of a formula is not needed
			return nil
		}
	}
	return c.rich.visit(s, tok, c.lim.String)
}

// fill notes the colour of the cell, if its format has one.
func (c *cellReader) fill(style int) {
	if style < len(c.styles) && c.styles[style].fill != 0 {
		c.grid.fill(Pos{c.row, c.col}, c.styles[style].fill)
	}
}

// endCell keeps the cell if it is filled.
func (c *cellReader) endCell() error {
	at := Pos{c.row, c.col}
	c.struck = false
	text, kind, err := c.content()
	if err != nil {
		return err
	}
	c.fill(c.style)
	if text == "" {
		// The formula has no result. If its result were an empty text, its kind would be "str".
		if c.formula && c.kind == "n" {
			c.grid.Uncomputed = append(c.grid.Uncomputed, at)
		}
		return nil
	}
	switch {
	case at.Row > c.lim.Rows:
		return Exceeded("rows", int64(c.lim.Rows), int64(at.Row))
	case at.Col > c.lim.Columns:
		return Exceeded("columns", int64(c.lim.Columns), int64(at.Col))
	}
	c.used.text += int64(len(text))
	if c.used.text > c.lim.Text {
		return Exceeded("text", c.lim.Text, c.used.text)
	}
	g := c.grid
	g.Cells = append(g.Cells, Cell{Pos: at, Kind: kind, Formula: c.formula, Text: text})
	if c.style < len(c.styles) && c.styles[c.style].struck || c.struck {
		g.Struck = append(g.Struck, at)
	}
	if !c.began {
		c.began = true
		g.Rows = append(g.Rows, RowCells{Number: at.Row, First: len(g.Cells) - 1, Hidden: c.hidden})
	}
	g.Rows[len(g.Rows)-1].Last = len(g.Cells)
	return nil
}

// content is the text of the cell, and its kind.
func (c *cellReader) content() (string, order.Kind, error) {
	if c.kind == "inlineStr" && c.rich.base > 0 {
		c.struck = c.rich.struck
		text, err := c.rich.close(c.lim.String)
		return string(text), order.KindText, err
	}
	value := c.value
	if c.kind != "str" {
		value = bytes.TrimSpace(value)
	}
	if len(value) == 0 {
		return "", order.KindText, nil
	}
	switch c.kind {
	case "s":
		i, ok := digits(value)
		text, there := c.strings.at(i)
		if !ok || !there {
			return "", 0, damaged(
				"cell %v refers to shared string %q, of %d",
				Pos{c.row, c.col},
				value,
				len(c.strings.ends),
			)
		}
		c.struck = c.strings.struck[i]
		return text, order.KindText, nil
	case "b":
		switch string(value) {
		case "1", "true":
			return "TRUE", order.KindBool, nil
		case "0", "false":
			return "FALSE", order.KindBool, nil
		}
		return "", 0, damaged("cell %v holds the truth value %q", Pos{c.row, c.col}, value)
	}
	text, err := finishText(value, c.lim.String)
	if err != nil {
		return "", 0, err
	}
	switch c.kind {
	case "e":
		return string(text), order.KindError, nil
	case "d":
		day, _, _ := strings.Cut(string(text), "T")
		if _, err := time.Parse(time.DateOnly, day); err == nil {
			return day, order.KindDate, nil
		}
		return string(text), order.KindText, nil // a time of day or a duration
	case "n":
		return c.number(string(text))
	}
	return string(text), order.KindText, nil
}

// number is a number as it is stored; or the day, if the format of the cell shows a date.
func (c *cellReader) number(digits string) (string, order.Kind, error) {
	if !isNumber(digits) {
		return "", 0, damaged("cell %v holds the number %q", Pos{c.row, c.col}, digits)
	}
	if c.style < len(c.styles) && c.styles[c.style].date {
		if day, ok := serialDate(digits, c.date1904); ok {
			return day, order.KindDate, nil
		}
	}
	return digits, order.KindNumber, nil
}

// isNumber says whether a text is a decimal number. It is quick for digits alone, as most
// numbers are; and refuses "Inf" and "0x1p-2", which ParseFloat reads.
func isNumber(text string) bool {
	if strings.IndexFunc(text, func(r rune) bool { return r < '0' || r > '9' }) < 0 {
		return text != ""
	}
	_, err := strconv.ParseFloat(text, 64)
	return err == nil && strings.Trim(text, "0123456789.eE+-") == ""
}

// hideColumns notes the columns that a <col> hides, up to the last one that may have a cell.
func (c *cellReader) hideColumns(s *scanner) error {
	first, ok := digits(s.attr("min"))
	last, okLast := digits(s.attr("max"))
	if !ok || !okLast || first < 1 {
		return damaged("columns %q to %q", s.attr("min"), s.attr("max"))
	}
	for col := first; col <= min(last, c.lim.Columns); col++ {
		if c.grid.HiddenColumns == nil {
			c.grid.HiddenColumns = map[int]bool{}
		}
		c.grid.HiddenColumns[col] = true
	}
	return nil
}

func (c *cellReader) mergeCells(ref []byte) error {
	c.used.merges++
	if c.used.merges > c.lim.Merges {
		return Exceeded("merges", int64(c.lim.Merges), int64(c.used.merges))
	}
	a, ok := parseArea(ref)
	if !ok {
		return damaged("merged cells %q", ref)
	}
	c.grid.Merge(a)
	return nil
}
