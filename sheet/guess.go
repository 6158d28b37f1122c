package sheet

import (
	"slices"

	"bdc/order"
	"bdc/sheet/grid"
)

// Bounds of guessing at a label that was mistyped.
const (
	shortestGuess = 6     // bytes of a folded label: a shorter one, mistyped, may read like another
	mostGuesses   = 1_000 // texts of a sheet that are looked at
)

// guess looks for the fields without a label on a sheet that holds an order, among the texts
// that are nearly a label (vocabulary.near) and have a value beside them. A finding says which
// label was guessed.
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
			f.guessAt(g, cell, values, b)
		}
	}
}

// guessAt takes a cell as the label of a field, if it is nearly one and a value stands beside
// it.
func (f *finder) guessAt(g *worksheet, label cell, values map[grid.Pos]bool, b *block) {
	id := f.words.near(order.FoldKey(label.Text))
	if _, labelled := b.labels[id]; id == "" || labelled || b.inputs[id] != "" {
		return
	}
	field, _ := f.form.Field(id)
	value := f.valueOf(g, label, field)
	if values[value] || !f.isValue(g, value, field) {
		return
	}
	b.labels[id] = cellOf(g, label)
	f.take(g, id, value, b, values)
	b.findings = append(b.findings, order.Finding{
		Code: "form.label.read", Severity: order.Fixed, Field: id,
		Sheet: g.Name, Cell: label.Pos.String(), Value: cellOf(g, label).Text, Proposal: field.Label,
	})
}

// near is the id of the header field whose label a folded text differs from by one slip, or
// "". The labels of all other fields must differ by more than mostSlips: « nom du contact »
// and « prénom du contact » are three slips apart.
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

// mostSlips is how many slips are counted: a text with more is another one.
const mostSlips = 2

// slips counts how many letters must be changed, added, removed or swapped with the next to
// turn one folded text into another (optimal string alignment). If there are more than
// mostSlips, it returns mostSlips+1.
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
