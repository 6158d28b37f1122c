package ingest

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"bdc/order"
)

// Changes lists the differences between what the sender typed in the first attempt of a
// case and the form of its last attempt: first the fields of the header block, in the
// order of form, then the lines. If first and last are the same attempt, the differences
// are its corrections. Changes returns nil if either attempt has no form that could be
// read.
func Changes(form *order.Form, first, last *order.Attempt) []order.Change {
	if first == nil || first.Order == nil || last.Order == nil {
		return nil
	}
	var list []order.Change
	for i := range form.Fields {
		id := form.Fields[i].ID
		before, after := first.Order.Fields[id], last.Order.Fields[id]
		typed := before
		if c := correctionOf(first, id, "", 0); c != nil {
			before, typed = c.Was, c.Was
		} else if i := slices.IndexFunc(first.Findings,
			func(f order.Finding) bool { return f.Field == id && f.Value != "" }); i >= 0 {
			typed = first.Findings[i].Value
		}
		if after = strings.TrimSpace(after); strings.TrimSpace(before) != after {
			list = append(list, order.Change{
				Field: id, Before: strings.TrimSpace(typed), After: after,
				Staff: byStaff(last, id, "", 0),
			})
		}
	}
	return append(list, lineChanges(form, first, last)...)
}

// correctionOf returns the first correction of a cell in an attempt, or nil. For a
// field of the header block, sheet is "" and row is 0.
func correctionOf(a *order.Attempt, id, sheet string, row int) *order.Correction {
	i := slices.IndexFunc(a.Corrections,
		func(c order.Correction) bool { return c.Field == id && c.Sheet == sheet && c.Row == row })
	if i < 0 {
		return nil
	}
	return &a.Corrections[i]
}

// byStaff reports whether the first correction of a cell was made by staff.
func byStaff(a *order.Attempt, id, sheet string, row int) bool {
	c := correctionOf(a, id, sheet, row)
	return c != nil && c.Actor != order.Bookseller
}

// written is one line of an attempt's table, as its sender wrote it.
type written struct {
	*order.Line
	cells map[string]string // column id → the value as we understood it
	typed map[string]string // column id → the value as typed, where a finding tells it
}

// writtenLines returns the lines of an attempt. Values that we did not understand are
// taken from the findings. With undo, corrected cells have the values that they had
// before the corrections.
func writtenLines(a *order.Attempt, undo bool) []written {
	lines := make([]written, len(a.Order.Lines))
	for i := range a.Order.Lines {
		l := &a.Order.Lines[i]
		w := written{l, map[string]string{
			order.ColumnEAN: l.EAN.String(), order.ColumnOffer: l.Offer, order.ColumnTitle: l.Title,
			order.ColumnPublisher: l.Publisher,
			order.ColumnDuration:  l.Duration, order.ColumnLicence: l.Licence, order.ColumnRemark: l.Remark,
		}, map[string]string{}}
		if l.Quantity > 0 {
			w.cells[order.ColumnQuantity] = strconv.Itoa(l.Quantity)
		}
		if l.UnitPrice != nil {
			w.cells[order.ColumnPrice] = l.UnitPrice.String()
		}
		lines[i] = w
	}
	at := func(sheet string, row int) *written {
		i := slices.IndexFunc(lines, func(w written) bool { return w.Row == row && w.Sheet == sheet })
		if i < 0 {
			return nil
		}
		return &lines[i]
	}
	for _, f := range a.Findings {
		row, _ := strconv.Atoi(strings.TrimLeft(f.Cell, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
		if w := at(f.Sheet, row); w != nil && f.Field != "" {
			w.typed[f.Field] = strings.TrimSpace(f.Value)
			w.cells[f.Field] = cmp.Or(w.cells[f.Field], w.typed[f.Field])
		}
	}
	for _, c := range slices.Backward(a.Corrections) { // so that the first correction of a cell counts
		if w := at(c.Sheet, c.Row); w != nil && undo {
			w.cells[c.Field] = strings.TrimSpace(c.Was)
			delete(w.typed, c.Field)
		}
	}
	return lines
}

// gist returns a line's article and quantity: "3133091001018 × 28". What the line does
// not say is "?".
func (w written) gist() string {
	return cmp.Or(w.cells[order.ColumnEAN], w.cells[order.ColumnOffer], "?") + " × " +
		cmp.Or(w.cells[order.ColumnQuantity], "?")
}

// name returns what tells a line from other lines: its title, EAN or offer.
func (w written) name() string { return cmp.Or(w.Title, w.EAN.String(), w.Offer) }

// lineChanges compares the lines of two attempts. Rows may have been added and removed
// in between, so it pairs the lines by their content: first those that are equal in
// all cells, then those with the same article, then those in the same row, and last,
// if equally many are left on both sides, the rest in their order.
func lineChanges(form *order.Form, first, last *order.Attempt) []order.Change {
	before, after := writtenLines(first, true), writtenLines(last, false)
	pairs := make(map[int]int, len(after))   // index into after → index into before
	taken := make(map[int]bool, len(before)) // indexes into before that are in a pair
	pair := func(key func(written) string) {
		free := map[string][]int{}
		for i, w := range before {
			if k := key(w); k != "" && !taken[i] {
				free[k] = append(free[k], i)
			}
		}
		for i, w := range after {
			k := key(w)
			if _, done := pairs[i]; done || len(free[k]) == 0 {
				continue
			}
			pairs[i], taken[free[k][0]] = free[k][0], true
			free[k] = free[k][1:]
		}
	}
	pair(func(w written) string {
		var all []string
		for i := range form.Columns {
			all = append(all, w.cells[form.Columns[i].ID])
		}
		return strings.Join(all, "\x1f")
	})
	pair(func(w written) string { return cmp.Or(w.EAN.String(), w.Offer) })
	pair(func(w written) string { return w.Sheet + "\x1f" + strconv.Itoa(w.Row) })
	if len(before)-len(taken) == len(after)-len(pairs) {
		pair(func(written) string { return "any" })
	}

	var list []order.Change
	for i, w := range after {
		j, ok := pairs[i]
		if !ok {
			list = append(list, order.Change{Row: w.Row, Line: w.name(), After: w.gist()})
			continue
		}
		list = append(list, cellChanges(form, before[j], w, last)...)
	}
	for i, w := range before {
		if !taken[i] {
			list = append(list, order.Change{Row: w.Row, Line: w.name(), Before: w.gist()})
		}
	}
	return list
}

// cellChanges compares the cells of two lines. An empty cell that the catalogue has
// filled in is no change. So if a cell was empty before, what is in it now counts as a
// change only if the catalogue never fills that column, if both lines have the same
// EAN, or if staff filled it in.
func cellChanges(form *order.Form, before, after written, last *order.Attempt) []order.Change {
	var list []order.Change
	sameEAN := before.cells[order.ColumnEAN] == after.cells[order.ColumnEAN]
	for i := range form.Columns {
		id := form.Columns[i].ID
		was, is := before.cells[id], after.cells[id]
		staff := byStaff(last, id, after.Sheet, after.Row)
		completed := false
		switch id {
		case order.ColumnOffer, order.ColumnTitle, order.ColumnPublisher, order.ColumnDuration, order.ColumnLicence:
			completed = was == "" && !sameEAN && !staff
		}
		if was != is && !completed {
			list = append(list, order.Change{
				Field: id, Row: after.Row, Line: after.name(),
				Before: cmp.Or(before.typed[id], was), After: is, Staff: staff,
			})
		}
	}
	return list
}

// tellChanges puts a list of changes into the result of an acknowledged form: at most
// order.ChangesMost of them, and the number of those left out.
func tellChanges(r *order.Result, list []order.Change) {
	n := min(len(list), order.ChangesMost)
	r.Changes, r.Unlisted = list[:n], len(list)-n
}
