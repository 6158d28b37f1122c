package sheet

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"bdc/order"
	"bdc/sheet/grid"
)

// finder finds the orders in the grids of a workbook.
type finder struct {
	form   *order.Form
	words  vocabulary
	names  names
	sheets []*worksheet
}

func newFinder(form *order.Form, wb *grid.Workbook) *finder {
	f := &finder{form: form, words: vocabularyOf(form)}
	for _, g := range wb.Grids() {
		f.sheets = append(f.sheets, newWorksheet(g, f.words))
	}
	f.names = resolveNames(wb, f.sheets)
	return f
}

// found is what one sheet holds of the form.
type found struct {
	on    *worksheet
	table *table
	body
	block block
}

// fewestFields is how many header fields a sheet must have for them to be a header block:
// a cover sheet mentions one or two of them in passing. Fields with choices don't count,
// since a sheet that lists the choices names those fields, too.
const fewestFields = 3

// isBlock says whether the fields found on a sheet are a header block.
func (f *finder) isBlock(b block) bool {
	n := 0
	for _, field := range f.form.Fields {
		if _, ok := b.inputs[field.ID]; ok && len(field.Choices) == 0 {
			n++
		}
	}
	return n >= fewestFields
}

// empty says whether nothing of the form is filled in.
func (s *found) empty() bool { return len(s.block.fields) == 0 && len(s.lines) == 0 }

// drafts are the orders of the workbook, in the order of its sheets.
func (f *finder) drafts() []order.Draft {
	drafts := f.collect()
	if len(drafts) == 1 {
		f.unread(&drafts[0])
	}
	f.others(drafts)
	return drafts
}

// survey sorts the sheets of a workbook by what they hold of an order.
type survey struct {
	whole  []*found // a header block and a table of lines
	blocks []*found // a header block alone
	tables []*found // a table alone
}

// survey looks at each sheet. If several forms stand on one sheet, it looks at each form.
func (f *finder) survey() survey {
	var all survey
	for _, g := range f.sheets {
		if IsReport(g.Grid) {
			continue
		}
		for _, g := range f.stacked(g) {
			s := f.find(g, f.findTable(g))
			switch {
			case s.table != nil && f.isBlock(s.block):
				all.whole = append(all.whole, s)
			case s.table != nil:
				all.tables = append(all.tables, s)
			case f.isBlock(s.block):
				all.blocks = append(all.blocks, s)
			}
		}
	}
	if len(all.whole) == 0 && len(all.tables) == 0 {
		all.tables = f.lists(all.blocks)
	}
	return all
}

// joined returns the header block and the table of an order that stands on two sheets, or
// nil if there is no such order. There are two cases: the workbook has only one block and
// only one table; or it has one whole form, whose table was left empty, and one more table.
func (s *survey) joined() (head, body *found) {
	if len(s.tables) != 1 {
		return nil, nil
	}
	switch table := s.tables[0]; {
	case len(s.whole) == 0 && len(s.blocks) == 1:
		return s.blocks[0], table
	case len(s.whole) == 1 && len(s.whole[0].lines) == 0 && len(table.lines) > 0:
		return s.whole[0], table
	}
	return nil, nil
}

// separate are the orders that each stand on one sheet, in the order of the sheets. If all
// forms are blank, it is the first form alone.
func (s *survey) separate() []*found {
	forms := s.whole
	if len(s.whole) == 0 && len(s.tables) == 0 {
		forms = s.blocks
	}
	var filled []*found
	for _, one := range slices.Concat(forms, s.tables) {
		if !one.empty() {
			filled = append(filled, one)
		}
	}
	if len(filled) == 0 && len(forms) > 0 {
		filled = forms[:1]
	}
	slices.SortStableFunc(filled, func(a, b *found) int { return cmp.Compare(a.on.Index, b.on.Index) })
	return filled
}

// collect makes the drafts of what the sheets hold.
func (f *finder) collect() []order.Draft {
	all := f.survey()
	if head, body := all.joined(); head != nil {
		return f.orders(head, body)
	}
	all.goOn()
	filled := all.separate()
	seen := len(filled) > 1 && slices.ContainsFunc(filled, func(s *found) bool { return !s.on.Hidden })
	var drafts []order.Draft
	for _, s := range filled {
		if s.table != nil && s.table.layout == nil && len(all.blocks) == 0 && f.isAlone(s) {
			s.table.layout = f.bare()
		}
		orders := f.orders(s, s)
		if seen && s.on.Hidden {
			for i := range orders {
				putAway(&orders[i])
			}
		}
		drafts = append(drafts, orders...)
	}
	return drafts
}

// putAway gives the warning about a hidden sheet the severity hold. It is called for an order
// on a hidden sheet of a workbook with orders on visible sheets: it may be last year's.
func putAway(d *order.Draft) {
	for i := range d.Findings {
		if f := &d.Findings[i]; f.Code == "form.sheet.hidden" && f.Args["what"] == "sheet" {
			f.Severity = order.Hold
		}
	}
}

// unread adds an error to a draft without lines if the workbook has an EAN somewhere: there
// may be lines that were not recognised. The finding names the cell of the first EAN.
func (f *finder) unread(d *order.Draft) {
	if len(d.Lines) > 0 {
		return
	}
	for _, g := range f.sheets {
		for i := range g.Cells {
			c := &g.Cells[i]
			if _, ok := eanOf(c.Text); ok && !IsReport(g.Grid) {
				d.Findings = append(d.Findings, order.Finding{
					Code: "form.lines.none", Severity: order.Error, Field: order.ColumnEAN,
					Sheet: g.Name, Cell: c.Pos.String(), Value: strings.Clone(c.Text),
				})
				return
			}
		}
	}
}

// find reads a sheet with its table, or with nil for a sheet without one.
func (f *finder) find(g *worksheet, t *table) *found {
	s := &found{on: g, table: t}
	if t != nil {
		s.body = f.readLines(g, t)
	}
	if t != nil {
		s.findings = append(s.findings, f.tellings(g, t)...)
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
	return fields == 0 && f.names.template == "" && len(f.names.targets[s.on]) == 0
}

// lists are the sheets that hold a table without headers, leaving out those with a header
// block.
func (f *finder) lists(blocks []*found) []*found {
	var tables []*found
	for _, g := range f.sheets {
		if IsReport(g.Grid) || slices.ContainsFunc(blocks, func(s *found) bool { return s.on.Index == g.Index }) {
			continue
		}
		if t := f.listed(g); t != nil {
			tables = append(tables, f.find(g, t))
		}
	}
	return tables
}

// orders are the orders of a header block and a table. There is one, unless the layout of
// the table may hold several.
func (f *finder) orders(head, body *found) []order.Draft {
	d := f.draft(head, body)
	if body.table == nil || body.table.layout == nil {
		return []order.Draft{d}
	}
	drafts := []order.Draft{d}
	switch {
	case len(body.table.layout.Split) > 0:
		drafts = f.split(d, body.on, body.table)
	case f.isBlock(head.block):
		return drafts // with a header block around it, the table is part of a form
	}
	for i := range drafts {
		f.partial(&drafts[i], body.table.layout)
	}
	return drafts
}

// draft is the order of a header block and the lines of a table, which may stand on the same
// sheet or on two.
func (f *finder) draft(head, body *found) order.Draft {
	d := order.Draft{
		Sheet:    head.on.Name,
		Template: f.names.template,
		Case:     f.names.code,
		Fields:   head.block.fields,
		Labels:   head.block.labels,
		Inputs:   head.block.inputs,
		Lines:    body.lines,
		Asides:   f.asides(head, body),
	}
	d.Findings = append(d.Findings, head.block.findings...)
	d.Findings = append(d.Findings, body.findings...)
	if body.table != nil && body.table.headed() {
		for _, c := range body.table.columns {
			if head := body.on.at(grid.At(body.table.header, c.number)); head.filled() {
				d.Labels[c.id] = cellOf(body.on, head)
			}
		}
	}
	warn := func(sheet, cell string, args map[string]string) {
		d.Findings = append(d.Findings, order.Finding{
			Code: "form.sheet.hidden", Severity: order.Warning, Sheet: sheet, Cell: cell, Args: args,
		})
	}
	if head.on.Hidden {
		warn(head.on.Name, "", map[string]string{"what": "sheet"})
	}
	if body.on.Hidden && body != head {
		warn(body.on.Name, "", map[string]string{"what": "sheet"})
	}
	if len(body.hidden) > 0 {
		severity := order.Warning
		if body.on.Filtered {
			severity = order.Hold // what a filter hides may not be ordered
		}
		numbers := make([]string, len(body.hidden))
		for i, n := range body.hidden {
			numbers[i] = strconv.Itoa(n)
		}
		args := map[string]string{"what": "rows", "rows": strings.Join(numbers, ", ")}
		if body.on.Filtered {
			args["filter"] = "true"
		}
		warn(body.on.Name, "A"+numbers[0], args)
		last := &d.Findings[len(d.Findings)-1]
		last.Severity = severity
		if i := slices.IndexFunc(d.Lines, func(l order.DraftLine) bool { return l.Row == body.hidden[0] }); i >= 0 {
			cell := noteOf(d.Lines[i])
			last.Cell = cmp.Or(cell.Ref, last.Cell)
			last.Value = strings.TrimSpace(cell.Text + " × " + d.Lines[i].Cells[order.ColumnQuantity].Text)
		}
	}
	if columns := hiddenColumns(&d, body); len(columns) > 0 {
		warn(body.on.Name, columns[0]+strconv.Itoa(d.Lines[0].Row),
			map[string]string{"what": "columns", "columns": strings.Join(columns, ", ")})
	}
	return d
}

// hiddenColumns are the letters of the table's columns that are hidden and in which a line
// has a value.
func hiddenColumns(d *order.Draft, body *found) []string {
	if body.table == nil {
		return nil
	}
	var letters []string
	for _, c := range body.table.columns {
		filled := slices.ContainsFunc(d.Lines, func(l order.DraftLine) bool { _, ok := l.Cells[c.id]; return ok })
		if filled && body.on.HiddenColumns[c.number] {
			letters = append(letters, grid.ColumnName(c.number))
		}
	}
	slices.Sort(letters)
	return letters
}
