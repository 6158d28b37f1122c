package mark

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"bdc/bench/need"
	"bdc/order"
	"bdc/sheet/grid"
	"bdc/sheet/sheettest"
)

// marksAnywhere finds fault with some filled cells of each sheet, and with one
// that is empty.
func marksAnywhere(grids []*grid.Grid) []Mark {
	const most = 12
	var marks []Mark
	add := func(g *grid.Grid, at grid.Pos, value string, severity order.Severity) {
		marks = append(marks, Mark{
			Label: "EAN13", Wrong: fmt.Sprintf("Faute n° %d de l’essai.", len(marks)+1), Fix: "Corrigez-la.",
			Finding: order.Finding{Severity: severity, Sheet: g.Name, Cell: at.String(), Value: value},
		})
	}
	for _, g := range grids {
		if len(g.Cells) == 0 || len(marks) >= most {
			continue
		}
		for i := 0; i < len(g.Cells); i += max(1, len(g.Cells)/4) {
			add(g, g.Cells[i].Pos, g.Cells[i].Text, order.Error)
		}
		last := g.Cells[len(g.Cells)-1].Pos
		add(g, last.Below(2).Right(1), "", order.Warning)
	}
	return marks
}

// Of the workbooks of strangers that are read, nearly all come back as their
// own, marked; LibreOffice opens them, and finds every note. A sample of them,
// or all where BDC_TEST_SOAK is set.
func TestCorpusComesBackMarked(t *testing.T) {
	form := sheettest.Form(t)
	step, shown := 12, 2 // of the files; of the marked ones, in LibreOffice
	if need.Brief() {
		step = 48
	}
	if os.Getenv("BDC_TEST_SOAK") != "" {
		step, shown = 1, 1
	}
	m := testMarker(form, "mark")
	all, own := 0, 0
	kept := map[string][]byte{}
	marked := map[string][]Mark{}
	n := 0
	for _, file := range sheettest.CorpusFiles(t) {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if grid.Sniff(data) != "xlsx" {
			continue
		}
		if n++; n%step != 0 {
			continue
		}
		wb, err := grid.Read("xlsx", data, grid.DefaultLimits())
		if err != nil {
			continue // refused, and so never marked
		}
		marks := marksAnywhere(wb.Grids())
		if len(marks) == 0 {
			continue
		}
		all++
		marks = slices.Clip(marks)
		out, err := m.own(t.Context(), data, marks, "D-7K2Q9F")
		if err != nil {
			t.Logf("%s: %v", filepath.Base(file), err)
			continue
		}
		own++
		if own%shown == 0 {
			kept[file], marked[file] = out, marks
		}
	}
	t.Logf("%d of %d workbooks are their senders' own", own, all)
	if all == 0 || own*100 < all*95 {
		t.Errorf("got %d of %d workbooks back, want 95%%", own, all)
	}
	opensInOffice(t, kept, marked)
}

// opensInOffice has LibreOffice open marked workbooks and save them, and looks
// for the notes in what it saves. A workbook that LibreOffice refuses or crashes
// on unmarked too proves nothing.
func opensInOffice(t *testing.T, workbooks map[string][]byte, marks map[string][]Mark) {
	t.Helper()
	soffice := need.LibreOffice(t)
	dir := t.TempDir()
	convert := func(paths ...string) {
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
		defer cancel()
		args := append([]string{
			"-env:UserInstallation=file://" + filepath.Join(dir, "profile"), "--headless",
			"--convert-to", "xlsx", "--outdir", filepath.Join(dir, "out"),
		}, paths...)
		_ = exec.CommandContext(ctx, soffice, args...).Run() // what it did not write is looked at below
	}
	saved := func(name string) []byte {
		data, err := os.ReadFile(filepath.Join(dir, "out", name))
		if err != nil {
			return nil
		}
		return data
	}
	var files, paths []string
	for file, data := range workbooks {
		path := filepath.Join(dir, fmt.Sprintf("%d.xlsx", len(files)))
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		files, paths = append(files, file), append(paths, path)
	}
	checked := 0
	for at := 0; at < len(paths); {
		batch := paths[at:min(at+50, len(paths))]
		convert(batch...)
		for _, path := range batch {
			name := filepath.Base(path)
			file := files[at]
			at++
			data := saved(name)
			if data == nil {
				original := filepath.Join(dir, "original-"+name)
				bytes, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(original, bytes, 0o600); err != nil {
					t.Fatal(err)
				}
				convert(original)
				if saved("original-"+name) != nil {
					t.Errorf("%s: LibreOffice opens the workbook, and not the marked one", file)
				} else {
					t.Logf("%s: LibreOffice opens neither the workbook nor the marked one", filepath.Base(file))
				}
				break // it may have crashed: what follows goes into the next batch
			}
			checked++
			checkNotes(t, file, data, marks[file])
		}
	}
	t.Logf("%d opened in LibreOffice", checked)
}

// checkNotes looks for each mark in the notes of a workbook.
func checkNotes(t *testing.T, file string, data []byte, marks []Mark) {
	t.Helper()
	lim := grid.DefaultLimits()
	lim.Ratio, lim.Unzipped, lim.Width, lim.Cells = 1<<20, 1<<30, 1<<30, 1<<30 // LibreOffice is generous
	p, err := openParts(data, lim)
	if err != nil {
		t.Errorf("%s: %v", file, err)
		return
	}
	var all strings.Builder
	for _, f := range p.Files() {
		part := grid.PartName(f.Name)
		if strings.HasPrefix(part, "xl/comments") {
			text, err := p.part(part)
			if err != nil {
				t.Errorf("%s: %v", file, err)
				continue
			}
			notes, err := readComments(text)
			if err != nil {
				t.Errorf("%s: %v", file, err)
				continue
			}
			for _, c := range notes.comments {
				all.WriteString(c.text())
			}
		}
	}
	for _, m := range marks {
		if !strings.Contains(all.String(), m.Wrong) {
			t.Errorf("%s: no note %q", file, m.Wrong)
		}
	}
}
