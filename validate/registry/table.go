package registry

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"bdc/order"
)

// table reads a file row by row. It knows which column is which from the headers.
type table struct {
	file    string
	source  *source
	rows    rows
	loose   bool           // rows may be shorter or longer than the header (workbooks)
	width   int            // the number of columns of the header
	columns map[string]int // where each wanted column stands, by its key
	row     []string
	line    int // the line of row in the file
	short   int // the columns of the last row that is not empty, if it has too few; else 0
	report  order.Import
	err     error

	progress Progress // or nil
}

// Progress is told how many rows of a file were read, and how many octets of it as it is
// stored. It is called often.
type Progress func(rows int, octets int64)

// octets is the Progress for a function that wants no rows.
func octets(progress func(done int64)) Progress {
	if progress == nil {
		return nil
	}
	return func(_ int, done int64) { progress(done) }
}

// tell tells how far the file was read.
func (t *table) tell() {
	if t.progress != nil {
		t.progress(t.report.Rows, t.source.done)
	}
}

// rows reads the rows of a file of one format.
type rows interface {
	// next returns a row, which is valid until the next call, and its line number. After
	// the last row the error is io.EOF. The error is a *FileError where the file itself
	// is faulty.
	next() (row []string, line int, err error)

	// close releases what reading needs. next must not be called after it.
	close()
}

// column is one that an importer wants.
type column struct {
	key       string
	name      string // its name in French, for the error that it is missing
	mandatory bool
	headers   []string // the headers that mean it, as order.FoldKey returns them; the best first
}

// joint is what stands between the values of a column that has several in one cell. In
// XML each may be an element of its own. It is "" for a column with one value.
func (c column) joint() string {
	switch c.key {
	case "author", "level":
		return ", "
	case "vat":
		return "; "
	}
	return ""
}

// openTable opens a file and reads its header. The error is a *FileError, or wraps that
// of r or ctx.
func openTable(
	ctx context.Context, r io.Reader, file, register string, progress Progress, wanted []column,
) (*table, error) {
	t := &table{file: file, report: order.Import{Register: register}, progress: progress}
	t.source = newSource(ctx, r, func(int64) { t.tell() })
	b, kind, err := unwrap(t.source, file)
	if err == nil {
		switch kind {
		case "xlsx":
			err = t.openWorkbook(b, wanted)
		case "xml":
			err = t.openXML(b, wanted)
		default:
			err = t.openCSV(b, wanted)
		}
	}
	if err != nil {
		if t.rows != nil {
			t.rows.close()
		}
		return nil, t.fault(err)
	}
	return t, nil
}

func (t *table) openCSV(b *bufio.Reader, wanted []column) error {
	t.rows = newCSVRows(b, t.file)
	header, _, err := t.rows.next()
	if err == io.EOF {
		return &FileError{File: t.file, Reason: "le fichier est vide."}
	}
	if err != nil {
		return err
	}
	return t.match(header, wanted)
}

// maxPreface is how many rows of a workbook are searched for the headers. A title, a
// date or space for a logo may stand above them.
const maxPreface = 20

func (t *table) openWorkbook(b *bufio.Reader, wanted []column) error {
	rows, err := newSheetRows(b, t.file)
	if err != nil {
		return err
	}
	t.rows, t.loose = rows, true
	var first error
	for range maxPreface {
		header, _, err := rows.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		err = t.match(header, wanted)
		if err == nil {
			return nil
		}
		if first == nil {
			first = err
		}
	}
	if first == nil {
		first = &FileError{File: t.file, Reason: "le classeur est vide."}
	}
	return first
}

func (t *table) openXML(b *bufio.Reader, wanted []column) error {
	t.rows = newXMLRows(b, t.file, wanted)
	t.width, t.columns = len(wanted), map[string]int{}
	for i, c := range wanted {
		t.columns[c.key] = i
	}
	return nil
}

// match finds the wanted columns among the headers. The error is a *FileError.
func (t *table) match(header []string, wanted []column) error {
	if len(header) > maxColumns {
		reason := fmt.Sprintf("%d colonnes : l’import en lit %d au plus.", len(header), maxColumns)
		return &FileError{File: t.file, Reason: reason}
	}
	t.columns = map[string]int{}
	at, names := map[string]int{}, make([]string, len(header))
	for i, h := range header {
		names[i] = tidy(h)
		if _, twice := at[order.FoldKey(names[i])]; !twice {
			at[order.FoldKey(names[i])] = i
		}
	}
	t.width = len(header)
	var lacking []string
	for _, c := range wanted {
		for _, h := range c.headers {
			if i, ok := at[h]; ok {
				t.columns[c.key] = i
				break
			}
		}
		if _, ok := t.columns[c.key]; !ok && c.mandatory {
			lacking = append(lacking, "« "+c.name+" »")
		}
	}
	if lacking == nil {
		return nil
	}
	noun := "la colonne "
	if len(lacking) > 1 {
		noun = "les colonnes "
	}
	return &FileError{File: t.file, Reason: fmt.Sprintf(
		"il manque %s%s. Colonnes trouvées : %s.", noun, strings.Join(lacking, ", "),
		cut(strings.Join(names, ", "), 2000),
	)}
}

// next reads the next row that is not empty. It returns false at the end of the file and
// at an error, which finish returns. A row with more or fewer columns than the header
// is left out, since its values may stand under the wrong headers.
func (t *table) next() bool {
	for t.err == nil {
		if t.err = t.source.ctx.Err(); t.err != nil {
			return false
		}
		row, line, err := t.rows.next()
		if err == io.EOF {
			t.uncut()
			return false
		}
		if err != nil {
			t.err = t.fault(err)
			return false
		}
		if isEmpty(row) {
			continue
		}
		t.short = 0
		if t.loose {
			row = fitted(row, t.width)
		}
		t.row, t.line = row, line
		t.report.Rows++
		if t.loose && t.report.Rows%tellEvery == 0 { // all of it was read before its first row
			t.tell()
		}
		for i, field := range row {
			if strings.HasPrefix(strings.TrimLeft(field, " \t"), "=") {
				t.err = &FileError{
					File: t.file, Line: t.line,
					Reason: fmt.Sprintf("une formule en colonne %d : un registre ne contient que des valeurs.", i+1),
				}
				return false
			}
		}
		if t.report.Rows > maxRows {
			t.err = &FileError{File: t.file, Line: t.line, Reason: fmt.Sprintf("plus de %d lignes.", maxRows)}
			return false
		}
		for len(row) > t.width && strings.TrimSpace(row[len(row)-1]) == "" {
			row = row[:len(row)-1]
		}
		if len(row) < t.width {
			t.short = len(row)
		}
		if len(row) != t.width {
			t.skip("%d colonnes au lieu de %d", len(row), t.width)
			continue
		}
		return true
	}
	return false
}

// uncut refuses the file at its end if its last row has fewer columns than the header:
// the file was probably cut there, and nobody knows how many rows are missing.
func (t *table) uncut() {
	if t.short > 0 {
		t.err = &FileError{File: t.file, Line: t.line, Reason: fmt.Sprintf(
			"le fichier est sans doute coupé : sa dernière ligne a %d colonne%s au lieu de %d.",
			t.short, plural(t.short), t.width,
		)}
	}
}

// plural returns the ending of a French noun after a number.
func plural(n int) string {
	if n > 1 {
		return "s"
	}
	return ""
}

// fitted returns a row of the given width, filled up with empty values or cut.
func fitted(row []string, width int) []string {
	for len(row) < width {
		row = append(row, "")
	}
	return row[:width]
}

func isEmpty(row []string) bool {
	for _, field := range row {
		if strings.TrimSpace(field) != "" {
			return false
		}
	}
	return true
}

// text returns the row's value in a column, as tidy cleans it, or "" where the file has
// no such column. The result shares no memory with the row.
func (t *table) text(key string) string {
	i, ok := t.columns[key]
	if !ok {
		return ""
	}
	return tidy(t.row[i])
}

// tellEvery is after how many rows of a workbook progress is told.
const tellEvery = 500

// maxReasons is how many skipped rows are named in a report.
const maxReasons = 100

// skip counts the row as left out, and notes the reason, in French.
func (t *table) skip(format string, args ...any) {
	t.report.SkippedN++
	if len(t.report.Skipped) < maxReasons {
		t.report.Skipped = append(t.report.Skipped, fmt.Sprintf("ligne %d : ", t.line)+fmt.Sprintf(format, args...))
	}
}

// drop counts a value of the row as left out, while the row itself is taken, and notes
// the reason, in French.
func (t *table) drop(format string, args ...any) {
	t.report.DroppedN++
	if len(t.report.Dropped) < maxReasons {
		t.report.Dropped = append(t.report.Dropped, fmt.Sprintf("ligne %d : ", t.line)+fmt.Sprintf(format, args...))
	}
}

// finish closes the file and returns the report. It refuses a file of which more than
// half of the rows were left out: that is hardly the file that was meant.
func (t *table) finish(entries int) (order.Import, error) {
	t.rows.close()
	if t.err != nil {
		return order.Import{}, t.err
	}
	t.tell()
	t.report.Entries = entries
	t.report.SourceSum = t.source.hash()
	switch {
	case t.report.Rows == 0:
		return order.Import{}, &FileError{File: t.file, Reason: "aucune ligne sous les en-têtes."}
	case t.report.SkippedN*2 > t.report.Rows:
		return order.Import{}, &FileError{File: t.file, Reason: fmt.Sprintf(
			"%d lignes sur %d sont inutilisables : ce n’est sans doute pas le bon fichier. %s.",
			t.report.SkippedN, t.report.Rows, t.report.Skipped[0],
		)}
	}
	return t.report, nil
}

// fault returns the error of reading a file: the reader's own, where there is one, else
// a *FileError.
func (t *table) fault(err error) error {
	var refused *FileError
	switch {
	case t.source.err != nil:
		return fmt.Errorf("read %q: %w", t.file, t.source.err)
	case errors.As(err, &refused):
		return refused
	case errors.Is(err, io.ErrUnexpectedEOF) && t.line > 0:
		return &FileError{File: t.file, Line: t.line, Reason: "plus rien ne se lit après cette ligne : " + reasonGzip}
	default:
		return &FileError{File: t.file, Reason: reasonGzip} // the decompression is all that fails otherwise
	}
}

// tidy returns a value of a file cleaned by order.Clean. A value that is no UTF-8 is
// decoded from Windows-1252 first. The result shares no memory with s.
func tidy(s string) string {
	if !utf8.ValidString(s) {
		s, _ = charmap.Windows1252.NewDecoder().String(s) // there is no error: each byte is some character
	}
	return strings.Clone(order.Clean(s))
}

// cut returns at most max characters of a value, for a message.
func cut(s string, max int) string {
	if runes := []rune(s); len(runes) > max {
		return string(runes[:max]) + "…"
	}
	return s
}
