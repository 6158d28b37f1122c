package sheet

import (
	"strings"

	"bdc/order"
)

// block is the header block of an order, as found on one sheet.
type block struct {
	fields map[string]order.Cell
	labels map[string]order.Cell
	inputs map[string]string
}

// candidate is a cell that may be the label of a field.
type candidate struct {
	cell   *gridCell
	rank   int
	inside string // the value, where it stands in the same cell behind a colon
}

// mostCandidates is how many cells are looked at as labels of one field, and how
// many more if they are labels as printed.
const mostCandidates = 8

// findBlock looks for the header fields of a sheet, outside of the table.
func (f *finder) findBlock(g *grid, t *table, lines []order.DraftLine) block {
	n := len(f.form.Fields)
	b := block{make(map[string]order.Cell, n), make(map[string]order.Cell, n+len(f.form.Columns)), make(map[string]string, n)}
	labels := f.candidates(g, t, lines)
	values := map[pos]bool{} // taken as values, and so no labels
	// Labels as printed go first: what stands beside them is a value, even where
	// it reads like a synonym of another label.
	for _, printed := range []bool{true, false} {
		for _, field := range f.form.Fields {
			if _, done := b.labels[field.ID]; done {
				continue
			}
			if _, done := b.inputs[field.ID]; done {
				continue
			}
			f.findField(g, field, labels[field.ID], printed, values, &b)
		}
	}
	return b
}

// candidates are the cells that read like the label of a field, by its id. The
// headers of the table and its lines are left out.
func (f *finder) candidates(g *grid, t *table, lines []order.DraftLine) map[string][]candidate {
	found := make(map[string][]candidate, len(f.form.Fields))
	add := func(m *meaning, c candidate) {
		for _, l := range m.fields {
			c.rank = l.rank
			if list := found[l.id]; len(list) < mostCandidates || l.rank == 0 && len(list) < 2*mostCandidates {
				found[l.id] = append(list, c)
			}
		}
	}
	for _, r := range g.rows {
		if t != nil && r.number == t.header {
			continue
		}
		if len(lines) > 0 && lines[0].Row == r.number {
			lines = lines[1:]
			continue
		}
		cells := g.row(r)
		for i := range cells {
			cell := &cells[i]
			if cell.kind != order.KindText {
				continue
			}
			if m := cell.means; m != nil {
				add(m, candidate{cell: cell})
				continue
			}
			if label, value, ok := strings.Cut(cell.text, ":"); ok && !blank(value) {
				if m := f.words.meaning(label); m != nil {
					add(m, candidate{cell: cell, inside: value})
				}
			}
		}
	}
	return found
}

// findField finds one field by its defined name or by a label: as printed in
// the first round, by a synonym in the second.
func (f *finder) findField(g *grid, field order.Field, labels []candidate, printed bool, values map[pos]bool, b *block) {
	label := best(labels, printed, values)
	named, ok := f.names.targets[g][field.ID]
	input := named.first
	if ok {
		input = g.anchor(input)
		switch f.beside(g, input, field.ID) {
		case agrees:
			f.take(g, field.ID, input, b, values)
			b.label(g, field.ID, best(labels, false, values))
			return
		case contradicts:
			ok = false
		}
	}
	if label == nil {
		if ok && (len(labels) == 0 || !printed) {
			f.take(g, field.ID, input, b, values)
		}
		return
	}
	b.label(g, field.ID, label)
	if label.inside != "" {
		cell := cellOf(g, label.cell)
		cell.Text = strings.Clone(label.inside)
		b.fields[field.ID] = cell
		b.inputs[field.ID] = cell.Ref
		return
	}
	// Where no label stands beside the named cell, what stands beside the label
	// is believed first.
	value := f.valueOf(g, label.cell, field)
	if ok && g.at(value) == nil {
		value = input
	}
	f.take(g, field.ID, value, b, values)
}

// best is the candidate to believe: of the lowest rank, the first on the sheet;
// only a label as printed if printed.
func best(labels []candidate, printed bool, values map[pos]bool) *candidate {
	var found *candidate
	for i := range labels {
		c := &labels[i]
		if printed && c.rank > 0 || values[c.cell.pos] {
			continue
		}
		if found == nil || c.rank < found.rank {
			found = c
		}
	}
	return found
}

// label keeps where the label of a field stands.
func (b *block) label(g *grid, id string, c *candidate) {
	if c != nil {
		b.labels[id] = cellOf(g, c.cell)
	}
}

// take keeps what stands at p as the value of a field.
func (f *finder) take(g *grid, id string, p pos, b *block, values map[pos]bool) {
	b.inputs[id] = p.String()
	cell := g.at(p)
	if cell == nil || blank(cell.text) {
		return
	}
	values[p] = true
	b.fields[id] = cellOf(g, cell)
}

// opinion is what the labels around a cell say of the defined name that points
// to it.
type opinion uint8

const (
	silent opinion = iota
	agrees
	contradicts
)

// beside asks the label to the left of a cell, or where nothing stands there
// the one above, whether the cell is a field's.
func (f *finder) beside(g *grid, p pos, id string) opinion {
	for _, neighbour := range []pos{p.right(-1), p.below(-1)} {
		if neighbour.row < 1 || neighbour.col < 1 {
			continue
		}
		cell := g.at(g.anchor(neighbour))
		if cell == nil {
			continue
		}
		m := cell.means
		if m == nil || len(m.fields) == 0 {
			continue
		}
		if _, ok := as(m.fields, id); ok {
			return agrees
		}
		if neighbour.row == p.row {
			return contradicts
		}
	}
	if cell := g.at(p); cell != nil && cell.means.isLabel() {
		return contradicts
	}
	return silent
}

// valueOf is the cell where the value of a label belongs: the one to the right
// of the label and of what it is merged with, or the one below if that one is
// filled and the right one is not, or is a label.
func (f *finder) valueOf(g *grid, label *gridCell, field order.Field) pos {
	extent := g.extent(label.pos)
	right := pos{label.row, extent.last.col + 1}
	below := pos{extent.last.row + 1, label.col}
	if f.isValue(g, right, field) {
		return right
	}
	if f.isValue(g, below, field) {
		return below
	}
	// A value may read like a synonym of another label: the function Responsable.
	if cell := g.at(right); cell != nil && cell.means != nil {
		if m := cell.means; !m.printed && len(m.columns) == 0 && len(m.fields) > 0 && m.fields[0].rank > 0 {
			return right
		}
	}
	if g.at(right) != nil && g.at(below) == nil {
		return below
	}
	return right
}

// isValue says whether something stands at p that is not a label.
func (f *finder) isValue(g *grid, p pos, field order.Field) bool {
	cell := g.at(p)
	if cell == nil || blank(cell.text) {
		return false
	}
	m := cell.means
	if !m.isLabel() {
		return true
	}
	for _, choice := range field.Choices {
		if fold(choice) == fold(cell.text) {
			return true
		}
	}
	_, own := as(m.fields, field.ID)
	return own && !m.printed
}

// cellOf is a cell as drafts hold it. Its text is a copy: it outlives the
// workbook's strings, which are one piece of memory.
func cellOf(g *grid, c *gridCell) order.Cell {
	return order.Cell{Sheet: g.name, Ref: c.pos.String(), Text: strings.Clone(c.text), Kind: c.kind, Formula: c.formula}
}
