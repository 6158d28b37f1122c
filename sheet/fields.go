package sheet

import (
	"slices"
	"strings"

	"bdc/order"
	"bdc/sheet/grid"
)

// block is the header block of an order, as it was found on one sheet. The maps are those of
// order.Draft.
type block struct {
	fields map[string]order.Cell
	labels map[string]order.Cell
	inputs map[string]string

	findings []order.Finding
}

// candidate is a cell that may be the label of a field.
type candidate struct {
	cell   cell
	rank   int    // how well it fits, as label.rank
	inside string // the value, if it stands in the same cell behind the label; or ""
}

// mostCandidates is how many cells are looked at as labels of one field. As many again are
// looked at if they read exactly like the label that the form prints.
const mostCandidates = 8

// findBlock looks for the header fields of a sheet, outside of the table t, which may be nil,
// and its lines.
func (f *finder) findBlock(g *worksheet, t *table, lines []order.DraftLine) block {
	n := len(f.form.Fields)
	b := block{
		make(map[string]order.Cell, n),
		make(map[string]order.Cell, n+len(f.form.Columns)),
		make(map[string]string, n),
		nil,
	}
	labels := f.candidates(g, t, lines)
	theirs := f.theirs(g, labels)
	values := map[grid.Pos]bool{} // the cells that were taken as values; they are no labels
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
	f.guess(g, t, lines, values, &b)
	for _, field := range f.form.Fields {
		f.twice(g, field, labels[field.ID], values, &b)
		if p, ok := grid.ParsePos(b.inputs[field.ID]); ok && slices.Contains(g.Uncomputed, p) {
			b.findings = append(b.findings, uncomputed(g, p, field.ID, field.Required))
		}
	}
	f.strays(g, t, lines, values, &b)
	f.whose(g, theirs, values, &b)
	return b
}

// candidates are the cells that read like the label of a field, by the id of the field. The
// headers and the lines of the table are left out. What stands beside the table, with an
// empty column between, is looked at.
func (f *finder) candidates(g *worksheet, t *table, lines []order.DraftLine) map[string][]candidate {
	found := make(map[string][]candidate, len(f.form.Fields))
	add := func(m *meaning, c candidate) {
		for _, l := range m.fields {
			c.rank = l.rank
			if list := found[l.id]; len(list) < mostCandidates || l.rank == 0 && len(list) < 2*mostCandidates {
				found[l.id] = append(list, c)
			}
		}
	}
	first, last := t.reach(g)
	for _, r := range g.Rows {
		inside := t != nil && r.Number == t.header
		for len(lines) > 0 && lines[0].Row == r.Number {
			inside, lines = true, lines[1:]
		}
		for cell := range g.row(r) {
			if cell.Kind != order.KindText || inside && cell.Col >= first && cell.Col <= last {
				continue
			}
			if m := cell.means; m != nil {
				if !f.isChosen(g, cell) {
					add(m, candidate{cell: cell})
				}
				continue
			}
			if m, value, ok := f.together(cell); ok {
				add(m, candidate{cell: cell, inside: value})
			}
		}
	}
	return found
}

// together reads a cell that holds a label as well as its value, behind a colon or on the
// next line.
func (f *finder) together(cell cell) (label *meaning, value string, ok bool) {
	if cell.means != nil || cell.Kind != order.KindText {
		return nil, "", false
	}
	i := strings.IndexByte(cell.Text, ':')
	if line := strings.IndexByte(cell.Text, '\n'); i < 0 || line >= 0 && line < i {
		i = line
	}
	if i < 0 || blank(cell.Text[i+1:]) {
		return nil, "", false
	}
	m := f.words.meaning(cell.Text[:i])
	return m, strings.TrimLeft(cell.Text[i+1:], ":\n"), m != nil && len(m.fields) > 0
}

// findField finds one field by its defined name or by its label. If printed, only labels that
// read exactly as the form prints them count; else synonyms count, too.
func (f *finder) findField(
	g *worksheet,
	field order.Field,
	labels []candidate,
	printed bool,
	values map[grid.Pos]bool,
	b *block,
) {
	label := best(labels, printed, values)
	named, ok := f.names.targets[g][field.ID]
	input := named.First
	if ok {
		input = g.Anchor(input)
		switch f.beside(g, input, field) {
		case agrees:
			label = best(labels, false, values)
			if label != nil && label.inside == "" && !g.at(input).filled() {
				// The cell was left empty. The value may stand below the label instead.
				if value := f.valueOf(g, label.cell, field); f.isValue(g, value, field) {
					input = value
				}
			}
			f.take(g, field.ID, input, b, values)
			b.label(g, field.ID, label)
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
	// Where no label stands right beside the named cell, the name is believed as
	// long as the label may be meant by it.
	value := f.valueOf(g, label.cell, field)
	if ok && f.reaches(g, label.cell, input) && (!g.at(value).filled() || g.at(input).filled()) {
		value = input
	}
	f.take(g, field.ID, value, b, values)
}

// reaches says whether the cell p may hold the value of a label. It may if it stands to the
// right of the label with no other label between, or directly below the label.
func (f *finder) reaches(g *worksheet, label cell, p grid.Pos) bool {
	if p == label.Pos.Below(1) {
		return true
	}
	if p.Row != label.Row || p.Col <= label.Col || p.Col > label.Col+mostBetween {
		return false
	}
	for at := label.Pos.Right(1); at != p; at = at.Right(1) {
		if cell := g.at(at); cell.means.isLabel() {
			return false
		}
	}
	return true
}

// mostBetween bounds how far to the right of its label a named cell may be.
const mostBetween = 20

// best is the candidate to believe: of those with the lowest rank, the first on the sheet. If
// printed, only labels that read exactly as the form prints them count. It is nil if no
// candidate counts.
func best(labels []candidate, printed bool, values map[grid.Pos]bool) *candidate {
	var found *candidate
	for i := range labels {
		c := &labels[i]
		if printed && c.rank > 0 || values[c.cell.Pos] {
			continue
		}
		if found == nil || c.rank < found.rank {
			found = c
		}
	}
	return found
}

// label keeps where the label of a field stands.
func (b *block) label(g *worksheet, id string, c *candidate) {
	if c != nil {
		b.labels[id] = cellOf(g, c.cell)
	}
}

// take keeps the cell at p as the one for a field's value, and what stands in it as the value.
func (f *finder) take(g *worksheet, id string, p grid.Pos, b *block, values map[grid.Pos]bool) {
	b.inputs[id] = p.String()
	cell := g.at(p)
	if !cell.filled() || blank(cell.Text) {
		return
	}
	values[p] = true
	b.fields[id] = cellOf(g, cell)
}

// opinion is what the labels around a cell say about the field whose defined name points to
// the cell.
type opinion uint8

const (
	silent opinion = iota
	agrees
	contradicts
)

// beside asks the label to the left of the cell p, or if there is none the label above,
// whether the cell belongs to a field.
func (f *finder) beside(g *worksheet, p grid.Pos, field order.Field) opinion {
	for _, neighbour := range []grid.Pos{p.Right(-1), p.Below(-1)} {
		if neighbour.Row < 1 || neighbour.Col < 1 {
			continue
		}
		m := g.at(g.Anchor(neighbour)).means
		if m == nil || len(m.fields) == 0 {
			continue
		}
		if _, ok := as(m.fields, field.ID); ok {
			return agrees
		}
		if neighbour.Row == p.Row {
			return contradicts
		}
	}
	if cell := g.at(p); cell.filled() && !isChoice(field, cell.Text) &&
		(cell.means.isLabel() || f.words.near(order.FoldKey(cell.Text)) != "") {
		return contradicts
	}
	return silent
}

// valueOf is the cell where the value of a label belongs. It is the cell to the right of the
// label, and of the cells that the label is merged with, if a value stands there; else the
// cell below, if a value stands there; else one a little further to the right. If there is no
// value in any of them, it is the cell to the right again, or the one below if only the
// right one is filled.
func (f *finder) valueOf(g *worksheet, label cell, field order.Field) grid.Pos {
	extent := g.Extent(label.Pos)
	right := grid.At(label.Row, extent.Last.Col+1)
	below := grid.At(extent.Last.Row+1, label.Col)
	if f.isValue(g, right, field) {
		return right
	}
	if f.isValue(g, below, field) {
		if text := g.text(below); isChoice(field, text) || f.words.near(order.FoldKey(text)) == "" {
			return below
		}
	}
	if far, ok := f.far(g, right, field); ok {
		return far
	}
	// A value may read like a synonym of another label: the function Responsable.
	if m := g.at(right).means; m != nil {
		if !m.printed && len(m.columns) == 0 && len(m.fields) > 0 && m.fields[0].rank > 0 {
			return right
		}
	}
	if g.at(right).filled() && !g.at(below).filled() {
		return below
	}
	return right
}

// farthest is how many empty cells may stand between a label and its value. They may have been
// merged with the label once.
const farthest = 2

// far is the first filled cell of the row, from the cell right on. It counts only if right
// itself is empty, no more than farthest cells are, and it is a value with no label above.
func (f *finder) far(g *worksheet, right grid.Pos, field order.Field) (grid.Pos, bool) {
	for n := range farthest + 1 {
		p := right.Right(n)
		if !g.at(p).filled() {
			continue
		}
		return p, n > 0 && f.isValue(g, p, field) && !g.at(p.Below(-1)).means.isLabel()
	}
	return grid.Pos{}, false
}

// isValue says whether something stands at p that is not a label.
func (f *finder) isValue(g *worksheet, p grid.Pos, field order.Field) bool {
	cell := g.at(p)
	if !cell.filled() || blank(cell.Text) {
		return false
	}
	m := cell.means
	if _, _, both := f.together(cell); both {
		return false
	}
	if !m.isLabel() || isChoice(field, cell.Text) {
		return true
	}
	l, own := as(m.fields, field.ID)
	return own && l.rank > 0 && !m.printed
}

// isChosen says whether a cell that reads like a label by its words is the value of a field with
// choices, whose label stands to the left or above: the function Référent numérique.
func (f *finder) isChosen(g *worksheet, c cell) bool {
	if len(c.means.fields) == 0 || c.means.fields[0].rank < rankWords {
		return false
	}
	for _, p := range []grid.Pos{c.Pos.Right(-1), c.Pos.Below(-1)} {
		m := g.at(g.Anchor(p)).means
		if m == nil {
			continue
		}
		for _, l := range m.fields {
			if field, _ := f.form.Field(l.id); len(field.Choices) > 0 {
				return true
			}
		}
	}
	return false
}

// isChoice says whether a text is one of those that a field offers.
func isChoice(field order.Field, text string) bool {
	return slices.ContainsFunc(field.Choices, func(choice string) bool {
		return order.FoldKey(choice) == order.FoldKey(text)
	})
}
