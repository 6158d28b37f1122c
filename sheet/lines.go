package sheet

import (
	"strings"

	"bdc/order"
)

// table is the order lines' place on a sheet.
type table struct {
	header  int            // the row of its headers; 0 if it stands above the sheet
	columns map[string]int // by column id
	labels  map[string]pos // by column id: its header
}

// findTable looks for the lines of a sheet: by a row of headers, which say what
// stands in the columns as it is now, and by the defined names, for the columns
// whose header says nothing.
func (f *finder) findTable(g *grid) *table {
	var t *table
	for _, r := range g.rows {
		if t = f.headers(g, r); t != nil {
			break
		}
	}
	named := f.namedColumns(g)
	if t == nil {
		if _, ok := named[order.ColumnQuantity]; !ok {
			return nil
		}
		t = &table{header: lastRow, columns: map[string]int{}, labels: map[string]pos{}}
		for _, a := range named {
			t.header = min(t.header, a.first.row-1)
		}
	}
	taken := map[int]bool{}
	for _, col := range t.columns {
		taken[col] = true
	}
	for id, a := range named {
		if _, ok := t.columns[id]; !ok && !taken[a.first.col] {
			t.columns[id] = a.first.col
			taken[a.first.col] = true
			if head := g.at(pos{t.header, a.first.col}); head != nil {
				t.labels[id] = head.pos
			}
		}
	}
	return t
}

// headers reads a row as the headers of the table, or returns nil: there must
// be two of them, the EAN or the offer and the quantity among them.
func (f *finder) headers(g *grid, r gridRow) *table {
	t := &table{header: r.number, columns: map[string]int{}, labels: map[string]pos{}}
	ranks := map[string]int{}
	for _, cell := range g.row(r) {
		if cell.kind != order.KindText {
			continue
		}
		m := f.words.meaning(cell.text)
		if m == nil {
			continue
		}
		for _, l := range m.columns {
			if best, ok := ranks[l.id]; !ok || l.rank < best {
				ranks[l.id] = l.rank
				t.columns[l.id] = cell.col
				t.labels[l.id] = cell.pos
			}
		}
	}
	_, ean := t.columns[order.ColumnEAN]
	_, offer := t.columns[order.ColumnOffer]
	_, quantity := t.columns[order.ColumnQuantity]
	if !quantity || !ean && !offer {
		return nil
	}
	return t
}

// namedColumns are the columns' defined names on a sheet, but for those above
// which the header of another column stands: rows or columns were moved by a
// program that does not move names along.
func (f *finder) namedColumns(g *grid) map[string]area {
	found := map[string]area{}
	for id, a := range f.names.targets[g] {
		if _, ok := f.columns[id]; !ok {
			continue
		}
		if head := g.at(pos{a.first.row - 1, a.first.col}); head != nil {
			m := f.words.meaning(head.text)
			if m != nil && len(m.columns) > 0 {
				if _, agrees := as(m.columns, id); !agrees {
					continue
				}
			}
		}
		found[id] = a
	}
	return found
}

// readLines reads the rows below the headers up to the sheet's end, since
// people write on below the frame. It returns the rows that were hidden.
func (f *finder) readLines(g *grid, t *table) (lines []order.DraftLine, hidden []int) {
	for _, r := range g.rows {
		if r.number <= t.header {
			continue
		}
		if again := f.headers(g, r); again != nil {
			t.columns = again.columns // the table goes on below a second row of headers
			continue
		}
		line, ok := f.line(g, r, t)
		if !ok {
			continue
		}
		lines = append(lines, line)
		if r.hidden {
			hidden = append(hidden, r.number)
		}
	}
	return lines, hidden
}

// line reads a row of the table, and says whether it is one: whether anything
// was typed into its columns.
func (f *finder) line(g *grid, r gridRow, t *table) (order.DraftLine, bool) {
	line := order.DraftLine{Sheet: g.name, Row: r.number, Cells: map[string]order.Cell{}}
	typed := false
	for id, col := range t.columns {
		cell := g.at(pos{r.number, col})
		if cell == nil || blank(cell.text) || f.isPrinted(cell) {
			continue
		}
		line.Cells[id] = cellOf(g, cell)
		// The formulas of a row that was left empty give nothing, or a zero.
		typed = typed || !cell.formula || (id == order.ColumnEAN || id == order.ColumnOffer) && cell.text != "0"
	}
	if !typed || f.isTotal(g, r, line) || f.isFooter(g, r, line) {
		return line, false
	}
	return line, true
}

// isPrinted says whether a cell holds a sentence that the form itself prints.
func (f *finder) isPrinted(cell *gridCell) bool {
	m := f.words.meaning(cell.text)
	return m != nil && m.printed && len(m.fields) == 0 && len(m.columns) == 0
}

// isTotal says whether a row sums up the lines above it: it is called a total
// and names no product.
func (f *finder) isTotal(g *grid, r gridRow, line order.DraftLine) bool {
	if namesProduct(line) {
		return false
	}
	for _, cell := range g.row(r) {
		if cell.kind == order.KindText && len(cell.text) <= longestLabel {
			if key := fold(cell.text); strings.HasPrefix(key, "total") || strings.HasPrefix(key, "soustotal") {
				return true
			}
		}
	}
	return false
}

// isFooter says whether a row below the lines holds a field of the header block,
// such as the date beside the signature, and names no product.
func (f *finder) isFooter(g *grid, r gridRow, line order.DraftLine) bool {
	if _, counted := line.Cells[order.ColumnQuantity]; counted || namesProduct(line) {
		return false
	}
	for _, cell := range g.row(r) {
		if m := f.words.meaning(cell.text); m != nil && len(m.fields) > 0 && m.fields[0].rank == 0 {
			return true
		}
	}
	return false
}

// namesProduct says whether a line has digits where its EAN or its offer belongs.
func namesProduct(line order.DraftLine) bool {
	return strings.ContainsAny(line.Cells[order.ColumnEAN].Text+line.Cells[order.ColumnOffer].Text, "0123456789")
}
