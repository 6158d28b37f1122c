package sheet

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"bdc/bench/need"
	"bdc/order"
)

// corpus holds workbooks that spreadsheet readers were tested on; it is beside
// the repository, not in it.
const corpus = "../../shared/data/xlsx"

func corpusFiles(t *testing.T) []string {
	t.Helper()
	need.Data(t, corpus)
	files, err := filepath.Glob(filepath.Join(corpus, "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatal("no workbooks in " + corpus)
	}
	return files
}

// guarded runs f and says whether it came back before the guard.
func guarded(guard time.Duration, f func()) bool {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	select {
	case <-done:
		return true
	case <-time.After(guard):
		return false
	}
}

// Every file of the corpus is either named for what it is or read: none of them
// holds an order, and none is damaged but those known to be.
func TestCorpus(t *testing.T) {
	form := testForm(t)
	damaged := map[string]bool{
		"issue252.xlsx":           true, // relationships of another size and checksum than the zip says
		"SheetsWithoutRelId.xlsx": true, // a sheet without a part
	}
	kinds := map[string]int{}
	for _, file := range corpusFiles(t) {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(file)
		var book Book
		if !guarded(5*slowdown*time.Second, func() { book = Read(name, data, form, DefaultLimits()) }) {
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

// What excelize reads of the workbooks that are read here, we read too.
func TestCorpusAgreesWithExcelize(t *testing.T) {
	read, cells := 0, 0
	for _, file := range corpusFiles(t) {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if kind := Sniff(data); kind != "xlsx" && kind != "xlsm" {
			continue
		}
		p, err := openPack(data, DefaultLimits())
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		wb, grids, err := p.grids()
		if err != nil {
			continue // refused: TestCorpus knows which
		}
		var theirs map[string][][]string
		if !guarded(10*slowdown*time.Second, func() { theirs, err = excelizeRows(data) }) {
			t.Logf("%s: excelize takes more than 10 s", file)
			continue
		}
		if err != nil {
			t.Logf("%s: excelize: %v", filepath.Base(file), err)
			continue
		}
		read++
		for _, g := range grids {
			cells += len(g.cells)
			for _, d := range compare(g, theirs[g.name], wb.date1904) {
				t.Errorf("%s, %s", filepath.Base(file), d)
			}
		}
	}
	t.Logf("%d cells of %d workbooks compared", cells, read)
}

// excelizeRows is the raw values of all sheets. excelize panics on some files.
func excelizeRows(data []byte) (all map[string][][]string, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	f, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{RawCellValue: true})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	all = map[string][][]string{}
	for _, name := range f.GetSheetList() {
		rows, err := f.GetRows(name)
		if err != nil {
			continue // a chart
		}
		all[name] = rows
	}
	return all, nil
}

// compare lists the cells that differ.
func compare(g *grid, theirs [][]string, date1904 bool) (diffs []string) {
	ours := map[pos]gridCell{}
	for _, c := range g.cells {
		ours[c.pos] = c
	}
	for i, row := range theirs {
		for j, text := range row {
			at := pos{i + 1, j + 1}
			c := ours[at]
			delete(ours, at)
			want := text
			switch c.kind {
			case order.KindDate: // we keep the day alone
				if day, ok := serialDate(text, date1904); ok {
					want = day
				} else {
					want, _, _ = strings.Cut(text, "T")
				}
			case order.KindNumber: // whose spaces we drop
				want = strings.TrimSpace(text)
			case order.KindBool: // which excelize leaves as stored
				want = map[string]string{"0": "FALSE", "false": "FALSE", "1": "TRUE", "true": "TRUE"}[text]
			}
			if c.text != want {
				diffs = append(diffs, fmt.Sprintf("%s!%v: got %q, excelize has %q", g.name, at, c.text, text))
			}
		}
	}
	for at, c := range ours {
		diffs = append(diffs, fmt.Sprintf("%s!%v: got %q, excelize has nothing", g.name, at, c.text))
	}
	return diffs
}
