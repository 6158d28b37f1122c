package ingest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"bdc/order"
	"bdc/templates"
)

// spoken is a change in one line.
func spoken(c order.Change) string {
	s := fmt.Sprintf("%s %d: %s → %s", c.Field, c.Row, c.Before, c.After)
	if c.Staff {
		s += " (staff)"
	}
	return s
}

func TestChanges(t *testing.T) {
	form, err := templates.Form()
	if err != nil {
		t.Fatal(err)
	}
	ean := func(s string) order.EAN {
		e, err := order.ParseEAN(s)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	price := order.Cents(450)
	maths := order.Line{
		EAN: ean("3133091001018"), Quantity: 28, Title: "Maths 6e", Duration: "1 an", Sheet: "BdC",
		Row: 28,
	}
	french := order.Line{
		EAN: ean("3133091002022"), Quantity: 3, Title: "Français 5e", Duration: "1 an", Sheet: "BdC",
		Row: 29,
	}
	moved := func(l order.Line, row int, change func(*order.Line)) order.Line {
		l.Row = row
		if change != nil {
			change(&l)
		}
		return l
	}
	attempt := func(fields map[string]string, lines ...order.Line) *order.Attempt {
		return &order.Attempt{Order: &order.Order{Fields: fields, Lines: lines}}
	}
	faulty := func(a *order.Attempt, field, cell, value string) *order.Attempt {
		a.Findings = append(a.Findings,
			order.Finding{Severity: order.Error, Field: field, Sheet: "BdC", Cell: cell, Value: value})
		return a
	}
	correctedBy := func(a *order.Attempt, c ...order.Correction) *order.Attempt {
		a.Corrections = c
		return a
	}
	staffCorrected := correctedBy(
		attempt(map[string]string{order.FieldUAI: "0990011Z", order.FieldTown: "Valmorin"}, moved(maths, 28, nil)),
		order.Correction{Field: order.FieldUAI, Was: "0990011B", Text: "0990011A", Actor: "claire"},
		order.Correction{Field: order.FieldUAI, Was: "0990011A", Text: "0990011Z", Actor: "claire"},
		order.Correction{
			Field: order.ColumnQuantity, Sheet: "BdC", Row: 28, Was: "beaucoup", Text: "28",
			Actor: "claire",
		},
	)

	for _, test := range []struct {
		name        string
		first, last *order.Attempt
		want        []string
	}{
		{"nothing", attempt(map[string]string{"uai": "a"}, maths), attempt(map[string]string{"uai": "a"}, maths), nil},
		{
			"fields in the form's order", attempt(
				map[string]string{order.FieldTown: "Paris", order.FieldBookseller: "X"}),
			attempt(map[string]string{
				order.FieldTown: "Valmorin", order.FieldBookseller: "Y",
				order.FieldPostcode: "99010",
			}),
			[]string{
				"libraire_nom 0: X → Y", "etablissement_code_postal 0:  → 99010",
				"etablissement_ville 0: Paris → Valmorin",
			},
		},
		{
			"a faulty cell of a line", faulty(attempt(nil, maths,
				moved(french, 29, func(l *order.Line) { l.Quantity = 0 })), order.ColumnQuantity, "E29", " trois "),
			attempt(nil, maths, french),
			[]string{"line_quantite 29: trois → 3"},
		},
		{
			"an EAN, completed by the catalogue",
			faulty(attempt(nil, moved(maths, 28,
				func(l *order.Line) { l.EAN, l.Duration, l.Title = order.EAN{}, "", "" })), order.ColumnEAN, "A28",
				"3133091001010"),
			attempt(nil, maths),
			[]string{"line_ean 28: 3133091001010 → 3133091001018"},
		},
		{
			"a price", attempt(nil, maths),
			attempt(nil, moved(maths, 28, func(l *order.Line) { l.UnitPrice = &price })),
			[]string{"line_prix_ht 28:  → 4,50\u00a0€"},
		},
		{
			"a line above the others", attempt(nil, maths), attempt(nil, moved(french, 28, nil), moved(maths, 29, nil)),
			[]string{" 28:  → 3133091002022 × 3"},
		},
		{
			"a line fewer", attempt(nil, maths, french), attempt(nil, moved(french, 28, nil)),
			[]string{" 28: 3133091001018 × 28 → "},
		},
		{
			"a line fewer, another corrected", attempt(nil, maths, french),
			attempt(nil, moved(french, 28, func(l *order.Line) { l.Quantity = 4 })),
			[]string{"line_quantite 28: 3 → 4", " 28: 3133091001018 × 28 → "},
		},
		{
			"on another form", faulty(attempt(nil,
				moved(maths, 3, func(l *order.Line) { l.EAN = order.EAN{}; l.Sheet = "Feuil1" })), order.ColumnEAN,
				"A3", ""),
			attempt(nil, maths),
			[]string{"line_ean 28:  → 3133091001018"},
		},
		{
			"the same article twice", attempt(nil, maths, moved(maths, 29, nil)),
			attempt(nil, maths, moved(maths, 29, func(l *order.Line) { l.Quantity = 5 })),
			[]string{"line_quantite 29: 28 → 5"},
		},
		{
			"by staff", staffCorrected, staffCorrected,
			[]string{"uai 0: 0990011B → 0990011Z (staff)", "line_quantite 28: beaucoup → 28 (staff)"},
		},
		{
			"by staff, then by the bookseller", staffCorrected,
			attempt(map[string]string{order.FieldUAI: "0990022B", order.FieldTown: "Valmorin"}, maths),
			[]string{"uai 0: 0990011B → 0990022B", "line_quantite 28: beaucoup → 28"},
		},
		{"no first form", nil, attempt(nil, maths), nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			for _, c := range Changes(form, test.first, test.last) {
				got = append(got, spoken(c))
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(test.want, "\n"))
			}
		})
	}
}

// A long list is cut, and says by how much.
func TestTellChanges(t *testing.T) {
	var r order.Result
	tellChanges(&r, make([]order.Change, order.ChangesMost+5))
	if len(r.Changes) != order.ChangesMost || r.Unlisted != 5 {
		t.Errorf("got %d changes and %d not listed, want %d and 5", len(r.Changes), r.Unlisted, order.ChangesMost)
	}
	tellChanges(&r, nil)
	if len(r.Changes) != 0 || r.Unlisted != 0 {
		t.Errorf("got %d changes and %d not listed, want none", len(r.Changes), r.Unlisted)
	}
}
