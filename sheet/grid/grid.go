// Package grid turns the bytes of a stranger's file into grids of cells. It reads
// .xlsx and .xlsm workbooks (ECMA-376, transitional and strict; macros are not looked
// at) and separated values. It recognises every other kind of file (Sniff), and
// refuses it by name. It knows nothing of order forms, but for the prefix of their
// defined names.
//
// It is the only package that opens a stranger's workbook, and does so with readers of
// its own. What is damaged is refused and never read in part: a file that is cut
// short, a wrong checksum, malformed XML, a part or a shared string that is missing,
// rows that are out of order. The error is then a *Refusal.
//
// Memory and time are bounded by Limits. They are counted while reading; the sizes that
// a file states about itself are not believed. Only the parts that matter are
// inflated, and only filled cells are kept.
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

// String is the address of the cell: "C13".
func (p Pos) String() string {
	var b [16]byte
	return string(p.Append(b[:0]))
}

// Append adds the address of the cell to b.
func (p Pos) Append(b []byte) []byte {
	return strconv.AppendInt(append(b, ColumnName(p.Col)...), int64(p.Row), 10)
}

// Right is the cell n columns to the right.
func (p Pos) Right(n int) Pos { return Pos{p.Row, p.Col + n} }

// Below is the cell n rows below.
func (p Pos) Below(n int) Pos { return Pos{p.Row + n, p.Col} }

// Area is a rectangle of cells. Both corners belong to it.
type Area struct{ First, Last Pos }

// Holds says whether a cell belongs to the area.
func (a Area) Holds(p Pos) bool {
	return p.Row >= a.First.Row && p.Row <= a.Last.Row && p.Col >= a.First.Col && p.Col <= a.Last.Col
}

// Cell is a filled cell.
type Cell struct {
	Pos
	Kind    order.Kind
	Formula bool // Text is the stored result of a formula

	// Text is the cell's value as it is stored in the file: an EAN may read
	// "9.782090000313E12". Of a date it is the day, as "2006-01-02".
	Text string
}

// RowCells says which cells stand in a row that has any. They are Cells[First:Last] of
// the Grid.
type RowCells struct {
	Number      int // of the row, from 1
	First, Last int
	Hidden      bool // the row is not shown
}

// Grid is one sheet: its filled cells, and what else tells where a value stands.
type Grid struct {
	Name   string // "" for separated values
	Index  int    // of the sheet in Workbook.Sheets
	Hidden bool   // the sheet is not shown
	Rows   []RowCells
	Cells  []Cell // row by row, each from left to right
	Merges []Area // the merged cells, in the order of the file; add one by Merge
	merged map[Pos]Area

	Uncomputed    []Pos        // formulas whose result was never stored
	HiddenColumns map[int]bool // by column
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

// Merge adds an area of merged cells.
func (g *Grid) Merge(a Area) {
	if g.merged == nil {
		g.merged = map[Pos]Area{}
	}
	g.Merges = append(g.Merges, a)
	g.merged[a.First] = a
}

// Extent returns the merged area that begins at p, or the area of p alone.
func (g *Grid) Extent(p Pos) Area {
	if a, ok := g.merged[p]; ok {
		return a
	}
	return Area{p, p}
}

// Anchor returns the cell that holds the value shown at p: the first cell of the
// merged area that p belongs to, or p itself.
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

// ColumnName returns the letters of a column: "AB" for 28.
func ColumnName(col int) string {
	var b [3]byte
	i := len(b)
	for ; col > 0 && i > 0; col = (col - 1) / 26 {
		i--
		b[i] = byte('A' + (col-1)%26)
	}
	return string(b[i:])
}

// ParsePos reads an address such as "C13". It says false for anything that is not
// the address of a cell.
func ParsePos(ref string) (Pos, bool) { return parsePos([]byte(ref)) }

// ParseArea reads "A1:C3", or "A1" for one cell.
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
	return Area{first, last}, ok && okLast && first.Row <= last.Row && first.Col <= last.Col
}
