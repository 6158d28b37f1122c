package form

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"time"

	"github.com/xuri/excelize/v2"
)

// worksheet writes to one sheet of a workbook. It keeps the first error, which bytes returns.
type worksheet struct {
	file  *excelize.File
	sheet string
	err   error
}

// do notes the error of a call of excelize.
func (ws *worksheet) do(err error) {
	if ws.err == nil {
		ws.err = err
	}
}

// style registers a style. Asking for the same one again gives the same id.
func (ws *worksheet) style(s excelize.Style) int {
	id, err := ws.file.NewStyle(&s)
	ws.do(err)
	return id
}

// conditional registers the style of a conditional format.
func (ws *worksheet) conditional(s excelize.Style) int {
	id, err := ws.file.NewConditionalStyle(&s)
	ws.do(err)
	return id
}

func (ws *worksheet) paint(rng string, style int) {
	first, last := ends(rng)
	ws.do(ws.file.SetCellStyle(ws.sheet, first, last, style))
}

func (ws *worksheet) text(cell, text string) { ws.do(ws.file.SetCellStr(ws.sheet, cell, text)) }

func (ws *worksheet) rich(cell string, runs ...excelize.RichTextRun) {
	ws.do(ws.file.SetCellRichText(ws.sheet, cell, runs))
}

func (ws *worksheet) formula(cell, formula string) {
	ws.do(ws.file.SetCellFormula(ws.sheet, cell, formula))
}

func (ws *worksheet) height(row int, points float64) {
	ws.do(ws.file.SetRowHeight(ws.sheet, row, points))
}

// block merges a range, unless it is one cell, and paints it.
func (ws *worksheet) block(rng string, style int) {
	if first, last := ends(rng); first != last {
		ws.do(ws.file.MergeCell(ws.sheet, first, last))
	}
	ws.paint(rng, style)
}

// name defines a name of the workbook for a cell or range of a sheet, given
// with its dollar signs.
func (ws *worksheet) name(name, sheet, rng string) {
	ws.do(ws.file.SetDefinedName(&excelize.DefinedName{Name: name, RefersTo: "'" + sheet + "'!" + rng}))
}

// properties sets the document's title and language. SetDocProps would write a
// core.xml that some readers of workbooks refuse.
func (ws *worksheet) properties(title, subject string) {
	escape := func(s string) string {
		var b bytes.Buffer
		ws.do(xml.EscapeText(&b, []byte(s)))
		return b.String()
	}
	ws.file.Pkg.Store("docProps/core.xml", []byte(xml.Header+
		`<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"`+
		` xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"`+
		` xmlns:dcmitype="http://purl.org/dc/dcmitype/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">`+
		`<dc:title>`+escape(title)+`</dc:title><dc:subject>`+escape(subject)+`</dc:subject>`+
		`<dc:creator>Interforum</dc:creator><dc:language>fr-FR</dc:language></cp:coreProperties>`))
	ws.do(ws.file.SetAppProps(&excelize.AppProperties{Application: "bdc"}))
}

// bytes is the finished workbook: the same bytes for the same calls. After it, the worksheet
// must not be used.
func (ws *worksheet) bytes() ([]byte, error) {
	if ws.err != nil {
		return nil, ws.err
	}
	ws.file.SetZipWriter(func(w io.Writer) excelize.ZipWriter { return timelessZip{zip.NewWriter(w)} })
	buf, err := ws.file.WriteToBuffer()
	if err != nil {
		return nil, fmt.Errorf("write workbook: %w", err)
	}
	return buf.Bytes(), nil
}

// timelessZip gives every entry the same date, the oldest that zip has: a
// workbook's bytes depend on its content alone.
type timelessZip struct{ *zip.Writer }

func (z timelessZip) Create(name string) (io.Writer, error) {
	return z.CreateHeader(&zip.FileHeader{
		Name:     name,
		Method:   zip.Deflate,
		Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC),
	})
}

// ends are the corners of "C13:D13", or twice the cell of "C13".
func ends(rng string) (first, last string) {
	for i := range rng {
		if rng[i] == ':' {
			return rng[:i], rng[i+1:]
		}
	}
	return rng, rng
}
