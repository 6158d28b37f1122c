package grid

import (
	"fmt"
	"strings"
	"testing"

	"bdc/sheet/sheettest"
)

// TestAsides: notes, threads, shapes, pictures, page headers and what is struck through are read.
func TestAsides(t *testing.T) {
	const rels = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`
	wb := sheettest.Workbook{
		Styles: `<fonts><font/><font><strike/></font></fonts><cellXfs><xf fontId="0"/><xf fontId="1"/></cellXfs>`,
		Sheets: []string{sheettest.Rows(`<row r="1"><c r="A1" s="1"><v>28</v></c>`+
			`<c r="B1" t="inlineStr"><is><r><rPr><strike/>`+
			`</rPr><t>28</t></r><r><t>25</t></r></is></c><c r="C1"><v>3</v></c></row>`) +
			`<headerFooter><oddHeader>&amp;C&amp;"Arial,Bold"&amp;12ANNULE</oddHeader></headerFooter>`},
	}
	entries := wb.Entries()
	add := func(name, text string) { entries = append(entries, sheettest.Entry{Name: name, Text: text}) }
	add("xl/worksheets/_rels/sheet1.xml.rels", rels+
		`<Relationship Id="a" Type="x/comments" Target="../comments1.xml"/>`+
		`<Relationship Id="b" Type="x/threadedComment" Target="../threads.xml"/>`+
		`<Relationship Id="c" Type="x/drawing" Target="../drawing.xml"/></Relationships>`)
	add("xl/comments1.xml", `<comments><authors><author>Claire</author><author>tc=1</author></authors><commentList>`+
		`<comment ref="D28" authorId="0"><text><r><t>plutôt </t></r><r><t>25</t></r></text></comment>`+
		`<comment ref="D29" authorId="1"><text><t>[Commentaire]</t></text></comment></commentList></comments>`)
	add("xl/threads.xml",
		`<ThreadedComments><threadedComment ref="D29"><text>à revoir</text></threadedComment></ThreadedComments>`)
	add("xl/drawing.xml", `<d:wsDr xmlns:d="d" xmlns:a="a"><d:sp><a:p><a:t>DEVIS</a:t></a:p></d:sp><d:pic/></d:wsDr>`)
	got, err := Read("xlsx", sheettest.Zip(t, entries...), DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	g := got.Grids()[0]
	var list []string
	for _, a := range g.Asides {
		list = append(list, strings.TrimSpace(fmt.Sprintf("%d %s %s", a.Kind, a.Author, a.Text)))
	}
	want := "3  ANNULE; 0 Claire plutôt 25; 1  DEVIS; 2; 0  à revoir"
	if text := strings.Join(list, "; "); text != want {
		t.Errorf("got  %s\nwant %s", text, want)
	}
	if text := fmt.Sprint(g.Struck); text != "[A1 B1]" {
		t.Errorf("struck through: got %s, want [A1 B1]", text)
	}
}

// TestMoreNotesThanAreRead: a sheet with more notes than are read says so.
func TestMoreNotesThanAreRead(t *testing.T) {
	g := &Grid{}
	for range maxAsides {
		g.aside(Aside{Text: "x"})
	}
	if g.Unread {
		t.Error("got more, want all read")
	}
	if g.aside(Aside{Text: "ANNULE"}); !g.Unread || len(g.Asides) != maxAsides {
		t.Errorf("got %d asides, more: %t; want the bound, and more", len(g.Asides), g.Unread)
	}
}
