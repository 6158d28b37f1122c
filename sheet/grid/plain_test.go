package grid

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"bdc/sheet/sheettest"
)

// TestPlainCells: cells that are taken in one piece are read like those that are
// read by tokens, as a second space before r makes the scanner do.
func TestPlainCells(t *testing.T) {
	const table = `<si><t>x</t></si><si><t xml:space="preserve"> y </t></si>`
	few := DefaultLimits()
	few.Cells, few.Width, few.String = 6, 40, 20
	for name, xml := range map[string]string{
		"empty tags": `<row r="1"><c r="A1" s="1"/><c r="B1" s="2"/><c r="D1" t="str"><v>x</v></c>` +
			`<c r="E1" s="0"/></row><row r="2"><c r="A2" s="1"/></row>`,
		"end tags": `<row r="1"><c r="A1" s="1"></c><c r="B1" s="2"></c><c r="C1"><v>1</v></c></row>`,
		"no row number": `<row><c r="A1" s="1"/><c r="B1" s="1"/></row><row><c r="A2" s="1"/>` +
			`<c t="str"><v>x</v></c></row>`,
		"a row without cells": `<row r="1"/><row r="2"></row><row r="3"><c r="A3" s="1"/></row>`,
		"a cell's row":        `<row r="1"><c r="A1" s="1"/><c r="A2" s="1"/></row>`,
		"a cell twice":        `<row r="1"><c r="B1" s="1"/><c r="B1" s="1"/></row>`,
		"backwards":           `<row r="1"><c r="B1" s="1"/><c r="A1" s="1"/></row>`,
		"beyond the columns":  `<row r="1"><c r="XFE1" s="1"/></row>`,
		"no reference":        `<row r="1"><c r="" s="1"/></row>`,
		"lower case":          `<row r="1"><c r="a1" s="1"/><c r="b1" s="1"/></row>`,
		"no format":           `<row r="1"><c r="A1" s=""/></row>`,
		"a long format":       `<row r="1"><c r="A1" s="99999999999999999999"/></row>`,
		"too many": `<row r="1"><c r="A1" s="1"/><c r="B1" s="1"/><c r="C1" s="1"/><c r="D1" s="1"/>` +
			`<c r="E1" s="1"/><c r="F1" s="1"/><c r="G1" s="1"/></row>`,
		"too wide": `<row r="1"><c r="AO1" s="1"/></row>`,
		"as many, as wide": `<row r="1"><c r="A1" s="1"/><c r="B1" s="1"/><c r="C1" s="1"/><c r="D1" s="1"/>` +
			`<c r="E1" s="1"/><c r="AN1" s="1"/></row>`,
		"not closed": `<row r="1"><c r="A1" s="1"><c r="B1" s="1"/></row>`,
		"cut short":  `<row r="1"><c r="A1" s="1"/><c r="B1" s="1"`,
		"values": `<row r="1"><c r="A1" t="s"><v>1</v></c><c r="B1" s="1"><v> 46188 </v></c>` +
			`<c r="C1" t="b"><v>1</v></c><c r="D1" t="str"><v>é_x000D_</v></c><c r="E1" t="e"><v>#N/A</v></c></row>`,
		"no values": `<row r="1"><c r="A1" t="s"><v></v></c><c r="B1"><v> </v></c><c r="C1" t="s"></c>` +
			`<c r="D1" t="str"/></row>`,
		"an unknown kind":     `<row r="1"><c r="A1" t="x"><v>1</v></c></row>`,
		"no such string":      `<row r="1"><c r="A1" t="s"><v>99</v></c></row>`,
		"no number":           `<row r="1"><c r="A1"><v>twelve</v></c></row>`,
		"no truth":            `<row r="1"><c r="A1" t="b"><v>2</v></c></row>`,
		"a control character": "<row r=\"1\"><c r=\"A1\" t=\"str\"><v>\x01</v></c></row>",
		"no UTF-8":            "<row r=\"1\"><c r=\"A1\" t=\"str\"><v>\xff</v></c></row>",
		"an entity":           `<row r="1"><c r="A1" t="str"><v>a&amp;b</v></c><c r="B&#49;" s="1"/></row>`,
		"beyond the limit":    `<row r="1"><c r="IW1"><v>1</v></c></row>`,
		"a long value":        `<row r="1"><c r="A1" t="str"><v>` + strings.Repeat("é", 30) + `</v></c></row>`,
		"a formula's text": `<row r="1"><c r="A1" s="1"><f>A2&amp;&quot;x&quot;</f><v>7</v></c><c r="B1" s="1"/>` +
			`<c r="C1" t="inlineStr"><is><t>a&amp;b</t></is></c></row>`,
		"a formula's entity": `<row r="1"><c r="A1" s="1"><f>&nothing;</f></c></row>`,
	} {
		for _, lim := range []Limits{few, DefaultLimits()} {
			read := func(xml string) string {
				grids, err := readGrids(sheettest.Workbook{
					Sheets: []string{sheettest.Rows(xml)}, Strings: table,
					Styles: `<cellXfs><xf/><xf numFmtId="14"/></cellXfs>`,
				}.Bytes(t), lim)
				text := fmt.Sprintln(err)
				for _, g := range grids {
					text += fmt.Sprintf("%+v %+v %+v", g.Rows, g.Cells, g.Uncomputed)
				}
				return text
			}
			if got, want := read(xml), read(strings.ReplaceAll(xml, "<c r=", "<c  r=")); got != want {
				t.Errorf("%s, at most %d cells:\ngot  %s\nwant %s", name, lim.Cells, got, want)
			}
		}
	}
}

// TestPlainStrings is the same for the table of shared strings.
func TestPlainStrings(t *testing.T) {
	few := DefaultLimits()
	few.Cells, few.Text, few.String = 3, 30, 20
	for name, table := range map[string]string{
		"texts":          `<si><t>a</t></si><si><t xml:space="preserve"> b </t></si><si><t></t></si>`,
		"others between": `<si><t>a</t></si><si/><si><r><t>b</t></r></si><si><t>c&amp;d</t></si><si><t>e</t></si>`,
		"too many":       `<si><t>a</t></si><si><t>b</t></si><si><t>c</t></si><si><t>d</t></si>`,
		"too long":       `<si><t>` + strings.Repeat("é", 21) + `</t></si>`,
		"too much": `<si><t>` + strings.Repeat("a", 20) + `</t></si><si><t>` +
			strings.Repeat("a", 20) + `</t></si>`,
		"a control character": "<si><t>\x01</t></si>",
		"escapes":             `<si><t>a_x000D_b</t></si>`,
		"not closed":          `<si><t>a</t></si><si><t>b</si>`,
	} {
		for _, lim := range []Limits{few, DefaultLimits()} {
			read := func(table string) string {
				p, err := Open(sheettest.Workbook{Sheets: []string{sheettest.Rows("")}, Strings: table}.Bytes(t), lim)
				if err != nil {
					t.Fatal(err)
				}
				all, err := p.sharedStrings("xl/sharedstrings.xml")
				return fmt.Sprintf("%+v %v", *all, err)
			}
			if got, want := read(table), read(strings.ReplaceAll(table, "<si>", "<si >")); got != want {
				t.Errorf("%s, at most %d strings:\ngot  %s\nwant %s", name, lim.Cells, got, want)
			}
		}
	}
}

// FuzzPlain holds what is taken in one piece against what is read by tokens: a
// window that fills by a few bytes seldom has a whole cell.
func FuzzPlain(f *testing.F) {
	f.Add(`<row r="1"><c r="A1" s="1"/><c r="B1" s="2"></c><c r="C1" t="s"><v>0</v></c><c r="D1"><v>1</v></c></row>` +
		`<row r="2"><c r="A2"><f>1</f><v>1</v></c><c r="B2" t="b"><v>1</v></c></row>`)
	f.Add(`<row><c r="A1" t="str"><v>x</v></c><c t="inlineStr"><is><t>y</t></is></c><c r="C1" s="x"/></row>`)
	f.Fuzz(func(t *testing.T, xml string) {
		lim := DefaultLimits()
		lim.Cells, lim.Rows, lim.Columns, lim.Width, lim.Merges, lim.String = 500, 100, 50, 2_000, 20, 1_000
		read := func(from func(string) io.Reader) string {
			// The first of the window comes at once however it fills.
			part := "<!--" + strings.Repeat("-", 300) + "--><worksheet>" + sheettest.Rows(xml) + "</worksheet>"
			g := &Grid{}
			c := &cellReader{
				grid: g, lim: &lim, used: &usage{}, strings: &sharedStrings{all: "ab", ends: []uint32{1, 2}},
				styles: []style{{}, {date: true}},
			}
			if err := scan(from(part), c.visit); err != nil {
				return "refused"
			}
			return fmt.Sprintf("%+v %+v %+v %+v", g.Rows, g.Cells, g.Uncomputed, *c.used)
		}
		whole := read(func(s string) io.Reader { return strings.NewReader(s) })
		pieces := read(func(s string) io.Reader { return &trickle{strings.NewReader(s), 3} })
		if whole != pieces {
			t.Fatalf("got  %s\nwant %s", whole, pieces)
		}
	})
}
