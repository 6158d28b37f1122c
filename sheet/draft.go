package sheet

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"bdc/order"
)

// finder finds the orders in the grids of a workbook.
type finder struct {
	form  *order.Form
	words vocabulary
	names names
	grids []*grid
}

func newFinder(form *order.Form, wb *workbook, grids []*grid) *finder {
	f := &finder{form: form, words: vocabularyOf(form), names: resolveNames(wb, grids), grids: grids}
	for _, g := range grids {
		for i := range g.cells {
			if c := &g.cells[i]; c.kind == order.KindText {
				c.means = f.words.meaning(c.text)
			}
		}
	}
	return f
}

// found is what one sheet holds of the form.
type found struct {
	grid  *grid
	table *table
	body
	block block
}

// fewestFields is how many fields make a header block: a cover names one or two
// of them in passing. Fields with choices don't count, since a sheet of lists
// names those.
const fewestFields = 3

func (f *finder) isBlock(b block) bool {
	n := 0
	for _, field := range f.form.Fields {
		if _, ok := b.inputs[field.ID]; ok && len(field.Choices) == 0 {
			n++
		}
	}
	return n >= fewestFields
}

// empty says whether nobody has filled in anything.
func (s *found) empty() bool { return len(s.block.fields) == 0 && len(s.lines) == 0 }

// drafts are the orders of the workbook, in the order of its sheets.
func (f *finder) drafts() []order.Draft {
	drafts := f.found()
	if len(drafts) == 1 {
		f.unread(&drafts[0])
	}
	return drafts
}

// found are the orders as they were found.
func (f *finder) found() []order.Draft {
	var whole, blocks, tables []*found
	for _, g := range f.grids {
		if g.isReport() {
			continue // it names fields, and is no order
		}
		for _, g := range f.stacked(g) {
			s := f.find(g, f.findTable(g))
			switch {
			case s.table != nil && f.isBlock(s.block):
				whole = append(whole, s)
			case s.table != nil:
				tables = append(tables, s)
			case f.isBlock(s.block):
				blocks = append(blocks, s)
			}
		}
	}
	if len(whole) == 0 && len(tables) == 0 {
		tables = f.lists(blocks)
	}
	if len(whole) == 0 && len(blocks) == 1 && len(tables) == 1 {
		return f.orders(blocks[0], tables[0])
	}
	// The lines of a form whose own table was left empty may stand on a sheet
	// added to it.
	if len(whole) == 1 && len(tables) == 1 && len(whole[0].lines) == 0 && len(tables[0].lines) > 0 {
		return f.orders(whole[0], tables[0])
	}
	if len(whole) == 0 && len(tables) == 0 {
		whole = blocks
	}
	var filled []*found
	for _, s := range append(whole, tables...) {
		if !s.empty() {
			filled = append(filled, s)
		}
	}
	if len(filled) == 0 && len(whole) > 0 {
		filled = whole[:1] // a blank form
	}
	slices.SortStableFunc(filled, func(a, b *found) int { return cmp.Compare(a.grid.index, b.grid.index) })
	var drafts []order.Draft
	seen := len(filled) > 1 && slices.ContainsFunc(filled, func(s *found) bool { return !s.grid.hidden })
	for _, s := range filled {
		if s.table != nil && s.table.layout == nil && len(blocks) == 0 && f.isAlone(s) {
			s.table.layout = f.bare()
		}
		orders := f.orders(s, s)
		if seen && s.grid.hidden {
			for i := range orders {
				putAway(&orders[i])
			}
		}
		drafts = append(drafts, orders...)
	}
	return drafts
}

// putAway holds an order on a hidden sheet beside one that people see: it may be
// the last year's.
func putAway(d *order.Draft) {
	for i := range d.Findings {
		if f := &d.Findings[i]; f.Code == "form.sheet.hidden" && f.Args["what"] == "sheet" {
			f.Severity = order.Hold
		}
	}
}

// unread says where EANs stand in a workbook without lines, for the one who asks
// why we saw none.
func (f *finder) unread(d *order.Draft) {
	if len(d.Lines) > 0 {
		return
	}
	for _, g := range f.grids {
		for i := range g.cells {
			c := &g.cells[i]
			if _, ok := eanOf(c.text); ok && !g.isReport() {
				d.Findings = append(d.Findings, order.Finding{
					Code: "form.lines.none", Severity: order.Error, Field: order.ColumnEAN, Sheet: g.name, Cell: c.pos.String(), Value: strings.Clone(c.text),
				})
				return
			}
		}
	}
}

// find reads a sheet whose lines stand in a table, if it has one.
func (f *finder) find(g *grid, t *table) *found {
	s := &found{grid: g, table: t}
	if t != nil {
		s.body = f.readLines(g, t)
	}
	s.block = f.findBlock(g, t, s.lines)
	return s
}

// isAlone says whether nothing of a form stands around a table.
func (f *finder) isAlone(s *found) bool {
	fields := 0
	for id := range s.block.labels {
		if isField(f.form, id) {
			fields++
		}
	}
	return fields == 0 && f.names.template == "" && len(f.names.targets[s.grid]) == 0
}

// lists are the sheets that hold a table without headers, beside those with a
// header block.
func (f *finder) lists(blocks []*found) []*found {
	var tables []*found
	for _, g := range f.grids {
		if g.isReport() || slices.ContainsFunc(blocks, func(s *found) bool { return s.grid.index == g.index }) {
			continue
		}
		if t := f.listed(g); t != nil {
			tables = append(tables, f.find(g, t))
		}
	}
	return tables
}

// orders are those of a header block and a table: one, but for a layout that
// holds several.
func (f *finder) orders(head, body *found) []order.Draft {
	d := f.draft(head, body)
	if body.table == nil || body.table.layout == nil {
		return []order.Draft{d}
	}
	drafts := []order.Draft{d}
	switch {
	case len(body.table.layout.Split) > 0:
		drafts = f.split(d, body.grid, body.table)
	case f.isBlock(head.block):
		return drafts // a form, if not ours
	}
	for i := range drafts {
		f.partial(&drafts[i], body.table.layout)
	}
	return drafts
}

// draft is the order of a header block and its lines, which may be of the same
// sheet.
func (f *finder) draft(head, body *found) order.Draft {
	d := order.Draft{
		Sheet:    head.grid.name,
		Template: f.names.template,
		Case:     f.names.code,
		Fields:   head.block.fields,
		Labels:   head.block.labels,
		Inputs:   head.block.inputs,
		Lines:    body.lines,
	}
	d.Findings = append(d.Findings, head.block.findings...)
	d.Findings = append(d.Findings, body.findings...)
	if body.table != nil && body.table.headed() {
		for _, c := range body.table.columns {
			if head := body.grid.at(pos{body.table.header, c.number}); head != nil {
				d.Labels[c.id] = cellOf(body.grid, head)
			}
		}
	}
	warn := func(sheet, cell string, args map[string]string) {
		d.Findings = append(d.Findings, order.Finding{Code: "form.sheet.hidden", Severity: order.Warning, Sheet: sheet, Cell: cell, Args: args})
	}
	if head.grid.hidden {
		warn(head.grid.name, "", map[string]string{"what": "sheet"})
	}
	if body.grid.hidden && body != head {
		warn(body.grid.name, "", map[string]string{"what": "sheet"})
	}
	if len(body.hidden) > 0 {
		numbers := make([]string, len(body.hidden))
		for i, n := range body.hidden {
			numbers[i] = strconv.Itoa(n)
		}
		warn(body.grid.name, "A"+numbers[0], map[string]string{"what": "rows", "rows": strings.Join(numbers, ", ")})
	}
	if columns := hiddenColumns(&d, body); len(columns) > 0 {
		warn(body.grid.name, columns[0]+strconv.Itoa(d.Lines[0].Row), map[string]string{"what": "columns", "columns": strings.Join(columns, ", ")})
	}
	return d
}

// hiddenColumns are the letters of the columns of the lines that are hidden and
// filled.
func hiddenColumns(d *order.Draft, body *found) []string {
	if body.table == nil {
		return nil
	}
	var letters []string
	for _, c := range body.table.columns {
		filled := slices.ContainsFunc(d.Lines, func(l order.DraftLine) bool { _, ok := l.Cells[c.id]; return ok })
		if filled && body.grid.hiddenColumns[c.number] {
			letters = append(letters, columnName(c.number))
		}
	}
	slices.Sort(letters)
	return letters
}
