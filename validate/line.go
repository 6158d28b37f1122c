package validate

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"bdc/order"
)

// CodeNoteRead says that a text among the lines was taken for a heading or a remark.
const CodeNoteRead order.Code = "form.note.read"

// CodeNoLines says that the form has no order lines.
const CodeNoLines order.Code = "form.lines.none"

// lines reads the order table and computes the total. The same article on two lines
// is legitimate.
func (c *checker) lines() {
	row := newReadings(c.form.Columns)
	unordered := c.unordered()
	c.order.Lines = make([]order.Line, 0, len(c.draft.Lines))
	for i := range c.draft.Lines {
		l := &c.draft.Lines[i]
		clear(row.list)
		for j := range row.fields {
			if cell, ok := l.Cells[row.fields[j].ID]; ok {
				row.list[j] = read(&row.fields[j], cell)
			}
		}
		if ordersNothing(l, &row) || unordered[i] {
			continue
		}
		if c.isHeading(l, &row) {
			c.addLine(l, CodeNoteRead, order.Warning, order.ColumnTitle, nil)
			continue
		}
		told := len(c.findings)
		c.rows = append(c.rows, lineRow{draft: l})
		c.columns(l, &row)
		c.order.Lines = append(c.order.Lines, c.line(l, &row))
		slices.SortStableFunc(c.findings[told:], fromLeft)
	}
	if len(c.order.Lines) == 0 && !c.said(CodeNoLines) {
		c.add(CodeNoLines, order.Error, order.ColumnEAN, nil)
	}
	c.repeated()
	c.aligned()
	for i := range c.order.Lines {
		line := &c.order.Lines[i]
		if line.ListTitle == line.Title {
			line.ListTitle = "" // it says nothing more
		}
		total, _ := line.Total()
		c.order.Total += total
	}
}

// lineRow is a line of the draft that orders something, and how its title compares with
// the catalogue's.
type lineRow struct {
	draft    *order.DraftLine
	compared bool // it has a title that tells something, and the catalogue has one
	differs  bool // and they are not of the same book
	priced   bool // it has a price that is not the catalogue's
}

// fromLeft compares two findings of a row: the one whose cell is further left comes
// first.
func fromLeft(a, b order.Finding) int {
	return cmp.Or(cmp.Compare(len(a.Cell), len(b.Cell)), cmp.Compare(a.Cell, b.Cell))
}

// ordersNothing reports whether a row of the table is no order line: it holds only
// prefilled formulas or a remark, or it is the row of sums. A row with a title that
// somebody typed is an order line whose EAN was forgotten. So is a row with a title
// that a formula looked up, if its quantity has a cell.
func ordersNothing(l *order.DraftLine, row *readings) bool {
	ean := row.of(order.ColumnEAN)
	if ean.value != "" || row.value(order.ColumnOffer) != "" {
		return ean.code != "" && isTotal(ean.value)
	}
	title := row.value(order.ColumnTitle)
	typed := func(id string) bool { return row.value(id) != "" && !l.Cells[id].Formula }
	_, counts := l.Cells[order.ColumnQuantity]
	found := counts && strings.ContainsFunc(title, unicode.IsLetter)
	return isTotal(title) || !found && !typed(order.ColumnTitle) && !typed(order.ColumnQuantity)
}

// isHeading reports whether a row is a heading among the lines: it has nothing but words where a title
// belongs, and they only sort lines, as in « Langues et lettres » and « Lot 2 ». A title of the
// catalogue is none.
func (c *checker) isHeading(l *order.DraftLine, row *readings) bool {
	text := row.value(order.ColumnTitle)
	if len(l.Cells) != 1 || text == "" || isBlank(text) || !strings.ContainsFunc(text, unicode.IsLetter) {
		return false
	}
	typed := titleOf(text)
	for w := range meaningful(text) {
		if !sorting[w] && levelOf(w) == 0 && userOf(w) == 0 && !isArticle(w) && !saysNothing(w) {
			return false
		}
	}
	return typed.count == 0 || !slices.ContainsFunc(c.reg.TitlesLike(text), func(t order.Title) bool {
		return typed.like(titleOf(t.Name)).fits()
	})
}

// isTotal reports whether a text heads the row of sums.
func isTotal(text string) bool {
	switch strings.TrimPrefix(order.FoldKey(text), "sous") {
	case "total", "totaux", "totalht", "totalttc", "totalgeneral", "totalcommande":
		return true
	}
	return false
}

// columns reports what is wrong within each cell of a line, and which required cells
// are empty.
func (c *checker) columns(l *order.DraftLine, row *readings) {
	for j := range row.fields {
		if f, ok := row.finding(j); ok {
			f.Value = l.Cells[f.Field].Text
			f.Sheet, f.Cell = l.Sheet, c.cell(l, f.Field)
			if f.Code == missing(f.Field) && c.uncomputed(f.Sheet, f.Cell) {
				continue
			}
			if f.Field == order.ColumnEAN && f.Severity == order.Error && !isSeveral(f) &&
				row.value(order.ColumnOffer) == "" {
				code, _ := eanIn(f.Value)
				c.propose(&f, code, row.value(order.ColumnTitle))
			}
			c.findings = append(c.findings, f)
		}
	}
}

// line makes the order line of a row, completed with what the catalogue knows.
func (c *checker) line(l *order.DraftLine, row *readings) order.Line {
	line := order.Line{
		Offer:     row.value(order.ColumnOffer),
		Title:     row.value(order.ColumnTitle),
		Publisher: row.value(order.ColumnPublisher),
		Duration:  row.value(order.ColumnDuration),
		Licence:   row.value(order.ColumnLicence),
		Remark:    row.value(order.ColumnRemark),
		Sheet:     l.Sheet,
		Row:       l.Row,
	}
	if ean, ok := row.sound(order.ColumnEAN); ok {
		line.EAN, _ = order.ParseEAN(ean) // normalizeEAN has parsed it
		line.Title = cmp.Or(line.Title, titleBeside(shown(l.Cells[order.ColumnEAN]), ean))
	}
	if quantity, ok := row.sound(order.ColumnQuantity); ok {
		line.Quantity, _ = strconv.Atoi(quantity) // normalizeQuantity wrote it
	}
	if price, ok := row.sound(order.ColumnPrice); ok {
		price := cents(price)
		line.UnitPrice = &price
	}
	if most := c.policy.quantity(); line.Quantity > most {
		c.addLine(l, CodeQuantityAbsurd, order.Hold, order.ColumnQuantity,
			map[string]string{"maximum": strconv.Itoa(most)})
	}
	c.counted(l, &line)
	if c.reg.Has(Catalogue) {
		c.product(l, &line)
	} else {
		c.understand(l, &line, nil, nil)
	}
	c.titled(l, &line)
	c.another(l, &line)
	c.pupils(l, &line)
	return line
}

// addLine reports a finding about a cell of a line.
func (c *checker) addLine(
	l *order.DraftLine, code order.Code, severity order.Severity, column string, args map[string]string,
) {
	c.findings = append(c.findings, order.Finding{
		Code: code, Severity: severity, Field: column, Sheet: l.Sheet, Cell: c.cell(l, column),
		Value: l.Cells[column].Text, Args: args,
	})
}

// cell returns the cell of a line in a column. Where the line has no cell there, it
// is the one in the line's row under the column's header. Where the sheet has no such
// column, it is the first cell of the line that is filled.
func (c *checker) cell(l *order.DraftLine, column string) string {
	if cell, ok := l.Cells[column]; ok {
		return cell.Ref
	}
	if letters := strings.TrimRight(c.draft.Labels[column].Ref, "0123456789"); letters != "" {
		return letters + strconv.Itoa(l.Row)
	}
	i := slices.IndexFunc(c.form.Columns, func(f order.Field) bool { return l.Cells[f.ID].Ref != "" })
	if i < 0 {
		return ""
	}
	return l.Cells[c.form.Columns[i].ID].Ref
}
