package sheet

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"bdc/order"
	"bdc/sheet/grid"
)

// told is a column that was told by its content, and how sure that is.
type told struct {
	id       string
	severity order.Severity
}

// mostCompared bounds the rows and the columns of numbers by which a column is told.
const (
	mostCompared = 200
	mostNumbers  = 12
)

// byContent finds a table whose headers don't say where the EANs or the quantities are, by what
// stands below: a column of right EANs, and one of whole numbers. It returns nil if there is no
// such column, or more than one.
func (f *finder) byContent(g *worksheet) *table {
	hasEAN := func(r grid.RowCells) bool {
		return slices.ContainsFunc(g.Row(r), func(c grid.Cell) bool { _, ok := eanOf(c.Text); return ok })
	}
	i := slices.IndexFunc(g.Rows, hasEAN)
	if i < 1 || g.Rows[i].Number > g.Rows[i-1].Number+2 {
		return nil
	}
	head := g.Rows[i-1]
	t := &table{header: head.Number}
	for cell := range g.row(head) {
		if cell.Kind != order.KindText {
			return nil
		}
		if cell.means != nil {
			for _, l := range cell.means.columns {
				t.add(column{id: l.id, number: cell.Col, rank: l.rank})
			}
		}
	}
	var rows []grid.RowCells
	for _, r := range g.Rows[i:] {
		if len(rows) < mostCompared && hasEAN(r) {
			rows = append(rows, r)
		}
	}
	if t.column(order.ColumnEAN) == nil && t.column(order.ColumnOffer) == nil && !f.eanByContent(g, t, rows) {
		return nil
	}
	if t.column(order.ColumnQuantity) == nil && !f.quantityByContent(g, t, rows) {
		return nil
	}
	return t
}

// eanByContent adds the one column that has nothing but right EANs.
func (f *finder) eanByContent(g *worksheet, t *table, rows []grid.RowCells) bool {
	var found []int
	for _, col := range columnsOf(g, rows) {
		head := g.at(grid.At(t.header, col))
		if isOtherBook(cellText(head)) || head.means != nil && len(head.means.fields) > 0 &&
			head.means.fields[0].id != order.FieldReference {
			continue
		}
		right := !slices.ContainsFunc(rows, func(r grid.RowCells) bool {
			cell := g.at(grid.At(r.Number, col))
			_, ok := eanOf(cellText(cell))
			return cell.filled() && !ok
		})
		if right {
			found = append(found, col)
		}
	}
	if len(found) != 1 {
		return false
	}
	t.tell(order.ColumnEAN, found[0], order.Fixed)
	return true
}

// quantityByContent adds the column of the quantities: the one that makes a total of a price, or
// the only one of whole numbers, of which a person must be sure.
func (f *finder) quantityByContent(g *worksheet, t *table, rows []grid.RowCells) bool {
	var counts, numbers []int
	for _, col := range columnsOf(g, rows) {
		at := t.at(col)
		if at != nil && at.id != order.ColumnPrice {
			continue
		}
		head := g.text(grid.At(t.header, col))
		whole, number := numbersIn(g, rows, col)
		if number && len(numbers) < mostNumbers {
			numbers = append(numbers, col)
		}
		if whole && at == nil && !blank(head) && !isForeign(head) {
			counts = append(counts, col)
		}
	}
	multiplies := func(q int) bool {
		for _, price := range numbers {
			for _, sum := range numbers {
				if price != q && sum != q && sum != price && isProduct(g, rows, q, price, sum) {
					return true
				}
			}
		}
		return false
	}
	sure := slices.DeleteFunc(slices.Clone(counts), func(q int) bool { return !multiplies(q) })
	switch {
	case len(sure) == 1:
		t.tell(order.ColumnQuantity, sure[0], order.Warning)
	case len(sure) == 0 && len(counts) == 1 && len(rows) > 1:
		t.tell(order.ColumnQuantity, counts[0], order.Hold)
	default:
		return false
	}
	return true
}

// tell adds a column that was told by its content. What its header said of it counts no more.
func (t *table) tell(id string, number int, severity order.Severity) {
	t.columns = slices.DeleteFunc(t.columns, func(c column) bool { return c.number == number })
	t.columns = append(t.columns, column{id: id, number: number})
	t.told = append(t.told, told{id, severity})
}

// tellings are the findings about the columns that were told by their content.
func (f *finder) tellings(g *worksheet, t *table) []order.Finding {
	var list []order.Finding
	for _, told := range t.told {
		field, _ := f.form.Field(told.id)
		at := grid.At(t.header, t.column(told.id).number)
		list = append(list, order.Finding{
			Code: "form.column.read", Severity: told.severity, Field: told.id, Sheet: g.Name, Cell: at.String(),
			Value: strings.Clone(g.text(at)), Proposal: field.Label,
		})
	}
	return list
}

// columnsOf are the numbers of the columns in which some of the rows are filled.
func columnsOf(g *worksheet, rows []grid.RowCells) []int {
	seen := map[int]bool{}
	var list []int
	for _, r := range rows {
		for _, c := range g.Row(r) {
			if !seen[c.Col] && !blank(c.Text) {
				seen[c.Col] = true
				list = append(list, c.Col)
			}
		}
	}
	slices.Sort(list)
	return list
}

// numbersIn says whether a column has nothing but numbers in the rows, in at least half of them;
// and whether these are whole numbers that may be quantities, and don't just number the rows.
func numbersIn(g *worksheet, rows []grid.RowCells, col int) (whole, number bool) {
	filled, whole, counting := 0, true, true
	for i, r := range rows {
		cell := g.at(grid.At(r.Number, col))
		if !cell.filled() || blank(cell.Text) {
			continue
		}
		if _, ok := amount(cell); !ok {
			return false, false
		}
		filled++
		n := plain(cell.Text)
		whole = whole && (n > 0 && n < 10_000 || cell.Text == "0")
		counting = counting && n == i+1
	}
	number = filled > 0 && filled*2 >= len(rows)
	return number && whole && !(counting && len(rows) > 1), number
}

// isProduct says whether quantity × price is the sum in each row that has a quantity, to a cent for
// each copy at most, and some quantity is above one.
func isProduct(g *worksheet, rows []grid.RowCells, quantity, price, sum int) bool {
	several := false
	for _, r := range rows {
		q, counts := amount(g.at(grid.At(r.Number, quantity)))
		if !counts || q == 0 {
			continue
		}
		p, okPrice := amount(g.at(grid.At(r.Number, price)))
		s, okSum := amount(g.at(grid.At(r.Number, sum)))
		if !okPrice || !okSum || p <= 0 || math.Abs(q*p-s) > 0.005*q+0.001 {
			return false
		}
		several = several || q > 1 && p != q
	}
	return several
}

// amount is the number that a cell holds, or shows as a text such as « 12,50 € ».
func amount(c cell) (float64, bool) {
	if !c.filled() {
		return 0, false
	}
	return amountOf(c.Text)
}

// amountOf is the number that a text shows.
func amountOf(text string) (float64, bool) {
	text = strings.Map(func(r rune) rune {
		switch r {
		case ' ', '\u00a0', '\u202f', '€':
			return -1
		case ',':
			return '.'
		}
		return r
	}, text)
	n, err := strconv.ParseFloat(text, 64)
	return n, err == nil && n >= 0 && n < 1e9
}

// isForeign says whether a header has a word for something else than what is ordered: what was
// delivered, what there is, another book, a price.
func isForeign(head string) bool {
	for w := range strings.FieldsFuncSeq(undotted(order.Fold(head)), isBetween) {
		for _, start := range []string{
			"livr", "recu", "stock", "reliq", "rest", "factur", "exped", "mini", "maxi", "lot", "colis",
			"deja", "annul",
			"retour", "ancien", "papier", "imprim", "remplac", "prix", "tarif", "pu", "montant", "total",
			"tva", "remise",
			"niveau", "class", "page", "an", "mois", "dur", "tome", "vol", "poids", "capac", "eff", "rang",
			"n", "num", "lign",
			"ordre", "gln", "accord", "serv", "retard", "dispo", "titre", "postal", "point", "min", "max",
			"taux", "semaine",
		} {
			if strings.HasPrefix(w, start) && (len(start) > 2 || w == start || w == start+"s" || start == "an") {
				return true
			}
		}
		if strings.Trim(w, "0123456789") == "" && len(w) > 2 && w != "978" {
			return true // a year
		}
	}
	return false
}

// isOtherBook says whether the header of a column of EANs has a word for others than those ordered.
func isOtherBook(head string) bool {
	key := order.FoldKey(head)
	return slices.ContainsFunc([]string{"papier", "imprim", "ancien", "annul", "remplac", "gln"},
		func(word string) bool {
			return strings.Contains(key, word)
		})
}

// cellText is the text of a cell, or "".
func cellText(c cell) string {
	if !c.filled() {
		return ""
	}
	return c.Text
}
