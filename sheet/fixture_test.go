package sheet

import (
	"bytes"
	"testing"

	"github.com/xuri/excelize/v2"

	"bdc/order"
	"bdc/sheet/form"
	"bdc/sheet/sheettest"
)

const formSheet = form.SheetName

// fill is the order form with values in it.
func fill(t testing.TB, definition *order.Form, values map[string]string, lines []map[string]string) []byte {
	t.Helper()
	data, err := form.Fill(definition, values, lines)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// filledForm is the blank form with its example values and so many lines.
func filledForm(t testing.TB, definition *order.Form, lines int) []byte {
	t.Helper()
	return fill(t, definition, sheettest.ExampleValues(definition), sheettest.ExampleLines(definition, lines))
}

// blankForm is the order form with nothing in it.
func blankForm(t testing.TB, definition *order.Form) []byte {
	t.Helper()
	data, err := form.Blank(definition)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// opened reads a workbook back with excelize, raw values only.
func opened(t testing.TB, data []byte) *excelize.File {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}
