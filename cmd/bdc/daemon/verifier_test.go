package daemon

import (
	"archive/zip"
	"bytes"
	"testing"
	"time"

	"bdc/ingest"
	"bdc/order"
	"bdc/sheet"
	"bdc/templates"
	"bdc/turn"
)

// What a bookseller downloads from the public page is what a mail would bring: the
// own workbook, marked, for the same reader to read.
func TestMarkVerified(t *testing.T) {
	form, err := templates.Form()
	if err != nil {
		t.Fatal(err)
	}
	marker, err := newMarker(form, turn.New(2))
	if err != nil {
		t.Fatal(err)
	}
	x := anyExaminer(t)
	public, mark := x.Public(time.Now()), markVerified(form, marker)
	workbook := wrongWorkbook(t)

	d, err := mark(t.Context(), public.OpenFiles(ingest.File{Name: "Commande.xlsx", Data: workbook}))
	if err != nil {
		t.Fatal(err)
	}
	if d.Name != "Commande-à corriger.xlsx" || d.Type != xlsxType || bytes.Equal(d.Data, workbook) {
		t.Errorf("got %q of type %s and %d octets, want the workbook marked", d.Name, d.Type, len(d.Data))
	}
	before, after := sheet.Read("a", workbook, form, sheet.DefaultLimits()).Drafts,
		sheet.Read("a", d.Data, form, sheet.DefaultLimits()).Drafts
	if len(after) != 1 || after[0].Fields[order.FieldUAI].Text != before[0].Fields[order.FieldUAI].Text ||
		after[0].Case != "" {
		t.Errorf("got %+v, want the same order, of no case", after)
	}

	// One that was sent back before stays of its case.
	returned, err := marker.Mark(t.Context(), "Commande.xlsx", workbook,
		marksOf(form, 0, examined(t, workbook).Findings), "D-7K2Q9F")
	if err != nil {
		t.Fatal(err)
	}
	d, err = mark(t.Context(), public.OpenFiles(ingest.File{Name: returned[0].Name, Data: returned[0].Data}))
	if err != nil {
		t.Fatal(err)
	}
	if drafts := sheet.Read("a", d.Data, form, sheet.DefaultLimits()).Drafts; len(drafts) != 1 ||
		drafts[0].Case != "D-7K2Q9F" {
		t.Errorf("got %+v, want it of case D-7K2Q9F", drafts)
	}

	// Several come as one file, each under a name of its own.
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range []string{"a/BdC.xlsx", "b/BdC.xlsx"} {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		data := workbook
		if name == "b/BdC.xlsx" {
			data = returned[0].Data
		}
		if _, err := w.Write(data); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	d, err = mark(t.Context(), public.OpenFiles(ingest.File{Name: "BdC.zip", Data: b.Bytes()}))
	if err != nil {
		t.Fatal(err)
	}
	r, err := zip.NewReader(bytes.NewReader(d.Data), int64(len(d.Data)))
	if err != nil {
		t.Fatal(err)
	}
	if len(r.File) != 2 || r.File[0].Name != "BdC-à corriger.xlsx" || r.File[1].Name != "BdC-à corriger-2.xlsx" {
		t.Errorf("got %d files, the first %q, want two", len(r.File), r.File[0].Name)
	}
	if d, err := mark(t.Context(), public.OpenFiles(ingest.File{Name: "x.txt", Data: []byte("bonjour")})); err == nil {
		t.Errorf("of nothing to mark: got %q", d.Name)
	}
}
