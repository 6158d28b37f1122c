package sheet

import (
	"fmt"
	"sync"
	"testing"

	"bdc/sheet/sheettest"
)

// Read may be called concurrently: what it keeps between calls is not shared.
func TestReadConcurrently(t *testing.T) {
	form := sheettest.Form(t)
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
