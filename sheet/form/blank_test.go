package form

import (
	"archive/zip"
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"bdc/order"
	"bdc/sheet/sheettest"
	"bdc/templates"
)

var updateBlank = flag.Bool("update", false, "write the committed blank form anew")

// opened reads a workbook back, raw values only.
func opened(t *testing.T, data []byte) *excelize.File {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// blank is the blank form of a definition, and its layout.
func blank(t *testing.T, form *order.Form) ([]byte, *Layout) {
	t.Helper()
	data, err := Blank(form)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := layOut(form, form.Rows)
	if err != nil {
		t.Fatal(err)
	}
	return data, plan
}

func TestBlankIsCommitted(t *testing.T) {
	const path = "../../templates/" + templates.BlankName
	data, err := Blank(sheettest.Form(t))
	if err != nil {
		t.Fatal(err)
	}
	if *updateBlank {
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		return // the embedded copy is the one from before
	}
	if !bytes.Equal(templates.Blank(), data) {
		t.Errorf("%s is not what its definition makes: got %d bytes, want %d others; run go test ./sheet/form -run "+
			"TestBlankIsCommitted -update",
			path, len(templates.Blank()), len(data))
	}
}

func TestBlankIsDeterministic(t *testing.T) {
	form := sheettest.Form(t)
	first, err := Blank(form)
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		again, err := Blank(form)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(first, again) {
			t.Fatal("got other bytes from the same definition")
		}
	}
}

// defined maps the names of a workbook to the cells that they stand for.
func defined(f *excelize.File) map[string]string {
	names := map[string]string{}
	for _, n := range f.GetDefinedName() {
		names[n.Name] = strings.ReplaceAll(n.RefersTo, "'", "")
	}
	return names
}

// cellsOf is the sheet, first and last cell that a defined name stands for.
func cellsOf(t *testing.T, refersTo string) (sheet, first, last string) {
	t.Helper()
	sheet, cells, ok := strings.Cut(strings.ReplaceAll(refersTo, "$", ""), "!")
	if !ok {
		t.Fatalf("got a name for %q, want one for cells", refersTo)
	}
	first, last = ends(cells)
	return sheet, first, last
}

func TestEveryInputHasItsNameFormatAndIsUnlocked(t *testing.T) {
	form := sheettest.Form(t)
	data, _ := blank(t, form)
	f := opened(t, data)
	names := defined(f)
	formats := map[order.Type]string{
		order.TypeDate: formatDate, order.TypeQuantity: formatWhole,
		order.TypeMoney: formatMoney,
	}
	seen := map[string]string{}
	check := func(field order.Field, rows int) {
		t.Helper()
		sheet, first, last := cellsOf(t, names[order.NamePrefix+field.ID])
		if sheet != SheetName {
			t.Errorf("%s: got it on sheet %q, want %q", field.ID, sheet, SheetName)
		}
		_, from, _ := excelize.CellNameToCoordinates(first)
		_, to, _ := excelize.CellNameToCoordinates(last)
		if got := to - from + 1; got != rows {
			t.Errorf("%s: got a name for %d rows, want %d", field.ID, got, rows)
		}
		if other := seen[first]; other != "" {
			t.Errorf("%s: got cell %s, which is %s's", field.ID, first, other)
		}
		seen[first] = field.ID
		for _, cell := range []string{first, last} {
			id, err := f.GetCellStyle(SheetName, cell)
			if err != nil {
				t.Fatal(err)
			}
			style, err := f.GetStyle(id)
			if err != nil {
				t.Fatal(err)
			}
			want := formats[field.Type]
			if want == "" {
				want = formatText
			}
			if style.CustomNumFmt == nil || *style.CustomNumFmt != want {
				t.Errorf("%s in %s: got format %v, want %q", field.ID, cell, style.CustomNumFmt, want)
			}
			if style.Protection == nil || style.Protection.Locked {
				t.Errorf("%s in %s: got a locked cell", field.ID, cell)
			}
		}
	}
	for _, field := range form.Fields {
		check(field, 1)
	}
	for _, field := range form.Columns {
		check(field, form.Rows)
	}
	if got, want := len(names), len(form.Fields)+len(form.Columns)+4; got != want {
		t.Errorf("got %d names, want %d: the inputs, version, case, print area and titles", got, want)
	}
	for name, want := range map[string]string{order.NameVersion: form.Version, order.NameCase: ""} {
		sheet, cell, _ := cellsOf(t, names[name])
		if got, err := f.GetCellValue(sheet, cell); err != nil || got != want {
			t.Errorf("%s: got %q and error %v, want %q", name, got, err, want)
		}
		if visible, err := f.GetSheetVisible(sheet); err != nil || visible {
			t.Errorf("%s: got visible %v and error %v, want a hidden sheet", name, visible, err)
		}
	}
}

// Labels, titles and formulas would be lost if a bookseller could type over
// them.
func TestOnlyInputsAreUnlocked(t *testing.T) {
	form := sheettest.Form(t)
	data, plan := blank(t, form)
	f := opened(t, data)
	unlocked := 0
	for row := 1; row <= plan.end; row++ {
		for col := range len(plan.columns) {
			id, err := f.GetCellStyle(SheetName, cellName(col+1, row))
			if err != nil {
				t.Fatal(err)
			}
			if style, err := f.GetStyle(id); err != nil || (style.Protection != nil && !style.Protection.Locked) {
				unlocked++
			}
		}
	}
	want := form.Rows * len(form.Columns)
	for _, p := range plan.places {
		want += p.input.last - p.input.first + 1
	}
	if unlocked != want {
		t.Errorf("got %d unlocked cells, want the %d of the inputs", unlocked, want)
	}
	protection := between(part(t, data, "xl/worksheets/sheet1.xml"), "<sheetProtection", ">")
	for _, flag := range []string{
		`sheet="true"`, `insertRows="false"`, `formatColumns="false"`, `formatRows="false"`,
		`selectUnlockedCells="false"`,
	} {
		if !strings.Contains(protection, flag) {
			t.Errorf("got protection %s, want it to say %s", protection, flag)
		}
	}
}

func TestDimensionsCoverEverySheet(t *testing.T) {
	form := sheettest.Form(t)
	data, plan := blank(t, form)
	f := opened(t, data)
	for _, sheet := range f.GetSheetList() {
		got, err := f.GetSheetDimension(sheet)
		if err != nil {
			t.Fatal(err)
		}
		_, last := ends(got)
		col, row, err := excelize.CellNameToCoordinates(last)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := f.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		wide := 0
		for _, r := range rows {
			wide = max(wide, len(r))
		}
		if len(rows) != row || wide > col {
			t.Errorf("%s: got dimension %s of a sheet with %d rows and %d columns", sheet, got, len(rows), wide)
		}
	}
	if got, _ := f.GetSheetDimension(SheetName); got != rangeName(span{1, len(plan.columns)}, 1, plan.end) {
		t.Errorf("got dimension %s of the form", got)
	}
}

// What exceeds these limits opens in Excel as a damaged file.
func TestValidationsAreWithinExcelsLimits(t *testing.T) {
	form := sheettest.Form(t)
	data, _ := blank(t, form)
	f := opened(t, data)
	validations, err := f.GetDataValidations(SheetName)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := len(validations), len(form.Fields)+len(form.Columns); got > want || got < want/2 {
		t.Errorf("got %d validations for %d inputs", got, want)
	}
	short := func(s *string, most int) bool { return s == nil || len([]rune(*s)) <= most }
	for _, v := range validations {
		if len([]rune(v.Formula1)) > 255 || !short(v.PromptTitle, 32) || !short(v.ErrorTitle, 32) ||
			!short(v.Prompt, 255) || !short(v.Error, 255) {
			t.Errorf("validation of %s: got texts beyond Excel's limits", v.Sqref)
		}
	}
	for row := 1; row <= 4; row++ {
		for col := range 12 {
			if formula, _ := f.GetCellFormula(SheetName, cellName(col+1, row)); len(formula) > 8192 {
				t.Errorf("%s: got a formula of %d characters, want 8192 at most", cellName(col+1, row), len(formula))
			}
		}
	}
}

// Adding to the definition needs no change of code.
func TestMoreFieldsFindTheirPlace(t *testing.T) {
	for extra := range 12 {
		t.Run(fmt.Sprint(extra), func(t *testing.T) {
			form := *sheettest.Form(t)
			form.Fields, form.Columns = slices.Clone(form.Fields), slices.Clone(form.Columns)
			for i := range extra {
				form.Fields = append(form.Fields, order.Field{
					ID: fmt.Sprintf("plus_%d", i), Section: "acces",
					Label: "Champ de plus", Type: order.TypeText, Required: true,
				})
				if i%4 == 0 {
					form.Columns = append(form.Columns, order.Field{
						ID:      fmt.Sprintf("line_plus_%d", i),
						Section: "lignes", Label: "Colonne", Type: order.TypeText, Width: 20,
					})
				}
			}
			plan, err := layOut(&form, form.Rows)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := len(plan.places), len(form.Fields); got != want {
				t.Errorf("got %d fields on the sheet, want %d", got, want)
			}
			taken := map[string]string{}
			for _, p := range plan.places {
				for col := p.label.first; col <= p.input.last; col++ {
					cell := cellName(col, p.row)
					if other := taken[cell]; other != "" {
						t.Errorf("got %s and %s both in %s", other, p.ID, cell)
					}
					taken[cell] = p.ID
				}
				if p.row >= plan.head || p.input.last > len(plan.columns) {
					t.Errorf("got %s in row %d, columns %v: outside the header block", p.ID, p.row, p.input)
				}
			}
			if _, err := Blank(&form); err != nil {
				t.Errorf("got error %v", err)
			}
		})
	}
}

func TestBlankRefusesWhatDoesNotFit(t *testing.T) {
	tests := map[string]func(*order.Form){
		"a label longer than a validation's title": func(f *order.Form) { f.Fields[0].Label = strings.Repeat("é", 33) },
		"help longer than a prompt":                func(f *order.Form) { f.Fields[0].Help = strings.Repeat("é", 256) },
		"too few columns":                          func(f *order.Form) { f.Columns = f.Columns[:2] },
		"no lines":                                 func(f *order.Form) { f.Rows = 0 },
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			form := *sheettest.Form(t)
			form.Fields = slices.Clone(form.Fields)
			change(&form)
			if data, err := Blank(&form); err == nil {
				t.Errorf("got %d bytes and no error", len(data))
			}
		})
	}
}

// The prompts show the examples: one that our own rules refuse would be a trap.
func TestExamplesFollowTheRules(t *testing.T) {
	form := sheettest.Form(t)
	for _, f := range append(slices.Clone(form.Fields), form.Columns...) {
		if f.Example == "" {
			continue
		}
		var err error
		switch f.Type {
		case order.TypeUAI:
			_, err = order.ParseUAI(f.Example)
		case order.TypeEAN:
			_, err = order.ParseEAN(f.Example)
		case order.TypeChoice, order.TypeFlag:
			if !slices.Contains(f.Choices, f.Example) {
				err = fmt.Errorf("not one of %q", f.Choices)
			}
		}
		if err != nil {
			t.Errorf("%s: got example %q: %v", f.ID, f.Example, err)
		}
	}
}

// part is a part of the package, as text.
func part(t *testing.T, data []byte, name string) string {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	r, err := archive.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// between is the text from one mark to the next other mark.
func between(s, from, to string) string {
	_, s, _ = strings.Cut(s, from)
	s, _, _ = strings.Cut(s, to)
	return s
}
