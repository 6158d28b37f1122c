package mark

import (
	"bytes"
	"testing"

	"github.com/xuri/excelize/v2"

	"bdc/order"
	"bdc/sheet/form"
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
