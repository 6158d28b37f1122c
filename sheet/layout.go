package sheet

import (
	"cmp"
	"slices"
	"strings"

	"bdc/order"
	"bdc/sheet/grid"
)

// slot is a column of a layout: the index of the layout in the form's definition, and that of
// the column in the layout.
type slot struct{ layout, column int }

// laidOut reads a row as the headers of a layout. It returns nil if the row has not the headers
// of any.
func (f *finder) laidOut(g *worksheet, r grid.RowCells) *table {
	for i := range f.form.Layouts {
		if layout := &f.form.Layouts[i]; layout.Headers && f.mayFit(g, r, i, layout) {
			if t := f.fit(g, r, i, layout); t != nil {
				return t
			}
		}
	}
	return nil
}

// mayFit says whether each required column of a layout has a header in the row.
func (f *finder) mayFit(g *worksheet, r grid.RowCells, index int, layout *order.Layout) bool {
	for i, c := range layout.Columns {
		fits := func(m *meaning) bool { _, ok := m.rankIn(slot{index, i}, c); return ok }
		if c.Required && !slices.ContainsFunc(g.means[r.First:r.Last], fits) {
			return false
		}
	}
	return true
}

// fit is the table of a layout whose required columns all have their header in
// the row, each in a cell of its own.
func (f *finder) fit(g *worksheet, r grid.RowCells, index int, layout *order.Layout) *table {
	t := table{header: r.Number, layout: layout}
	for i, c := range layout.Columns {
		best, number := -1, 0
		for cell := range g.row(r) {
			rank, ok := cell.means.rankIn(slot{index, i}, c)
			if ok && t.at(cell.Col) == nil && (best < 0 || rank < best) {
				best, number = rank, cell.Col
			}
		}
		switch {
		case best >= 0:
			isField := isField(f.form, c.ID)
			t.columns = append(t.columns, column{id: c.ID, number: number, rank: best, with: c.With, field: isField})
		case c.Required:
			return nil
		}
	}
	return &t
}

// rankIn says whether a header fits a column of a layout, and how well: 0 for a label of the
// column's own, more for one of the form's. The form's labels don't count for a column that
// also says something about other columns (order.LayoutColumn.With).
func (m *meaning) rankIn(p slot, c order.LayoutColumn) (int, bool) {
	if m == nil {
		return 0, false
	}
	if slices.Contains(m.slots, p) {
		return 0, true
	}
	if c.With != nil {
		return 0, false
	}
	l, ok := as(m.columns, c.ID)
	if !ok {
		l, ok = as(m.fields, c.ID)
	}
	return 1 + l.rank, ok
}

// listed looks for a table without headers. The columns of its layout stand side by side, from
// the first filled one. The table begins at the first row that fits; what stands above, such
// as a title, does not belong to it.
func (f *finder) listed(g *worksheet) *table {
	for i := range f.form.Layouts {
		layout := &f.form.Layouts[i]
		if layout.Headers {
			continue
		}
		for _, r := range g.Rows {
			first := g.Cells[r.First].Col
			if !f.fits(g, r, first, layout) {
				continue
			}
			t := table{header: r.Number - 1, layout: layout}
			for j, c := range layout.Columns {
				t.columns = append(t.columns, column{id: c.ID, number: first + j, with: c.With})
			}
			return &t
		}
	}
	return nil
}

// fits says whether a row holds a line of a layout without headers: a right EAN
// and a whole number where they belong.
func (f *finder) fits(g *worksheet, r grid.RowCells, first int, layout *order.Layout) bool {
	for i, c := range layout.Columns {
		field, _ := f.form.Field(c.ID)
		cell := g.at(grid.At(r.Number, first+i))
		if !cell.filled() || blank(cell.Text) {
			if c.Required {
				return false
			}
			continue
		}
		switch _, isEAN := eanOf(cell.Text); {
		case field.Type == order.TypeEAN && !isEAN,
			field.Type == order.TypeQuantity && (isEAN || plain(cell.Text) == 0 || !f.counts(g, r, cell)):
			return false
		}
	}
	return true
}

// counts says whether a number may be a quantity. It may not if a text stands above that is not
// the header of the quantities.
func (f *finder) counts(g *worksheet, r grid.RowCells, cell cell) bool {
	above := g.at(grid.At(r.Number-1, cell.Col))
	if !above.filled() || above.Kind != order.KindText {
		return true
	}
	if above.means == nil {
		return false
	}
	_, ok := as(above.means.columns, order.ColumnQuantity)
	return ok
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

// eanOf reads an EAN, as a text or as Excel stores a number: 9.782090000313E12. Spaces, dashes
// and dots in it are ignored. It says false for anything that is not certainly an EAN.
func eanOf(text string) (order.EAN, bool) {
	if number, _, ok := strings.Cut(strings.ToUpper(text), "E"); ok && len(number) == len("9.782090000313") &&
		strings.HasSuffix(strings.ToUpper(text), "E12") {
		text = number
	}
	digits := strings.Map(func(r rune) rune {
		switch {
		case isDigit(r):
			return r
		case r == ' ' || r == '\u00a0' || r == '\u202f' || r == '-' || r == '.':
			return -1
		}
		return 'x'
	}, text)
	ean, err := order.ParseEAN(digits)
	return ean, err == nil
}

// bare is the layout of a table that stands alone on its sheet: the first layout without
// headers, or nil if there is none.
func (f *finder) bare() *order.Layout {
	i := slices.IndexFunc(f.form.Layouts, func(l order.Layout) bool { return !l.Headers })
	if i < 0 {
		return nil
	}
	return &f.form.Layouts[i]
}

// split makes several orders of the draft of a table in which the lines also have header
// fields, such as the school. Lines with the same values in the columns order.Layout.Split
// are one order. It has the fields of the sheet's header block, and those in the columns of
// its first line.
func (f *finder) split(d order.Draft, g *worksheet, t *table) []order.Draft {
	var fields []column
	for _, c := range t.columns {
		if c.field {
			fields = append(fields, c)
		}
	}
	if len(fields) == 0 {
		return []order.Draft{d}
	}
	var drafts []order.Draft
	byKey := map[string]int{}
	for _, line := range d.Lines {
		var key strings.Builder
		for _, c := range fields {
			if slices.Contains(t.layout.Split, c.id) {
				key.WriteString(order.FoldKey(g.text(g.spanned(grid.At(line.Row, c.number)))) + "\x00")
			}
		}
		i, known := byKey[key.String()]
		if !known {
			i = len(drafts)
			byKey[key.String()] = i
			drafts = append(drafts, f.begun(d, g, t, fields, line.Row))
		}
		drafts[i].Lines = append(drafts[i].Lines, line)
		if known {
			differ(&drafts[i], g, fields, line.Row)
		}
	}
	if len(drafts) == 0 {
		return []order.Draft{d}
	}
	drafts[0].Findings = append(drafts[0].Findings, d.Findings...)
	disagree(d, drafts)
	return drafts
}

// disagree adds a finding to each order of a table if one of them is for another school than the
// header block above it names: then a person must know which of the two counts.
func disagree(head order.Draft, drafts []order.Draft) {
	own, filled := head.Fields[order.FieldUAI]
	i := slices.IndexFunc(drafts, func(d order.Draft) bool {
		c, typed := d.Fields[order.FieldUAI]
		return typed && order.FoldKey(c.Text) != order.FoldKey(own.Text)
	})
	if !filled || i < 0 {
		return
	}
	other := drafts[i].Fields[order.FieldUAI]
	for i := range drafts {
		drafts[i].Findings = append(drafts[i].Findings, order.Finding{
			Code: "form.field.twice", Severity: order.Hold, Field: order.FieldUAI,
			Sheet: other.Sheet, Cell: other.Ref, Value: other.Text, Args: map[string]string{"other": own.Ref},
		})
	}
}

// begun is a draft without lines for the order whose first line stands in a row. d is the draft
// of the whole table.
func (f *finder) begun(d order.Draft, g *worksheet, t *table, fields []column, row int) order.Draft {
	d.Findings, d.Lines = nil, nil
	size := len(f.form.Fields)
	all := block{
		make(map[string]order.Cell, size),
		make(map[string]order.Cell, size),
		make(map[string]string, size),
		nil,
	}
	for id, c := range d.Fields {
		all.fields[id] = c
	}
	for id, c := range d.Labels {
		all.labels[id] = c
	}
	for id, ref := range d.Inputs {
		all.inputs[id] = ref
	}
	for _, c := range fields {
		if head := g.at(grid.At(t.header, c.number)); head.filled() {
			all.labels[c.id] = cellOf(g, head)
		}
		delete(all.fields, c.id)
		f.take(g, c.id, g.spanned(grid.At(row, c.number)), &all, map[grid.Pos]bool{})
	}
	d.Fields, d.Labels, d.Inputs = all.fields, all.labels, all.inputs
	return d
}

// differ adds a finding for each header field whose value in a row differs from that in the
// first line of the order. There is one finding for a field, about the first such row.
func differ(d *order.Draft, g *worksheet, fields []column, row int) {
	for _, c := range fields {
		at := g.spanned(grid.At(row, c.number))
		text := g.text(at)
		if order.FoldKey(text) == order.FoldKey(d.Fields[c.id].Text) || blank(text) {
			continue
		}
		said := slices.ContainsFunc(d.Findings, func(o order.Finding) bool {
			return o.Code == "form.layout.conflict" && o.Field == c.id
		})
		if !said {
			d.Findings = append(d.Findings, order.Finding{
				Code: "form.layout.conflict", Severity: order.Hold, Field: c.id,
				Sheet: g.Name, Cell: at.String(), Value: strings.Clone(text),
			})
		}
	}
}

// partial adds a finding of severity hold if the layout of an order has no place for
// something that the form requires.
func (f *finder) partial(d *order.Draft, layout *order.Layout) {
	d.Layout = layout.ID
	filled := func(id string) bool { _, ok := d.Fields[id]; return ok }
	var missing []string
	for _, field := range f.form.Fields {
		_, labelled := d.Labels[field.ID]
		if field.Required && !labelled && !filled(field.ID) && !filled(cmp.Or(field.Or, field.ID)) {
			missing = append(missing, field.Label)
		}
	}
	if len(missing) > 0 {
		d.Findings = append(d.Findings, order.Finding{
			Code: "form.layout.partial", Severity: order.Hold, Sheet: d.Sheet,
			Args: map[string]string{"layout": layout.Name, "missing": strings.Join(missing, ", ")},
		})
	}
}

// isField says whether an id is that of a header field.
func isField(form *order.Form, id string) bool {
	return slices.ContainsFunc(form.Fields, func(field order.Field) bool { return field.ID == id })
}
