package sheet

import (
	"fmt"
	"strconv"
	"sync"
	"testing"

	"bdc/order"
	"bdc/templates"
)

func testForm(t testing.TB) *order.Form {
	t.Helper()
	form, err := templates.Form()
	if err != nil {
		t.Fatal(err)
	}
	return form
}

// filledForm is the blank form with its example values and so many lines.
func filledForm(t testing.TB, form *order.Form, lines int) []byte {
	t.Helper()
	data, err := Fill(form, exampleValues(form), exampleLines(form, lines))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func exampleValues(form *order.Form) map[string]string {
	values := map[string]string{}
	for _, f := range form.Fields {
		if f.Example != "" {
			values[f.ID] = f.Example
		}
	}
	return values
}

func exampleLines(form *order.Form, n int) []map[string]string {
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

// Read may be called concurrently: what it keeps between calls is not shared.
func TestReadConcurrently(t *testing.T) {
	form := testForm(t)
	inputs := [][]byte{filledForm(t, form, 3), filledForm(t, form, 40), filledForm(t, form, 3)[:9_000]}
	want := make([]string, len(inputs))
	for i, data := range inputs {
		want[i] = fmt.Sprintf("%+v", Read("x", data, form, DefaultLimits()))
	}
	var wg sync.WaitGroup
	for i := range 60 {
		wg.Go(func() {
			i %= len(inputs)
			if got := fmt.Sprintf("%+v", Read("x", inputs[i], form, DefaultLimits())); got != want[i] {
				t.Errorf("got %s, want %s", got, want[i])
			}
		})
	}
	wg.Wait()
}
