package judged

import (
	"bytes"
	"image"
	"image/png"
	"strings"

	"github.com/xuri/excelize/v2"
)

// do does to the workbook what one line says: a verb, mostly a cell, and the rest.
func (w *workbook) do(what string) {
	verb, rest, _ := strings.Cut(what, " ")
	ref, text, _ := strings.Cut(rest, " ")
	switch verb {
	case "set":
		w.set(w.cell(ref), text)
	case "clear":
		for _, cell := range w.cells(ref) {
			w.check(w.book.SetCellValue(w.now, cell, nil))
		}
	case "strike":
		w.style(ref, func(s *excelize.Style) { s.Font.Strike = true })
	case "color":
		w.style(ref, func(s *excelize.Style) { s.Font.Color = text })
	case "fill":
		w.style(ref, func(s *excelize.Style) {
			s.Fill = excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{text}}
		})
	case "format":
		w.style(ref, func(s *excelize.Style) { s.NumFmt, s.CustomNumFmt = 0, &text })
	case "part": // a cell with its first half struck through
		r := []rune(text)
		w.check(w.book.SetCellRichText(w.now, w.cell(ref), []excelize.RichTextRun{
			{Text: string(r[:len(r)/2]), Font: &excelize.Font{Strike: true}}, {Text: string(r[len(r)/2:])},
		}))
	case "note":
		w.check(w.book.AddComment(w.now, excelize.Comment{
			Author: "Claire", Cell: w.cell(ref), Paragraph: []excelize.RichTextRun{{Text: text}},
		}))
	case "box":
		w.check(w.book.AddShape(w.now, &excelize.Shape{
			Cell: w.cell(ref), Type: "rect", Width: 300, Height: 60,
			Paragraph: []excelize.RichTextRun{{Text: text}},
		}))
	case "picture":
		var picture bytes.Buffer
		w.check(png.Encode(&picture, image.NewGray(image.Rect(0, 0, 8, 8))))
		w.check(w.book.AddPictureFromBytes(w.now, w.cell(ref), &excelize.Picture{
			Extension: ".png", File: picture.Bytes(), Format: &excelize.GraphicOptions{},
		}))
	case "merge":
		cells := w.cells(ref)
		w.check(w.book.MergeCell(w.now, cells[0], cells[len(cells)-1]))
	case "hide", "filter", "insert", "remove":
		w.rows(verb, ref, text)
	case "unname":
		for _, n := range w.book.GetDefinedName() {
			w.check(w.book.DeleteDefinedName(&n))
		}
	case "header":
		w.check(w.book.SetHeaderFooter(w.now, &excelize.HeaderFooterOptions{OddHeader: "&C" + rest}))
	default:
		w.sheets(verb, rest)
	}
}

// rows hides, filters away, inserts or removes rows and columns.
func (w *workbook) rows(verb, what, ref string) {
	if verb == "insert" || verb == "remove" || verb == "filter" {
		ref = what
	}
	if verb == "hide" && what == "sheet" {
		w.check(w.book.SetSheetVisible(ref, false))
		return
	}
	_, row, err := excelize.CellNameToCoordinates(w.cell(ref))
	w.check(err)
	switch {
	case verb == "insert":
		w.check(w.book.InsertRows(w.now, row, 1))
	case verb == "remove":
		w.check(w.book.RemoveRow(w.now, row))
	case what == "col":
		w.check(w.book.SetColVisible(w.now, strings.TrimRight(w.cell(ref), "0123456789"), false))
	default: // a filter hides rows, too
		w.check(w.book.SetRowVisible(w.now, row, false))
	}
	if verb == "filter" {
		head, last := w.cell("ean.0"), w.cell("obs.40")
		w.check(w.book.AutoFilter(w.now, head+":"+last, nil))
	}
}

// sheets adds, copies, renames, drops or goes to a sheet.
func (w *workbook) sheets(verb, name string) {
	switch verb {
	case "add":
		_, err := w.book.NewSheet(name)
		w.check(err)
		w.now = name
	case "copy":
		from, err := w.book.GetSheetIndex(w.now)
		w.check(err)
		to, err := w.book.NewSheet(name)
		w.check(err)
		w.check(w.book.CopySheet(from, to))
		w.now = name
	case "rename":
		w.check(w.book.SetSheetName(w.now, name))
		w.now = name
	case "drop":
		w.check(w.book.DeleteSheet(name))
	case "on":
		w.now = name
	default:
		w.Fatalf("nobody knows how to %q", verb)
	}
}
