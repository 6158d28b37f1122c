package mark

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"bdc/order"
	"bdc/sheet"
	"bdc/sheet/form"
	"bdc/sheet/grid"
)

// prefill is the current form, filled in with what the sender of an order typed, right or
// wrong.
func prefill(definition *order.Form, d *order.Draft, code string) ([]byte, error) {
	values, lines := draftValues(definition, d)
	if code != "" {
		values[order.NameCase[len(order.NamePrefix):]] = code
	}
	return form.Fill(definition, values, lines)
}

// fresh makes a marked form for each order that has marks.
func (m *Marker) fresh(name string, workbook []byte, marks []Mark, code string) ([]Marked, error) {
	lim := m.limits
	// The workbook was read in time before. If the machine is busy now, that must not leave the
	// sender without an answer.
	lim.Wall *= 4
	book := sheet.Read(name, workbook, m.form, lim)
	if len(book.Drafts) == 0 {
		return nil, fmt.Errorf("read the workbook again: %v", book.Findings)
	}
	byDraft := map[int][]Mark{}
	for _, mark := range marks {
		if mark.Draft < 0 || mark.Draft >= len(book.Drafts) {
			return nil, fmt.Errorf("a mark of order %d, of %d", mark.Draft, len(book.Drafts))
		}
		byDraft[mark.Draft] = append(byDraft[mark.Draft], mark)
	}
	if len(byDraft) == 0 {
		return nil, errors.New("nothing to mark")
	}
	var forms []Marked
	for n, i := range slices.Sorted(maps.Keys(byDraft)) {
		data, err := m.freshForm(&book.Drafts[i], byDraft[i], code)
		if err != nil {
			return nil, err
		}
		number := 0
		if len(byDraft) > 1 {
			number = n + 1
		}
		forms = append(forms, Marked{Name: numberedFileName(name, number), Data: data, Draft: i})
	}
	return forms, nil
}

// freshForm fills the form with one order and marks it. It needs no child process, since the
// workbook is our own.
func (m *Marker) freshForm(d *order.Draft, marks []Mark, code string) ([]byte, error) {
	data, err := prefill(m.form, d, code)
	if err != nil {
		return nil, err
	}
	cells, err := form.NewLayout(m.form, len(d.Lines))
	if err != nil {
		return nil, err
	}
	moved := make([]Mark, len(marks))
	for i, mark := range marks {
		mark.Finding.Sheet, mark.Finding.Cell = form.SheetName, whereOnForm(cells, d, mark.Finding)
		moved[i] = mark
	}
	return annotate(data, moved, code, m.limits.Limits)
}

// whereOnForm is the cell of the current form for what a finding is about, or ""
// if the form has none.
func whereOnForm(cells *form.Layout, d *order.Draft, f order.Finding) string {
	line := -1
	if at, ok := grid.ParsePos(f.Cell); ok {
		line = slices.IndexFunc(d.Lines, func(l order.DraftLine) bool { return l.Sheet == f.Sheet && l.Row == at.Row })
	}
	return cells.Cell(f.Field, line)
}

// draftValues are the values of an order as form.Fill takes them.
func draftValues(definition *order.Form, d *order.Draft) (values map[string]string, lines []map[string]string) {
	values = map[string]string{}
	for i := range definition.Fields {
		f := &definition.Fields[i]
		if cell, ok := d.Fields[f.ID]; ok {
			values[f.ID] = asTyped(f, cell)
		}
	}
	for _, l := range d.Lines {
		line := map[string]string{}
		for i := range definition.Columns {
			f := &definition.Columns[i]
			if cell, ok := l.Cells[f.ID]; ok {
				line[f.ID] = asTyped(f, cell)
			}
		}
		lines = append(lines, line)
	}
	return values, lines
}

// asTyped is the value of a cell as a person would type it.
func asTyped(f *order.Field, c order.Cell) string {
	switch {
	case c.Kind == order.KindBool && f.Type == order.TypeFlag && len(f.Choices) > 0:
		if c.Text == "TRUE" {
			return f.Choices[0]
		}
		return ""
	case c.Kind == order.KindNumber:
		// An EAN is stored as 9.782090000313E12.
		if n, err := strconv.ParseFloat(c.Text, 64); err == nil {
			return strconv.FormatFloat(n, 'f', -1, 64)
		}
	}
	return c.Text
}
