package sheet

import (
	"fmt"
	"strings"
	"testing"

	"bdc/order"
	"bdc/sheet/sheettest"
)

// tableRow is the XML of a row: texts and numbers as they are, "=7" for a formula that
// gives a number, `="x"` for one that gives a text, and "" for an empty cell.
func tableRow(cells ...string) string {
	var b strings.Builder
	b.WriteString("<row>")
	for _, c := range cells {
		formula, computed := strings.CutPrefix(c, "=")
		text, quoted := strings.CutPrefix(formula, `"`)
		switch {
		case c == "":
			b.WriteString("<c/>")
		case computed && quoted:
			fmt.Fprintf(&b, `<c t="str"><f>A1</f><v>%s</v></c>`, strings.TrimSuffix(text, `"`))
		case computed:
			fmt.Fprintf(&b, "<c><f>A1</f><v>%s</v></c>", formula)
		case strings.Trim(c, "0123456789") == "":
			fmt.Fprintf(&b, "<c><v>%s</v></c>", c)
		default:
			fmt.Fprintf(&b, `<c t="inlineStr"><is><t>%s</t></is></c>`, c)
		}
	}
	return b.String() + "</row>"
}

// A table whose headers nobody knows is found by the defined names of its columns.
func TestTableByNames(t *testing.T) {
	const ean = "9782090000313"
	name := func(id, refer string) string {
		return fmt.Sprintf(`<definedName name="%s%s">S1!%s</definedName>`, order.NamePrefix, id, refer)
	}
	tests := []struct {
		name  string
		rows  []string
		names string
		want  string // "row: id=text…" of each line
	}{
		{
			"names alone",
			[]string{
				tableRow("Bonjour", "merci"), tableRow("Code article", "Combien"), tableRow(ean, "3"),
				tableRow(ean, "4"), tableRow(ean, "5"),
			},
			name("line_ean", "$A$3:$A$9") + name("line_quantite", "$B$3:$B$9"),
			"3: line_ean=" + ean + " line_quantite=3; 4: line_ean=" + ean + " line_quantite=4; 5: line_ean=" +
				ean + " line_quantite=5",
		},
		{
			"names that begin in different rows",
			[]string{tableRow("Code article", "Combien"), tableRow(ean, "3"), tableRow(ean, "4")},
			name("line_ean", "$A$2:$A$9") + name("line_quantite", "$B$3:$B$9"),
			"2: line_ean=" + ean + " line_quantite=3; 3: line_ean=" + ean + " line_quantite=4",
		},
		{
			"without the quantity's name",
			[]string{tableRow("Code article", "Combien"), tableRow(ean, "3")},
			name("line_ean", "$A$2:$A$9") + name("line_titre", "$B$2:$B$9"),
			"",
		},
		{
			// Over B stands the header of another column: the name was left behind when
			// columns moved. Over C stands its own, over D the label of a header field.
			"a name under another column's header",
			[]string{
				tableRow("Code article", "Titre", "Éditeur", "Ville", "Combien"),
				tableRow(ean, "2 ans", "Nathan", "urgent", "3"),
			},
			name("line_ean", "$A$2:$A$9") + name("line_duree", "$B$2:$B$9") + name("line_editeur", "$C$2:$C$9") +
				name("line_observations", "$D$2:$D$9") + name("line_quantite", "$E$2:$E$9"),
			"2: line_ean=" + ean + " line_editeur=Nathan line_observations=urgent line_quantite=3",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			workbook := sheettest.Workbook{Sheets: []string{sheettest.Rows(
				strings.Join(test.rows, ""))}, Names: test.names}
			var got []string
			for _, d := range Read("x", workbook.Bytes(t), sheettest.Form(t), DefaultLimits()).Drafts {
				for _, l := range d.Lines {
					line := fmt.Sprintf("%d:", l.Row)
					for _, id := range []string{
						"line_ean", "line_titre", "line_duree", "line_editeur",
						"line_observations", "line_quantite",
					} {
						if c, ok := l.Cells[id]; ok {
							line += " " + id + "=" + c.Text
						}
					}
					got = append(got, line)
				}
			}
			if text := strings.Join(got, "; "); text != test.want {
				t.Errorf("got  %q\nwant %q", text, test.want)
			}
		})
	}
}

// Which rows sum up the lines above them, and when that is said.
func TestTotals(t *testing.T) {
	const a, b = "9782090000313", "3133091234560"
	above := []string{
		tableRow("UAI", "0750647W"), tableRow("Nom de la librairie", "Durand"), tableRow("N° de compte", "01002001"),
		tableRow("EAN", "Titre", "Quantité", "Prix", "Observations"), tableRow(a, "x", "3"), tableRow(b, "y", "4"),
	}
	const lines = "5:" + a + "×3 6:" + b + "×4"
	tests := []struct {
		name  string
		below []string
		want  string // the lines, then the findings
	}{
		{"a wrong number beside a computed sum", []string{tableRow("", "Total", "8", "=31", "merci")}, lines},
		{
			"a wrong number beside a computed text",
			[]string{tableRow("", "Total", "8", `="31 €"`)},
			lines + " form.total.mismatch C7",
		},
		{
			"a wrong number beside one that was typed",
			[]string{tableRow("", "Total", "8", "31")},
			lines + " form.total.mismatch C7",
		},
		{"a wrong number that is computed", []string{tableRow("", "Total", "=8")}, lines},
		{"the right number, typed", []string{tableRow("", "Total", "7")}, lines},
		{"an amount, and no prices", []string{tableRow("", "Total TTC", "4,22")}, lines + " form.total.mismatch C7"},
		{"no number", []string{tableRow("", "Total")}, lines},
		{"a longer name, the right number, computed", []string{tableRow("", "Total des ouvrages", "=7")}, lines},
		{
			"a longer name, the right number, typed",
			[]string{tableRow("", "Total des ouvrages", "7")},
			lines + " form.total.read C7",
		},
		{"a longer name, a wrong number, computed", []string{tableRow("", "Total des ouvrages",
			"=9")}, lines + " 7:×9"},
		{
			"a longer name, no number, a computed sum",
			[]string{tableRow("", "Total des ouvrages", "", "=31")},
			lines + " form.total.read B7",
		},
		{"a longer name, no number, a computed text", []string{tableRow("", "Total des ouvrages", "",
			`="31 €"`)}, lines + " 7:×"},
		{"a longer name, no number", []string{tableRow("", "Total English")}, lines + " 7:×"},
		{
			"a longer name below a total, no plain number",
			[]string{tableRow("", "Total", "7"), tableRow("", "Total English", "deux")},
			lines + " 8:×deux",
		},
		{
			"each subtotal counts from the one before",
			[]string{
				tableRow("", "Sous-total", "7"), tableRow(a, "x", "5"), tableRow("", "Sous-total", "5"),
				tableRow("", "Total", "12"),
			},
			lines + " 8:" + a + "×5",
		},
		{
			"a subtotal that counts all",
			[]string{
				tableRow("", "Sous-total", "7"), tableRow(a, "x", "5"),
				tableRow("", "Sous-total des ouvrages", "6"),
			},
			lines + " 8:" + a + "×5 9:×6",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			rows := strings.Join(above, "") + strings.Join(test.below, "")
			workbook := sheettest.Workbook{Sheets: []string{sheettest.Rows(rows)}}
			want := " [0750647W ] " + test.want + "\n"
			if got := summary(Read("x", workbook.Bytes(t), sheettest.Form(t), DefaultLimits())); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

// The names of a sheet with & in its title were not believed: what they refer to was
// decoded twice.
func TestNamesOfASheetWithAnAmpersand(t *testing.T) {
	workbook := sheettest.Workbook{
		Sheets: []string{sheettest.Rows(tableRow("", "0750647W") + tableRow("EAN", "Quantité") +
			tableRow("9782090000313", "3"))},
		Names: `<definedName name="bdc_uai">'Lettres &amp; Cie'!$B$1</definedName>`,
	}
	entries := workbook.Entries()
	for i := range entries {
		entries[i].Text = strings.Replace(entries[i].Text, `name="S1"`, `name="Lettres &amp; Cie"`, 1)
	}
	d := one(t, sheettest.Zip(t, entries...))
	if got := d.Fields[order.FieldUAI]; got.Text != "0750647W" || got.Sheet != "Lettres & Cie" {
		t.Errorf("got UAI %+v, want that of B1", got)
	}
}
