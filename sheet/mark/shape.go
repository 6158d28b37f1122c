package mark

import (
	"bdc/sheet/grid"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// addDrawing gives a sheet the part in which the shapes of its notes stand.
func (p *parts) addDrawing(g *worksheet, schema string) (string, error) {
	const pattern = "xl/drawings/vmldrawing%d.vml"
	drawing, n := p.free(pattern), 0
	if _, err := fmt.Sscanf(drawing, pattern, &n); err != nil {
		return "", err
	}
	p.write(drawing, []byte(`<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:x="urn:schemas-microsoft-com:office:excel">`+
		fmt.Sprintf(`<o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="%d"/></o:shapelayout></xml>`, ownShapes+n)))
	id, err := p.relate(g.part, schema+"vmlDrawing", drawing)
	if err != nil {
		return "", err
	}
	xml := fmt.Sprintf(`<legacyDrawing xmlns:r="%s" r:id="%s"/>`, strings.TrimSuffix(schema, "/"), id)
	g.edits = append(g.edits, edit{g.afterDrawing, g.afterDrawing, prefixed(xml, g.root.prefix)})
	return drawing, p.declare("", "vml", "application/vnd.openxmlformats-officedocument.vmlDrawing")
}

// shape is the drawing of one note.
type shape struct {
	from, to int
	id       string
	note     bool
	at       grid.Pos
}

// reshape takes the shapes of notes that are gone out of a drawing, and draws
// those that are new or have grown. Buttons and the like stay as they are.
func reshape(text []byte, g *worksheet, gone []grid.Pos, lines map[grid.Pos]int, spots map[grid.Pos]*spot) ([]byte, error) {
	var shapes []shape
	var s shape
	var rootEnd tag
	var root tag
	value := ""
	typed := false
	next := 1024 // the last id given
	err := walkAs(false, text, func(t tag) error {
		switch {
		case t.kind == tagText:
			value += t.text
		case t.kind == tagStart:
			value = ""
			switch {
			case t.depth == 1:
				root = t
			case t.name == "shape" && t.depth == 2:
				s = shape{from: t.from, id: t.attr("id")}
			case t.name == "idmap":
				next = max(next, 1024*int(number(t.attr("data"), 1)))
			case t.name == "shapetype":
				typed = typed || t.attr("id") == noteShape
			case t.name == "ClientData":
				s.note = t.attr("ObjectType") == "Note"
			}
		case t.depth == 1:
			rootEnd = t
		case t.name == "Row":
			s.at.Row = int(number(strings.TrimSpace(value), -1)) + 1
		case t.name == "Column":
			s.at.Col = int(number(strings.TrimSpace(value), -1)) + 1
		case t.name == "shape" && t.depth == 2:
			s.to = t.to
			shapes = append(shapes, s)
		}
		return nil
	})
	if err != nil || rootEnd.name == "" {
		return nil, malformed("a drawing that can't be read: %v", err)
	}
	var edits []edit
	for _, s := range shapes {
		if n, err := strconv.Atoi(strings.TrimPrefix(s.id, "_x0000_s")); err == nil {
			next = max(next, n)
		}
		_, grown := lines[s.at]
		if s.note && (grown || slices.Contains(gone, s.at)) {
			edits = append(edits, edit{s.from, s.to, ""})
		}
	}
	var added strings.Builder
	if !typed && len(lines) > 0 {
		added.WriteString(`<v:shapetype xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" id="` + noteShape + `" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>`)
	}
	for _, at := range slices.SortedFunc(maps.Keys(lines), byPlace) {
		next++
		edge := alarmLook().edge
		if s := spots[at]; s != nil {
			edge = s.marks[0].look().edge
		}
		added.WriteString(g.shape(at, lines[at], next, edge))
	}
	if added.Len() > 0 {
		edits = append(edits, atEnd(text, root, rootEnd, added.String()))
	}
	return splice(text, edits), nil
}

// ownShapes is the first block of 1,024 shape ids for drawings of ours. Excel
// gives the low ones to sheets as they come.
const ownShapes = 500

// noteShape is the id that Excel gives the type of a note's shape.
const noteShape = "_x0000_t202"

// shape draws the note of a cell, to the right of it, for so many lines.
func (g *worksheet) shape(at grid.Pos, lines, id int, edge string) string {
	const width, lineHeight = 320, 15 // pixels
	right, rightAt := across(g.anchor(at).Last.Col, 15+width, grid.LastColumn, g.columnPixels)
	bottom, bottomAt := across(at.Row-1, 2+lines*lineHeight+10, grid.LastRow, g.rowPixels)
	left := min(g.anchor(at).Last.Col, right)
	return fmt.Sprintf(`<v:shape xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:x="urn:schemas-microsoft-com:office:excel"`+
		` id="_x0000_s%d" type="#%s" style="position:absolute;margin-left:60pt;margin-top:2pt;width:%dpt;height:%dpt;z-index:1;visibility:hidden" fillcolor="#fffdf5" strokecolor="#%s" o:insetmode="auto">`+
		`<v:fill color2="#fffdf5"/><v:shadow on="t" color="black" obscured="t"/><v:path o:connecttype="none"/><v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox>`+
		`<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>%d, 15, %d, 2, %d, %d, %d, %d</x:Anchor><x:AutoFill>False</x:AutoFill><x:Row>%d</x:Row><x:Column>%d</x:Column></x:ClientData></v:shape>`,
		id, noteShape, width*3/4, (lines*lineHeight+10)*3/4, edge[2:], left, at.Row-1, right, rightAt, bottom, bottomAt, at.Row-1, at.Col-1)
}

// across goes so many pixels on from the beginning of a column or row, counted
// from 0, and returns where that is. It stays on the sheet.
func across(from, pixels, last int, size func(int) int) (at, offset int) {
	for at = min(from, last-1); at < last-1; at++ {
		n := size(at + 1)
		if pixels < n {
			return at, pixels
		}
		pixels -= n
	}
	return at, 0
}

func (g *worksheet) columnPixels(col int) int {
	for _, c := range g.cols {
		if col >= c.first && col <= c.last {
			if c.hidden {
				return 0
			}
			return int(c.width*7) + 5
		}
	}
	return int(g.width*7) + 5
}

func (g *worksheet) rowPixels(row int) int {
	if points, ok := g.tall[row]; ok {
		return int(points * 4 / 3)
	}
	return int(g.height * 4 / 3)
}
