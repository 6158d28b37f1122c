package validate

import (
	"slices"
	"strconv"
	"strings"

	"bdc/order"
)

// CodeNoLines: the form orders nothing.
const CodeNoLines order.Code = "form.lines.none"

// lines reads the order table. The same article on two lines is legitimate.
func (c *checker) lines() {
	row := make(map[string]reading, len(c.form.Columns))
	values := make(map[string]string, len(c.form.Columns))
	for i := range c.draft.Lines {
		l := &c.draft.Lines[i]
		clear(row)
		clear(values)
		for j := range c.form.Columns {
			column := &c.form.Columns[j]
			if cell, ok := l.Cells[column.ID]; ok {
				r := read(column, cell)
				row[column.ID], values[column.ID] = r, r.value
			}
		}
		if ordersNothing(l, values) {
			continue
		}
		c.columns(l, row, values)
		c.order.Lines = append(c.order.Lines, c.line(l, row))
	}
	if len(c.order.Lines) == 0 && !c.said(CodeNoLines) {
		c.add(CodeNoLines, order.Error, order.ColumnEAN, nil)
	}
}

// ordersNothing reports whether a row of the table is no order line: prefilled
// formulas, a remark, or the sum at its foot. A title alone is one: it may be a
// line whose EAN was forgotten.
func ordersNothing(l *order.DraftLine, values map[string]string) bool {
	ean, title := values[order.ColumnEAN], values[order.ColumnTitle]
	if isTotal(ean) || ean == "" && isTotal(title) {
		return true
	}
	typed := func(id string) bool { return values[id] != "" && !l.Cells[id].Formula }
	return ean == "" && values[order.ColumnOffer] == "" && !typed(order.ColumnTitle) && !typed(order.ColumnQuantity)
}

// isTotal reports whether a text heads the row of sums.
func isTotal(text string) bool {
	switch strings.TrimPrefix(fold(text), "sous") {
	case "total", "totaux", "totalht", "totalttc", "totalgeneral", "totalcommande":
		return true
	}
	return false
}

// columns reports what is wrong within each cell of a line, and the required
// ones that are empty.
func (c *checker) columns(l *order.DraftLine, row map[string]reading, values map[string]string) {
	for j := range c.form.Columns {
		column := &c.form.Columns[j]
		r := row[column.ID]
		if f, ok := r.finding(column, values); ok {
			f.Value = l.Cells[column.ID].Text
			f.Sheet, f.Cell = l.Sheet, c.cell(l, column.ID)
			c.findings = append(c.findings, f)
		}
	}
}

// line makes the order line of a row, completed with what the catalogue knows.
func (c *checker) line(l *order.DraftLine, row map[string]reading) order.Line {
	line := order.Line{
		Offer:     row[order.ColumnOffer].value,
		Title:     row[order.ColumnTitle].value,
		Publisher: row[order.ColumnPublisher].value,
		Duration:  row[order.ColumnDuration].value,
		Licence:   row[order.ColumnLicence].value,
		Remark:    row[order.ColumnRemark].value,
		Sheet:     l.Sheet,
		Row:       l.Row,
	}
	if r := row[order.ColumnEAN]; r.value != "" && r.code == "" {
		line.EAN, _ = order.ParseEAN(r.value) // as its reading has no fault
	}
	if r := row[order.ColumnQuantity]; r.code == "" {
		line.Quantity, _ = strconv.Atoi(r.value) // 0 where there is none
	}
	if r := row[order.ColumnPrice]; r.value != "" && r.code == "" {
		price := cents(r.value)
		line.UnitPrice = &price
	}
	if c.reg.Has(Catalogue) {
		c.product(l, &line)
	}
	return line
}

// addLine reports a finding about a cell of a line.
func (c *checker) addLine(l *order.DraftLine, code order.Code, severity order.Severity, column string, args map[string]string) {
	c.findings = append(c.findings, order.Finding{
		Code: code, Severity: severity, Field: column, Sheet: l.Sheet, Cell: c.cell(l, column),
		Value: l.Cells[column].Text, Args: args,
	})
}

// cell is where a line's column stands: its own cell, else the line's row under
// the column's header, else, where the sheet has no such column, the first cell
// of the line that is filled.
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
