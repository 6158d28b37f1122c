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

// csvGrid reads separated values as one sheet, in which every cell is a text. It refuses what
// could be read in two ways: quotes that break RFC 4180, and records of different lengths.
func csvGrid(data []byte, lim *Limits) (*Grid, error) {
	if int64(len(data)) > lim.Text {
		return nil, Exceeded("text", lim.Text, int64(len(data)))
	}
	text := csvText(data)
	comma, text := separatorOf(text)
	r := csv.NewReader(strings.NewReader(text))
	r.Comma = comma
	r.ReuseRecord = true
	g := &Grid{}
	row, cells := 0, 0
	last := 0 // the line on which the last record ended
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

// csvText decodes a file. It is UTF-16 if a byte order mark says so, else UTF-8 if it is valid
// UTF-8, and else Windows-1252, as Excel writes it in France. Byte order marks are removed;
// some exports write two.
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

// separatorOf is the separator of a text, and the text without the line that says so. If no line
// does, it is a semicolon or a tab, whichever stands more often in the first line. If there is
// neither, it is the comma, which also separates decimals.
func separatorOf(text string) (rune, string) {
	line, rest, _ := strings.Cut(text, "\n")
	if named, ok := namedSeparator(line); ok {
		return named, rest
	}
	semicolons, tabs := strings.Count(line, ";"), strings.Count(line, "\t")
	switch {
	case semicolons == 0 && tabs == 0:
		return ',', text
	case tabs > semicolons:
		return '\t', text
	}
	return ';', text
}

// namedSeparator is the separator that a first line such as "sep=;" names. Programs write this
// line for Excel, which does not show it: the rows count from the next line.
func namedSeparator(line string) (rune, bool) {
	line = strings.Trim(strings.TrimRight(line, "\r"), `"`)
	if len(line) < len("sep=") || !strings.EqualFold(line[:len("sep=")], "sep=") {
		return 0, false
	}
	// In a file with all columns quoted or padded, separators may follow.
	separators := line[len("sep="):]
	r, size := utf8.DecodeRuneInString(separators)
	return r, size > 0 && strings.Trim(separators, string(r)) == ""
}
