package sheet

import (
	"bytes"
	"testing"

	"github.com/xuri/excelize/v2"
)

// BenchmarkRead holds Read against what a Go program would else do with the
// same filled form: open it with excelize and take the rows of its sheet.
// excelize then knows neither fields nor lines, and would not have noticed that
// the file is damaged.
func BenchmarkRead(b *testing.B) {
	form := testForm(b)
	data := filledForm(b, form, 30)
	b.Run("sheet", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		b.ReportAllocs()
		for b.Loop() {
			if book := Read("bdc.xlsx", data, form, DefaultLimits()); len(book.Drafts) != 1 || len(book.Drafts[0].Lines) != 30 {
				b.Fatalf("got %d drafts, findings %v; want 1 draft of 30 lines", len(book.Drafts), book.Findings)
			}
		}
	})
	b.Run("excelize", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		b.ReportAllocs()
		for b.Loop() {
			f, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{RawCellValue: true})
			if err != nil {
				b.Fatal(err)
			}
			if _, err := f.GetRows(formSheet); err != nil {
				b.Fatal(err)
			}
			if err := f.Close(); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkInflate is the floor: the same parts unzipped and checked, and not
// looked at.
func BenchmarkInflate(b *testing.B) {
	data := filledForm(b, testForm(b), 30)
	for b.Loop() {
		p, err := openPack(data, DefaultLimits())
		if err != nil {
			b.Fatal(err)
		}
		for _, part := range []string{"_rels/.rels", "xl/_rels/workbook.xml.rels", "xl/workbook.xml", "xl/styles.xml", "xl/sharedstrings.xml", "xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"} {
			if err := p.read(part, func(*scanner, token) error { return nil }); err != nil {
				b.Fatal(err)
			}
		}
	}
}
