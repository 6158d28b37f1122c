package sheet

import (
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"bdc/bench/need"
	"bdc/order"
	"bdc/sheet/sheettest"
)

func TestReadReturnsWhatFillWrote(t *testing.T) {
	form := sheettest.Form(t)
	values, lines := sheettest.ExampleValues(form), sheettest.ExampleLines(form, form.Rows+5)
	values["dossier"] = "D-7K2Q9F"
	data := fill(t, form, values, lines)
	book := Read("bdc.xlsx", data, form, DefaultLimits())
	if len(book.Findings) != 0 || len(book.Drafts) != 1 {
		t.Fatalf("got %d drafts and findings %v, want one draft", len(book.Drafts), book.Findings)
	}
	draft := book.Drafts[0]
	if draft.Template != form.Version || draft.Case != "D-7K2Q9F" || len(draft.Findings) != 0 {
		t.Errorf("got template %q, case %q, findings %v", draft.Template, draft.Case, draft.Findings)
	}
	for _, f := range form.Fields {
		want := values[f.ID]
		if f.ID == order.FieldDate {
			want = "2026-06-15"
		}
		if got := draft.Fields[f.ID].Text; got != want {
			t.Errorf("%s: got %q, want %q", f.ID, got, want)
		}
		if draft.Inputs[f.ID] == "" || draft.Labels[f.ID].Ref == "" {
			t.Errorf("%s: got input %q and label %q, want both known", f.ID, draft.Inputs[f.ID], draft.Labels[f.ID].Ref)
		}
	}
	if len(draft.Lines) != len(lines) {
		t.Fatalf("got %d lines, want %d", len(draft.Lines), len(lines))
	}
	for i, line := range draft.Lines {
		for _, c := range form.Columns {
			want := lines[i][c.ID]
			if c.ID == order.ColumnPrice {
				want = "4.5"
			}
			if got := line.Cells[c.ID].Text; got != want {
				t.Errorf("line %d, %s: got %q, want %q", i+1, c.ID, got, want)
			}
		}
	}
}

func TestReadFindsNothingFilledInTheBlankForm(t *testing.T) {
	form := sheettest.Form(t)
	data := blankForm(t, form)
	book := Read("bdc.xlsx", data, form, DefaultLimits())
	for _, d := range book.Drafts {
		if len(d.Fields) != 0 || len(d.Lines) != 0 {
			t.Errorf("got fields %v and lines %v", d.Fields, d.Lines)
		}
	}
}

func TestNamesSurviveOffice(t *testing.T) {
	need.Time(t)
	form := sheettest.Form(t)
	data := fill(t, form, sheettest.ExampleValues(form), sheettest.ExampleLines(form, 3))
	saved := sheettest.Convert(t, "xlsx", data)[0]
	before, after := defined(opened(t, data)), defined(opened(t, saved))
	for name, want := range before {
		if got := after[name]; strings.HasPrefix(name, order.NamePrefix) && got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	book := Read("form.xlsx", saved, form, DefaultLimits())
	if len(book.Drafts) != 1 || len(book.Findings) != 0 {
		t.Fatalf("got %d drafts and findings %v", len(book.Drafts), book.Findings)
	}
	draft := book.Drafts[0]
	if got, want := len(draft.Fields), len(sheettest.ExampleValues(form)); got != want || len(draft.Lines) != 3 {
		t.Errorf("got %d fields and %d lines, want %d and 3", got, len(draft.Lines), want)
	}
	if draft.Template != form.Version {
		t.Errorf("got template %q, want %q", draft.Template, form.Version)
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
