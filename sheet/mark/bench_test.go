package mark

import (
	"testing"

	"bdc/sheet/grid"
	"bdc/sheet/sheettest"
)

// BenchmarkMark returns a filled form with eleven findings: the editing alone,
// what verifying it takes, and all of it with the start of the child.
func BenchmarkMark(b *testing.B) {
	form := sheettest.Form(b)
	workbook, marks := wrongForm(b, form)
	marked, err := annotate(workbook, marks, "D-7K2Q9F", grid.DefaultLimits())
	if err != nil {
		b.Fatal(err)
	}
	b.Run("annotate", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := annotate(workbook, marks, "D-7K2Q9F", grid.DefaultLimits()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("verify", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := verify(workbook, marked, marks, grid.DefaultLimits()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("child", func(b *testing.B) {
		m := testMarker(form, "mark")
		for b.Loop() {
			if got, err := m.Mark(b.Context(), "BdC.xlsx", workbook, marks, "D-7K2Q9F"); err != nil || !got[0].Own {
				b.Fatal(err)
			}
		}
	})
}
