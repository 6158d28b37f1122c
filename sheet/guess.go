package sheet

import (
	"slices"

	"bdc/order"
	"bdc/sheet/grid"
)

// Bounds of guessing at a label with a slip in it.
const (
	shortestGuess = 6     // letters and digits of a label: with a slip, a shorter one could be another
	mostGuesses   = 1_000 // texts of a sheet that are looked at
)

// guess looks for the fields that have no label on a sheet with an order among
// the texts that are nearly one. It believes a text that is one slip away from the
// label of one field, and further than two from those of all others, if a value
// stands beside it: « nom du contact » and « prénom du contact » are three apart.
// What it believed is said.
func (f *finder) guess(g *worksheet, t *table, lines []order.DraftLine, values map[grid.Pos]bool, b *block) {
	if len(b.labels) == len(f.form.Fields) || t == nil && !f.isBlock(*b) {
		return
	}
	looked := 0
	for _, r := range g.Rows {
		if t != nil && r.Number == t.header ||
			slices.ContainsFunc(lines, func(l order.DraftLine) bool { return l.Row == r.Number }) {
			continue
		}
		for cell := range g.row(r) {
			if cell.Kind != order.KindText || cell.means != nil || values[cell.Pos] || len(cell.Text) > longestLabel {
				continue
			}
			if looked++; looked > mostGuesses {
				return
			}
			id := f.words.near(order.FoldKey(cell.Text))
			_, labelled := b.labels[id]
			if id == "" || labelled || b.inputs[id] != "" {
				continue
			}
			field, _ := f.form.Field(id)
			value := f.valueOf(g, cell, field)
			if values[value] || !f.isValue(g, value, field) {
				continue
			}
			b.labels[id] = cellOf(g, cell)
			f.take(g, id, value, b, values)
			b.findings = append(b.findings, order.Finding{
				Code: "form.label.read", Severity: order.Fixed, Field: id, Sheet: g.Name, Cell: cell.Pos.String(), Value: cellOf(g, cell).Text, Proposal: field.Label,
			})
		}
	}
}

// near is the header field whose label, and no other's, a folded text is but for
// a slip, or "".
func (v vocabulary) near(key string) string {
	if len(key) < shortestGuess {
		return ""
	}
	id, sure := "", false
	for label, m := range v {
		n := slips(key, label)
		if n > mostSlips {
			continue
		}
		if len(m.fields) != 1 || len(m.columns) > 0 || id != "" && id != m.fields[0].id {
			return ""
		}
		id, sure = m.fields[0].id, sure || n == 1
	}
	if !sure {
		return ""
	}
	return id
}

// mostSlips is how far a text must be from every other label.
const mostSlips = 2

// slips counts the letters that are wrong, missing, too many or swapped with the
// next between two folded texts (optimal string alignment), up to mostSlips: more
// are mostSlips+1.
func slips(a, b string) int {
	if len(a) > longestLabel || len(b) > longestLabel || len(a)-len(b) > mostSlips || len(b)-len(a) > mostSlips {
		return mostSlips + 1
	}
	var rows [3][longestLabel + 1]int
	before, above, row := &rows[0], &rows[1], &rows[2]
	for j := range len(b) + 1 {
		above[j] = j
	}
	for i := range len(a) {
		row[0] = i + 1
		least := row[0]
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(above[j]+cost, above[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
			least = min(least, row[j+1])
		}
		if least > mostSlips {
			return mostSlips + 1
		}
		before, above, row = above, row, before
	}
	return min(above[len(b)], mostSlips+1)
}
