package grid

import (
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"bdc/order"
)

// csvGrid reads a text of separated values as the sheet that Excel makes of it:
// every cell a text. It refuses what could be read in two ways: quotes that are
// not those of RFC 4180, and records of different lengths.
func csvGrid(data []byte, lim *Limits) (*Grid, error) {
	if int64(len(data)) > lim.Text {
		return nil, Exceeded("text", lim.Text, int64(len(data)))
	}
	text := csvText(data)
	r := csv.NewReader(strings.NewReader(text))
	r.Comma = separatorOf(text)
	r.ReuseRecord = true
	g := &Grid{}
	row, last, cells := 0, 0, 0 // last is the line on which the record before ended
	for {
		record, err := r.Read()
		switch {
		case errors.Is(err, io.EOF):
			return g, nil
		case err != nil:
			return nil, &Refusal{Code: "form.unreadable.csv", Args: map[string]string{"detail": err.Error()}}
		}
		line, _ := r.FieldPos(0)
		row += line - last
		last = line
		cells += len(record)
		switch {
		case row > lim.Rows:
			return nil, Exceeded("rows", int64(lim.Rows), int64(row))
		case len(record) > lim.Columns:
			return nil, Exceeded("columns", int64(lim.Columns), int64(len(record)))
		case cells > lim.Cells:
			return nil, Exceeded("cells", int64(lim.Cells), int64(cells))
		}
		first := len(g.Cells)
		for i, value := range record {
			last += strings.Count(value, "\n")
			if n := len(value); n > lim.String && utf8.RuneCountInString(value) > lim.String {
				return nil, Exceeded("string", int64(lim.String), int64(utf8.RuneCountInString(value)))
			}
			if value != "" {
				g.Cells = append(g.Cells, Cell{Pos: Pos{row, i + 1}, Kind: order.KindText, Text: value})
			}
		}
		if len(g.Cells) > first {
			g.Rows = append(g.Rows, RowCells{Number: row, First: first, Last: len(g.Cells)})
		}
	}
}

// csvText is a file as text: UTF-16 or UTF-8 as its marks say, of which some
// exports write two, else UTF-8 if it is that, else Windows-1252 as Excel writes
// it in France.
func csvText(data []byte) string {
	switch {
	case bytes.HasPrefix(data, []byte("\xFF\xFE")):
		data = utf16Text(data[2:], binary.LittleEndian)
	case bytes.HasPrefix(data, []byte("\xFE\xFF")):
		data = utf16Text(data[2:], binary.BigEndian)
	}
	if !utf8.Valid(data) {
		if decoded, err := charmap.Windows1252.NewDecoder().Bytes(data); err == nil {
			data = decoded
		}
	}
	return strings.TrimLeft(string(data), "\uFEFF")
}

// separatorOf is the separator that the first line of a text has most of. A
// comma must be alone to be one, as it is also that of decimals.
func separatorOf(text string) rune {
	line, _, _ := strings.Cut(text, "\n")
	semicolons, tabs := strings.Count(line, ";"), strings.Count(line, "\t")
	switch {
	case semicolons == 0 && tabs == 0:
		return ','
	case tabs > semicolons:
		return '\t'
	}
	return ';'
}
