package sheet

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bdc/order"
	"bdc/templates"
)

func TestZZ(t *testing.T) {
	form, _ := templates.Form()
	files, _ := filepath.Glob("../../shared/data/xlsx/*/*")
	n := map[string]int{}
	for _, f := range files {
		data, _ := os.ReadFile(f)
		b := time.Now()
		k := Sniff(data)
		_, err := read(k, data, form, DefaultLimits())
		d := time.Since(b)
		if d > 200*time.Millisecond {
			fmt.Println("SLOW", d, f)
		}
		s := "ok"
		if err != nil {
			s = err.Error()
		}
		ext := strings.TrimPrefix(filepath.Ext(f), ".")
		if ext != k || (err != nil && !strings.Contains(s, "form.none") && k != "xls" && k != "ods" && k != "xlsb") {
			fmt.Println(filepath.Base(f), k, s)
		}
		n[k]++
	}
	fmt.Println(n)
	_ = order.Draft{}
}
