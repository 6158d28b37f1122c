package validate

import (
	"strconv"
	"strings"
	"testing"

	"bdc/order"
)

// TestWhatStandsBesideTheCells: what denies or changes a line or the form is held, with its cell and
// its words; what only describes passes. The judge of sentences is a stand-in here.
func TestWhatStandsBesideTheCells(t *testing.T) {
	form := testForm(t)
	doubts := func(text string, _ *order.Line) bool { return strings.Contains(text, "au lieu de") }
	ours := func(text string) bool { return text == "Annulez par courrier" }
	beside := func(head, text string) order.Aside {
		return order.Aside{Kind: order.AsideBeside, Row: 31, Head: head, Cell: order.Cell{Ref: "L31", Text: text}}
	}
	at := func(kind order.AsideKind, text string) order.Aside {
		return order.Aside{Kind: kind, Cell: order.Cell{Ref: "A3", Text: text}}
	}
	for _, tt := range []struct {
		name  string
		aside order.Aside
		want  string
	}{
		{"a second quantity", beside("Nouvelle quantité", "25"), "form.words.doubt L31"},
		{"the same quantity", beside("Effectif", "30"), ""},
		{"the number of the line", beside("N°", "1"), ""},
		{"a right total", beside("Total HT", "222"), ""},
		{"a right total with the tax of Corsica", beside("Total TTC", "226,66"), ""},
		{"a total of another quantity", beside("Total HT", "185"), "form.words.doubt L31"},
		{"no", beside("À commander", "N"), "form.words.doubt L31"},
		{"a cross", beside("Annulé", "x"), "form.words.doubt L31"},
		{"a state", beside("État", "reporté"), "form.words.doubt L31"},
		{"another level", beside("Remarque", "pour les 6e"), "form.words.doubt L31"},
		{"a class", beside("Classe", "6e B"), ""},
		{"a sentence that doubts", beside("", "25 au lieu de 30"), "form.words.doubt L31"},
		{"a heading", at(order.AsideText, "TITRES ANNULÉS"), "form.words.doubt A3"},
		{"another school", at(order.AsideText, "Pour le collège Victor Hugo"), "form.words.doubt A3"},
		{"this school", at(order.AsideText, "Pour le lycée Turgot"), ""},
		{"what we print", at(order.AsideText, "Annulez par courrier"), ""},
		{"an address", at(order.AsideText, "5 rue des Marronniers"), ""},
		{"a legend", at(order.AsideText, "En jaune : pour mémoire"), "form.words.doubt A3"},
		{"a legend of lines grey", at(order.AsideText, "Lignes grisées"), "form.words.doubt A3"},
		{"the name of a publisher", at(order.AsideText, "Rouge et Or"), ""},
		{"a legend that changes its line", order.Aside{
			Kind: order.AsideText, Rows: []int{31}, Cell: order.Cell{Ref: "A3", Text: "= licence 3 ans"},
		}, "form.words.doubt A3"},
		{"a legend that does not", order.Aside{
			Kind: order.AsideText, Rows: []int{31}, Cell: order.Cell{Ref: "A3", Text: "= nouveautés"},
		}, ""},
		{"more than is read", at(order.AsideMore, ""), "form.words.doubt A3"},
		{"a note", at(order.AsideNote, "plutôt 25 au lieu de 30"), "form.words.doubt A3"},
		{"a name of a sheet", at(order.AsideSheet, "ANNULÉ"), "form.words.doubt A3"},
		{"a copied sheet", at(order.AsideSheet, "Turgot (2)"), ""},
		{"a name of a file", at(order.AsideFile, "devis Turgot"), "form.words.doubt A3"},
		{"a struck cell", at(order.AsideStruck, "28"), "form.cell.struck A3"},
		{"a picture", at(order.AsidePicture, ""), "form.object A3"},
		{"a text box", at(order.AsideBox, "Merci"), "form.object A3"},
	} {
		d := goodDraft(form, 2)
		o, _, _ := Check(form, d, testBook(t), Sender{Any: true}, Policy{})
		d.Asides = []order.Aside{tt.aside}
		var got []string
		for _, f := range Asides(form, d, &o, Policy{}, doubts, ours) {
			got = append(got, string(f.Code)+" "+f.Cell)
			if f.Value != tt.aside.Text {
				t.Errorf("%s: got the words %q, want %q", tt.name, f.Value, tt.aside.Text)
			}
		}
		if text := strings.Join(got, " "); text != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, text, tt.want)
		}
	}
}

// TestNumberingColumns: a column that numbers the rows, or has years, is no second quantity.
func TestNumberingColumns(t *testing.T) {
	form := testForm(t)
	d := goodDraft(form, 3)
	for _, tt := range []struct {
		head string
		text [3]string
		want int
	}{
		{"Repère", [3]string{"1", "2", "3"}, 0},
		{"", [3]string{"2024", "2025", "2024"}, 0},
		{"Qté", [3]string{"1", "2", "3"}, 3},
		{"Repère", [3]string{"1", "2", "4"}, 3},
		{"", [3]string{"2024", "12", "2024"}, 3},
	} {
		o, _, _ := Check(form, d, testBook(t), Sender{Any: true}, Policy{})
		d.Asides = nil
		for i, text := range tt.text {
			row := o.Lines[i].Row
			d.Asides = append(d.Asides, order.Aside{
				Kind: order.AsideBeside, Row: row, Head: tt.head,
				Cell: order.Cell{Ref: "L" + strconv.Itoa(row), Text: text, Kind: order.KindNumber},
			})
		}
		never := func(string, *order.Line) bool { return false }
		got := Asides(form, d, &o, Policy{}, never, func(string) bool { return false })
		if len(got) != tt.want {
			t.Errorf("%q %v: got %v, want %d findings", tt.head, tt.text, told(got), tt.want)
		}
	}
}

// TestStruckLinesWithoutQuantity: a line that is struck through and has no quantity orders nothing.
func TestStruckLinesWithoutQuantity(t *testing.T) {
	form := testForm(t)
	d := goodDraft(form, 3)
	l := &d.Lines[1]
	delete(l.Cells, order.ColumnQuantity)
	ean := l.Cells[order.ColumnEAN]
	d.Asides = []order.Aside{{Kind: order.AsideStruck, Row: l.Row, Cell: order.Cell{
		Sheet: l.Sheet, Ref: ean.Ref, Text: ean.Text,
	}}}
	o, findings, verdict := Check(form, d, testBook(t), Sender{Any: true}, Policy{})
	never := func(string, *order.Line) bool { return false }
	findings = append(findings, Asides(form, d, &o, Policy{}, never, func(string) bool { return false })...)
	if len(o.Lines) != 2 || verdict != order.Accepted || order.Judge(findings) != order.Accepted {
		t.Errorf("got %d lines, %v; want the two others accepted", len(o.Lines), told(findings))
	}
}

// TestCellsThatDeny: words in the cells of a line or of the header that deny or change.
func TestCellsThatDeny(t *testing.T) {
	form := testForm(t)
	doubts := func(text string, _ *order.Line) bool { return strings.Contains(text, "au lieu de") }
	for _, tt := range []struct {
		id, text string
		want     bool
	}{
		{order.ColumnRemark, "ANNULÉ", true},
		{order.ColumnRemark, "25 au lieu de 30", true},
		{order.ColumnRemark, "+5", true},
		{order.ColumnRemark, "disponible ?", true},
		{order.ColumnRemark, "licence 3 ans", true},
		{order.ColumnRemark, "UAI 0750650Z", true},
		{order.ColumnRemark, "classe de 2de 4", false},
		{order.ColumnPublisher, "à confirmer", true},
		{order.ColumnTitle, "Physique-Chimie 2de (annulé)", true},
		{order.ColumnTitle, "Physique-Chimie 2de élève 1 an", false},
		{order.FieldReference, "Devis 118", true},
		{order.FieldReference, "BC 2026/118", false},
		{order.FieldAddress, "chez Lycée Victor Hugo", true},
	} {
		d := goodDraft(form, 1)
		cells := d.Lines[0].Cells
		if _, ok := d.Fields[tt.id]; ok {
			cells = d.Fields
		}
		cells[tt.id] = order.Cell{Text: tt.text, Ref: "K31"}
		o, _, _ := Check(form, d, testBook(t), Sender{Any: true}, Policy{})
		found := Asides(form, d, &o, Policy{}, doubts, func(string) bool { return false })
		if (len(found) == 1 && found[0].Cell == "K31" && found[0].Severity == order.Hold) != tt.want ||
			!tt.want && len(found) > 0 {
			t.Errorf("%s %q: got %v, want it held: %t", tt.id, tt.text, told(found), tt.want)
		}
	}
}
