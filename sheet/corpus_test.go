package sheet

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"bdc/order"
	"bdc/sheet/sheettest"
)

// Every file of the corpus is either named for what it is or read: none of them
// holds an order, and none is damaged but those known to be.
func TestCorpus(t *testing.T) {
	form := sheettest.Form(t)
	damaged := map[string]bool{
		"issue252.xlsx":           true, // relationships of another size and checksum than the zip says
		"SheetsWithoutRelId.xlsx": true, // a sheet without a part
	}
	kinds := map[string]int{}
	for _, file := range sheettest.CorpusFiles(t) {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(file)
		var book Book
		if !sheettest.Within(5*sheettest.Slowdown*time.Second, func() {
			book = Read(name, data, form, DefaultLimits())
		}) {
			t.Fatalf("%s: took more than 5 s", name)
		}
		kinds[book.Kind]++
		want := order.Code("form.unreadable." + book.Kind)
		switch {
		case damaged[name]:
			want = "form.unreadable.damaged"
		case book.Kind == "xlsx" || book.Kind == "xlsm":
			want = "form.none"
		}
		if len(book.Drafts) > 0 || len(book.Findings) != 1 || book.Findings[0].Code != want {
			t.Errorf("%s: got %d drafts, findings %v; want %s", name, len(book.Drafts), book.Findings, want)
		}
	}
	if kinds["xlsx"] < 390 || kinds["xls"] < 30 || kinds["xlsb"] < 10 || kinds["ods"] < 10 || kinds["encrypted"] < 2 {
		t.Errorf("got kinds %v", kinds)
	}
}
