package sheet

import (
	"archive/zip"
	"bytes"
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"bdc/sheet/sheettest"
)

// BenchmarkRead holds Read against what a Go program would else do with the
// same filled form: open it with excelize and take the rows of its sheet.
// excelize then knows neither fields nor lines, and would not have noticed that
// the file is damaged.
func BenchmarkRead(b *testing.B) {
	form := sheettest.Form(b)
	data := filledForm(b, form, 30)
	b.Run("sheet", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		b.ReportAllocs()
		for b.Loop() {
			if book := Read("bdc.xlsx", data, form, DefaultLimits()); len(book.Drafts) != 1 ||
				len(book.Drafts[0].Lines) != 30 {
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

// BenchmarkUnzip is the floor: the same parts unzipped by the standard library,
// checksums and all, and not looked at.
func BenchmarkUnzip(b *testing.B) {
	data := filledForm(b, sheettest.Form(b), 30)
	for b.Loop() {
		z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			b.Fatal(err)
		}
		for _, f := range z.File {
			if !isRead(f.Name) {
				continue
			}
			r, err := f.Open()
			if err != nil {
				b.Fatal(err)
			}
			if _, err := io.Copy(io.Discard, r); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// isRead says whether Read looks at a part of the form.
func isRead(part string) bool {
	switch part {
	case "_rels/.rels", "xl/_rels/workbook.xml.rels", "xl/workbook.xml", "xl/styles.xml", "xl/sharedStrings.xml":
		return true
	}
	return strings.HasPrefix(part, "xl/worksheets/sheet")
}

// BenchmarkRows reads workbooks of more and more order lines: the time of a row
// must not depend on how many there are.
func BenchmarkRows(b *testing.B) {
	form := sheettest.Form(b)
	lim := DefaultLimits()
	lim.Lines, lim.Cells, lim.Width = lim.Rows, 400_000, 400_000
	for _, n := range []int{200, 2_000, 19_900} {
		data := filledForm(b, form, n)
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if book := Read("bdc.xlsx", data, form, lim); len(book.Drafts) != 1 || len(book.Drafts[0].Lines) != n {
					b.Fatalf("got %d drafts, findings %v; want 1 draft of %d lines", len(book.Drafts), book.Findings, n)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/row")
		})
	}
}
