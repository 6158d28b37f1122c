// Package grid turns the bytes of a stranger's file into grids of cells. It reads
// separated values (CSV), and .xlsx and .xlsm workbooks (ECMA-376, transitional and
// strict; macros are not looked at). Sniff recognises other kinds of files, and Read
// refuses them with an error that names the kind. The package knows nothing about order
// forms, except the prefix of their defined names.
//
// A workbook is a zip; the files in it are called parts, and most of them are XML. This is
// the only package that opens the workbook of a stranger, and it has its own readers for it.
// A damaged file is refused as a whole: if it is cut short, a checksum is wrong, XML is
// malformed, a part or a text that cells refer to is missing, or rows are out of order. The
// error is then a *Refusal.
//
// Limits bound the memory and the time. They are checked while reading; the sizes that a
// file states about itself are not believed. Only parts that are needed are inflated, and
// only filled cells are kept.
package grid

import (
	"bytes"
	"cmp"
	"slices"
	"strconv"

	"bdc/order"
)

// Pos is the place of a cell: its row and its column, both counted from 1.
type Pos struct{ Row, Col int }

// At makes a Pos of a row and a column.
func At(row, col int) Pos { return Pos{row, col} }

// String returns the address of the cell, such as "C13".
func (p Pos) String() string {
	var b [16]byte
	return string(p.Append(b[:0]))
}

// Append adds the address of the cell to b.
func (p Pos) Append(b []byte) []byte {
	return strconv.AppendInt(append(b, ColumnName(p.Col)...), int64(p.Row), 10)
}

// Right returns the place n columns to the right.
func (p Pos) Right(n int) Pos { return Pos{p.Row, p.Col + n} }

// Below returns the place n rows below.
func (p Pos) Below(n int) Pos { return Pos{p.Row + n, p.Col} }

// Area is a rectangle of cells: from First, at its top left, to Last, both included.
type Area struct{ First, Last Pos }

// Holds says whether the cell at p belongs to the area.
func (a Area) Holds(p Pos) bool {
	return p.Row >= a.First.Row && p.Row <= a.Last.Row && p.Col >= a.First.Col && p.Col <= a.Last.Col
}

// Cell is a filled cell.
type Cell struct {
	Pos
	Kind    order.Kind
	Formula bool // Text is the stored result of a formula

	// Text is the cell's value as it is stored in the file: an EAN may read
	// "9.782090000313E12". For a date it is the day, such as "2006-01-02"; for a truth
	// value it is "TRUE" or "FALSE".
	Text string
}

// RowCells is a row with at least one filled cell. Its cells are Grid.Cells[First:Last].
type RowCells struct {
	Number      int // of the row, from 1
	First, Last int
	Hidden      bool // the row is not shown
}

// Grid is one sheet: its filled cells, and which cells are merged or hidden.
type Grid struct {
	Name   string // "" for separated values
	Index  int    // the index of the sheet in Workbook.Sheets
	Hidden bool   // the sheet is not shown
	Rows   []RowCells
	Cells  []Cell // from top to bottom, and in each row from left to right
	Merges []Area // the merged cells, in the order of the file; Merge adds an area
	merged map[Pos]Area

	Struck   []Pos   // the filled cells of which at least a part is struck through
	Filled   []Fill  // the cells that a colour fills, empty ones too
	Filtered bool    // a filter hides rows, or may
	Asides   []Aside // what the sheet says outside of its cells
	Unread   bool    // it says more there than is read

	Uncomputed    []Pos        // the formulas whose result is not stored in the file
	HiddenColumns map[int]bool // the numbers of the columns that are not shown
}

// Fill is the colour of a cell, by a number of its own in the workbook.
type Fill struct {
	Pos
	Colour int
}

// maxFills is how many coloured cells of a sheet are kept.
const maxFills = 5000

// fill notes the colour of a cell.
func (g *Grid) fill(at Pos, colour int) {
	if colour != 0 && len(g.Filled) < maxFills {
		g.Filled = append(g.Filled, Fill{at, colour})
	}
}

// ColourAt is the colour that fills the cell at p, or 0.
func (g *Grid) ColourAt(p Pos) int {
	i, ok := slices.BinarySearchFunc(g.Filled, p, func(f Fill, p Pos) int {
		return cmp.Or(cmp.Compare(f.Row, p.Row), cmp.Compare(f.Col, p.Col))
	})
	if !ok {
		return 0
	}
	return g.Filled[i].Colour
}

// Row returns the filled cells of a row.
func (g *Grid) Row(r RowCells) []Cell { return g.Cells[r.First:r.Last] }

// Find returns the index in Cells of the cell at p, or -1 if p is empty.
func (g *Grid) Find(p Pos) int {
	i, ok := slices.BinarySearchFunc(g.Rows, p.Row, func(r RowCells, n int) int { return cmp.Compare(r.Number, n) })
	if !ok {
		return -1
	}
	r := &g.Rows[i]
	i, ok = slices.BinarySearchFunc(
		g.Cells[r.First:r.Last],
		p.Col,
		func(c Cell, n int) int { return cmp.Compare(c.Col, n) },
	)
	if !ok {
		return -1
	}
	return r.First + i
}

// At returns the cell at p, or nil if p is empty.
func (g *Grid) At(p Pos) *Cell {
	if i := g.Find(p); i >= 0 {
		return &g.Cells[i]
	}
	return nil
}

// IsStruck says whether at least a part of the cell at p is struck through.
func (g *Grid) IsStruck(p Pos) bool {
	_, ok := slices.BinarySearchFunc(g.Struck, p, func(a, b Pos) int {
		return cmp.Or(cmp.Compare(a.Row, b.Row), cmp.Compare(a.Col, b.Col))
	})
	return ok
}

// Merge adds an area of merged cells.
func (g *Grid) Merge(a Area) {
	if g.merged == nil {
		g.merged = map[Pos]Area{}
	}
	g.Merges = append(g.Merges, a)
	g.merged[a.First] = a
}

// Extent returns the merged area whose first cell is p. If there is none, it returns the area
// that consists of p alone.
func (g *Grid) Extent(p Pos) Area {
	if a, ok := g.merged[p]; ok {
		return a
	}
	return Area{p, p}
}

// Anchor returns the place of the cell whose value Excel shows at p: the first cell of the
// merged area that p belongs to, or p itself if p is not merged.
func (g *Grid) Anchor(p Pos) Pos {
	for _, a := range g.Merges {
		if a.Holds(p) {
			return a.First
		}
	}
	return p
}

// The last row and the last column that a sheet can have.
const (
	LastRow    = 1_048_576
	LastColumn = 16_384
)

// ColumnName returns the letters of the column of that number: "AB" for 28.
func ColumnName(col int) string {
	var b [3]byte
	i := len(b)
	for ; col > 0 && i > 0; col = (col - 1) / 26 {
		i--
		b[i] = byte('A' + (col-1)%26)
	}
	return string(b[i:])
}

// ParsePos reads an address such as "C13". It returns false if ref is not the address of a
// cell.
func ParsePos(ref string) (Pos, bool) { return parsePos([]byte(ref)) }

// ParseArea reads the address of an area such as "A1:C3", of one cell such as "A1", or of whole
// columns or rows such as "B:C" or "5:5". It returns false for anything else.
func ParseArea(ref string) (Area, bool) { return parseArea([]byte(ref)) }

func parsePos(ref []byte) (Pos, bool) {
	col, i := 0, 0
	for ; i < len(ref) && i < 4; i++ {
		c := ref[i] &^ 0x20 // in upper case
		if c < 'A' || c > 'Z' {
			break
		}
		col = col*26 + int(c-'A') + 1
	}
	row, ok := digits(ref[i:])
	p := Pos{row, col}
	return p, ok && p.valid()
}

func (p Pos) valid() bool {
	return p.Row >= 1 && p.Row <= LastRow && p.Col >= 1 && p.Col <= LastColumn
}

func parseArea(ref []byte) (Area, bool) {
	from, to, ranged := bytes.Cut(ref, []byte(":"))
	first, ok := parsePos(from)
	if !ranged {
		return Area{first, first}, ok
	}
	last, okLast := parsePos(to)
	if !ok && !okLast {
		first, ok = parseEdge(from, 1, 1)
		last, okLast = parseEdge(to, LastRow, LastColumn)
		ok = ok && isDigits(from) == isDigits(to)
	}
	return Area{first, last}, ok && okLast && first.Row <= last.Row && first.Col <= last.Col
}

// parseEdge reads the letters of a column or the number of a row as the cell where it meets a
// row or a column.
func parseEdge(ref []byte, row, col int) (Pos, bool) {
	if isDigits(ref) {
		return parsePos(append([]byte(ColumnName(col)), ref...))
	}
	return parsePos(strconv.AppendInt(bytes.Clone(ref), int64(row), 10))
}

// isDigits says whether an address begins with a digit, as that of a row does.
func isDigits(ref []byte) bool { return len(ref) > 0 && ref[0] >= '0' && ref[0] <= '9' }
