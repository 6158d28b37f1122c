package sheet

import (
	"slices"

	"bdc/order"
	"bdc/sheet/grid"
)

// column is a column of a table.
type column struct {
	id     string            // of the form's column that its values are of
	number int               // on the sheet, from 1
	rank   int               // how well its header fits, as label.rank
	with   map[string]string // what its header says about other columns, by their id: the licence « Élève »
	field  bool              // its values are of a header field, such as the school's code
}

// table says where the order lines stand on a sheet.
type table struct {
	header  int // the row of the headers; the lines begin below. 0 if the first row is a line
	columns []column
	twins   []column      // columns with the same header as one of columns; they are not read
	told    []told        // the columns that were told by their content
	layout  *order.Layout // the layout that it has; nil for that of the order form
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

// add adds a column. Of two with the same id, the one whose header fits best is read, and the other
// is its twin.
func (t *table) add(c column) {
	switch known := t.column(c.id); {
	case known == nil:
		t.columns = append(t.columns, c)
	case c.rank < known.rank:
		c, *known = *known, c
		fallthrough
	default:
		if c.rank < rankVague {
			t.twins = append(t.twins, c)
		}
	}
}

// headed says whether a row of headers stands above the table.
func (t *table) headed() bool { return t.layout == nil || t.layout.Headers }

// at finds a column of the table by its number on the sheet.
func (t *table) at(number int) *column {
	for i := range t.columns {
		if t.columns[i].number == number {
			return &t.columns[i]
		}
	}
	return nil
}

// reach is the range of columns that the table takes up: from its first to its last, and
// further to either side as long as headers go on without a gap. Without headers it is the
// whole width of the sheet.
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

// findTable looks for the table of the lines on a sheet. The headers tell first where the
// columns are, since they say what the columns hold now. The defined names of the form tell
// where the other columns are.
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
			return f.byContent(g)
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
			head := g.text(grid.At(t.header, a.First.Col))
			if field.ID == order.ColumnQuantity && len(head) <= longestName && isForeign(head) {
				t.told = append(t.told, told{field.ID, order.Hold})
			}
		}
	}
	return t
}

// headers reads a row as the headers of a table, or returns nil if it is none. There must be a
// header for the quantity, and one for the EAN or the offer.
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
			t.add(column{id: l.id, number: cell.Col, rank: l.rank})
		}
	}
	if t.column(order.ColumnQuantity) == nil || t.column(order.ColumnEAN) == nil && t.column(order.ColumnOffer) == nil {
		return nil
	}
	f.publics(g, r, &t)
	f.seconds(g, r, &t)
	return &t
}

// seconds adds the columns whose header is about quantities, but not by its words about those that
// are ordered: « Qté livrée », « Nouvelle quantité ». What they hold may change the order.
func (f *finder) seconds(g *worksheet, r grid.RowCells, t *table) {
	for cell := range g.row(r) {
		if (cell.means == nil || !cell.means.isLabel()) && mayChange(cell.Text) {
			t.twins = append(t.twins, column{id: order.ColumnQuantity, number: cell.Col, rank: rankVague})
		}
	}
}

// publics adds the columns whose header names other users than that of the quantities does:
// « Nb élèves » beside « Nb profs en 2de ».
func (f *finder) publics(g *worksheet, r grid.RowCells, t *table) {
	number := t.column(order.ColumnQuantity).number
	if m := g.at(grid.At(r.Number, number)).means; m == nil || !m.public {
		return
	}
	for cell := range g.row(r) {
		if cell.means == nil && namesPublic(cell.Text) {
			t.twins = append(t.twins, column{id: order.ColumnQuantity, number: cell.Col, rank: rankPupils})
		}
	}
}

// namedColumns are the areas on a sheet that the defined names of columns point to, by the id
// of the column. A name is left out if the header of another column stands above its area:
// then rows or columns were moved without the name.
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
