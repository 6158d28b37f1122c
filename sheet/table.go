package sheet

import (
	"slices"

	"bdc/order"
	"bdc/sheet/grid"
)

// column is one of the table's.
type column struct {
	id     string
	number int
	rank   int               // how well its header fits, as in label
	with   map[string]string // what it says besides of its lines, by column id
	field  bool              // it holds a header field, not one of the lines
}

// table is the order lines' place on a sheet.
type table struct {
	header  int // the row of its headers; 0 if it stands above the sheet
	columns []column
	twins   []column      // that have the header of another one, which is believed
	layout  *order.Layout // that it was found by; nil for the form's own headers or names
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

// headed says whether a row of headers stands above the table.
func (t *table) headed() bool { return t.layout == nil || t.layout.Headers }

// at is the column that stands there, or nil.
func (t *table) at(number int) *column {
	for i := range t.columns {
		if t.columns[i].number == number {
			return &t.columns[i]
		}
	}
	return nil
}

// reach is the columns from the first to the last of the table and of what its
// headers go on to without a gap; all where no headers stand above it.
func (t *table) reach(g *worksheet) (first, last int) {
	if t == nil || !t.headed() || len(t.columns) == 0 {
		return 1, grid.LastColumn
	}
	first, last = grid.LastColumn, 1
	for _, c := range slices.Concat(t.columns, t.twins) {
		first, last = min(first, c.number), max(last, c.number)
	}
	head := func(col int) bool {
		cell := g.at(g.Anchor(grid.At(t.header, col)))
		return cell.filled() && !blank(cell.Text)
	}
	for first > 1 && head(first-1) {
		first--
	}
	for last < grid.LastColumn && head(last+1) {
		last++
	}
	return first, last
}

// findTable looks for the lines of a sheet: by a row of headers, which say what
// stands in the columns as it is now, and by the defined names, for the columns
// whose header says nothing.
func (f *finder) findTable(g *worksheet) *table {
	var t *table
	for _, r := range g.Rows {
		if t = f.headers(g, r); t != nil {
			break
		}
	}
	if t != nil && t.layout != nil {
		return t
	}
	named := f.namedColumns(g)
	if t == nil {
		if _, ok := named[order.ColumnQuantity]; !ok {
			return nil
		}
		t = &table{header: grid.LastRow}
		for _, a := range named {
			t.header = min(t.header, a.First.Row-1)
		}
	}
	for _, field := range f.form.Columns {
		a, ok := named[field.ID]
		if ok && t.column(field.ID) == nil && t.at(a.First.Col) == nil {
			t.columns = append(t.columns, column{id: field.ID, number: a.First.Col})
		}
	}
	return t
}

// headers reads a row as the headers of the table, or returns nil: there must
// be two of them, the EAN or the offer and the quantity among them.
func (f *finder) headers(g *worksheet, r grid.RowCells) *table {
	labels := 0
	for _, m := range g.means[r.First:r.Last] {
		if m != nil {
			labels++
		}
	}
	if labels < 2 {
		return nil
	}
	if t := f.laidOut(g, r); t != nil {
		return t
	}
	t := table{header: r.Number}
	for cell := range g.row(r) {
		if cell.means == nil {
			continue
		}
		for _, l := range cell.means.columns {
			switch known := t.column(l.id); {
			case known == nil:
				t.columns = append(t.columns, column{id: l.id, number: cell.Col, rank: l.rank})
			case l.rank < known.rank:
				t.twins = append(t.twins, *known)
				known.number, known.rank = cell.Col, l.rank
			default:
				t.twins = append(t.twins, column{id: l.id, number: cell.Col, rank: l.rank})
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
func (f *finder) namedColumns(g *worksheet) map[string]grid.Area {
	found := map[string]grid.Area{}
	for _, field := range f.form.Columns {
		a, ok := f.names.targets[g][field.ID]
		if !ok {
			continue
		}
		if m := g.at(grid.At(a.First.Row-1, a.First.Col)).means; m != nil && len(m.columns) > 0 {
			if _, agrees := as(m.columns, field.ID); !agrees {
				continue
			}
		}
		found[field.ID] = a
	}
	return found
}
