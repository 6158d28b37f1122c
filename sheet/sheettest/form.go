// Package sheettest holds what the tests of sheet and of its subpackages share: the
// form with example values, workbooks written part by part, files of other programs.
package sheettest

import (
	"strconv"
	"testing"

	"bdc/order"
	"bdc/templates"
)

// Form is the definition of the order form.
func Form(t testing.TB) *order.Form {
	t.Helper()
	form, err := templates.Form()
	if err != nil {
		t.Fatal(err)
	}
	return form
}

// ExampleValues are the example of each header field, by field id.
func ExampleValues(form *order.Form) map[string]string {
	values := map[string]string{}
	for _, f := range form.Fields {
		if f.Example != "" {
			values[f.ID] = f.Example
		}
	}
	return values
}

// ExampleLines are n order lines of examples, by column id. Their EANs, titles and
// quantities (1, 2, 3…) differ.
func ExampleLines(form *order.Form, n int) []map[string]string {
	lines := make([]map[string]string, n)
	for i := range lines {
		line := map[string]string{}
		for _, c := range form.Columns {
			if c.Example != "" {
				line[c.ID] = c.Example
			}
		}
		line[order.ColumnEAN] = strconv.Itoa(9782090000000 + i)
		line[order.ColumnTitle] = "Histoire-Géographie 5e, édition " + strconv.Itoa(i)
		line[order.ColumnQuantity] = strconv.Itoa(1 + i)
		lines[i] = line
	}
	return lines
}
