package grid

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
	"bdc/sheet/sheettest"
)

// What excelize reads of the workbooks that are read here, we read too.
func TestCorpusAgreesWithExcelize(t *testing.T) {
	read, cells := 0, 0
	for i, file := range sheettest.CorpusFiles(t) {
		if need.Race && i%4 > 0 {
			continue
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if kind := Sniff(data); kind != "xlsx" && kind != "xlsm" {
			continue
		}
		p, err := Open(data, DefaultLimits())
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		wb, err := p.Workbook()
		if err != nil {
			continue // refused: sheet.TestCorpus knows which
		}
		var theirs map[string][][]string
		if !sheettest.Within(10*sheettest.Slowdown*time.Second, func() { theirs, err = excelizeRows(data) }) {
			t.Logf("%s: excelize takes more than 10 s", file)
			continue
		}
		if err != nil {
			t.Logf("%s: excelize: %v", filepath.Base(file), err)
			continue
		}
		read++
		for _, g := range wb.Grids() {
			cells += len(g.Cells)
			for _, d := range differences(g, theirs[g.Name], wb.date1904) {
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

// differences lists the cells that differ.
func differences(g *Grid, theirs [][]string, date1904 bool) (diffs []string) {
	ours := map[Pos]Cell{}
	for _, c := range g.Cells {
		ours[c.Pos] = c
	}
	for i, row := range theirs {
		for j, text := range row {
			at := Pos{i + 1, j + 1}
			c := ours[at]
			delete(ours, at)
			want := text
			switch c.Kind {
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
			if c.Text != want {
				diffs = append(diffs, fmt.Sprintf("%s!%v: got %q, excelize has %q", g.Name, at, c.Text, text))
			}
		}
	}
	for at, c := range ours {
		diffs = append(diffs, fmt.Sprintf("%s!%v: got %q, excelize has nothing", g.Name, at, c.Text))
	}
	return diffs
}
