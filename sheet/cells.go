package sheet

import (
	"bytes"
	"strconv"
	"strings"
	"time"

	"bdc/order"
)

// tally counts against the limits of a workbook, over all its sheets.
type tally struct {
	cells, rows, merges int
	width, text         int64
}

// cellReader turns the XML of one sheet into its grid.
type cellReader struct {
	grid     *grid
	lim      *Limits
	tally    *tally
	strings  *sharedStrings
	styles   []bool // by cell format: whether it makes a number a date
	date1904 bool

	// What stands around the scanner: depth 2 is the part of the sheet, depth 3
	// the row or the merge, depth 4 the cell.
	inRows, inMerges, inRow, inCell bool
	row, col                        int // of the last row and, in it, cell; 0 before the first
	hidden                          bool
	began                           bool // the row has a filled cell

	// The cell being read.
	style   int
	kind    string // its t attribute
	formula bool
	inValue bool
	value   []byte // <v>
	rich    richText
}

// visit takes one token.
func (c *cellReader) visit(s *scanner, tok token) error {
	switch tok {
	case tokenStart:
		switch {
		case s.depth == 1:
			if string(s.name) != "worksheet" {
				return damaged("the part of a sheet begins with <%s>", s.name)
			}
		case s.depth == 2:
			c.inRows, c.inMerges = string(s.name) == "sheetData", string(s.name) == "mergeCells"
		case s.depth == 3 && c.inRows && string(s.name) == "row":
			return c.startRow(s)
		case s.depth == 3 && c.inMerges && string(s.name) == "mergeCell":
			return c.merge(s.attr("ref"))
		case s.depth == 3 && !c.inRows && string(s.name) == "col" && string(s.parent()) == "cols" && s.attrFlag("hidden"):
			return c.hideColumns(s)
		case s.depth == 4 && c.inRow && string(s.name) == "c":
			return c.startCell(s)
		case s.depth >= 5 && c.inCell:
			return c.inside(s, tok)
		}
	case tokenText:
		if c.inCell {
			return c.inside(s, tok)
		}
	case tokenEnd:
		switch {
		case s.depth == 4 && c.inCell:
			c.inCell = false
			if err := c.endCell(); err != nil {
				return err
			}
			return c.plainCells(s)
		case s.depth == 3 && c.inRow:
			c.inRow = false
			c.tally.width += int64(c.col)
			if c.tally.width > c.lim.Width {
				return exceeded("width", c.lim.Width, c.tally.width)
			}
		case s.depth >= 5 && c.inCell:
			return c.inside(s, tok)
		}
	}
	return nil
}

func (c *cellReader) startRow(s *scanner) error {
	number := c.row + 1
	if r := s.attr("r"); r != nil {
		n, ok := digits(r)
		if !ok || n > lastRow {
			return damaged("row %q", r)
		}
		if n <= c.row {
			return damaged("row %d comes after row %d", n, c.row)
		}
		number = n
	}
	c.tally.rows++
	if c.tally.rows > c.lim.Rows {
		return exceeded("rows", int64(c.lim.Rows), int64(c.tally.rows))
	}
	c.row, c.col, c.inRow, c.began = number, 0, true, false
	c.hidden = s.attrFlag("hidden")
	if s.empty {
		return nil
	}
	return c.plainCells(s)
}

// plainCells takes the plain cells that stand next. They are counted, and held to
// their places, like others: what is wrong with one is left for startCell to say.
func (c *cellReader) plainCells(s *scanner) error {
	for c.tally.cells < c.lim.Cells {
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
		if !ok || p.row != c.row || p.col <= c.col || !okStyle || kind == "" {
			return nil
		}
		s.pos += size
		c.tally.cells++
		c.col = p.col
		if cell.value == nil {
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
	at := pos{c.row, c.col + 1}
	c.style, c.kind = 0, "n"
	for i := range s.attrs {
		name, value := s.attrAt(i)
		switch string(name) {
		case "r":
			p, ok := parsePos(value)
			if !ok || p.row != c.row {
				return damaged("cell %q in row %d", value, c.row)
			}
			if p.col <= c.col {
				return damaged("cell %v comes after column %d", p, c.col)
			}
			at = p
		case "s":
			n, ok := digits(value)
			if !ok {
				return damaged("cell format %q", value)
			}
			c.style = n // beyond the table it is no format, as in LibreOffice
		case "t":
			c.kind = cellKind(value)
		}
	}
	if !at.valid() || c.kind == "" {
		return damaged("cell %v has no place or an unknown type", at)
	}
	c.tally.cells++
	if c.tally.cells > c.lim.Cells {
		return exceeded("cells", int64(c.lim.Cells), int64(c.tally.cells))
	}
	c.col, c.inCell = at.col, true
	c.formula, c.inValue = false, false
	c.value = c.value[:0]
	c.rich.base = 0
	s.mute = true
	return nil
}

// cellKind is the value of a t attribute, without an allocation, or "" for one
// that ECMA-376 does not know.
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

// inside takes a token below <c>: its value, its inline text or its formula.
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
			s.mute = !c.inValue && c.rich.base == 0 // a formula's own text is of no use
			return nil
		}
	}
	return c.rich.visit(s, tok, c.lim.String)
}

// endCell keeps the cell if it is filled.
func (c *cellReader) endCell() error {
	at := pos{c.row, c.col}
	text, kind, err := c.content()
	if err != nil {
		return err
	}
	if text == "" {
		// An empty text that was computed has its type stored.
		if c.formula && c.kind == "n" {
			c.grid.uncomputed = append(c.grid.uncomputed, at)
		}
		return nil
	}
	switch {
	case at.row > c.lim.Rows:
		return exceeded("rows", int64(c.lim.Rows), int64(at.row))
	case at.col > c.lim.Columns:
		return exceeded("columns", int64(c.lim.Columns), int64(at.col))
	}
	c.tally.text += int64(len(text))
	if c.tally.text > c.lim.Text {
		return exceeded("text", c.lim.Text, c.tally.text)
	}
	g := c.grid
	g.cells = append(g.cells, gridCell{pos: at, kind: kind, formula: c.formula, text: text})
	if !c.began {
		c.began = true
		g.rows = append(g.rows, gridRow{number: at.row, first: len(g.cells) - 1, hidden: c.hidden})
	}
	g.rows[len(g.rows)-1].last = len(g.cells)
	return nil
}

// content is the text of the cell and what kind it is of.
func (c *cellReader) content() (string, order.Kind, error) {
	if c.kind == "inlineStr" && c.rich.base > 0 {
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
			return "", 0, damaged("cell %v refers to shared string %q, of %d", pos{c.row, c.col}, value, len(c.strings.ends))
		}
		return text, order.KindText, nil
	case "b":
		switch string(value) {
		case "1", "true":
			return "TRUE", order.KindBool, nil
		case "0", "false":
			return "FALSE", order.KindBool, nil
		}
		return "", 0, damaged("cell %v holds the truth value %q", pos{c.row, c.col}, value)
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

// number is the digits as stored, or a day where the cell's format shows one.
func (c *cellReader) number(digits string) (string, order.Kind, error) {
	if !isNumber(digits) {
		return "", 0, damaged("cell %v holds the number %q", pos{c.row, c.col}, digits)
	}
	if c.style < len(c.styles) && c.styles[c.style] {
		if day, ok := serialDate(digits, c.date1904); ok {
			return day, order.KindDate, nil
		}
	}
	return digits, order.KindNumber, nil
}

// isNumber says whether a text is a decimal number. Most are digits alone, and
// ParseFloat also reads "Inf" and "0x1p-2".
func isNumber(text string) bool {
	if strings.IndexFunc(text, func(r rune) bool { return !isDigit(r) }) < 0 {
		return text != ""
	}
	_, err := strconv.ParseFloat(text, 64)
	return err == nil && strings.Trim(text, "0123456789.eE+-") == ""
}

// hideColumns notes the columns that a <col> hides, as far as cells may stand there.
func (c *cellReader) hideColumns(s *scanner) error {
	first, ok := digits(s.attr("min"))
	last, okLast := digits(s.attr("max"))
	if !ok || !okLast || first < 1 {
		return damaged("columns %q to %q", s.attr("min"), s.attr("max"))
	}
	for col := first; col <= min(last, c.lim.Columns); col++ {
		if c.grid.hiddenColumns == nil {
			c.grid.hiddenColumns = map[int]bool{}
		}
		c.grid.hiddenColumns[col] = true
	}
	return nil
}

func (c *cellReader) merge(ref []byte) error {
	c.tally.merges++
	if c.tally.merges > c.lim.Merges {
		return exceeded("merges", int64(c.lim.Merges), int64(c.tally.merges))
	}
	a, ok := parseArea(ref)
	if !ok {
		return damaged("merged cells %q", ref)
	}
	c.grid.merges = append(c.grid.merges, a)
	c.grid.merged[a.first] = a
	return nil
}

// parseArea reads "A1:C3" or "A1".
func parseArea(ref []byte) (area, bool) {
	from, to, ranged := bytes.Cut(ref, []byte(":"))
	first, ok := parsePos(from)
	if !ranged {
		return area{first, first}, ok
	}
	last, okLast := parsePos(to)
	return area{first, last}, ok && okLast && first.row <= last.row && first.col <= last.col
}

// compressedCell is about how many bytes a filled cell of a form takes in the file.
const compressedCell = 24

// grid reads one sheet.
func (p *pack) grid(t tab, index int, wb *workbook, table *sharedStrings, styles []bool, sum *tally) (*grid, error) {
	g := &grid{name: t.name, index: index, hidden: t.hidden, merged: map[pos]area{}}
	if part := p.parts[t.part]; part != nil {
		// A guess that spares most growing, and no more than the file's own size.
		g.cells = make([]gridCell, 0, min(part.CompressedSize64, uint64(len(p.data)))/compressedCell)
	}
	c := &cellReader{
		grid: g, lim: &p.lim, tally: sum,
		strings: table, styles: styles, date1904: wb.date1904,
	}
	return g, p.read(t.part, c.visit)
}
