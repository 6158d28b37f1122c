package sheet

import (
	"slices"
	"strings"

	"bdc/order"
	"bdc/sheet/grid"
)

// twice adds a finding of severity hold if the label of a field comes a second time, fits
// as well as the one that was believed, and has another value. A person knows which of
// the two is meant. What says which school and which account it is must agree under any of
// its names.
func (f *finder) twice(g *worksheet, field order.Field, labels []candidate, values map[grid.Pos]bool, b *block) {
	value, filled := b.fields[field.ID]
	believed := slices.IndexFunc(labels, func(c candidate) bool { return c.cell.String() == b.labels[field.ID].Ref })
	identifies := false
	switch field.ID {
	case order.FieldUAI, order.FieldEstablishment, order.FieldAccount, order.FieldBookseller:
		identifies = true
	}
	if !filled || believed < 0 && !identifies {
		return
	}
	for i := range labels {
		c := &labels[i]
		if i == believed || values[c.cell.Pos] || !identifies && c.rank != labels[believed].rank {
			continue
		}
		at, text := c.cell.Pos, c.inside
		if text == "" {
			at = f.valueOf(g, c.cell, field)
			other := g.at(at)
			if !other.filled() || other.means.isLabel() || at.String() == value.Ref {
				continue
			}
			if other := believed < 0 || c.rank != labels[believed].rank; other && (at.Row != c.cell.Row || values[at]) {
				continue // below another name, which may be a heading
			}
			text = other.Text
		}
		if at.String() == value.Ref || !differs(field, text, value.Text) {
			continue
		}
		b.findings = append(b.findings, order.Finding{
			Code: "form.field.twice", Severity: order.Hold, Field: field.ID,
			Sheet: g.Name, Cell: at.String(), Value: strings.Clone(text),
			Args: map[string]string{"other": value.Ref},
		})
		return
	}
}

// differs says whether two values of a field cannot mean the same. A code has digits. A name may
// be part of another, in any order of its words.
func differs(field order.Field, text, other string) bool {
	a, b := order.FoldKey(text), order.FoldKey(other)
	if blank(text) || a == b {
		return false
	}
	switch field.Type {
	case order.TypeUAI:
		return strings.ContainsAny(a, "0123456789")
	case order.TypeAccount:
		return strings.ContainsAny(a, "0123456789") && strings.TrimLeft(a, "0") != strings.TrimLeft(b, "0")
	}
	switch field.ID {
	case order.FieldEstablishment, order.FieldBookseller:
		return !holdsWords(text, other) && !holdsWords(other, text)
	}
	return true
}

// holdsWords says whether a text has all words of another.
func holdsWords(text, other string) bool {
	words := strings.FieldsFunc(order.Fold(text), isBetween)
	for w := range strings.FieldsFuncSeq(order.Fold(other), isBetween) {
		if !slices.Contains(words, w) {
			return false
		}
	}
	return true
}
