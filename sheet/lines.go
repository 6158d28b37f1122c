package sheet

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"bdc/order"
	"bdc/sheet/grid"
)

// body is what the rows of a table hold.
type body struct {
	lines    []order.DraftLine
	hidden   []int // the hidden rows among the lines that have a quantity
	findings []order.Finding

	all  sum // of the quantities of all lines
	part sum // of the quantities of the lines since the last total
}

// sum is a sum of quantities, and of how many lines.
type sum struct {
	quantity, lines int
	amount          float64 // of the lines that have a price, in euros
}

func (s *sum) add(quantity int) {
	if quantity > 0 {
		s.quantity += quantity
		s.lines++
	}
}

// repeats says whether a row has the same headers as the table, as they are printed on each page.
func (f *finder) repeats(g *worksheet, r grid.RowCells, t *table) bool {
	same := 0
	for cell := range g.row(r) {
		if cell.Kind != order.KindText || cell.Text != g.text(grid.At(t.header, cell.Col)) {
			return false
		}
		same++
	}
	return same >= 2
}

// merged adds an error to each line without a quantity that lies within merged cells which hold
// one: we can't tell whether each line is to have it, or all of them together.
func (b *body) merged(g *worksheet, t *table, lines []order.DraftLine) {
	c := t.column(order.ColumnQuantity)
	if c == nil || len(g.Merges) == 0 {
		return
	}
	for _, line := range lines {
		at := grid.At(line.Row, c.number)
		first := g.spanned(at)
		if _, counts := line.Cells[order.ColumnQuantity]; counts || first == at || first.Row <= t.header ||
			blank(g.text(first)) {
			continue
		}
		b.findings = append(b.findings, order.Finding{
			Code: "line.quantity.merged", Severity: order.Error, Field: order.ColumnQuantity,
			Sheet: g.Name, Cell: at.String(), Value: strings.Clone(g.text(first)),
			Args: map[string]string{"first": first.String()},
		})
	}
}

// readLines reads the rows from below the headers to the end of the sheet, since people write
// on below the frame of the table.
func (f *finder) readLines(g *worksheet, t *table) body {
	var b body
	for _, r := range g.Rows {
		if r.Number <= t.header {
			continue
		}
		if t.headed() {
			if f.repeats(g, r, t) {
				continue
			}
			if again := f.headers(g, r); again != nil {
				t = again // the table goes on below a second row of headers
				continue
			}
		}
		first := len(b.lines)
		for _, line := range f.line(g, r, t) {
			if f.isFooter(g, r, t, line) || b.isTotal(g, r, line) {
				continue
			}
			b.count(line)
			b.lines = append(b.lines, line)
		}
		if len(b.lines) > first {
			f.twins(g, r, t, &b)
			b.merged(g, t, b.lines[first:])
			if r.Hidden && slices.ContainsFunc(b.lines[first:], isCounted) {
				b.hidden = append(b.hidden, r.Number)
			}
		}
	}
	b.dropNotes()
	f.uncomputed(g, t, &b)
	return b
}

// dropNotes removes from the lines what is a note and no line. A word that stands alone where
// an EAN belongs is a note, such as the subject of the lines that follow. So are the texts
// after an empty row below the last line. Each word alone has a finding, and the texts below
// have one together, since they might have been meant as lines.
func (b *body) dropNotes() {
	end := len(b.lines) // where the texts below the lines begin
	for i := len(b.lines) - 1; i > 0 && isNote(b.lines[i]); i-- {
		if b.lines[i].Row > b.lines[i-1].Row+1 {
			end = i
		}
	}
	kept := b.lines[:0]
	for i, line := range b.lines {
		below := i >= end
		if !below && !isHeading(line) {
			kept = append(kept, line)
			continue
		}
		if i <= end { // of the texts below the lines, only the first
			cell := noteOf(line)
			b.findings = append(b.findings, order.Finding{
				Code: "form.note.read", Severity: order.Warning, Field: order.ColumnEAN,
				Sheet: cell.Sheet, Cell: cell.Ref, Value: cell.Text,
			})
		}
		b.hidden = slices.DeleteFunc(b.hidden, func(row int) bool { return row == line.Row })
	}
	b.lines = kept
}

// isCounted says whether a line has a quantity other than zero.
func isCounted(line order.DraftLine) bool {
	text := line.Cells[order.ColumnQuantity].Text
	return !blank(text) && strings.Trim(text, "0") != ""
}

// noteOf is the cell where the EAN of a line belongs; if it is empty, the one of the offer.
func noteOf(line order.DraftLine) order.Cell {
	if cell, ok := line.Cells[order.ColumnEAN]; ok {
		return cell
	}
	return line.Cells[order.ColumnOffer]
}

// isNote says whether a line has no quantity, and words where its EAN belongs.
func isNote(line order.DraftLine) bool {
	const fewest = 11 // digits of what may be an EAN: a telephone number has ten
	_, counts := line.Cells[order.ColumnQuantity]
	cell := noteOf(line)
	return !counts && cell.Kind == order.KindText && strings.ContainsFunc(cell.Text, unicode.IsLetter) &&
		digitRun(cell.Text) < fewest
}

// isHeading says whether a line is nothing but words, in which a number has two digits at most:
// « Enseignants », « Classe de 6e ».
func isHeading(line order.DraftLine) bool {
	return isNote(line) && len(line.Cells) == 1 && digitRun(noteOf(line).Text) <= 2
}

// digitRun counts the digits of the longest number in a text. Spaces, dashes and dots may stand
// between the digits.
func digitRun(text string) int {
	longest, n := 0, 0
	for _, r := range text {
		switch {
		case isDigit(r):
			n++
			longest = max(longest, n)
		case unicode.IsSpace(r) || r == '-' || r == '.':
		default:
			n = 0
		}
	}
	return longest
}

// line reads a row of the table. If nothing was typed into the table's columns, there is
// no line. If several columns count licences, such as one for pupils and one for
// teachers, each of them that is filled makes a line.
func (f *finder) line(g *worksheet, r grid.RowCells, t *table) []order.DraftLine {
	cells := make(map[string]order.Cell, min(r.Last-r.First, len(t.columns))+1)
	typed := false
	var lines []order.DraftLine
	for cell := range g.row(r) {
		c := t.at(cell.Col)
		if c == nil || blank(cell.Text) || cell.means.isSentence() || c.field {
			continue
		}
		// In a row that nobody filled in, formulas result in nothing or in zero.
		typed = typed || !cell.Formula || (c.id == order.ColumnEAN || c.id == order.ColumnOffer) && cell.Text != "0"
		if c.with == nil {
			cells[c.id] = cellOf(g, cell)
			continue
		}
		line := order.DraftLine{Sheet: g.Name, Row: r.Number, Cells: map[string]order.Cell{c.id: cellOf(g, cell)}}
		for id, text := range c.with {
			line.Cells[id] = order.Cell{Sheet: g.Name, Ref: grid.At(t.header, c.number).String(), Text: text}
		}
		lines = append(lines, line)
	}
	if !typed {
		return nil
	}
	if len(lines) == 0 {
		return []order.DraftLine{{Sheet: g.Name, Row: r.Number, Cells: cells}}
	}
	for _, line := range lines {
		maps.Copy(line.Cells, cells)
	}
	return lines
}

// twins adds a finding of severity hold if two columns have the same header and hold
// different values in a row.
func (f *finder) twins(g *worksheet, r grid.RowCells, t *table, b *body) {
	for _, twin := range t.twins {
		switch twin.id {
		case order.ColumnEAN, order.ColumnOffer, order.ColumnQuantity, order.ColumnLicence, order.ColumnDuration:
		default:
			continue
		}
		other := g.at(grid.At(r.Number, twin.number))
		if !other.filled() || blank(other.Text) ||
			order.FoldKey(other.Text) == order.FoldKey(g.text(grid.At(r.Number, t.column(twin.id).number))) {
			continue
		}
		b.findings = append(b.findings, order.Finding{
			Code: "form.column.twice", Severity: order.Hold, Field: twin.id,
			Sheet: g.Name, Cell: other.Pos.String(), Value: strings.Clone(other.Text),
		})
	}
}

// uncomputed adds findings for the formulas of the table whose result was never stored. A
// formula for an EAN, an offer or a quantity has one in any row, since its result might make
// the row a line; any other formula has one only in a row that is a line.
func (f *finder) uncomputed(g *worksheet, t *table, b *body) {
	if len(g.Uncomputed) == 0 {
		return
	}
	rows := map[int]bool{}
	for _, line := range b.lines {
		rows[line.Row] = true
	}
	for _, p := range g.Uncomputed {
		c := t.at(p.Col)
		if p.Row <= t.header || c == nil {
			continue
		}
		decides := c.id == order.ColumnEAN || c.id == order.ColumnOffer || c.id == order.ColumnQuantity
		if decides || rows[p.Row] {
			b.findings = append(b.findings, uncomputed(g, p, c.id, decides))
		}
	}
}

// uncomputed is the finding about a formula whose result was never stored. It is an error if
// the result decides what is ordered, and else a warning.
func uncomputed(g *worksheet, p grid.Pos, id string, decides bool) order.Finding {
	severity := order.Warning
	if decides {
		severity = order.Error
	}
	return order.Finding{Code: "value.uncomputed", Severity: severity, Field: id, Sheet: g.Name, Cell: p.String()}
}

// count adds the quantity of a line to the sums, if it is a plain number.
func (b *body) count(line order.DraftLine) {
	n := plain(line.Cells[order.ColumnQuantity].Text)
	b.all.add(n)
	b.part.add(n)
	if price, ok := amountOf(line.Cells[order.ColumnPrice].Text); ok {
		b.all.amount += float64(n) * price
		b.part.amount += float64(n) * price
	}
}

// isAmount says whether a number is the amount of the lines, before tax or with one of the taxes
// on books and services, to a cent for each copy.
func (s *sum) isAmount(n float64) bool {
	for _, rate := range order.TaxRates() {
		if s.amount > 0 && math.Abs(n-s.amount*(1+float64(rate)/1000)) <= 0.01*float64(s.quantity)+0.5 {
			return true
		}
	}
	return false
}

// sums says how many lines a number is the sum of: all, or those since the last total. It is 0 for
// a number that is no sum.
func (b *body) sums(n int) int {
	switch {
	case n > 0 && n == b.all.quantity:
		return b.all.lines
	case n > 0 && n == b.part.quantity:
		return b.part.lines
	}
	return 0
}

// mostDigits is how many digits a number may have to be counted.
const mostDigits = 9

// plain reads a whole number. It returns 0 for anything else.
func plain(text string) int {
	text = strings.TrimSuffix(strings.TrimSpace(text), ".0")
	n, err := strconv.ParseUint(text, 10, 32)
	if err != nil || len(text) > mostDigits {
		return 0
	}
	return int(n)
}

// isTotal says whether a row is a total of the lines above it. Such a row has a cell that
// announces a sum (meaning.total), and names no product.
//
// If the cell only announces a sum, the row is a total. If its number is wrong, there is a
// finding. If the text of the cell goes on, it may be the title of a product (« Total
// English »). Then the row is a total if its number is the sum of the quantities above, or
// if it has no quantity but computes a number; a finding says that it was taken for a total.
//
// A row of any other name, or of none, is a total if its number is the sum of several lines and it
// has no price. A person must be sure of it if they are two, and the row has words.
func (b *body) isTotal(g *worksheet, r grid.RowCells, line order.DraftLine) bool {
	if namesProduct(line) {
		return false
	}
	called, computes := announced(g, r)
	if !called.filled() {
		return b.isSilent(line)
	}
	cell, counts := line.Cells[order.ColumnQuantity]
	counts = counts && cell.Ref != called.String()
	if !counts {
		cell = cellOf(g, called)
	}
	n := plain(cell.Text)
	sums := b.sums(n) > 0
	switch {
	case called.means.sum && (computes || !counts || sums), sums && cell.Formula:
	case called.means.sum:
		b.mismatch(cell)
	case sums, !counts && computes:
		b.say("form.total.read", order.Warning, cell)
	default:
		return false
	}
	b.part = sum{}
	return true
}

// mismatch adds a finding about a total that is not that of the lines: a person must know which of
// the two is right. It is none if it is the amount of the lines. It is a remark if it is computed,
// and so may be right but for its range, or if it is an amount, and the lines have no prices.
func (b *body) mismatch(cell order.Cell) {
	n, ok := amountOf(cell.Text)
	switch money := n != math.Trunc(n) || strings.Contains(cell.Text, "€"); {
	case ok && (b.all.isAmount(n) || b.part.isAmount(n)):
	case cell.Formula, ok && money && b.all.amount == 0:
		b.say("form.total.mismatch", order.Warning, cell)
	default:
		b.say("form.total.mismatch", order.Hold, cell)
	}
}

// isSilent says whether a row that announces no sum is a total all the same, by its number alone.
func (b *body) isSilent(line order.DraftLine) bool {
	cell := line.Cells[order.ColumnQuantity]
	if _, priced := line.Cells[order.ColumnPrice]; priced {
		return false
	}
	says := false
	for _, c := range line.Cells {
		says = says || strings.ContainsFunc(c.Text, unicode.IsLetter)
	}
	switch lines := b.sums(plain(cell.Text)); {
	case lines < 2:
		return false
	case says: // it may be a title that lacks its EAN
		b.say("form.total.read", order.Hold, cell)
	default:
		b.say("form.total.read", order.Warning, cell)
	}
	b.part = sum{}
	return true
}

// announced is the first cell of a row that announces a sum, if there is one, and whether a
// formula of the row computes a number.
func announced(g *worksheet, r grid.RowCells) (called cell, computes bool) {
	for c := range g.row(r) {
		if !called.filled() && c.means != nil && c.means.total {
			called = c
		}
		computes = computes || c.Formula && c.Kind == order.KindNumber
	}
	return called, computes
}

// say adds a finding about a total.
func (b *body) say(code order.Code, severity order.Severity, cell order.Cell) {
	b.findings = append(b.findings, order.Finding{
		Code: code, Severity: severity, Field: order.ColumnQuantity,
		Sheet: cell.Sheet, Cell: cell.Ref, Value: cell.Text,
		Args: map[string]string{"actual": strconv.Itoa(cmp.Or(b.part.quantity, b.all.quantity))},
	})
}

// isFooter says whether a row is no line but holds a header field. Some header fields may stand
// below the lines, such as the date beside the signature. A row with a right EAN is a line. A
// row with a quantity is a footer only if the label of the field stands where the EAN or the
// offer belongs.
func (f *finder) isFooter(g *worksheet, r grid.RowCells, t *table, line order.DraftLine) bool {
	_, counts := line.Cells[order.ColumnQuantity]
	if counts && namesProduct(line) {
		return false
	}
	for cell := range g.row(r) {
		m := cell.means
		if m == nil || len(m.fields) == 0 {
			continue
		}
		c := t.at(cell.Col)
		instead := c != nil && (c.id == order.ColumnEAN || c.id == order.ColumnOffer)
		if instead || !counts && m.fields[0].rank == 0 {
			_, certain := eanOf(line.Cells[order.ColumnEAN].Text)
			return !certain
		}
	}
	return false
}

// namesProduct says whether a line has digits where its EAN or its offer belongs.
func namesProduct(line order.DraftLine) bool {
	return strings.ContainsAny(line.Cells[order.ColumnEAN].Text+line.Cells[order.ColumnOffer].Text, "0123456789")
}
