package sheet

import (
	"slices"
	"strings"

	"bdc/order"
)

// column is one of the table's.
type column struct {
	id     string
	number int
	rank   int // how well its header fits, as in label
}

// table is the order lines' place on a sheet.
type table struct {
	header  int // the row of its headers; 0 if it stands above the sheet
	columns []column
}

// column finds a column of the table by its id.
func (t *table) column(id string) *column {
	for i := range t.columns {
		if t.columns[i].id == id {
			return &t.columns[i]
		}
	}
	return nil
}

// idAt is the id of the column that stands there, or "".
func (t *table) idAt(number int) string {
	for _, c := range t.columns {
		if c.number == number {
			return c.id
		}
	}
	return ""
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
		t = &table{header: lastRow}
		for _, a := range named {
			t.header = min(t.header, a.first.row-1)
		}
	}
	for _, field := range f.form.Columns {
		a, ok := named[field.ID]
		if ok && t.column(field.ID) == nil && t.idAt(a.first.col) == "" {
			t.columns = append(t.columns, column{id: field.ID, number: a.first.col})
		}
	}
	return t
}

// headers reads a row as the headers of the table, or returns nil: there must
// be two of them, the EAN or the offer and the quantity among them.
func (f *finder) headers(g *grid, r gridRow) *table {
	if r.last-r.first < 2 {
		return nil
	}
	t := table{header: r.number}
	for _, cell := range g.row(r) {
		if cell.means == nil {
			continue
		}
		for _, l := range cell.means.columns {
			switch known := t.column(l.id); {
			case known == nil:
				t.columns = append(t.columns, column{l.id, cell.col, l.rank})
			case l.rank < known.rank:
				known.number, known.rank = cell.col, l.rank
			}
		}
	}
	if t.column(order.ColumnQuantity) == nil || t.column(order.ColumnEAN) == nil && t.column(order.ColumnOffer) == nil {
		return nil
	}
	return &t
}

// namedColumns are the columns' defined names on a sheet, but for those above
// which the header of another column stands: rows or columns were moved by a
// program that does not move names along.
func (f *finder) namedColumns(g *grid) map[string]area {
	found := map[string]area{}
	for _, field := range f.form.Columns {
		a, ok := f.names.targets[g][field.ID]
		if !ok {
			continue
		}
		if head := g.at(pos{a.first.row - 1, a.first.col}); head != nil {
			if m := head.means; m != nil && len(m.columns) > 0 {
				if _, agrees := as(m.columns, field.ID); !agrees {
					continue
				}
			}
		}
		found[field.ID] = a
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
			t = again // the table goes on below a second row of headers
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
	line := order.DraftLine{Sheet: g.name, Row: r.number}
	typed := false
	for i, cells := 0, g.row(r); i < len(cells); i++ {
		cell := &cells[i]
		id := t.idAt(cell.col)
		if id == "" || blank(cell.text) || cell.means.isSentence() {
			continue
		}
		if line.Cells == nil {
			line.Cells = map[string]order.Cell{}
		}
		line.Cells[id] = cellOf(g, cell)
		// The formulas of a row that was left empty give nothing, or a zero.
		typed = typed || !cell.formula || (id == order.ColumnEAN || id == order.ColumnOffer) && cell.text != "0"
	}
	if !typed || f.isTotal(g, r, line) || f.isFooter(g, r, t, line) {
		return line, false
	}
	return line, true
}

// isTotal says whether a row sums up the lines above it: it is called a total
// and names no product.
func (f *finder) isTotal(g *grid, r gridRow, line order.DraftLine) bool {
	return !namesProduct(line) && slices.ContainsFunc(g.row(r), func(c gridCell) bool { return c.means != nil && c.means.total })
}

// isFooter says whether a row below the lines holds a field of the header block,
// such as the date beside the signature, and names no product. A row that counts
// something is a footer only if the field's label stands in place of the product.
func (f *finder) isFooter(g *grid, r gridRow, t *table, line order.DraftLine) bool {
	if namesProduct(line) {
		return false
	}
	_, counts := line.Cells[order.ColumnQuantity]
	for _, cell := range g.row(r) {
		m := cell.means
		if m == nil || len(m.fields) == 0 || m.fields[0].rank > 0 {
			continue
		}
		if id := t.idAt(cell.col); !counts || id == order.ColumnEAN || id == order.ColumnOffer {
			return true
		}
	}
	return false
}

// namesProduct says whether a line has digits where its EAN or its offer belongs.
func namesProduct(line order.DraftLine) bool {
	return strings.ContainsAny(line.Cells[order.ColumnEAN].Text+line.Cells[order.ColumnOffer].Text, "0123456789")
}
