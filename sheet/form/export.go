package form

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"bdc/order"
)

const exportSheet = "Commandes"

// exportColumn is one column of an export. Its values are of one type: string,
// int, *order.Cents (nil where there is none) or time.Time.
type exportColumn struct {
	label string
	width float64
	value func(o order.Order, l order.Line) any
}

// exportColumns are the columns of an export, from left to right.
func exportColumns(form *order.Form) []exportColumn {
	type o = order.Order
	type l = order.Line
	return []exportColumn{
		{"Commande", 18, func(o o, _ l) any { return o.Number }},
		{"Reçue le", 17, func(o o, _ l) any { return o.ReceivedAt }},
		{"État", 11, func(o o, _ l) any { return o.Status.French() }},
		{"Décision", 12, func(o o, _ l) any { return verdictWord(o.Verdict) }},
		{form.Label(order.FieldAccount), 16, func(o o, _ l) any { return o.Account }},
		{form.Label(order.FieldReference), 22, func(o o, _ l) any {
			if o.Erased != nil {
				return order.ErasedWord
			}
			return o.Reference
		}},
		{form.Label(order.FieldUAI), 13, func(o o, _ l) any { return o.UAI.String() }},
		{form.Label(order.FieldEstablishment), 36, func(o o, _ l) any { return o.Establishment }},
		{form.Label(order.FieldPostcode), 12, func(o o, _ l) any { return o.Postcode }},
		{form.Label(order.FieldTown), 22, func(o o, _ l) any { return o.Town }},
		{form.Label(order.FieldSector), 10, func(o o, _ l) any { return o.Sector }},
		{form.Label(order.ColumnEAN), 17, func(_ o, l l) any { return l.EAN.String() }},
		{form.Label(order.ColumnOffer), 20, func(_ o, l l) any { return l.Offer }},
		{form.Label(order.ColumnTitle), 42, func(_ o, l l) any { return l.Title }},
		{form.Label(order.ColumnPublisher), 16, func(_ o, l l) any { return l.Publisher }},
		{form.Label(order.ColumnQuantity), 11, func(_ o, l l) any { return l.Quantity }},
		{form.Label(order.ColumnDuration), 10, func(_ o, l l) any { return l.Duration }},
		{form.Label(order.ColumnLicence), 14, func(_ o, l l) any { return l.Licence }},
		{form.Label(order.ColumnPrice), 16, func(_ o, l l) any { return l.UnitPrice }},
		{"Total HT", 16, func(_ o, l l) any {
			if total, ok := l.Total(); ok {
				return &total
			}
			return (*order.Cents)(nil)
		}},
		{"TVA", 16, func(_ o, l l) any { return l.VAT.String() }},
	}
}

func verdictWord(v order.Verdict) string {
	switch v {
	case order.Accepted:
		return "Acceptée"
	case order.Rejected:
		return "Refusée"
	case order.Held:
		return "À examiner"
	}
	return string(v)
}

// rowsOf calls do for each order line, and once for an order without any, so
// that none is left out. It ends at the first error, of the orders or of do.
func rowsOf(orders iter.Seq2[order.Order, error], do func(order.Order, order.Line) error) error {
	for o, err := range orders {
		if err != nil {
			return err
		}
		lines := o.Lines
		if len(lines) == 0 {
			lines = []order.Line{{}}
		}
		for _, l := range lines {
			if err := do(o, l); err != nil {
				return err
			}
		}
	}
	return nil
}

// Export writes orders to w as an .xlsx workbook for people. Each order line is a row; an
// order without lines has a row, too. Columns are labelled as in the form's definition.
// Times are shown in the time zone Europe/Paris. Codes such as the EAN are stored as text,
// and no text becomes a formula, whatever a bookseller typed.
//
// The orders are taken one at a time. Beyond some megabytes, rows are kept in a temporary
// file. If the sequence of orders yields an error, Export writes nothing to w and returns an
// error that wraps it.
func Export(w io.Writer, form *order.Form, orders iter.Seq2[order.Order, error]) (err error) {
	p := &worksheet{file: excelize.NewFile(), sheet: exportSheet}
	defer func() { err = errors.Join(err, p.file.Close()) }()
	p.do(p.file.SetSheetName("Sheet1", exportSheet))
	// How many rows there are is known too late to state the dimension; it may be left out.
	p.do(p.file.SetSheetDimension(exportSheet, ""))
	p.properties("Commandes", form.Subtitle)
	dateFormat, textFormat, moneyFormat := "dd/mm/yyyy hh:mm", formatText, formatMoney
	head := p.style(excelize.Style{Fill: fill(Navy), Font: font(10.5, true, "FFFFFF"), Alignment: aligned("left")})
	text := p.style(excelize.Style{CustomNumFmt: &textFormat})
	date := p.style(excelize.Style{CustomNumFmt: &dateFormat})
	money := p.style(excelize.Style{CustomNumFmt: &moneyFormat})
	if p.err != nil {
		return fmt.Errorf("export orders: %w", p.err)
	}
	stream, err := p.file.NewStreamWriter(exportSheet)
	if err != nil {
		return fmt.Errorf("export orders: %w", err)
	}
	columns := exportColumns(form)
	cells := make([]any, len(columns))
	for i, c := range columns {
		p.do(stream.SetColWidth(i+1, i+1, c.width))
		cells[i] = excelize.Cell{StyleID: head, Value: c.label}
	}
	p.do(stream.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}))
	p.do(stream.SetRow("A1", cells, excelize.RowOpts{Height: 22}))
	row := 1
	p.do(rowsOf(orders, func(o order.Order, l order.Line) error {
		for i, c := range columns {
			switch v := c.value(o, l).(type) {
			case string:
				cells[i] = excelize.Cell{StyleID: text, Value: v}
			case time.Time:
				cells[i] = excelize.Cell{StyleID: date, Value: wallClock(v)}
			case *order.Cents:
				cells[i] = excelize.Cell{StyleID: money}
				if v != nil {
					cells[i] = excelize.Cell{StyleID: money, Value: float64(*v) / 100}
				}
			default:
				cells[i] = excelize.Cell{Value: v}
			}
		}
		row++
		cell, err := excelize.CoordinatesToCellName(1, row)
		if err != nil {
			return err // more rows than a sheet has
		}
		return stream.SetRow(cell, cells)
	}))
	p.do(p.file.AutoFilter(exportSheet, rangeName(span{1, len(columns)}, 1, row), nil))
	p.do(stream.Flush())
	data, err := p.bytes()
	if err != nil {
		return fmt.Errorf("export orders: %w", err)
	}
	_, err = w.Write(data)
	return err
}

// wallClock is a moment as a clock in France shows it, in the zone that excelize
// writes as it is: a workbook's dates have none.
func wallClock(t time.Time) time.Time {
	t = t.In(order.Paris)
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
}

// ExportCSV writes the same rows as Export, as separated values. A French Excel opens them
// correctly: they are UTF-8 with a byte order mark, semicolons, decimal commas and CRLF. A text
// that Excel would take for a formula gets an apostrophe in front.
//
// The orders are written as they come. If the sequence of orders yields an error, ExportCSV
// returns an error that wraps it, and the orders before it are written already.
func ExportCSV(w io.Writer, form *order.Form, orders iter.Seq2[order.Order, error]) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return fmt.Errorf("export orders: %w", err)
	}
	out := csv.NewWriter(w)
	out.Comma, out.UseCRLF = ';', true
	columns := exportColumns(form)
	cells := make([]string, len(columns))
	for i, c := range columns {
		cells[i] = c.label
	}
	err := out.Write(cells)
	if err == nil {
		err = rowsOf(orders, func(o order.Order, l order.Line) error {
			for i, c := range columns {
				switch v := c.value(o, l).(type) {
				case string:
					cells[i] = harmless(v)
				case time.Time:
					cells[i] = v.In(order.Paris).Format("02/01/2006 15:04")
				case *order.Cents:
					cells[i] = ""
					if v != nil {
						cells[i] = strings.Replace(fmt.Sprintf("%.2f", float64(*v)/100), ".", ",", 1)
					}
				default:
					cells[i] = fmt.Sprint(v)
				}
			}
			return out.Write(cells)
		})
	}
	out.Flush()
	if err == nil {
		err = out.Error()
	}
	if err != nil {
		return fmt.Errorf("export orders: %w", err)
	}
	return nil
}

// harmless keeps a text from being run as a formula by what opens the CSV
// (OWASP, "CSV injection").
func harmless(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
