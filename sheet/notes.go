package sheet

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// noteAuthor is who wrote the notes of ours.
const noteAuthor = "Contrôle du bon de commande"

// comment is a note as it stands in its part.
type comment struct {
	at       pos
	from, to int // the element
	in, out  int // the content of its <text>
	runs     []run
}

// run is a piece of a note's text, at [from:to] of its part.
type run struct {
	from, to int
	text     string
}

func (c *comment) text() string {
	var b strings.Builder
	for _, r := range c.runs {
		b.WriteString(r.text)
	}
	return b.String()
}

// commentsPart is the notes of a sheet.
type commentsPart struct {
	text       []byte
	root       tag
	authors    []string
	authorTags [2]tag // start and end of <authors>
	listTags   [2]tag // and of <commentList>
	comments   []comment
}

func emptyComments(namespace string) []byte {
	return []byte(xmlHeader + `<comments xmlns="` + namespace + `"><authors></authors><commentList></commentList></comments>`)
}

func readComments(text []byte) (*commentsPart, error) {
	p := &commentsPart{text: text}
	var c comment
	var author, piece strings.Builder
	inText := false
	err := walk(text, func(t tag) error {
		switch t.kind {
		case tagText:
			switch {
			case t.parent == "author":
				author.WriteString(t.text)
			case t.parent == "t" && inText:
				piece.WriteString(t.text)
			}
		case tagStart:
			switch {
			case t.depth == 1:
				p.root = t
			case t.depth == 2 && t.name == "authors":
				p.authorTags[0] = t
			case t.depth == 2 && t.name == "commentList":
				p.listTags[0] = t
			case t.depth == 3 && t.name == "author":
				author.Reset()
			case t.depth == 3 && t.name == "comment":
				at, ok := parsePos([]byte(t.attr("ref")))
				if !ok {
					return malformed("a note at %q", t.attr("ref"))
				}
				c = comment{at: at, from: t.from}
			case t.depth == 4 && t.name == "text" && t.parent == "comment":
				c.in, c.out = t.to, t.to
				inText = true
			case t.depth == 5 && inText:
				piece.Reset()
				c.runs = append(c.runs, run{from: t.from})
				inText = t.name == "r" || t.name == "t"
			}
		case tagEnd:
			switch {
			case t.depth == 2 && t.name == "authors":
				p.authorTags[1] = t
			case t.depth == 2 && t.name == "commentList":
				p.listTags[1] = t
			case t.depth == 3 && t.name == "author":
				p.authors = append(p.authors, author.String())
			case t.depth == 3 && t.name == "comment":
				c.to = t.to
				p.comments = append(p.comments, c)
			case t.depth == 4 && t.name == "text" && t.parent == "comment":
				c.out = t.from
				inText = false
			case t.depth == 5 && len(c.runs) > 0 && c.in > 0 && c.out <= t.from:
				last := &c.runs[len(c.runs)-1]
				last.to, last.text = t.to, piece.String()
				piece.Reset()
				inText = true
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if p.root.name != "comments" || p.listTags[1].name == "" || p.authorTags[1].name == "" {
		return nil, malformed("no list of notes")
	}
	return p, nil
}

// kept is what of a note was there before us: its runs, as XML, and whether all
// of it was.
func (p *commentsPart) kept(c comment) (xml string, whole bool) {
	text := c.text()
	if !isOurs(text) {
		if len(c.runs) == 1 && !strings.Contains(string(p.text[c.runs[0].from:c.runs[0].to]), "r>") {
			return prefixed(plainRun(text), p.root.prefix), true // a bare <t>
		}
		return string(p.text[c.in:c.out]), true
	}
	_, rest, found := strings.Cut(text, noteRule)
	if !found || rest == "" {
		return "", false
	}
	at := len(text) - len(rest)
	for _, r := range c.runs {
		switch {
		case at <= 0:
			xml += string(p.text[r.from:r.to])
		case at < len(r.text):
			xml += prefixed(plainRun(r.text[at:]), p.root.prefix)
		}
		at -= len(r.text)
	}
	return xml, false
}

func plainRun(text string) string { return piece{text: text}.run() }

// run is the piece as XML.
func (p piece) run() string {
	bold, rgb := "", p.rgb
	if p.bold {
		bold = "<b/>"
	}
	if rgb == "" {
		rgb = "FF1A1A1A"
	}
	return `<r><rPr>` + bold + `<sz val="9"/><color rgb="` + rgb + `"/><rFont val="Tahoma"/><family val="2"/></rPr><t xml:space="preserve">` + xmlText(p.text) + `</t></r>`
}

// change takes the notes of ours out that were there, adds those of the spots,
// and returns the part, with the cells whose note is gone and those whose note
// is new or longer, with the number of its lines.
func (p *commentsPart) change(spots map[pos]*spot) (text []byte, gone []pos, lines map[pos]int, err error) {
	author := slices.Index(p.authors, noteAuthor)
	var edits []edit
	if author < 0 {
		author = len(p.authors)
		edits = append(edits, atEnd(p.text, p.authorTags[0], p.authorTags[1], prefixed("<author>"+xmlText(noteAuthor)+"</author>", p.root.prefix)))
	}
	lines = map[pos]int{}
	done := map[pos]bool{}
	for _, c := range p.comments {
		s := spots[c.at]
		old, whole := p.kept(c)
		if done[c.at] || s == nil && whole {
			continue
		}
		done[c.at] = true
		switch {
		case s == nil && old == "":
			edits = append(edits, edit{c.from, c.to, ""})
			gone = append(gone, c.at)
		case s == nil:
			edits = append(edits, edit{c.in, c.out, old})
		case c.in == 0 || c.in > c.out:
			return nil, nil, nil, malformed("a note without text at %v", c.at)
		default:
			xml := prefixed(runsOf(s, old != ""), p.root.prefix) + old
			edits = append(edits, edit{c.in, c.out, xml})
			lines[c.at] = linesOf(s) + strings.Count(c.text(), "\n") + 3
		}
	}
	var added strings.Builder
	for _, at := range slices.SortedFunc(maps.Keys(spots), byPlace) {
		if !done[at] {
			fmt.Fprintf(&added, `<comment ref="%s" authorId="%d"><text>%s</text></comment>`, at, author, runsOf(spots[at], false))
			lines[at] = linesOf(spots[at])
		}
	}
	if added.Len() > 0 {
		edits = append(edits, atEnd(p.text, p.listTags[0], p.listTags[1], prefixed(added.String(), p.root.prefix)))
	}
	return splice(p.text, edits), gone, lines, nil
}

func byPlace(a, b pos) int {
	if a.row != b.row {
		return a.row - b.row
	}
	return a.col - b.col
}

// runsOf is the note of a spot as XML, with the line above what was there.
func runsOf(s *spot, more bool) string {
	var b strings.Builder
	for _, p := range s.note() {
		b.WriteString(p.run())
	}
	if more {
		b.WriteString(plainRun(noteRule))
	}
	return b.String()
}

// linesOf is about how many lines a note takes, at the width of its shape.
func linesOf(s *spot) int {
	const perLine = 46
	var text strings.Builder
	for _, p := range s.note() {
		text.WriteString(p.text)
	}
	n := 0
	for line := range strings.SplitSeq(text.String(), "\n") {
		n += 1 + len([]rune(line))/perLine
	}
	return n
}

// annotate puts the notes of the spots into a sheet. The schema begins the types
// of the relationships of the workbook.
func (p *parts) annotate(g *page, spots map[pos]*spot, schema string) error {
	links, err := p.links(g.part)
	if err != nil {
		return err
	}
	var commentPart, drawing string
	for _, l := range links {
		switch {
		case l.kind == "comments":
			commentPart = l.target
		case l.id == g.legacy && l.kind == "vmlDrawing":
			drawing = l.target
		case l.kind == "threadedComment" && len(spots) > 0:
			// Excel shows the thread and hides the note below it.
			return fmt.Errorf("part %s: %w", l.target, malformed("a thread of comments"))
		}
	}
	if commentPart == "" && len(spots) == 0 {
		return nil
	}
	var text []byte
	if commentPart == "" {
		commentPart = p.free("xl/comments%d.xml")
		text = emptyComments(g.root.namespace())
		if _, err := p.relate(g.part, schema+"comments", commentPart); err != nil {
			return err
		}
		if err := p.declare(commentPart, "", "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"); err != nil {
			return err
		}
	} else if text, err = p.part(commentPart); err != nil {
		return err
	}
	notes, err := readComments(text)
	if err != nil {
		return fmt.Errorf("part %s: %w", commentPart, err)
	}
	text, gone, lines, err := notes.change(spots)
	if err != nil {
		return fmt.Errorf("part %s: %w", commentPart, err)
	}
	p.write(commentPart, text)
	if drawing == "" {
		if len(lines) == 0 {
			return nil
		}
		if drawing, err = p.addDrawing(g, schema); err != nil {
			return err
		}
	}
	if text, err = p.part(drawing); err != nil {
		return err
	}
	text, err = reshape(text, g, gone, lines, spots)
	p.write(drawing, text)
	return err
}

// addDrawing gives a sheet the part in which the shapes of its notes stand.
func (p *parts) addDrawing(g *page, schema string) (string, error) {
	drawing := p.free("xl/drawings/vmldrawing%d.vml")
	p.write(drawing, []byte(`<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:x="urn:schemas-microsoft-com:office:excel"></xml>`))
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
	at       pos
}

// reshape takes the shapes of notes that are gone out of a drawing, and draws
// those that are new or have grown. Buttons and the like stay as they are.
func reshape(text []byte, g *page, gone []pos, lines map[pos]int, spots map[pos]*spot) ([]byte, error) {
	var shapes []shape
	var s shape
	var rootEnd tag
	var root tag
	value := ""
	typed := false
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
			case t.name == "shapetype":
				typed = typed || t.attr("id") == noteShape
			case t.name == "ClientData":
				s.note = t.attr("ObjectType") == "Note"
			}
		case t.depth == 1:
			rootEnd = t
		case t.name == "Row":
			s.at.row = int(number(strings.TrimSpace(value), -1)) + 1
		case t.name == "Column":
			s.at.col = int(number(strings.TrimSpace(value), -1)) + 1
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
	next := 1024
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
		edge := alarmLook.edge
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

// noteShape is the id that Excel gives the type of a note's shape.
const noteShape = "_x0000_t202"

// shape draws the note of a cell, to the right of it, for so many lines.
func (g *page) shape(at pos, lines, id int, edge string) string {
	const width, lineHeight = 320, 15 // pixels
	right, rightAt := across(g.anchor(at).last.col, 15+width, lastColumn, g.columnPixels)
	bottom, bottomAt := across(at.row-1, 2+lines*lineHeight+10, lastRow, g.rowPixels)
	left := min(g.anchor(at).last.col, right)
	return fmt.Sprintf(`<v:shape xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:x="urn:schemas-microsoft-com:office:excel"`+
		` id="_x0000_s%d" type="#%s" style="position:absolute;margin-left:60pt;margin-top:2pt;width:%dpt;height:%dpt;z-index:%[1]d;visibility:hidden" fillcolor="#fffdf5" strokecolor="#%s" o:insetmode="auto">`+
		`<v:fill color2="#fffdf5"/><v:shadow on="t" color="black" obscured="t"/><v:path o:connecttype="none"/><v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox>`+
		`<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>%d, 15, %d, 2, %d, %d, %d, %d</x:Anchor><x:AutoFill>False</x:AutoFill><x:Row>%d</x:Row><x:Column>%d</x:Column></x:ClientData></v:shape>`,
		id, noteShape, width*3/4, (lines*lineHeight+10)*3/4, edge[2:], left, at.row-1, right, rightAt, bottom, bottomAt, at.row-1, at.col-1)
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

func (g *page) columnPixels(col int) int {
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

func (g *page) rowPixels(row int) int {
	if points, ok := g.tall[row]; ok {
		return int(points * 4 / 3)
	}
	return int(g.height * 4 / 3)
}
