package mark

import (
	"bdc/sheet/grid"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// noteAuthor is who wrote the notes of ours.
const noteAuthor = "Contrôle du bon de commande"

// comment is a note as it stands in its part.
type comment struct {
	at       grid.Pos
	from, to int // the element
	in, out  int // the content of its <text>
	runs     []run
}

// run is a piece of a note's text, at [from:to] of its part.
type run struct {
	from, to int
	bare     bool // text without a format of its own
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
				at, ok := grid.ParsePos(t.attr("ref"))
				if !ok {
					return malformed("a note at %q", t.attr("ref"))
				}
				c = comment{at: at, from: t.from}
			case t.depth == 4 && t.name == "text" && t.parent == "comment":
				c.in, c.out = t.to, t.to
				inText = !t.empty
			case t.depth == 5 && inText:
				piece.Reset()
				c.runs = append(c.runs, run{from: t.from, bare: t.name == "t"})
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
		if len(c.runs) == 1 && c.runs[0].bare { // runs can't go before it
			return prefixed(plainRun(text), p.root.prefix), true
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
	return `<r><rPr>` + bold + `<sz val="9"/><color rgb="` + rgb + `"/><rFont val="Tahoma"/><family val="2"/></rPr><t xml:space="preserve">` + xmlAttr(p.text) + `</t></r>`
}

// change takes the notes of ours out that were there, adds those of the spots,
// and returns the part, with the cells whose note is gone and those whose note
// is new or longer, with the number of its lines.
func (p *commentsPart) change(spots map[grid.Pos]*spot) (text []byte, gone []grid.Pos, lines map[grid.Pos]int, err error) {
	author := slices.Index(p.authors, noteAuthor)
	var edits []edit
	if author < 0 {
		author = len(p.authors)
		edits = append(edits, atEnd(p.text, p.authorTags[0], p.authorTags[1], prefixed("<author>"+xmlAttr(noteAuthor)+"</author>", p.root.prefix)))
	}
	lines = map[grid.Pos]int{}
	done := map[grid.Pos]bool{}
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
		case c.in == 0 || c.in > c.out: // none, or <text/>
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

func byPlace(a, b grid.Pos) int {
	if a.Row != b.Row {
		return a.Row - b.Row
	}
	return a.Col - b.Col
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
func (p *parts) addNotes(g *worksheet, spots map[grid.Pos]*spot, schema string) error {
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
