package grid

import (
	"iter"
	"time"

	"bdc/order"
)

// Row is a row with at least one filled cell, as Rows yields it.
type Row struct {
	Number int          // from 1
	Cells  []order.Cell // from column A to the last filled cell; Sheet and Ref are not set
}

// RowLimits returns limits for Rows. They allow files of tens of thousands of rows, such as an
// export that our own staff give us.
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

// Rows reads one sheet of an .xlsx or .xlsm workbook row by row, with only one row in memory.
// It reads the first visible sheet that is not empty; if there is none, the first hidden
// sheet that is not empty.
//
// If the file cannot be read, the last value is an error, a *Refusal, and the rows before it
// must not be used: some damage shows only at the end of a file. The cells of a row are
// valid until the next row.
func Rows(data []byte, lim Limits) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		if err := eachRow(data, lim, func(r Row) bool { return yield(r, nil) }); err != nil {
			yield(Row{}, refusalOf(err))
		}
	}
}

func eachRow(data []byte, lim Limits, yield func(Row) bool) error {
	if kind := Sniff(data); kind != "xlsx" && kind != "xlsm" {
		return unreadable(kind, data)
	}
	p, err := Open(data, lim)
	if err != nil {
		return err
	}
	sheets, err := p.sheetReader()
	if err != nil {
		return err
	}
	for _, hidden := range []bool{false, true} {
		for i, t := range sheets.wb.Sheets {
			if t.Part == "" || t.Hidden != hidden {
				continue
			}
			r := rowReader{yield: yield, cells: sheets.cells(&Grid{Name: t.Name, Index: i})}
			err := p.read(t.Part, r.visit)
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

// rowReader yields each row of a sheet as soon as it ends, and then forgets it.
type rowReader struct {
	cells  *cellReader
	yield  func(Row) bool
	row    []order.Cell // the last row; empty until the first one
	enough bool         // the caller wants no more rows
}

func (r *rowReader) visit(s *scanner, tok token) error {
	if err := r.cells.visit(s, tok); err != nil {
		return err
	}
	g := r.cells.grid
	if tok != tokenEnd || s.depth != 3 || len(g.Cells) == 0 {
		return nil
	}
	r.row = r.row[:0]
	for i := range g.Cells {
		c := &g.Cells[i]
		for len(r.row) < c.Col-1 {
			r.row = append(r.row, order.Cell{})
		}
		r.row = append(r.row, order.Cell{Text: c.Text, Kind: c.Kind, Formula: c.Formula})
	}
	number := g.Cells[0].Row
	clear(g.Cells) // lets go of their texts
	g.Cells, g.Rows = g.Cells[:0], g.Rows[:0]
	if r.enough = !r.yield(Row{Number: number, Cells: r.row}); r.enough {
		return damaged("row %d is the last one wanted", number) // only stops the scan: nobody sees it
	}
	return nil
}
