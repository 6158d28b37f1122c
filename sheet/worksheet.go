package sheet

import (
	"iter"
	"strings"

	"bdc/order"
	"bdc/sheet/grid"
)

// worksheet is a sheet, and what its texts mean as labels of the form.
type worksheet struct {
	*grid.Grid
	means []*meaning // by the index of a cell; nil for most
}

// newWorksheet looks up what the texts of a sheet mean.
func newWorksheet(g *grid.Grid, words vocabulary) *worksheet {
	ws := &worksheet{g, make([]*meaning, len(g.Cells))}
	for i := range g.Cells {
		if c := &g.Cells[i]; c.Kind == order.KindText {
			ws.means[i] = words.meaning(c.Text)
		}
	}
	return ws
}

// cell is a filled cell, and what its text means as a label. The zero value is an empty cell.
type cell struct {
	*grid.Cell
	means *meaning // nil for most
}

// filled says whether anything stands in the cell.
func (c cell) filled() bool { return c.Cell != nil }

// at is the cell at p.
func (g *worksheet) at(p grid.Pos) cell {
	if i := g.Find(p); i >= 0 {
		return cell{&g.Cells[i], g.means[i]}
	}
	return cell{}
}

// text is what the cell at p holds, or "".
func (g *worksheet) text(p grid.Pos) string {
	if c := g.at(p); c.filled() {
		return c.Text
	}
	return ""
}

// row are the filled cells of a row, from left to right.
func (g *worksheet) row(r grid.RowCells) iter.Seq[cell] {
	return func(yield func(cell) bool) {
		for i := r.First; i < r.Last; i++ {
			if !yield(cell{&g.Cells[i], g.means[i]}) {
				return
			}
		}
	}
}

// spanned is the cell whose value counts at p, in a column where one merged cell may give its
// value to several rows. It is p itself if p is filled or not merged, and else the first of
// the merged cells; these must begin in the column of p.
func (g *worksheet) spanned(p grid.Pos) grid.Pos {
	if len(g.Merges) == 0 || g.at(p).filled() {
		return p
	}
	for _, a := range g.Merges {
		if a.First.Col == p.Col && a.Holds(p) {
			return a.First
		}
	}
	return p
}

// cellOf is a cell as drafts hold it. Its text and its address are copies, in one allocation,
// so that a draft does not keep the strings of the whole workbook in memory.
func cellOf(g *worksheet, c cell) order.Cell {
	var short [64]byte
	ref := c.Append(short[:0])
	both := string(append(ref, c.Text...))
	return order.Cell{Sheet: g.Name, Ref: both[:len(ref)], Text: both[len(ref):], Kind: c.Kind, Formula: c.Formula}
}

// A workbook that package mark has marked begins with the report, a sheet that lists the
// findings. A report that comes back to us is recognised by its name and its first cell
// together. Programs that save the workbook keep these two; what is hidden they may drop.
const (
	ReportSheet = "À corriger"                                   // the sheet's name; a number may follow it
	ReportTitle = "POINTS À CORRIGER DANS VOTRE BON DE COMMANDE" // the text in A1
)

// IsReport says whether a sheet is the report of an earlier marking. Read skips such a sheet,
// since it names fields of the form but is no order.
func IsReport(g *grid.Grid) bool {
	first := g.At(grid.At(1, 1))
	return first != nil && first.Text == ReportTitle && strings.HasPrefix(g.Name, ReportSheet)
}
