package sheet

import (
	"fmt"
	"strings"
	"testing"

	"bdc/order"
	"bdc/sheet/sheettest"
)

// summary is a book in few words: for each draft its layout, its school, its
// lines, and the codes of its findings with their cells.
func summary(book Book) string {
	var b strings.Builder
	for _, f := range book.Findings {
		fmt.Fprintf(&b, "! %s", f.Code)
	}
	for _, d := range book.Drafts {
		fmt.Fprintf(&b, "%s [%s %s]", d.Layout, d.Fields[order.FieldUAI].Text, d.Fields[order.FieldReference].Text)
		for _, l := range d.Lines {
			fmt.Fprintf(&b, " %d:%s×%s", l.Row, l.Cells[order.ColumnEAN].Text, l.Cells[order.ColumnQuantity].Text)
			if c, ok := l.Cells[order.ColumnLicence]; ok {
				fmt.Fprintf(&b, "(%s %s)", c.Text, c.Ref)
			}
		}
		for _, f := range d.Findings {
			fmt.Fprintf(&b, " %s %s", f.Code, f.Cell)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// Orders that come in other tables than the form's.
func TestTables(t *testing.T) {
	const a, b = "9782090000313", "3133091234560"
	head := [][]any{{"UAI", "0750647W"}, {"Nom de la librairie", "Durand"}, {"N° de compte", "01002001"}}
	with := func(block [][]any, more ...[]any) [][]any { return append(append([][]any{}, block...), more...) }
	tests := []struct {
		name   string
		sheets [][][]any
		want   string
	}{
		{"a list", [][][]any{{{a, 3}, {b, 12}}}, "liste [ ] 1:9782090000313×3 2:3133091234560×12 " +
			"form.layout.partial \n"},
		{"a list of numbers", [][][]any{{{9782090000313, "3"}}}, "liste [ ] 1:9782090000313×3 form.layout.partial \n"},
		{
			"a list that begins below",
			[][][]any{{{"Commande du 15 juin"}, {}, {a, 3}, {}, {"978209", "x"}}},
			"liste [ ] 3:9782090000313×3 5:978209×x form.layout.partial \n",
		},
		{
			"a list in other columns",
			[][][]any{{{nil, nil, a, 3}}},
			"liste [ ] 1:9782090000313×3 form.layout.partial \n",
		},
		{"a list of prices", [][][]any{{{a, "3,50 €"}}}, "! form.none"},
		{"a list under another header", [][][]any{{{"EAN", "Année"}, {a, 2019}}}, "! form.none"},
		{"a list of nothing", [][][]any{{{"12345", 3}}}, "! form.none"},
		{
			"under headers",
			[][][]any{{{"EAN", "Quantité"}, {a, 3}}},
			"liste [ ] 2:9782090000313×3 form.layout.partial \n",
		},
		{"a list beside a header block", [][][]any{head, {{a, 3}}}, " [0750647W ] 1:9782090000313×3\n"},
		{"a school a line", [][][]any{{
			{"Id", "UAI de l'étab", "Nom étab", "Nom commande", "EAN", "Titre", "Quantité"},
			{1, "0750647W", "Turgot", "C1", a, "Maths", 3},
			{2, "0750650Z", "Lavoisier", "C1", a, "Maths", 4},
			{3, "0750647W", "Turgot", "C1", b, "Anglais", 5},
			{4, "0750647W", "Turgot", "C2", b, "Anglais", 6},
		}}, "plateforme [0750647W C1] 2:9782090000313×3 4:3133091234560×5 form.layout.partial \n" +
			"plateforme [0750650Z C1] 3:9782090000313×4 form.layout.partial \n" +
			"plateforme [0750647W C2] 5:3133091234560×6 form.layout.partial \n"},
		{"a school a line, that differs", [][][]any{{
			{"UAI", "Nom étab", "EAN", "Quantité"}, {"0750647W", "Turgot", a, 3}, {"0750647w", "Lavoisier", b, 4},
		}}, "plateforme [0750647W ] 2:9782090000313×3 3:3133091234560×4 form.layout.conflict B3 " +
			"form.layout.partial \n"},
		{"a school a line, some without", [][][]any{{
			{"UAI", "EAN", "Quantité"}, {"0750647W", a, 3}, {nil, b, 4},
		}}, "plateforme [0750647W ] 2:9782090000313×3 form.layout.partial \n" +
			"plateforme [ ] 3:3133091234560×4 form.layout.partial \n"},
		{"a school a line under a bookseller", [][][]any{{
			{"Nom de la librairie", "Durand"}, {"UAI", "EAN", "Quantité"}, {"0750647W", a, 3},
		}}, "plateforme [0750647W ] 3:9782090000313×3 form.layout.partial \n"},
		{
			"pupils and teachers",
			[][][]any{with(head, []any{"EAN", "Nb licences élèves", "Nb licences enseignants"},
				[]any{a, 30, 2}, []any{b, nil, 1})},
			" [0750647W ] 5:9782090000313×30(Élève B4) 5:9782090000313×2(Enseignant C4) " +
				"6:3133091234560×1(Enseignant C4)\n",
		},
		{
			"two forms on a sheet",
			[][][]any{with(head, append([][]any{
				{"EAN", "Quantité"},
				{a, 3},
				{},
				{"Bon de commande"},
				{"UAI", "0750650Z"},
				{"Nom de la librairie", "Durand"},
				{"N° de compte", "01002001"},
			},
				[]any{"EAN", "Quantité"}, []any{b, 4})...)},
			" [0750647W ] 5:9782090000313×3\n [0750650Z ] 12:3133091234560×4\n",
		},
		{
			"the school twice",
			[][][]any{with(head, []any{"EAN", "Quantité"}, []any{a, 3}, []any{}, []any{"UAI", "0750650Z"})},
			" [0750647W ] 5:9782090000313×3 form.field.twice B7\n",
		},
		{
			"the school twice, the same",
			[][][]any{with(head, []any{"EAN", "Quantité"}, []any{a, 3}, []any{}, []any{"UAI", "0750647w"})},
			" [0750647W ] 5:9782090000313×3\n",
		},
		{
			"the quantities twice",
			[][][]any{with(head, []any{"EAN", "Quantité", "Qté"}, []any{a, 3, 3}, []any{b, 4, 40})},
			" [0750647W ] 5:9782090000313×3 6:3133091234560×4 form.column.twice C6\n",
		},
		{
			"a slip in a label",
			[][][]any{with(head, []any{"Nom de l'établisement", "Turgot"}, []any{"EAN", "Quantité"}, []any{a, 3})},
			" [0750647W ] 6:9782090000313×3 form.label.read A4\n",
		},
		{
			"a label between two",
			[][][]any{with(head, []any{"xxNom du contact", "Dupont"}, []any{"EAN", "Quantité"}, []any{a, 3})},
			" [0750647W ] 6:9782090000313×3\n",
		},
		{
			"a total",
			[][][]any{with(head, []any{"EAN", "Titre", "Quantité"}, []any{a, "x", 3}, []any{b, "y", 4},
				[]any{nil, "Total", 7})},
			" [0750647W ] 5:9782090000313×3 6:3133091234560×4\n",
		},
		{
			"a total that does not add up",
			[][][]any{with(head, []any{"EAN", "Titre", "Quantité"}, []any{a, "x", 3}, []any{b, "y", 4},
				[]any{nil, "TOTAL :", 8})},
			" [0750647W ] 5:9782090000313×3 6:3133091234560×4 form.total.mismatch C7\n",
		},
		{
			"a total by another name",
			[][][]any{with(head, []any{"EAN", "Titre", "Quantité"}, []any{a, "x", 3}, []any{b, "y", 4},
				[]any{nil, "Total des ouvrages", 7})},
			" [0750647W ] 5:9782090000313×3 6:3133091234560×4 form.total.read C7\n",
		},
		{
			"a title that begins like a total",
			[][][]any{with(head, []any{"EAN", "Titre", "Quantité"}, []any{a, "x", 3}, []any{nil, "Total English", 5})},
			" [0750647W ] 5:9782090000313×3 6:×5\n",
		},
		{
			"taxes below the lines",
			[][][]any{with(head, []any{"EAN", "Titre", "Quantité"}, []any{a, "x", 3}, []any{nil, nil, "Total HT"},
				[]any{nil, nil, "TVA 5,5 %"}, []any{nil, nil, "Net à payer"})},
			" [0750647W ] 5:9782090000313×3\n",
		},
		{
			"hints in brackets",
			[][][]any{{
				{"UAI (ex-RNE) *", "0750647W"},
				{"Nom de la librairie :\n(obligatoire)", "Durand"},
				{"N° de compte (8 chiffres)", "01002001"},
				{"EAN (13 chiffres)", "Quantité (nb de licences)"},
				{a, 3},
			}},
			" [0750647W ] 5:9782090000313×3\n",
		},
		{
			"brackets that say what else it is",
			[][][]any{with(head, []any{"Contact (e-mail)", "x@y.fr"},
				[]any{"EAN", "Quantité (2025)", "Quantité"}, []any{a, 3, 4})},
			" [0750647W ] 6:9782090000313×4\n",
		},
		{
			"an EAN of the paper book beside that of the digital one",
			[][][]any{with(head, []any{"EAN", "EAN numérique", "Quantité"}, []any{b, a, 3})},
			" [0750647W ] 5:9782090000313×3 form.column.twice A5\n",
		},
		{
			"a header block beside the lines",
			[][][]any{{
				{"Librairie", "Durand", nil, "EAN", "Quantité"},
				{"N° de compte", "01002001", nil, a, 3},
				{"UAI", "0750647W", nil, b, 4},
			}},
			" [0750647W ] 2:9782090000313×3 3:3133091234560×4\n",
		},
		{
			"an address under the heading of the bookseller",
			[][][]any{{
				{"LIBRAIRE"},
				{"Nom de la librairie", "Durand"},
				{"Ville", "Lyon"},
				{"N° de compte", "01002001"},
				{"ÉTABLISSEMENT"},
				{"UAI", "0750647W"},
				{"EAN", "Quantité"},
				{a, 3},
			}},
			" [0750647W ] 8:9782090000313×3 form.field.whose B3\n",
		},
		{
			"an address under the heading of the school",
			[][][]any{{
				{"LIBRAIRE"},
				{"Nom de la librairie", "Durand"},
				{"N° de compte", "01002001"},
				{"ÉTABLISSEMENT"},
				{"UAI", "0750647W"},
				{"Ville", "Lyon"},
				{"EAN", "Quantité"},
				{a, 3},
			}},
			" [0750647W ] 8:9782090000313×3\n",
		},
		{
			"headings among the lines",
			[][][]any{with(head, []any{"EAN", "Quantité"}, []any{"Classe de 6e"}, []any{a, 3},
				[]any{"Enseignants"}, []any{b, 4})},
			" [0750647W ] 6:9782090000313×3 8:3133091234560×4 form.note.read A5 form.note.read A7\n",
		},
		{
			"texts below the lines",
			[][][]any{with(head, []any{"EAN", "Quantité"}, []any{a, 3}, []any{}, []any{"NB : à livrer avant le 15/09"},
				[]any{"Tél. 01 42 72 00 00"}, []any{"Signature"})},
			" [0750647W ] 5:9782090000313×3 form.note.read A7\n",
		},
		{
			"an EAN with a digit too few below the lines",
			[][][]any{with(head, []any{"EAN", "Quantité"}, []any{a, 3}, []any{}, []any{"EAN 978209000031"})},
			" [0750647W ] 5:9782090000313×3 7:EAN 978209000031×\n",
		},
		{
			"a text with a quantity below the lines",
			[][][]any{with(head, []any{"EAN", "Quantité"}, []any{a, 3}, []any{}, []any{"Maths 6e", 4})},
			" [0750647W ] 5:9782090000313×3 7:Maths 6e×4\n",
		},
		{
			"headers that nobody knows",
			[][][]any{with(head, []any{"Produit visé", "Combien"}, []any{a, 3})},
			" [0750647W ] form.lines.none A5\n",
		},
		{
			"subtotals",
			[][][]any{with(head, []any{"EAN", "Titre", "Quantité"}, []any{a, "x", 3}, []any{nil, "Sous-total", 3},
				[]any{b, "y", 4}, []any{nil, "Sous-total", 4}, []any{nil, "Total général", 7})},
			" [0750647W ] 5:9782090000313×3 7:3133091234560×4\n",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := summary(Read("x", typed(t, test.sheets...), sheettest.Form(t),
				DefaultLimits())); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

// A layout is data: this one, of nobody, splits by the town and has a header of
// its own.
func TestLayoutIsData(t *testing.T) {
	form := *sheettest.Form(t)
	form.Layouts = []order.Layout{{
		ID: "own", Name: "un essai", Headers: true, Split: []string{order.FieldTown},
		Columns: []order.LayoutColumn{
			{ID: order.FieldTown, Labels: []string{"Où ?"}, Required: true},
			{ID: order.ColumnEAN, Required: true},
			{ID: order.ColumnQuantity, Required: true, Labels: []string{"Combien ?"}},
		},
	}}
	data := typed(t, [][]any{
		{"Combien ?", "EAN", "Où ?"},
		{3, "9782090000313", "Paris"},
		{4, "9782090000313", "Lyon"},
		{5, "3133091234560", "PARIS"},
	})
	want := "own [ ] 2:9782090000313×3 4:3133091234560×5 form.layout.partial \n" +
		"own [ ] 3:9782090000313×4 form.layout.partial \n"
	if got := summary(Read("x", data, &form, DefaultLimits())); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// What a bare table lacks is named, once, for the person who completes it.
func TestPartialLayout(t *testing.T) {
	d := one(t, typed(t, [][]any{{"9782090000313", 3}}))
	if len(d.Findings) != 1 || d.Findings[0].Severity != order.Hold ||
		!strings.Contains(d.Findings[0].Args["missing"], "UAI (ex-RNE), Nom de l’établissement") {
		t.Errorf("got %+v, want one hold that names what is missing", d.Findings)
	}
	if d.Labels[order.ColumnEAN].Ref != "" {
		t.Errorf("got the label %+v, want none", d.Labels[order.ColumnEAN])
	}
}

// A school stands in a cell merged over its lines.
func TestSpannedSchool(t *testing.T) {
	r := sheettest.Workbook{Sheets: []string{sheettest.Rows(sheettest.Inline("UAI", "EAN", "Quantité")+
		sheettest.Inline("0750647W", "9782090000313", "1")+
		`<row><c r="B3"><v>3133091234560</v></c><c r="C3"><v>2</v></c></row>`) +
		`<mergeCells><mergeCell ref="A2:A3"/></mergeCells>`}}
	if got, want := summary(Read("x", r.Bytes(t), sheettest.Form(t), DefaultLimits())),
		"plateforme [0750647W ] 2:9782090000313×1 3:3133091234560×2 form.layout.partial \n"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestCSV(t *testing.T) {
	const list = "liste [ ] 1:9782090000313×3 2:3133091234560×4 form.layout.partial \n"
	const headed = "liste [ ] 2:9782090000313×3 form.layout.partial \n"
	tests := []struct {
		name, input, want string
	}{
		{"a list", "9782090000313;3\r\n3133091234560;4\r\n", list},
		{"with tabs", "9782090000313\t3\n3133091234560\t4", list},
		{"with commas", "9782090000313,3\n3133091234560,4", list},
		{"headed", "EAN;quantité\n9782090000313;3\n", headed},
		{"headed, two byte order marks", "\uFEFF\uFEFFEAN;Quantité\n9782090000313;3\n", headed},
		{"headed, Windows-1252", "EAN;Quantit\xE9\n9782090000313;3\n", headed},
		{"headed, UTF-16", "\xFF\xFEE\x00A\x00N\x00;\x00Q\x00t\x00e\x00\n" +
			"\x009\x007\x008\x002\x000\x009\x000\x000\x000\x000\x003\x001\x003\x00;\x003\x00", headed},
		{
			"blank and long lines", "\"Commande;\n de juin\";\n\n9782090000313;3\n",
			"liste [ ] 3:9782090000313×3 form.layout.partial \n",
		},
		{
			"a platform's", "id;UAI de l'étab;EAN;titre;quantité\n1;0750647W;9782090000313;\"Maths ; 6e\";3\n" +
				"2;0750650Z;3133091234560;Anglais;4\n",
			"plateforme [0750647W ] 2:9782090000313×3 form.layout.partial \n" +
				"plateforme [0750650Z ] 3:3133091234560×4 form.layout.partial \n",
		},
		{"an EAN cut by Excel", "EAN;Quantité\n9,78209E+12;3\n", "liste [ ] 2:9,78209E+12×3 form.layout.partial \n"},
		{"that names its separator", "sep=;\r\n9782090000313;3\r\n3133091234560;4\r\n", list},
		{"that names another", "\uFEFF\"SEP=|\"\n9782090000313|3\n3133091234560|4\n", list},
		{"that names the comma", "sep=,\nEAN,quantité\n9782090000313,3\n", headed},
		{"that names a tab", "sep=\t\nEAN\tquantité\n9782090000313\t3\n", headed},
		{"that names its separator in UTF-16", "\xFF\xFEs\x00e\x00p\x00=\x00;\x00\n\x00" +
			"E\x00A\x00N\x00;\x00Q\x00t\x00e\x00\n" +
			"\x009\x007\x008\x002\x000\x009\x000\x000\x000\x000\x003\x001\x003\x00;\x003\x00", headed},
		{"that names two separators", "sep=;,\n9782090000313;3\n", "! form.unreadable.csv"},
		{"records of different lengths", "EAN;Quantité\n9782090000313;3;4\n", "! form.unreadable.csv"},
		{"a stray quote", "EAN;Quantité\n978\"2090000313;3\n", "! form.unreadable.csv"},
		{"no order", "nom;prénom\nDupont;Hélène\n", "! form.unreadable.csv"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := summary(Read("x.csv", []byte(test.input), sheettest.Form(t), DefaultLimits())); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

// The limits hold for separated values too, and that of orders for all.
func TestTableLimits(t *testing.T) {
	lim := small()
	lim.Orders = 5
	schools := func(n int) string {
		var b strings.Builder
		b.WriteString("UAI;EAN;Quantité\n")
		for i := range n {
			fmt.Fprintf(&b, "%d;9782090000313;1\n", i)
		}
		return b.String()
	}
	tests := []struct {
		name, input string
		want        order.Code
	}{
		{"orders, at", schools(5), ""},
		{"orders, above", schools(6), "form.limit.orders"},
		{"rows, above", "9782090000313;1\n" + strings.Repeat("\n", lim.Rows) + "9782090000313;1\n", "form.limit.rows"},
		{"columns, above", strings.Repeat("1;", lim.Columns) + "1\n", "form.limit.columns"},
		{"cells, above", strings.Repeat(strings.Repeat("1;", 19)+"1\n", lim.Cells/20+1), "form.limit.cells"},
		{"string, above", strings.Repeat("é", lim.String+1) + ";1\n1;1\n", "form.limit.string"},
		{"text, above", strings.Repeat("1;1\n", int(lim.Text)/4+1), "form.limit.text"},
		{"lines, above", strings.Repeat("9782090000313;1\n", lim.Lines+1), "form.limit.lines"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			book := Read("x.csv", []byte(test.input), sheettest.Form(t), lim)
			var got order.Code
			if len(book.Findings) > 0 {
				got = book.Findings[0].Code
			}
			if got != test.want {
				t.Errorf("got %d drafts, findings %v; want %q", len(book.Drafts), book.Findings, test.want)
			}
		})
	}
}

// A formula whose result was never stored is no empty cell.
func TestUncomputed(t *testing.T) {
	r := sheettest.Workbook{Sheets: []string{sheettest.Rows(`<row>` +
		`<c t="inlineStr"><is><t>UAI</t></is></c><c><f>A9</f></c></row>` + sheettest.Inline("Ville", "Paris") +
		sheettest.Inline("EAN", "Quantité", "Titre") +
		`<row><c><v>9782090000313</v></c><c><f>1+1</f><v></v></c><c><f>A1</f></c></row>` +
		`<row><c><f>Feuil2!A1</f></c><c t="str"><f>B1</f><v></v></c><c><f>A1</f></c></row>` +
		`<row><c t="str"><f>Feuil2!A1</f><v></v></c><c t="str"><f>B1</f><v></v></c><c><f>A1</f></c></row>`)}}
	d := one(t, r.Bytes(t))
	var got []string
	for _, f := range d.Findings {
		got = append(got, fmt.Sprintf("%s %s %s %s", f.Code, f.Severity, f.Field, f.Cell))
	}
	want := "value.uncomputed error uai B1, value.uncomputed error line_quantite B4, value.uncomputed warning " +
		"line_titre C4, value.uncomputed error line_ean A5"
	if strings.Join(got, ", ") != want {
		t.Errorf("got %s, want %s", strings.Join(got, ", "), want)
	}
}

func TestSlips(t *testing.T) {
	tests := []struct {
		a, b string
		want int
	}{
		{"abcdef", "abcdef", 0},
		{"abcdef", "abdcef", 1},
		{"abcdef", "abcef", 1},
		{"abcdef", "abcxdef", 1},
		{"abcdef", "xbcdey", 2},
		{"nomducontact", "prenomducontact", 3},
		{"", "abcdef", 3},
		{"abcdef", "fedcba", 3},
	}
	for _, test := range tests {
		if got := slips(test.a, test.b); got != test.want {
			t.Errorf("slips(%q, %q): got %d, want %d", test.a, test.b, got, test.want)
		}
	}
}

// A heading was taken for a label, and the label below it for the school's name.
func TestNoValueIsALabel(t *testing.T) {
	form := sheettest.Form(t)
	book := Read("x", typed(t, [][]any{
		{"Librairie"},
		{"Nom", "Durand"},
		{"N° de compte", "01002001"},
		{"Établissement"},
		{"E-mail", "ce@x.fr"},
		{"UAI", "0750647W"},
		{"EAN", "Quantité"},
		{"9782090000313", 3},
	}), form, DefaultLimits())
	if len(book.Drafts) != 1 {
		t.Fatalf("got %s, want a draft", summary(book))
	}
	for _, id := range []string{"libraire_nom", "etablissement_nom"} {
		if got := book.Drafts[0].Fields[id].Text; got != "" {
			t.Errorf("%s: got %q, want nothing", id, got)
		}
		if got := book.Drafts[0].Inputs[id]; got == "" {
			t.Errorf("%s: got no cell to mark", id)
		}
	}
}
