package registry

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"io"
)

const bom = "\ufeff"

// csvRows reads the rows of a CSV file.
type csvRows struct {
	file    string
	csv     *csv.Reader
	skipped int // lines above the first that csv reads
}

func newCSVRows(r io.Reader, file string) *csvRows {
	b := bufio.NewReaderSize(&guard{r: r, file: file, limit: maxBytes, line: 1, start: 1}, 64<<10)
	c := &csvRows{file: file}
	comma := c.dialect(b)
	c.csv = csv.NewReader(b)
	c.csv.Comma = comma
	c.csv.FieldsPerRecord = -1
	c.csv.ReuseRecord = true
	return c
}

// dialect returns the separator of the file: the one that a line like "sep=;" names,
// which Excel writes above the header, else the most frequent one in the first line. It
// reads past that line, and past the byte order marks before it, of which some exports
// have two.
func (c *csvRows) dialect(b *bufio.Reader) rune {
	for {
		if head, _ := b.Peek(len(bom)); string(head) != bom {
			break
		}
		b.Discard(len(bom))
	}
	head, _ := b.Peek(b.Size())
	if line, _, ok := bytes.Cut(head, []byte("\n")); ok && len(line) > 4 && bytes.HasPrefix(line, []byte("sep=")) {
		if comma := line[4]; comma == ';' || comma == ',' || comma == '\t' {
			b.Discard(len(line) + 1)
			c.skipped = 1
			return rune(comma)
		}
	}
	first, most := ';', 0
	line, _, _ := bytes.Cut(bytes.TrimLeft(head, "\r\n"), []byte("\n"))
	for _, comma := range ";,\t" {
		if n := bytes.Count(line, []byte(string(comma))); n > most {
			first, most = comma, n
		}
	}
	return first
}

func (c *csvRows) next() (row []string, line int, err error) {
	row, err = c.csv.Read()
	var parse *csv.ParseError
	if errors.As(err, &parse) {
		return nil, 0, &FileError{
			File: c.file, Line: parse.StartLine + c.skipped,
			Reason: "un guillemet mal placé ou jamais refermé ; le fichier est peut-être coupé.",
		}
	}
	if err != nil {
		return nil, 0, err
	}
	line, _ = c.csv.FieldPos(0)
	return row, line + c.skipped, nil
}

func (c *csvRows) close() {}
