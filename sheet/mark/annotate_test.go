package mark

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"bdc/bench/need"
	"bdc/order"
	"bdc/sheet"
	"bdc/sheet/grid"
	"bdc/sheet/sheettest"
	"bdc/templates"
)

// marksOf explains findings as the daemon does.
func marksOf(form *order.Form, findings []order.Finding) []Mark {
	marks := make([]Mark, len(findings))
	for i, f := range findings {
		w := templates.Explain(form, f)
		marks[i] = Mark{Finding: f, Wrong: w.Wrong, Fix: w.Fix, Proposal: w.Proposal}
		if f.Field != "" {
			marks[i].Label = form.Label(f.Field)
		}
	}
	return marks
}

// wrongForm is a filled form with a mistake of each kind, and what is to be
// said about it.
func wrongForm(t testing.TB, form *order.Form) ([]byte, []Mark) {
	t.Helper()
	values, lines := sheettest.ExampleValues(form), sheettest.ExampleLines(form, 12)
	for i := range lines {
		lines[i][order.ColumnEAN] = "3133091001018"
	}
	values[order.FieldUAI] = "0750647X"
	values[order.FieldPostcode] = "7500"
	delete(values, order.FieldTown)
	values[order.FieldAccount] = "01002001"
	lines[0][order.ColumnEAN] = "9782090000314"
	lines[3][order.ColumnQuantity] = "dix"
	delete(lines[5], order.ColumnQuantity)
	lines[7][order.ColumnEAN] = "9,78E+12"
	data := fill(t, form, values, lines)
	book := sheet.Read("BdC.xlsx", data, form, sheet.DefaultLimits())
	if len(book.Drafts) != 1 {
		t.Fatalf("got %d drafts, want 1", len(book.Drafts))
	}
	d := &book.Drafts[0]
	var findings []order.Finding
	field := func(code order.Code, severity order.Severity, id, proposal string) {
		f := order.Finding{Code: code, Severity: severity, Field: id, Value: d.Fields[id].Text, Proposal: proposal}
		f.Sheet, f.Cell = d.Where(id)
		findings = append(findings, f)
	}
	line := func(code order.Code, severity order.Severity, i int, id, proposal string) {
		l := d.Lines[i]
		cell := grid.At(l.Row, columnOf(t, d, id)).String()
		findings = append(findings, order.Finding{
			Code: code, Severity: severity, Field: id, Sheet: l.Sheet, Cell: cell,
			Value: l.Cells[id].Text, Proposal: proposal,
		})
	}
	field("bookseller.account.unknown", order.Hold, order.FieldAccount, "")
	field("uai.key", order.Error, order.FieldUAI, "0750647W")
	field("postcode.format", order.Error, order.FieldPostcode, "")
	field("field.missing", order.Error, order.FieldTown, "")
	line("line.ean.key", order.Error, 0, order.ColumnEAN, "9782090000313")
	line("line.quantity.format", order.Error, 3, order.ColumnQuantity, "10")
	line("line.quantity.missing", order.Error, 5, order.ColumnQuantity, "")
	line("line.ean.lost", order.Error, 7, order.ColumnEAN, "")
	line("line.ean.unknown", order.Warning, 8, order.ColumnEAN, "")
	line("line.offer.unknown", order.Warning, 8, order.ColumnEAN, "")
	findings = append(findings, order.Finding{
		Code: "form.template.outdated", Severity: order.Warning, Sheet: d.Sheet,
		Value: "BDC-2019.1", Args: map[string]string{"version": "BDC-2019.1", "current": form.Version},
	})
	return data, marksOf(form, findings)
}

func columnOf(t testing.TB, d *order.Draft, id string) int {
	t.Helper()
	at, ok := grid.ParsePos(d.Labels[id].Ref)
	if !ok {
		t.Fatalf("no column %s", id)
	}
	return at.Col
}

func annotated(t testing.TB, workbook []byte, marks []Mark, code string) []byte {
	t.Helper()
	data, err := annotate(workbook, marks, code, grid.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	if err := verify(workbook, data, marks, grid.DefaultLimits()); err != nil {
		t.Error(err)
	}
	if err := secondOpinion(data, marks); err != nil {
		t.Error(err)
	}
	return data
}

// seen is how a cell looks: the first colours of its fill, border and text.
type seen struct{ fill, edge, text string }

var anyColour = regexp.MustCompile(`rgb="FF([0-9A-F]{6})"`)

// lookOf reads the look from the XML: excelize finds no fills in what LibreOffice
// saves.
func lookOf(t *testing.T, workbook []byte, sheet, cell string) seen {
	t.Helper()
	p, err := openParts(workbook, grid.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	wb, err := p.Workbook()
	if err != nil {
		t.Fatal(err)
	}
	text, err := p.part(wb.Styles)
	if err != nil {
		t.Fatal(err)
	}
	styles, err := readStyles(text)
	if err != nil {
		t.Fatal(err)
	}
	first := func(c *collection, id int) string {
		if m := anyColour.FindStringSubmatch(c.at(id)); m != nil {
			return m[1]
		}
		return ""
	}
	var s seen
	for _, tab := range wb.Sheets {
		if tab.Name != sheet {
			continue
		}
		if text, err = p.part(tab.Part); err != nil {
			t.Fatal(err)
		}
		err = walk(text, func(tag tag) error {
			if tag.kind == tagStart && tag.name == "c" && tag.attr("r") == cell {
				xf := styles.xfs.at(int(number(tag.attr("s"), 0)))
				s = seen{
					first(&styles.fills, xfAttr(xf, "fillId")), first(&styles.borders, xfAttr(xf, "borderId")),
					first(&styles.fonts, xfAttr(xf, "fontId")),
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func TestAnnotateMarksEachCell(t *testing.T) {
	form := sheettest.Form(t)
	workbook, marks := wrongForm(t, form)
	data := annotated(t, workbook, marks, "D-7K2Q9F")
	before, after := opened(t, workbook), opened(t, data)
	if got := after.GetSheetList(); !slices.Equal(got, append([]string{sheet.ReportSheet}, before.GetSheetList()...)) ||
		after.GetActiveSheetIndex() != 0 {
		t.Errorf("got sheets %v, active %d", got, after.GetActiveSheetIndex())
	}
	red, amber := seen{alarmLook().fill[2:], alarmLook().edge[2:], alarmLook().edge[2:]},
		seen{doubtLook().fill[2:], doubtLook().edge[2:], doubtLook().edge[2:]}
	notes := notesIn(t, data)
	for _, m := range marks {
		if m.Finding.Cell == "" {
			continue
		}
		want := amber
		if m.Finding.Severity == order.Error {
			want = red
		}
		if got := lookOf(t, data, formSheet, m.Finding.Cell); got != want {
			t.Errorf("%s looks %v, want %v", m.Finding.Cell, got, want)
		}
		for _, words := range []string{m.Wrong, m.Fix, m.Proposal} {
			if !strings.Contains(notes[m.Finding.Cell], words) {
				t.Errorf("%s: got note %q, want in it %q", m.Finding.Cell, notes[m.Finding.Cell], words)
			}
		}
	}
	if want := "À CORRIGER · n° 1\n"; !strings.HasPrefix(notes["C13"], want) {
		t.Errorf("got note %q, want it to begin with %q", notes["C13"], want)
	}
	// Names that are local to a sheet stay with it.
	locals := func(f *excelize.File) (names []string) {
		for _, n := range f.GetDefinedName() {
			if n.Name != nameReport && n.Name != order.NameCase && n.Scope != sheet.ReportSheet {
				names = append(names, n.Name+" "+n.Scope+" "+n.RefersTo)
			}
		}
		slices.Sort(names)
		return names
	}
	if got, want := locals(after), locals(before); !slices.Equal(got, want) {
		t.Errorf("got names %v, want %v", got, want)
	}
	if p, err := after.GetSheetProtection(formSheet); err != nil || !p.EditObjects &&
		!p.SelectLockedCells && !p.FormatCells {
		t.Logf("protection %+v, %v", p, err)
	}
	if linked, target, err := after.GetCellHyperLink(sheet.ReportSheet, "C5"); err != nil || !linked ||
		target != "'Bon de commande'!C13" {
		t.Errorf("got link %v to %q, %v", linked, target, err)
	}
}

// The reader takes the marked workbook for what it was, with its case.
func TestReadIgnoresTheReport(t *testing.T) {
	form := sheettest.Form(t)
	workbook, marks := wrongForm(t, form)
	want := sheet.Read("a.xlsx", workbook, form, sheet.DefaultLimits())
	got := sheet.Read("a.xlsx", annotated(t, workbook, marks, "D-7K2Q9F"), form, sheet.DefaultLimits())
	if len(got.Drafts) != 1 || got.Drafts[0].Case != "D-7K2Q9F" {
		t.Fatalf("got %d drafts, findings %v", len(got.Drafts), got.Findings)
	}
	got.Drafts[0].Case = ""
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}

// rounds are the ways in which a marked workbook comes back.
func rounds() map[string]func(*testing.T, []byte) []byte {
	return map[string]func(*testing.T, []byte) []byte{
		"as sent": func(_ *testing.T, data []byte) []byte { return data },
		"saved by another program": func(t *testing.T, data []byte) []byte {
			buf, err := opened(t, data).WriteToBuffer()
			if err != nil {
				t.Fatal(err)
			}
			return buf.Bytes()
		},
		"saved by LibreOffice": func(t *testing.T, data []byte) []byte {
			need.Time(t)
			return sheettest.Convert(t, "xlsx", data)[0]
		},
	}
}

// A workbook that comes back has the marks of its second examination, and looks
// as its sender made it everywhere else.
func TestAnnotateAgainReplacesTheMarks(t *testing.T) {
	form := sheettest.Form(t)
	workbook, marks := wrongForm(t, form)
	f := opened(t, workbook)
	for cell, text := range map[string]string{"C13": "Le code est sur le tampon.", "C9": "Demander à Hélène."} {
		if err := f.AddComment(formSheet, excelize.Comment{
			Cell: cell, Author: "Hélène",
			Paragraph: []excelize.RichTextRun{{Text: text}},
		}); err != nil {
			t.Fatal(err)
		}
	}
	buf, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	workbook = buf.Bytes()
	first := annotated(t, workbook, marks, "D-7K2Q9F")
	for name, way := range rounds() {
		t.Run(name, func(t *testing.T) {
			back := way(t, first)
			again := annotated(t, back, marks[3:4], "D-7K2Q9F")
			before, after := opened(t, workbook), opened(t, again)
			for i, m := range marks {
				if i == 3 || m.Finding.Cell == "" {
					continue
				}
				if got, want := lookOf(t, again, formSheet, m.Finding.Cell),
					lookOf(t, workbook, formSheet, m.Finding.Cell); got.fill != want.fill || got.edge != want.edge {
					t.Errorf("%s looks %v, want %v as at first", m.Finding.Cell, got, want)
				}
			}
			if got := lookOf(t, again, formSheet, marks[3].Finding.Cell); got.fill != alarmLook().fill[2:] {
				t.Errorf("%s looks %v", marks[3].Finding.Cell, got)
			}
			notes := notesIn(t, again)
			if len(notes) != 3 || strings.TrimSpace(notes["C13"]) != "Le code est sur le tampon." ||
				strings.TrimSpace(notes["C9"]) != "Demander à Hélène." {
				t.Errorf("got notes %q", notes)
			}
			if got := after.GetSheetList(); len(got) != len(before.GetSheetList())+1 {
				t.Errorf("got sheets %v", got)
			}
			if rows, err := after.GetRows(sheet.ReportSheet); err != nil || len(rows) != reportHead+1 {
				t.Errorf("got %d rows in the list, %v; want %d", len(rows), err, reportHead+1)
			}
		})
	}
}

// A note of the sender's on a wrong cell stays, below ours.
func TestAnnotateKeepsNotes(t *testing.T) {
	form := sheettest.Form(t)
	workbook, marks := wrongForm(t, form)
	f := opened(t, workbook)
	if err := f.AddComment(formSheet, excelize.Comment{
		Cell: "C13", Author: "Hélène",
		Paragraph: []excelize.RichTextRun{
			{Text: "Le code est "},
			{Text: "sur le tampon.", Font: &excelize.Font{Bold: true}},
		},
	}); err != nil {
		t.Fatal(err)
	}
	buf, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	for name, save := range map[string]func(*testing.T) []byte{
		"excelize": func(*testing.T) []byte { return buf.Bytes() },
		"LibreOffice": func(t *testing.T) []byte {
			need.Time(t)
			return sheettest.Convert(t, "xlsx", buf.Bytes())[0]
		},
	} {
		t.Run(name, func(t *testing.T) {
			data := annotated(t, save(t), marks, "D-7K2Q9F")
			if note := notesIn(t, data)["C13"]; !strings.HasPrefix(note, headCorrect) ||
				!strings.Contains(note, marks[1].Wrong) || !strings.HasSuffix(strings.TrimSpace(note),
				"Le code est sur le tampon.") {
				t.Errorf("got %q", note)
			}
		})
	}
}
