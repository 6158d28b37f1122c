package sheet

import (
	"slices"
	"strings"

	"bdc/order"
	"bdc/sheet/grid"
)

// party is whom a part of a sheet is about.
type party uint8

const (
	ofNobody party = iota // it does not say
	ofShop                // who orders
	ofSchool              // for whom, and the people there
)

// saysParty is whom the words of a label or heading name.
func saysParty(text string) party {
	key := order.FoldKey(text)
	for _, words := range []struct {
		of    party
		parts []string
	}{
		{ofShop, []string{"librair", "facturation", "facturera", "revendeur"}},
		{ofSchool, []string{"etabliss", "etab", "ecole", "lycee", "college", "scolaire", "clientfinal", "uai"}},
	} {
		for _, part := range words.parts {
			if strings.Contains(key, part) {
				return words.of
			}
		}
	}
	return ofNobody
}

// partyOf is whom a label is about, by its words or by its field. Labels that stand in either
// block, such as « Adresse », are about nobody, and so are those of contacts.
func partyOf(m *meaning, text string) party {
	if said := saysParty(text); said != ofNobody || m == nil {
		return said
	}
	for _, l := range m.fields {
		switch l.id {
		case order.FieldAccount, order.FieldBookseller, order.FieldBookMail:
			return ofShop
		case order.FieldUAI, order.FieldNoUAI, order.FieldEstablishment, order.FieldSector:
			return ofSchool
		}
	}
	return ofNobody
}

// isHeading says whether a cell is the heading of a block: a text that names somebody, has no
// value to its right and stands above other cells.
func (f *finder) isHeading(g *worksheet, c cell) bool {
	if c.Kind != order.KindText || len(c.Text) > longestName || strings.ContainsAny(c.Text, "@0123456789") &&
		!c.means.isSentence() || saysParty(c.Text) == ofNobody {
		return false
	}
	if _, _, both := f.together(c); both {
		return false
	}
	right := g.at(grid.At(c.Row, g.Extent(c.Pos).Last.Col+1))
	below := g.at(grid.At(g.Extent(c.Pos).Last.Row+1, c.Col))
	return below.filled() && (!right.filled() || f.isHeading(g, right))
}

// mostBlock is how many cells before a label are looked at for whom its block is about.
const mostBlock = 100

// blockOf is whom the block is about in which a label stands: the labels and headings right above
// it decide, then those to its left, then the last ones above. If headed, labels of the
// bookseller's don't count: only a heading makes the block the bookseller's.
func (f *finder) blockOf(g *worksheet, label grid.Pos, headed bool) party {
	says := func(c cell) party {
		var of party
		switch {
		case !c.filled() || c.Kind != order.KindText:
			return ofNobody
		case f.isHeading(g, c):
			return saysParty(c.Text)
		case c.means != nil && len(c.means.fields) > 0:
			of = partyOf(c.means, c.Text)
		default:
			if m, _, both := f.together(c); both {
				of = partyOf(m, c.Text[:strings.IndexAny(c.Text, ":\n")])
			}
		}
		if headed && of == ofShop {
			return ofNobody
		}
		return of
	}
	for row := label.Row - 1; row > 0; row-- {
		above := g.at(grid.At(row, label.Col))
		if of := says(above); of != ofNobody {
			return of
		}
		if !above.filled() || !above.means.isLabel() {
			break
		}
	}
	last, _ := slices.BinarySearchFunc(g.Rows, label.Row+1, func(r grid.RowCells, n int) int { return r.Number - n })
	looked := 0
	for i := last - 1; i >= 0; i-- {
		r := g.Rows[i]
		for j := r.Last - 1; j >= r.First; j-- {
			c := cell{&g.Cells[j], g.means[j]}
			if r.Number == label.Row && c.Col >= label.Col || c.Col > label.Col {
				continue
			}
			if looked++; looked > mostBlock {
				return ofNobody
			}
			if of := says(c); of != ofNobody {
				return of
			}
		}
	}
	return ofNobody
}

// theirs takes the labels out of candidates that stand in the bookseller's block, and so are
// not about the school or the people there. It returns them by the id of the field.
func (f *finder) theirs(g *worksheet, labels map[string][]candidate) map[string][]candidate {
	shop, _ := f.form.Field(order.FieldBookseller)
	mine, _ := f.form.Field(order.FieldEstablishment)
	var taken map[string][]candidate
	for _, field := range f.form.Fields {
		if field.Section == shop.Section || field.ID == order.FieldUAI || field.ID == order.FieldNoUAI ||
			f.isNamed(g, field.ID) {
			continue
		}
		labels[field.ID] = slices.DeleteFunc(labels[field.ID], func(c candidate) bool {
			said := saysParty(c.cell.Text)
			if said == ofSchool || said == ofNobody && partyOf(c.cell.means, c.cell.Text) == ofSchool {
				return false
			}
			if f.blockOf(g, c.cell.Pos, field.Section != mine.Section) != ofShop {
				return false
			}
			if taken == nil {
				taken = map[string][]candidate{}
			}
			taken[field.ID] = append(taken[field.ID], c)
			return true
		})
	}
	return taken
}

// isNamed says whether the form's own name for a field points to a cell of the sheet.
func (f *finder) isNamed(g *worksheet, id string) bool {
	_, ok := f.names.targets[g][id]
	return ok
}

// whose adds a finding of severity hold for each field that was found nowhere but in the
// bookseller's block. Its value does not become the school's.
func (f *finder) whose(g *worksheet, theirs map[string][]candidate, values map[grid.Pos]bool, b *block) {
	for _, field := range f.form.Fields {
		if _, filled := b.fields[field.ID]; filled {
			continue
		}
		for _, c := range theirs[field.ID] {
			at, text := c.cell.Pos, c.inside
			if text == "" {
				at = f.valueOf(g, c.cell, field)
				if values[at] || !f.isValue(g, at, field) {
					continue
				}
				text = g.at(at).Text
			}
			b.findings = append(b.findings, order.Finding{
				Code: "form.field.whose", Severity: order.Hold, Field: field.ID,
				Sheet: g.Name, Cell: at.String(), Value: strings.Clone(text),
			})
			break
		}
	}
}
