package sheet

import (
	"fmt"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"bdc/order"
	"bdc/sheet/sheettest"
)

// rework opens a workbook with excelize, changes it, and returns it.
func rework(t testing.TB, data []byte, change func(*excelize.File) error) []byte {
	t.Helper()
	f, err := excelize.OpenReader(strings.NewReader(string(data)), excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := change(f); err != nil {
		t.Fatal(err)
	}
	b, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// typed is a workbook typed in by hand: each sheet a list of rows of cells.
func typed(t testing.TB, sheets ...[][]any) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for i, cells := range sheets {
		name := fmt.Sprintf("Feuil%d", i+1)
		if _, err := f.NewSheet(name); err != nil {
			t.Fatal(err)
		}
		for j, row := range cells {
			if err := f.SetSheetRow(name, fmt.Sprintf("A%d", j+1), &row); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := f.DeleteSheet("Sheet1"); err != nil {
		t.Fatal(err)
	}
	b, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// dropNames removes the defined names, as a trip through pandas or Google's
// spreadsheet does.
func dropNames(f *excelize.File) error {
	for _, n := range f.GetDefinedName() {
		if err := f.DeleteDefinedName(&excelize.DefinedName{Name: n.Name, Scope: n.Scope}); err != nil {
			return err
		}
	}
	return nil
}

// values are the texts of a draft's fields by id.
func values(d order.Draft) map[string]string {
	m := map[string]string{}
	for id, c := range d.Fields {
		m[id] = c.Text
	}
	return m
}

func one(t *testing.T, data []byte) order.Draft {
	t.Helper()
	book := Read("bdc.xlsx", data, sheettest.Form(t), DefaultLimits())
	if len(book.Drafts) != 1 {
		t.Fatalf("got %d drafts, findings %v; want 1", len(book.Drafts), book.Findings)
	}
	return book.Drafts[0]
}

// The same order reads the same, whatever was done to its form.
func TestLayouts(t *testing.T) {
	form := sheettest.Form(t)
	wanted := sheettest.ExampleValues(form)
	wanted[order.FieldDate] = "2026-06-15"
	delete(wanted, order.FieldNoUAI)
	data := filledForm(t, form, 5)
	first := one(t, data).Lines[0].Row
	tests := []struct {
		name   string
		change func(*excelize.File) error
	}{
		{"as it is", func(*excelize.File) error { return nil }},
		{"without names", dropNames},
		{"sheet renamed", func(f *excelize.File) error { return f.SetSheetName(formSheet, "Commande n°1 d'avril") }},
		{"rows inserted at the top", func(f *excelize.File) error { return f.InsertRows(formSheet, 1, 4) }},
		{"a column inserted", func(f *excelize.File) error { return f.InsertCols(formSheet, "A", 1) }},
		{"rows inserted at the top, names not moved", func(f *excelize.File) error {
			names := f.GetDefinedName()
			if err := f.InsertRows(formSheet, 1, 3); err != nil {
				return err
			}
			for _, n := range names {
				if err := f.DeleteDefinedName(&excelize.DefinedName{Name: n.Name, Scope: n.Scope}); err != nil {
					return err
				}
				if err := f.SetDefinedName(&n); err != nil {
					return err
				}
			}
			return nil
		}},
		{"names broken", func(f *excelize.File) error {
			for _, n := range f.GetDefinedName() {
				if err := f.DeleteDefinedName(&excelize.DefinedName{Name: n.Name, Scope: n.Scope}); err != nil {
					return err
				}
				if n.Name == order.NameVersion || n.Name == order.NameCase {
					continue
				}
				n.RefersTo = "'" + formSheet + "'!#REF!"
				if err := f.SetDefinedName(&n); err != nil {
					return err
				}
			}
			return nil
		}},
		{"blank rows between the lines", func(f *excelize.File) error {
			return f.InsertRows(formSheet, first+2, 2)
		}},
		{"a total below", func(f *excelize.File) error {
			return f.SetSheetRow(formSheet, fmt.Sprintf("A%d", first+8), &[]any{"Total", "", "", 15})
		}},
		{"the headers again", func(f *excelize.File) error {
			row, err := f.GetRows(formSheet)
			if err != nil {
				return err
			}
			if err := f.InsertRows(formSheet, first+2, 1); err != nil {
				return err
			}
			return f.SetSheetRow(formSheet, fmt.Sprintf("A%d", first+2), &row[first-2])
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d := one(t, rework(t, data, test.change))
			got := values(d)
			for id, want := range wanted {
				if got[id] != want {
					t.Errorf("%s: got %q, want %q", id, got[id], want)
				}
				if d.Labels[id].Ref == "" || d.Inputs[id] != d.Fields[id].Ref {
					t.Errorf("%s: got label %q and input %q, want both, the input being %s", id, d.Labels[id].Ref,
						d.Inputs[id], d.Fields[id].Ref)
				}
			}
			for id, text := range got {
				if wanted[id] == "" {
					t.Errorf("%s: got %q, want nothing", id, text)
				}
			}
			if len(d.Lines) != 5 {
				t.Fatalf("got %d lines, want 5", len(d.Lines))
			}
			for i, line := range sheettest.ExampleLines(form, 5) {
				for id, want := range line {
					if id == order.ColumnPrice {
						want = strings.Replace(strings.TrimRight(want, "0"), ",", ".", 1)
					}
					if got := d.Lines[i].Cells[id].Text; got != want {
						t.Errorf("line %d, %s: got %q, want %q", i+1, id, got, want)
					}
					if d.Labels[id].Ref == "" {
						t.Errorf("%s: got no label", id)
					}
				}
			}
			if d.Part != "bdc.xlsx" || d.Sheet == "" {
				t.Errorf("got part %q and sheet %q", d.Part, d.Sheet)
			}
		})
	}
}

func TestBlankForm(t *testing.T) {
	form := sheettest.Form(t)
	data := blankForm(t, form)
	for _, test := range []struct {
		name string
		data []byte
	}{{"as it is", data}, {"without names", rework(t, data, dropNames)}} {
		d := one(t, test.data)
		if len(d.Fields) != 0 || len(d.Lines) != 0 || len(d.Findings) != 0 {
			t.Errorf("%s: got fields %v, %d lines, findings %v; want none", test.name, d.Fields,
				len(d.Lines), d.Findings)
		}
		for _, f := range form.Fields {
			if d.Inputs[f.ID] == "" || d.Labels[f.ID].Ref == "" {
				t.Errorf("%s, %s: got input %q and label %q, want both", test.name, f.ID,
					d.Inputs[f.ID], d.Labels[f.ID].Ref)
			}
		}
	}
	if d := one(t, data); d.Template != form.Version || d.Case != "" {
		t.Errorf("got template %q and case %q, want %q and none", d.Template, d.Case, form.Version)
	}
}

func TestTemplateAndCase(t *testing.T) {
	form := sheettest.Form(t)
	data := fill(t, form, map[string]string{"dossier": "D-7K2Q9F"}, nil)
	if d := one(t, data); d.Case != "D-7K2Q9F" {
		t.Errorf("in a cell: got case %q", d.Case)
	}
	constants := sheettest.Workbook{
		Sheets: []string{sheettest.Rows(sheettest.Inline("EAN", "Quantité") + sheettest.Inline("9782090000313", "1"))},
		Names: `<definedName name="BDC_Version">"BDC-2020.9"</definedName>` +
			`<definedName name="bdc_dossier" hidden="1">"D-234679"</definedName>`,
	}
	if d := one(t, constants.Bytes(t)); d.Template != "BDC-2020.9" || d.Case != "D-234679" {
		t.Errorf("in constants: got template %q and case %q", d.Template, d.Case)
	}
}

func TestFieldsByLabel(t *testing.T) {
	table := [][]any{{"EAN", "Qté"}, {"9782090000313", 2}}
	with := func(block ...[]any) [][]any { return append(append([][]any{}, block...), table...) }
	tests := []struct {
		name  string
		cells [][]any
		want  map[string]string
	}{
		{"to the right", with([]any{"N° UAI *:", "0750647W"}), map[string]string{"uai": "0750647W"}},
		{
			"below", with([]any{"Code postal", "Ville"}, []any{"75003", "Paris"}),
			map[string]string{"etablissement_code_postal": "75003", "etablissement_ville": "Paris"},
		},
		{"behind a colon", with([]any{"RNE : 0750647W"}), map[string]string{"uai": " 0750647W"}},
		{"case, accents and odd spaces", with([]any{"\u200bCODE\u00a0POSTAL ", "75003"},
			[]any{"Prenom du contact", "Hélène"}), map[string]string{
			"etablissement_code_postal": "75003",
			"contact_prenom":            "Hélène",
		}},
		{
			"decomposed accents", with([]any{"Re\u0301fe\u0301rence", "A1"}),
			map[string]string{"libraire_reference": "A1"},
		},
		{
			"empty, the next label below", with([]any{"Téléphone", ""}, []any{"UAI", "0750647W"}),
			map[string]string{"uai": "0750647W"},
		},
		{"empty, a section's title below", with([]any{"Téléphone"}, []any{"Contact dans l’établissement"}), nil},
		{
			"a value that reads like a label",
			with([]any{"Fonction", "Responsable"}, []any{"Nom du contact", "Dupont"}),
			map[string]string{"contact_fonction": "Responsable", "contact_nom": "Dupont"},
		},
		{"a choice that is a label", with([]any{"Mode d'accès", "GAR"}), map[string]string{"acces_mode": "GAR"}},
		{"labels as printed go first", with([]any{"Établissement", ""},
			[]any{"Nom de l'établissement", "Lycée Turgot"}), map[string]string{"etablissement_nom": "Lycée Turgot"}},
		{
			"below the table", append(with(), []any{"Date de commande", "15/06/2026"}),
			map[string]string{"libraire_date": "15/06/2026"},
		},
		{"only spaces", with([]any{"UAI", "\u00a0 "}), nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d := one(t, typed(t, test.cells))
			if got := fmt.Sprint(values(d)); got != fmt.Sprint(test.want) {
				t.Errorf("got %s, want %v", got, test.want)
			}
			if len(d.Lines) != 1 {
				t.Errorf("got %d lines, want 1", len(d.Lines))
			}
		})
	}
}

func TestMergedLabel(t *testing.T) {
	data := rework(t, typed(t, [][]any{{"UAI", "", "", "0750647W"}, {"EAN", "Quantité"}}),
		func(f *excelize.File) error {
			return f.MergeCell("Feuil1", "A1", "C1")
		})
	if d := one(t, data); d.Fields["uai"].Ref != "D1" {
		t.Errorf("got %+v, want the UAI in D1", d.Fields)
	}
}

func TestLines(t *testing.T) {
	tests := []struct {
		name  string
		cells [][]any
		want  []string // "row: ean offer quantity title" of each
	}{
		{
			"any order of columns",
			[][]any{{"Qté", "Titre", "Code EAN"}, {3, "Maths", 9782090000313}},
			[]string{"2: 9782090000313 . 3 Maths"},
		},
		{
			"by offer",
			[][]any{{"Réf. offre", "Nb licences"}, {"9782091194264_001", 3}},
			[]string{"2: . 9782091194264_001 3 ."},
		},
		{
			"blank rows",
			[][]any{{"EAN", "Quantité"}, {"1", 1}, {}, {" ", "\u00a0"}, {"2", 2}},
			[]string{"2: 1 . 1 .", "5: 2 . 2 ."},
		},
		{"a line without EAN", [][]any{{"EAN", "Quantité", "Titre"}, {"", 2, "Maths"}}, []string{"2: . . 2 Maths"}},
		{
			"other columns",
			[][]any{{"N°", "EAN", "Quantité", "TVA"}, {1, "9", 2, "5,5 %"}, {2, nil, nil, "5,5 %"}},
			[]string{"2: 9 . 2 ."},
		},
		{"a total", [][]any{
			{"Titre", "EAN", "Quantité"},
			{"Maths", "9", 2},
			{"Total", "", 2},
			{"", "TOTAL TTC", 2},
			{"Total Maths 6e", "9782090000313", 1},
		}, []string{"2: 9 . 2 Maths", "5: 9782090000313 . 1 Total Maths 6e"}},
		{
			"headers again, elsewhere",
			[][]any{{"EAN", "Quantité"}, {"1", 1}, {"Quantité", "EAN"}, {2, "2"}},
			[]string{"2: 1 . 1 .", "4: 2 . 2 ."},
		},
		{"no quantity column", [][]any{{"EAN", "Titre"}, {"1", "Maths"}}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			book := Read("x", typed(t, test.cells), sheettest.Form(t), DefaultLimits())
			var got []string
			for _, d := range book.Drafts {
				for _, line := range d.Lines {
					text := func(id string) string {
						if c, ok := line.Cells[id]; ok {
							return c.Text
						}
						return "."
					}
					got = append(got, fmt.Sprintf("%d: %s %s %s %s", line.Row, text(order.ColumnEAN),
						text(order.ColumnOffer), text(order.ColumnQuantity), text(order.ColumnTitle)))
				}
			}
			if strings.Join(got, "\n") != strings.Join(test.want, "\n") {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// The formulas of a row that nobody filled in are no line.
func TestFormulasOfEmptyRows(t *testing.T) {
	data := sheettest.Workbook{Sheets: []string{sheettest.Rows(sheettest.Inline("EAN", "Quantité", "Prix") +
		`<row><c><f>Feuil2!A1</f><v>0</v></c><c><f>B1</f><v>0</v></c><c><f>B2*2</f><v>0</v></c></row>` +
		`<row><c><f>Feuil2!A2</f><v>9782090000313</v></c><c><f>B1</f><v>4</v></c></row>`)}}.Bytes(t)
	d := one(t, data)
	if len(d.Lines) != 1 || d.Lines[0].Row != 3 || !d.Lines[0].Cells[order.ColumnEAN].Formula {
		t.Errorf("got %+v, want row 3 alone, marked as a formula's", d.Lines)
	}
}

func TestSheets(t *testing.T) {
	head := [][]any{{"UAI", "0750647W"}, {"Nom de la librairie", "Durand"}, {"N° de compte", "01002001"}}
	empty := [][]any{{"UAI"}, {"Nom de la librairie"}, {"N° de compte"}, {"EAN", "Quantité"}}
	lines := [][]any{{"EAN", "Quantité"}, {"9782090000313", 2}}
	both := append(append([][]any{}, head...), lines...)
	cover := [][]any{{"Bonjour"}, {"Voici notre commande", "merci"}}
	lists := [][]any{{"Statut", "Civilité", "Fonction", "Mode d’accès"}, {"Public", "M.", "Autre", "GAR"}}
	tests := []struct {
		name   string
		sheets [][][]any
		want   string // of each draft: its sheet, its UAI and the sheets of its lines
	}{
		{"one", [][][]any{both}, "Feuil1 0750647W Feuil1"},
		{"two orders", [][][]any{both, both}, "Feuil1 0750647W Feuil1; Feuil2 0750647W Feuil2"},
		{"cover and lists", [][][]any{cover, both, lists}, "Feuil2 0750647W Feuil2"},
		{"lines on another sheet", [][][]any{head, lines}, "Feuil1 0750647W Feuil2"},
		{"lines before the header block, and lists", [][][]any{lines, lists, head}, "Feuil3 0750647W Feuil1"},
		{"lines beside a form whose own were left empty", [][][]any{
			append(append([][]any{}, head...), lines[0]),
			lines,
		}, "Feuil1 0750647W Feuil2"},
		{"a blank copy", [][][]any{both, empty}, "Feuil1 0750647W Feuil1"},
		{"two blank copies", [][][]any{empty, empty}, "Feuil1  "},
		{"lines only", [][][]any{lines}, "Feuil1  Feuil1"},
		{"more lines than orders", [][][]any{lines, both}, "Feuil1  Feuil1; Feuil2 0750647W Feuil2"},
		{"header blocks only", [][][]any{head, cover}, "Feuil1 0750647W "},
		{"nothing", [][][]any{cover, lists}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			book := Read("x", typed(t, test.sheets...), sheettest.Form(t), DefaultLimits())
			var got []string
			for _, d := range book.Drafts {
				var on []string
				for _, line := range d.Lines {
					on = append(on, line.Sheet)
				}
				got = append(got, fmt.Sprintf("%s %s %s", d.Sheet, d.Fields["uai"].Text, strings.Join(on, ",")))
			}
			if text := strings.Join(got, "; "); text != test.want {
				t.Errorf("got %q, want %q", text, test.want)
			}
			if none := len(book.Findings) == 1 && book.Findings[0].Code == "form.none"; none != (test.want == "") {
				t.Errorf("got findings %v", book.Findings)
			}
		})
	}
}

// A sheet copied in Excel has the names again, local to it.
func TestCopiedSheet(t *testing.T) {
	form := sheettest.Form(t)
	data := rework(t, filledForm(t, form, 2), func(f *excelize.File) error {
		at, err := f.NewSheet("Copie d’avril")
		if err != nil {
			return err
		}
		from, err := f.GetSheetIndex(formSheet)
		if err != nil {
			return err
		}
		if err := f.CopySheet(from, at); err != nil {
			return err
		}
		for _, n := range f.GetDefinedName() {
			local := n
			local.Scope = "Copie d’avril"
			local.RefersTo = strings.Replace(n.RefersTo, "'"+formSheet+"'", "'Copie d’avril'", 1)
			if local.RefersTo == n.RefersTo {
				continue
			}
			if err := f.SetDefinedName(&local); err != nil {
				return err
			}
		}
		return nil
	})
	book := Read("x", data, form, DefaultLimits())
	if len(book.Drafts) != 2 {
		t.Fatalf("got %d drafts, findings %v; want 2", len(book.Drafts), book.Findings)
	}
	for _, d := range book.Drafts {
		if d.Fields["uai"].Text != "0750647W" || d.Fields["uai"].Sheet != d.Sheet || len(d.Lines) != 2 {
			t.Errorf("%s: got %+v and %d lines", d.Sheet, d.Fields["uai"], len(d.Lines))
		}
	}
}

// A name whose cell has another field's label beside it is not believed.
func TestContradictedName(t *testing.T) {
	r := sheettest.Workbook{
		Sheets: []string{sheettest.Rows(sheettest.Inline("UAI", "0750647W") + sheettest.Inline("Ville", "Paris") +
			sheettest.Inline("EAN", "Quantité"))},
		Names: `<definedName name="bdc_uai">S1!$B$2</definedName>` +
			`<definedName name="bdc_etablissement_ville">'S1'!$B$2:$C$2</definedName>`,
	}
	d := one(t, r.Bytes(t))
	if got := fmt.Sprint(values(d)); got != "map[etablissement_ville:Paris uai:0750647W]" {
		t.Errorf("got %s", got)
	}
}

func TestHidden(t *testing.T) {
	const table = `<row r="5" hidden="1"><c><v>9782090000313</v></c><c><v>1</v></c></row>` +
		`<row r="6"><c><v>9782090000313</v></c><c><v>1</v></c></row>` +
		`<row r="8" hidden="1"><c><v>9782090000313</v></c><c><v>1</v></c></row>`
	r := sheettest.Workbook{Sheets: []string{sheettest.Rows(sheettest.Inline("UAI", "0750647W") +
		sheettest.Inline("EAN", "Quantité") + table)}, Hidden: true}
	d := one(t, r.Bytes(t))
	if len(d.Lines) != 3 {
		t.Errorf("got %d lines, want 3", len(d.Lines))
	}
	want := "[{form.sheet.hidden warning  S1    map[what:sheet]} {form.sheet.hidden warning  S1 A5 " +
		"9782090000313 × 1  map[rows:5, 8 what:rows]}]"
	if got := fmt.Sprint(d.Findings); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	r.Hidden = false
	r.Sheets[0] = strings.ReplaceAll(r.Sheets[0], ` hidden="1"`, "")
	if d := one(t, r.Bytes(t)); len(d.Findings) != 0 {
		t.Errorf("nothing hidden: got %v", d.Findings)
	}
}

func TestHiddenColumns(t *testing.T) {
	r := sheettest.Workbook{Sheets: []string{`<cols><col min="2" max="2" hidden="1"/>` +
		`<col min="4" max="16384" hidden="1"/></cols>` +
		sheettest.Rows(sheettest.Inline("UAI", "0750647W")+sheettest.Inline("EAN", "Quantité", "Titre", "Prix")+
			sheettest.Inline("9782090000313", "1", "x"))}}
	want := "[{form.sheet.hidden warning  S1 B3   map[columns:B what:columns]}]"
	if got := fmt.Sprint(one(t, r.Bytes(t)).Findings); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// An order on a hidden sheet beside one that is seen was accepted like that one.
func TestHiddenOrderBesideAnotherIsHeld(t *testing.T) {
	sheet := func(uai string) string {
		return sheettest.Rows(sheettest.Inline("UAI", uai) + sheettest.Inline("Librairie", "Durand") +
			sheettest.Inline("N° de compte", "01002001") + sheettest.Inline("EAN", "Quantité") +
			sheettest.Inline("9782090000313", "3"))
	}
	book := Read("x", sheettest.Workbook{Sheets: []string{sheet("0750647W"), sheet("0750650Z")}, Hidden: true}.Bytes(t),
		sheettest.Form(t), DefaultLimits())
	want := []string{"[]", "[{form.sheet.hidden hold  S2    map[what:sheet]}]"}
	for i, d := range book.Drafts {
		if got := fmt.Sprint(d.Findings); i >= len(want) || got != want[i] {
			t.Errorf("draft %d: got %s, want one of %v", i, got, want)
		}
	}
	if len(book.Drafts) != len(want) {
		t.Errorf("got %d drafts, want %d", len(book.Drafts), len(want))
	}
}
