package form

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"bdc/order"
)

// Fill returns an order form that is filled in, as an .xlsx workbook. In values, the key is
// the id of a header field; in each of lines, it is the id of a column. The key "dossier" of
// values is for the code of the case that the form belongs to. If there are more lines than
// the definition has rows, the form gets as many rows as it needs.
//
// Quantities, prices and dates are stored as numbers if they can be read as such. All other
// values are stored as texts, right or wrong.
//
// The same values give the same bytes. An id that the definition does not have is an
// error.
func Fill(form *order.Form, values map[string]string, lines []map[string]string) ([]byte, error) {
	plan, err := NewLayout(form, len(lines))
	if err != nil {
		return nil, err
	}
	p := newForm(plan)
	defer p.file.Close()
	for _, id := range slices.Sorted(maps.Keys(values)) {
		value := values[id]
		if order.NamePrefix+id == order.NameCase {
			p.do(p.file.SetCellStr(listsSheet, "B2", value))
			continue
		}
		f, ok := p.place(id)
		if !ok {
			return nil, fmt.Errorf("fill form: no field %q", id)
		}
		p.fill(f.Field, f.cell(), value)
	}
	for i, line := range lines {
		for _, id := range slices.Sorted(maps.Keys(line)) {
			col := p.column(id)
			if id == "" || col == 0 {
				return nil, fmt.Errorf("fill form: no column %q", id)
			}
			p.fill(p.columns[col-1], cellName(col, p.first+i), line[id])
		}
	}
	data, err := p.bytes()
	if err != nil {
		return nil, fmt.Errorf("fill form: %w", err)
	}
	return data, nil
}

// fill stores a value in the way in which Excel stores values of the field's type.
func (p *orderForm) fill(f order.Field, cell, value string) {
	if value == "" {
		return // an empty text would count as filled
	}
	switch f.Type {
	case order.TypeQuantity:
		if n, err := strconv.ParseInt(value, 10, 32); err == nil {
			p.do(p.file.SetCellInt(p.sheet, cell, n))
			return
		}
	case order.TypeMoney:
		n, err := strconv.ParseFloat(strings.Replace(value, ",", ".", 1), 64)
		if err == nil && strings.Trim(value, "0123456789.,") == "" { // neither 1e5 nor NaN
			p.do(p.file.SetCellFloat(p.sheet, cell, n, -1, 64))
			return
		}
	case order.TypeDate:
		for _, layout := range []string{"02/01/2006", time.DateOnly} {
			if t, err := time.Parse(layout, value); err == nil && t.Year() > 1900 {
				p.do(p.file.SetCellInt(p.sheet, cell, serial(t)))
				return
			}
		}
	}
	p.text(cell, value)
}

// serial is a date after 1900 as Excel stores it, as a number of days. Excel believes that
// there was a 29 February 1900, so later days count from 30 December 1899.
func serial(t time.Time) int64 {
	const day = 24 * 60 * 60
	return (t.Unix() - time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).Unix()) / day
}

// FillOrder returns the order form with a recorded order filled in, as Fill does.
func FillOrder(form *order.Form, o order.Order) ([]byte, error) {
	values := map[string]string{}
	for i := range form.Fields {
		id := form.Fields[i].ID
		values[id] = o.Fields[id]
	}
	var lines []map[string]string
	for _, l := range o.Lines {
		all := map[string]string{
			order.ColumnEAN:       l.EAN.String(),
			order.ColumnOffer:     l.Offer,
			order.ColumnTitle:     l.Title,
			order.ColumnPublisher: l.Publisher,
			order.ColumnQuantity:  strconv.Itoa(l.Quantity),
			order.ColumnDuration:  l.Duration,
			order.ColumnLicence:   l.Licence,
			order.ColumnRemark:    l.Remark,
		}
		if l.UnitPrice != nil {
			all[order.ColumnPrice] = strconv.FormatFloat(float64(*l.UnitPrice)/100, 'f', -1, 64)
		}
		line := map[string]string{}
		for i := range form.Columns {
			line[form.Columns[i].ID] = all[form.Columns[i].ID]
		}
		lines = append(lines, line)
	}
	return Fill(form, values, lines)
}
