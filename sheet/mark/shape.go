package mark

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"bdc/sheet/grid"
)

// vmlNamespaces declares the namespaces of VML.
const vmlNamespaces = ` xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"` +
	` xmlns:x="urn:schemas-microsoft-com:office:excel"`

// addDrawing adds an empty drawing to a sheet and returns its part.
func (p *parts) addDrawing(g *worksheet, schema string) (string, error) {
	const pattern = "xl/drawings/vmldrawing%d.vml"
	drawing, n := p.free(pattern), 0
	if _, err := fmt.Sscanf(drawing, pattern, &n); err != nil {
		return "", err
	}
	p.write(drawing, fmt.Appendf(nil, `<xml`+vmlNamespaces+`><o:shapelayout v:ext="edit">`+
		`<o:idmap v:ext="edit" data="%d"/></o:shapelayout></xml>`, ownShapes+n))
	id, err := p.relate(g.part, schema+"vmlDrawing", drawing)
	if err != nil {
		return "", err
	}
	xml := fmt.Sprintf(`<legacyDrawing xmlns:r="%s" r:id="%s"/>`, strings.TrimSuffix(schema, "/"), id)
	g.edits = append(g.edits, edit{g.afterDrawing, g.afterDrawing, prefixed(xml, g.root.prefix)})
	return drawing, p.declare("", "vml", "application/vnd.openxmlformats-officedocument.vmlDrawing")
}

// shape is a shape in a drawing, and where it stands in the text of the part. Not all are
// of notes: a button has a shape, too.
type shape struct {
	from, to int
	id       string
	note     bool
	at       grid.Pos // the cell, if it is the shape of a note
}

// drawing is the part in which the shapes of a sheet's notes stand, in VML.
type drawing struct {
	text   []byte
	root   [2]tag // start and end of the root element
	shapes []shape
	typed  bool // the drawing defines the type of a note's shape
	lastID int  // the highest number among the ids of shapes

	open  shape  // the one being read
	value string // the text of the element being read
}

// readDrawing reads a drawing.
func readDrawing(text []byte) (*drawing, error) {
	d := &drawing{text: text, lastID: 1024}
	if err := walkAs(false, text, d.visit); err != nil || d.root[1].name == "" {
		return nil, malformed("a drawing that can't be read: %v", err)
	}
	for _, s := range d.shapes {
		if n, err := strconv.Atoi(strings.TrimPrefix(s.id, "_x0000_s")); err == nil {
			d.lastID = max(d.lastID, n)
		}
	}
	return d, nil
}

func (d *drawing) visit(t tag) error {
	switch t.kind {
	case tagText:
		d.value += t.text
	case tagStart:
		d.value = ""
		d.start(t)
	case tagEnd:
		d.end(t)
	}
	return nil
}

func (d *drawing) start(t tag) {
	switch {
	case t.depth == 1:
		d.root[0] = t
	case t.name == "shape" && t.depth == 2:
		d.open = shape{from: t.from, id: t.attr("id")}
	case t.name == "idmap":
		d.lastID = max(d.lastID, 1024*int(number(t.attr("data"), 1)))
	case t.name == "shapetype":
		d.typed = d.typed || t.attr("id") == noteShape
	case t.name == "ClientData":
		d.open.note = t.attr("ObjectType") == "Note"
	}
}

func (d *drawing) end(t tag) {
	switch {
	case t.depth == 1:
		d.root[1] = t
	case t.name == "Row":
		d.open.at.Row = int(number(strings.TrimSpace(d.value), -1)) + 1
	case t.name == "Column":
		d.open.at.Col = int(number(strings.TrimSpace(d.value), -1)) + 1
	case t.name == "shape" && t.depth == 2:
		d.open.to = t.to
		d.shapes = append(d.shapes, d.open)
	}
}

// redraw removes the shapes of the notes that are gone, and draws those of the notes that
// are new or longer. All other shapes stay as they are.
func (d *drawing) redraw(ws *worksheet, notes *notesChange, spots map[grid.Pos]*spot) []byte {
	var edits []edit
	for _, s := range d.shapes {
		_, grown := notes.lines[s.at]
		if s.note && (grown || slices.Contains(notes.gone, s.at)) {
			edits = append(edits, edit{s.from, s.to, ""})
		}
	}
	var added strings.Builder
	if !d.typed && len(notes.lines) > 0 {
		added.WriteString(
			`<v:shapetype xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"` +
				` id="` + noteShape + `" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">` +
				`<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>`,
		)
	}
	for i, at := range slices.SortedFunc(maps.Keys(notes.lines), byPlace) {
		edge := alarmLook().edge
		if s := spots[at]; s != nil {
			edge = s.marks[0].look().edge
		}
		added.WriteString(ws.shape(at, notes.lines[at], d.lastID+1+i, edge))
	}
	if added.Len() > 0 {
		edits = append(edits, atEnd(d.text, d.root[0], d.root[1], added.String()))
	}
	return splice(d.text, edits)
}

// ownShapes is the first of the blocks of 1,024 shape ids that drawings of ours take.
// Excel takes blocks from 1 on, one for each sheet.
const ownShapes = 500

// noteShape is the id that Excel gives the type of a note's shape.
const noteShape = "_x0000_t202"

// shape is the VML of the note of a cell: a box to the right of the cell, high enough for
// that many lines of text.
func (ws *worksheet) shape(at grid.Pos, lines, id int, edge string) string {
	const width, lineHeight = 320, 15 // pixels
	right, rightAt := across(ws.anchor(at).Last.Col, 15+width, grid.LastColumn, ws.columnPixels)
	bottom, bottomAt := across(at.Row-1, 2+lines*lineHeight+10, grid.LastRow, ws.rowPixels)
	left := min(ws.anchor(at).Last.Col, right)
	return fmt.Sprintf(
		`<v:shape`+vmlNamespaces+` id="_x0000_s%d" type="#%s"`+
			` style="position:absolute;margin-left:60pt;margin-top:2pt;width:%dpt;height:%dpt;`+
			`z-index:1;visibility:hidden" fillcolor="#fffdf5" strokecolor="#%s" o:insetmode="auto">`+
			`<v:fill color2="#fffdf5"/><v:shadow on="t" color="black" obscured="t"/>`+
			`<v:path o:connecttype="none"/><v:textbox style="mso-direction-alt:auto">`+
			`<div style="text-align:left"></div></v:textbox>`,
		id, noteShape, width*3/4, (lines*lineHeight+10)*3/4, edge[2:],
	) + fmt.Sprintf(
		`<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/>`+
			`<x:Anchor>%d, 15, %d, 2, %d, %d, %d, %d</x:Anchor><x:AutoFill>False</x:AutoFill>`+
			`<x:Row>%d</x:Row><x:Column>%d</x:Column></x:ClientData></v:shape>`,
		left, at.Row-1, right, rightAt, bottom, bottomAt, at.Row-1, at.Col-1,
	)
}

// across goes that many pixels to the right, from the left edge of the column from. It returns
// the column where it arrives, and the offset within that column in pixels; it goes no
// further than the last column. For rows it goes down in the same way. The columns from and
// at count from 0, as VML does; last and the argument of size count from 1.
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

func (ws *worksheet) columnPixels(col int) int {
	for _, c := range ws.cols {
		if col >= c.first && col <= c.last {
			if c.hidden {
				return 0
			}
			return int(c.width*7) + 5
		}
	}
	return int(ws.width*7) + 5
}

func (ws *worksheet) rowPixels(row int) int {
	if points, ok := ws.tall[row]; ok {
		return int(points * 4 / 3)
	}
	return int(ws.height * 4 / 3)
}
