package sheet

import (
	"cmp"
	"slices"
	"strconv"

	"bdc/order"
)

// pos is the place of a cell, both counted from 1.
type pos struct{ row, col int }

func (p pos) String() string {
	var b [16]byte
	return string(p.append(b[:0]))
}

// append adds the address of the cell to b.
func (p pos) append(b []byte) []byte {
	return strconv.AppendInt(append(b, columnName(p.col)...), int64(p.row), 10)
}

// right is the cell n columns further.
func (p pos) right(n int) pos { return pos{p.row, p.col + n} }

// below is the cell n rows further.
func (p pos) below(n int) pos { return pos{p.row + n, p.col} }

// area is a range of cells, both corners included.
type area struct{ first, last pos }

func (a area) holds(p pos) bool {
	return p.row >= a.first.row && p.row <= a.last.row && p.col >= a.first.col && p.col <= a.last.col
}

// gridCell is a filled cell.
type gridCell struct {
	pos
	kind    order.Kind
	formula bool
	text    string
	means   *meaning // as a label of the form; nil until the orders are looked for, and for most
}

// gridRow is a row with at least one filled cell: cells[first:last] of its grid.
type gridRow struct {
	number      int
	first, last int
	hidden      bool
}

// grid is one sheet as it was read: its filled cells by row and column, and its
// merges.
type grid struct {
	name   string
	index  int // of the sheet in the workbook, charts counted
	hidden bool
	rows   []gridRow
	cells  []gridCell
	merges []area       // as they stand in the sheet
	merged map[pos]area // the same, by their first cell, which holds their value

	uncomputed    []pos // formulas whose result was never stored
	hiddenColumns map[int]bool
}

// row is the filled cells of a row.
func (g *grid) row(r gridRow) []gridCell { return g.cells[r.first:r.last] }

// at is the cell at p, or nil where nothing is.
func (g *grid) at(p pos) *gridCell {
	i, ok := slices.BinarySearchFunc(g.rows, p.row, func(r gridRow, n int) int { return cmp.Compare(r.number, n) })
	if !ok {
		return nil
	}
	cells := g.row(g.rows[i])
	i, ok = slices.BinarySearchFunc(cells, p.col, func(c gridCell, n int) int { return cmp.Compare(c.col, n) })
	if !ok {
		return nil
	}
	return &cells[i]
}

// text is what the cell at p holds, or "".
func (g *grid) text(p pos) string {
	if cell := g.at(p); cell != nil {
		return cell.text
	}
	return ""
}

// extent is the merged area that begins at p, or p alone.
func (g *grid) extent(p pos) area {
	if a, ok := g.merged[p]; ok {
		return a
	}
	return area{p, p}
}

// anchor is the cell that holds the value shown at p: the first of the merged
// area around it, or p itself.
func (g *grid) anchor(p pos) pos {
	for _, a := range g.merges {
		if a.holds(p) {
			return a.first
		}
	}
	return p
}

// spanned is the cell that holds the value shown at p in a column some of whose
// cells are merged with those below: one value for several rows.
func (g *grid) spanned(p pos) pos {
	if len(g.merges) == 0 || g.at(p) != nil {
		return p
	}
	for _, a := range g.merges {
		if a.first.col == p.col && a.holds(p) {
			return a.first
		}
	}
	return p
}

// The last row and column of a sheet.
const (
	lastRow    = 1_048_576
	lastColumn = 16_384
)

// columnName is the letters of a column: 28 is AB.
func columnName(col int) string {
	var b [3]byte
	i := len(b)
	for ; col > 0 && i > 0; col = (col - 1) / 26 {
		i--
		b[i] = byte('A' + (col-1)%26)
	}
	return string(b[i:])
}

// parsePos reads "C13". It says false for anything that is not the address of a
// cell.
func parsePos(ref []byte) (pos, bool) {
	col, i := 0, 0
	for ; i < len(ref) && i < 4; i++ {
		c := ref[i] &^ 0x20 // in upper case
		if c < 'A' || c > 'Z' {
			break
		}
		col = col*26 + int(c-'A') + 1
	}
	row, ok := digits(ref[i:])
	p := pos{row, col}
	return p, ok && p.valid()
}

func (p pos) valid() bool {
	return p.row >= 1 && p.row <= lastRow && p.col >= 1 && p.col <= lastColumn
}
