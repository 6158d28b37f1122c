package sheet

import (
	"errors"
	"iter"
	"time"

	"bdc/order"
)

// Row is a row of a sheet with at least one filled cell.
type Row struct {
	Number int          // from 1
	Cells  []order.Cell // from column A to the last that is filled, without their addresses
}

// Refused is the error of a workbook that is not read. Its finding says why, as
// those of a Book do.
type Refused struct{ Finding order.Finding }

func (e *Refused) Error() string { return (&refusal{e.Finding.Code, e.Finding.Args}).Error() }

// RowLimits are those of Rows for an export of ten thousands of rows, from one of
// our own people.
func RowLimits() Limits {
	return Limits{
		Entries:  2_000,
		Unzipped: 1 << 30,
		Ratio:    200,
		Text:     256 << 20,
		String:   32_767,
		Cells:    8_000_000,
		Rows:     100_000,
		Columns:  1_000,
		Width:    20_000_000,
		Merges:   5_000,
		Wall:     time.Minute,
	}
}

// Rows reads the first sheet of a workbook that holds anything, one that people
// see before a hidden one, row by row and in the memory of one. It ends after an
// error, which is a *Refused; the rows before it are not to be used, since a
// checksum is only known to be right at the end. A row is its reader's until the
// next one.
func Rows(data []byte, lim Limits) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		err := eachRow(data, lim, func(r Row) bool { return yield(r, nil) })
		var r *refusal
		switch {
		case err == nil:
		case errors.As(err, &r):
			yield(Row{}, &Refused{r.finding()})
		default: // as in Read
			yield(Row{}, &Refused{(&refusal{"form.unreadable.damaged", map[string]string{"detail": err.Error()}}).finding()})
		}
	}
}

func eachRow(data []byte, lim Limits, yield func(Row) bool) error {
	if kind := Sniff(data); kind != "xlsx" && kind != "xlsm" {
		return unreadable(kind, data)
	}
	p, err := openPack(data, lim)
	if err != nil {
		return err
	}
	wb, err := p.workbook()
	if err != nil {
		return err
	}
	styles, err := p.dateStyles(wb.styles)
	if err != nil {
		return err
	}
	table, err := p.sharedStrings(wb.strings)
	if err != nil {
		return err
	}
	var sum tally
	for _, hidden := range []bool{false, true} {
		for i, t := range wb.sheets {
			if t.part == "" || t.hidden != hidden {
				continue
			}
			r := rowReader{yield: yield, cells: cellReader{
				grid: &grid{name: t.name, index: i, merged: map[pos]area{}}, lim: &p.lim, tally: &sum,
				strings: table, styles: styles, date1904: wb.date1904,
			}}
			err := p.read(t.part, r.visit)
			if r.enough {
				return nil
			}
			if err != nil || len(r.row) > 0 {
				return err
			}
		}
	}
	return nil
}

// rowReader hands out each row of a sheet as it ends, and forgets it.
type rowReader struct {
	cells  cellReader
	yield  func(Row) bool
	row    []order.Cell // empty until the first one
	enough bool         // nobody wants more
}

func (r *rowReader) visit(s *scanner, tok token) error {
	if err := r.cells.visit(s, tok); err != nil {
		return err
	}
	g := r.cells.grid
	if tok != tokenEnd || s.depth != 3 || len(g.cells) == 0 {
		return nil
	}
	r.row = r.row[:0]
	for i := range g.cells {
		c := &g.cells[i]
		for len(r.row) < c.col-1 {
			r.row = append(r.row, order.Cell{})
		}
		r.row = append(r.row, order.Cell{Text: c.text, Kind: c.kind, Formula: c.formula})
	}
	number := g.cells[0].row
	clear(g.cells) // lets go of their texts
	g.cells, g.rows = g.cells[:0], g.rows[:0]
	if r.enough = !r.yield(Row{Number: number, Cells: r.row}); r.enough {
		return damaged("row %d is the last one wanted", number) // ends the reading, and is told nobody
	}
	return nil
}
