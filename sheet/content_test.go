package sheet

import (
	"testing"

	"bdc/sheet/sheettest"
)

// Where the headers don't say what a column holds, its content does, if it can be but one thing.
func TestTableByContent(t *testing.T) {
	const a, b, c = "3133091195199", "3133091195205", "3133091195212"
	head := func(rows ...[]any) [][]any {
		return append([][]any{{"UAI", "0750647W"}, {"Nom de l’établissement", "Lycée Turgot"}, {
			"Ville",
			"Paris",
		}, {}}, rows...)
	}
	const both = " [0750647W ] 6:3133091195199×30 7:3133091195205×28"
	tests := []struct {
		name string
		rows [][]any
		want string
	}{
		{
			"a column of EANs", head([]any{"Référence", "Désignation", "Qté"}, []any{a, "Maths", 30}, []any{
				b,
				"SVT", 28,
			}),
			both + " form.column.read A5\n",
		},
		{
			"EANs under Article", head([]any{"Article", "Désignation", "Qté"}, []any{a, "Maths", 30}, []any{
				b,
				"SVT", 28,
			}),
			both + " form.column.read A5\n",
		},
		{
			"EANs under another header each", head([]any{"Code A", "Code B", "Qté"}, []any{a, b, 30}, []any{b, c, 28}),
			" [0750647W ] form.lines.none A6\n",
		},
		{
			"EANs of paper books", head([]any{"Réf. papier", "Titre", "Qté"}, []any{a, "Maths", 30}),
			" [0750647W ] form.lines.none A6\n",
		},
		{
			"EANs, and one that is wrong", head([]any{"Réf.", "Titre", "Qté"}, []any{a, "Maths", 30},
				[]any{"12", "x", 2}),
			" [0750647W ] 6:3133091195199×30 7:12×2 form.column.read A5\n",
		},
		{
			"quantity × price = total", head([]any{"EAN", "Pour", "PU HT", "Net"}, []any{a, 30, 7.4, 222},
				[]any{b, 28, 7.5, 210}),
			both + " form.column.read B5\n",
		},
		{
			"quantity and price that may be either", head([]any{"EAN", "Pour", "À", "Net"}, []any{a, 30, 7, 210}),
			" [0750647W ] form.lines.none A6\n",
		},
		{
			"one column of whole numbers", head([]any{"EAN", "Titre", "Pour"}, []any{a, "Maths", 30}, []any{
				b,
				"SVT", 28,
			}),
			both + " form.column.read C5\n",
		},
		{
			"two columns of whole numbers", head([]any{"EAN", "Pour", "Avec"}, []any{a, 30, 2}, []any{b, 28, 3}),
			" [0750647W ] form.lines.none A6\n",
		},
		{
			"what is in stock", head([]any{"EAN", "Titre", "Stock"}, []any{a, "Maths", 30}, []any{b, "SVT", 28}),
			" [0750647W ] form.lines.none A6\n",
		},
		{
			"the numbers of the lines", head([]any{"EAN", "Titre", "Pos"}, []any{a, "Maths", 1}, []any{b, "SVT", 2}),
			" [0750647W ] form.lines.none A6\n",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := summary(Read("x.xlsx", typed(t, test.rows), sheettest.Form(t), DefaultLimits()))
			if got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

// What stands among and below the lines: printed headers, sums under whatever name, cells that are
// merged, further pages.
func TestAmongTheLines(t *testing.T) {
	const a, b, c, d = "3133091195199", "3133091195205", "3133091195212", "9782090000313"
	head := func(rows ...[]any) [][]any {
		return append([][]any{
			{"UAI", "0750647W"},
			{"Nom de l’établissement", "Lycée Turgot"},
			{"Ville", "Paris"},
			{"EAN", "Titre", "Quantité"},
		}, rows...)
	}
	const lines = " [0750647W ] 5:3133091195199×30 6:3133091195205×28"
	tests := []struct {
		name   string
		sheets [][][]any
		want   string
	}{
		{
			"S/Total alone",
			[][][]any{head([]any{a, "x", 30}, []any{b, "y", 28}, []any{"", "S/Total", 58})},
			lines + "\n",
		},
		{
			"S/Total",
			[][][]any{head([]any{a, "x", 30}, []any{b, "y", 28}, []any{"", "S/Total Nathan", 58})},
			lines + " form.total.read C7\n",
		},
		{
			"carried over",
			[][][]any{head([]any{a, "x", 30}, []any{b, "y", 28}, []any{"", "À reporter", 58},
				[]any{"EAN", "Titre", "Quantité"}, []any{"", "Report", 58}, []any{c, "z", 12}, []any{
					"",
					"TOTAL GÉNÉRAL", 70,
				})},
			lines + " 10:3133091195212×12\n",
		},
		{
			"carried over wrongly",
			[][][]any{head([]any{a, "x", 30}, []any{b, "y", 28}, []any{"", "Report", 57})},
			lines + " form.total.mismatch C7\n",
		},
		{
			"a name of their own",
			[][][]any{head([]any{a, "x", 30}, []any{b, "y", 28}, []any{c, "z", 12}, []any{"", "Bilan", 70})},
			lines + " 7:3133091195212×12 form.total.read C8\n",
		},
		{
			"a name of their own below two lines",
			[][][]any{head([]any{a, "x", 30}, []any{b, "y", 28}, []any{"", "Bilan", 58})},
			lines + " form.total.read C7\n",
		},
		{
			"no name",
			[][][]any{head([]any{a, "x", 30}, []any{b, "y", 28}, []any{"", "", 58})},
			lines + " form.total.read C7\n",
		},
		{
			"a title without an EAN",
			[][][]any{head([]any{a, "x", 30}, []any{b, "y", 28}, []any{"", "Latin 4e", 30})},
			lines + " 7:×30\n",
		},
		{
			"a title as often as the one above",
			[][][]any{head([]any{a, "x", 30}, []any{"", "Latin 4e", 30})},
			" [0750647W ] 5:3133091195199×30 6:×30\n",
		},
		{"a further page", [][][]any{
			head([]any{a, "x", 30}, []any{b, "y", 28}),
			{{"EAN", "Titre", "Quantité"}, {c, "z", 12}, {d, "w", 3}},
		}, lines + " 2:3133091195212×12 3:9782090000313×3 form.sheet.joined A2\n"},
		{"a further page of another school", [][][]any{
			head([]any{a, "x", 30}, []any{b, "y", 28}),
			{{"UAI", "0750650Z"}, {}, {"EAN", "Titre", "Quantité"}, {c, "z", 12}},
		}, lines + "\n [0750650Z ] 4:3133091195212×12\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := summary(Read("x.xlsx", typed(t, test.sheets...), sheettest.Form(t), DefaultLimits()))
			if got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

// TestIsPage: a sheet with further lines goes on with the order only if it is called as a page is.
func TestIsPage(t *testing.T) {
	for name, want := range map[string]bool{
		"Page 2": true, "Feuil2": true, "Feuille 2": true, "Sheet2": true, "Suite": true,
		"Commande (suite)": true, "2": true,
		"Commande 2": true, "Commande": false, "Commande 2025": false, "Annulés": false, "Stock": false,
		"Catalogue": false,
		"2025":      false, "Collège": false, "": false,
	} {
		if got := isPage(name, "Commande"); got != want {
			t.Errorf("%q: got %t, want %t", name, got, want)
		}
	}
}

// A quantity in a cell that is merged over several lines is an error in each line without one.
func TestMergedQuantity(t *testing.T) {
	xml := sheettest.Rows(tableRow("EAN", "Quantité")+tableRow("3133091195199", "30")+tableRow("3133091195205", "")+
		tableRow("3133091195212", "12")) + `<mergeCells><mergeCell ref="B2:B3"/></mergeCells>`
	book := Read("x", sheettest.Workbook{Sheets: []string{xml}}.Bytes(t), sheettest.Form(t), DefaultLimits())
	got := summary(book)
	if want := "liste [ ] 2:3133091195199×30 3:3133091195205× 4:3133091195212×12 line.quantity.merged B3 " +
		"form.layout.partial \n"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
