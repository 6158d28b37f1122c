package grid

import (
	"bytes"
	"cmp"
	"slices"
	"strconv"

	"bdc/order"
)

// pos is the place of a cell: its row and its column, both counted from 1.
type Pos struct{ Row, Col int }

// At is the place in a row and a column.
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

// right is the cell n columns further.
func (p Pos) Right(n int) Pos { return Pos{p.Row, p.Col + n} }

// below is the cell n rows further.
func (p Pos) Below(n int) Pos { return Pos{p.Row + n, p.Col} }

// area is a range of cells, both corners included.
type Area struct{ First, Last Pos }

func (a Area) Holds(p Pos) bool {
	return p.Row >= a.First.Row && p.Row <= a.Last.Row && p.Col >= a.First.Col && p.Col <= a.Last.Col
}

// gridCell is a filled cell.
type Cell struct {
	Pos
	Kind    order.Kind
	Formula bool   // the text is the stored result of a formula
	Text    string // what was typed, or the number or the day ("2006-01-02") as it is stored
}

// gridRow is a row with at least one filled cell. Its cells are Cells[First:Last] of
// its Grid.
type RowCells struct {
	Number      int // from 1
	First, Last int
	Hidden      bool
}

// grid is one sheet: its filled cells, row by row and from left to right, and what
// else of it tells where a value stands.
type Grid struct {
	Name   string
	Index  int // of the sheet in its workbook, from 0; charts count too
	Hidden bool
	Rows   []RowCells
	Cells  []Cell
	Merges []Area // in the order of the file
	merged map[Pos]Area

	Uncomputed    []Pos        // formulas whose result was never stored
	HiddenColumns map[int]bool // by column number
}

// row are the filled cells of a row.
func (g *Grid) Row(r RowCells) []Cell { return g.Cells[r.First:r.Last] }

// find is the index in Cells of the cell at p, or -1 if nothing is filled in there.
func (g *Grid) Find(p Pos) int {
	i, ok := slices.BinarySearchFunc(g.Rows, p.Row, func(r RowCells, n int) int { return cmp.Compare(r.Number, n) })
	if !ok {
		return -1
	}
	r := &g.Rows[i]
	i, ok = slices.BinarySearchFunc(g.Cells[r.First:r.Last], p.Col, func(c Cell, n int) int { return cmp.Compare(c.Col, n) })
	if !ok {
		return -1
	}
	return r.First + i
}

// at is the cell at p, or nil if nothing is filled in there.
func (g *Grid) At(p Pos) *Cell {
	if i := g.Find(p); i >= 0 {
		return &g.Cells[i]
	}
	return nil
}

// merge notes that the cells of an area are merged.
func (g *Grid) Merge(a Area) {
	if g.merged == nil {
		g.merged = map[Pos]Area{}
	}
	g.Merges = append(g.Merges, a)
	g.merged[a.First] = a
}

// extent is the merged area that begins at p, or p alone.
func (g *Grid) Extent(p Pos) Area {
	if a, ok := g.merged[p]; ok {
		return a
	}
	return Area{p, p}
}

// anchor is the cell that holds the value shown at p: the first of the merged
// area around it, or p itself.
func (g *Grid) Anchor(p Pos) Pos {
	for _, a := range g.Merges {
		if a.Holds(p) {
			return a.First
		}
	}
	return p
}

// The last row and column of a sheet.
const (
	LastRow    = 1_048_576
	LastColumn = 16_384
)

// columnName is the letters of a column: 28 is AB.
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
