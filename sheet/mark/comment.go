package mark

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"bdc/sheet"
	"bdc/sheet/grid"
)

// noteAuthor is the author of the notes that marking adds.
const noteAuthor = sheet.NoteAuthor

// comment is a note, and where it stands in the text of its part.
type comment struct {
	at       grid.Pos
	from, to int // the whole element
	in, out  int // the content of <text> within it
	runs     []run
}

// run is a piece of a note, and where it stands in the text of the part.
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

// commentsPart is the part with the notes of a sheet.
type commentsPart struct {
	text       []byte
	root       tag
	authors    []string
	authorTags [2]tag // start and end of <authors>
	listTags   [2]tag // start and end of <commentList>
	comments   []comment
}

func emptyComments(namespace string) []byte {
	return []byte(
		xmlHeader + `<comments xmlns="` + namespace + `"><authors></authors><commentList></commentList></comments>`,
	)
}

// readComments reads the part with the notes of a sheet.
func readComments(text []byte) (*commentsPart, error) {
	r := commentReader{part: &commentsPart{text: text}}
	if err := walk(text, r.visit); err != nil {
		return nil, err
	}
	if r.part.root.name != "comments" || r.part.listTags[1].name == "" || r.part.authorTags[1].name == "" {
		return nil, malformed("no list of notes")
	}
	return r.part, nil
}

// commentReader collects the notes while their part is walked:
//
//	<comments>                                depth 1
//	  <authors><author>Hélène</author></authors>
//	  <commentList>                           depth 2
//	    <comment ref="C13">                   depth 3
//	      <text><r><t>Vu.</t></r></text>      depth 4, the runs at depth 5
type commentReader struct {
	part   *commentsPart
	note   comment         // the one being read
	author strings.Builder // the name being read
	run    strings.Builder // the text of the note's last run
	inRun  bool            // within <text>, but not within an element of it that is no run
}

func (r *commentReader) visit(t tag) error {
	switch t.kind {
	case tagText:
		switch {
		case t.parent == "author":
			r.author.WriteString(t.text)
		case t.parent == "t" && r.inRun:
			r.run.WriteString(t.text)
		}
	case tagStart:
		return r.start(t)
	case tagEnd:
		r.end(t)
	}
	return nil
}

func (r *commentReader) start(t tag) error {
	switch t.depth {
	case 1:
		r.part.root = t
	case 2:
		if tags := r.part.list(t.name); tags != nil {
			tags[0] = t
		}
	case 3:
		switch t.name {
		case "author":
			r.author.Reset()
		case "comment":
			at, ok := grid.ParsePos(t.attr("ref"))
			if !ok {
				return malformed("a note at %q", t.attr("ref"))
			}
			r.note = comment{at: at, from: t.from}
		}
	case 4:
		if t.name == "text" && t.parent == "comment" {
			r.note.in, r.note.out = t.to, t.to
			r.inRun = !t.empty
		}
	case 5:
		if r.inRun {
			r.run.Reset()
			r.note.runs = append(r.note.runs, run{from: t.from, bare: t.name == "t"})
			r.inRun = t.name == "r" || t.name == "t"
		}
	}
	return nil
}

func (r *commentReader) end(t tag) {
	switch t.depth {
	case 2:
		if tags := r.part.list(t.name); tags != nil {
			tags[1] = t
		}
	case 3:
		switch t.name {
		case "author":
			r.part.authors = append(r.part.authors, r.author.String())
		case "comment":
			r.note.to = t.to
			r.part.comments = append(r.part.comments, r.note)
		}
	case 4:
		if t.name == "text" && t.parent == "comment" {
			r.note.out = t.from
			r.inRun = false
		}
	case 5:
		if n := len(r.note.runs); n > 0 && r.note.in > 0 && r.note.out <= t.from {
			last := &r.note.runs[n-1]
			last.to, last.text = t.to, r.run.String()
			r.run.Reset()
			r.inRun = true
		}
	}
}

// list returns where the start and the end tag of the element are kept, or nil if it is
// not one of the two lists.
func (p *commentsPart) list(name string) *[2]tag {
	switch name {
	case "authors":
		return &p.authorTags
	case "commentList":
		return &p.listTags
	}
	return nil
}

// kept is what somebody else wrote of a note, as the XML of its runs, and whether that is
// the whole note. We write above a note that was there; then it is what stands below.
func (p *commentsPart) kept(c comment) (xml string, whole bool) {
	text := c.text()
	if !isOurs(text) {
		if len(c.runs) == 1 && c.runs[0].bare { // no run can stand beside a bare text
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
	return `<r><rPr>` + bold + `<sz val="9"/><color rgb="` + rgb + `"/><rFont val="Tahoma"/><family val="2"/></rPr>` +
		`<t xml:space="preserve">` + xmlAttr(p.text) + `</t></r>`
}

// notesChange is what became of the notes of a sheet.
type notesChange struct {
	text  []byte           // the part with the notes
	gone  []grid.Pos       // the cells that have no note any more
	lines map[grid.Pos]int // how many lines the note of a cell has, if it is new or longer
}

// change removes the notes of an earlier marking and adds those of the spots.
func (p *commentsPart) change(spots map[grid.Pos]*spot) (*notesChange, error) {
	author := slices.Index(p.authors, noteAuthor)
	var edits []edit
	if author < 0 {
		author = len(p.authors)
		xml := prefixed("<author>"+xmlAttr(noteAuthor)+"</author>", p.root.prefix)
		edits = append(edits, atEnd(p.text, p.authorTags[0], p.authorTags[1], xml))
	}
	var gone []grid.Pos
	lines := map[grid.Pos]int{}
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
		case c.in == 0 || c.in > c.out: // no <text>, or <text/>
			return nil, malformed("a note without text at %v", c.at)
		default:
			xml := prefixed(runsOf(s, old != ""), p.root.prefix) + old
			edits = append(edits, edit{c.in, c.out, xml})
			lines[c.at] = linesOf(s) + strings.Count(c.text(), "\n") + 3
		}
	}
	var added strings.Builder
	for _, at := range slices.SortedFunc(maps.Keys(spots), byPlace) {
		if !done[at] {
			fmt.Fprintf(&added, `<comment ref="%s" authorId="%d"><text>%s</text></comment>`,
				at, author, runsOf(spots[at], false))
			lines[at] = linesOf(spots[at])
		}
	}
	if added.Len() > 0 {
		edits = append(edits, atEnd(p.text, p.listTags[0], p.listTags[1], prefixed(added.String(), p.root.prefix)))
	}
	return &notesChange{splice(p.text, edits), gone, lines}, nil
}

func byPlace(a, b grid.Pos) int {
	if a.Row != b.Row {
		return a.Row - b.Row
	}
	return a.Col - b.Col
}

// runsOf is the note of a spot as XML. If more is to follow, it ends with the line that
// stands above a note that was there before.
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

// linesOf is about how many lines the note of a spot takes at the width of its shape.
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

// addNotes puts the notes of the spots into a sheet, and removes those of an earlier
// marking. The schema is what the types of the workbook's relationships begin with.
func (p *parts) addNotes(ws *worksheet, spots map[grid.Pos]*spot, schema string) error {
	comments, drawing, err := p.notesOf(ws, len(spots) > 0)
	switch {
	case err != nil:
		return err
	case comments == "" && len(spots) == 0:
		return nil
	}
	var text []byte
	if comments != "" {
		text, err = p.part(comments)
	} else {
		comments, text, err = p.addComments(ws, schema)
	}
	if err != nil {
		return err
	}
	notes, err := readComments(text)
	if err != nil {
		return fmt.Errorf("part %s: %w", comments, err)
	}
	change, err := notes.change(spots)
	if err != nil {
		return fmt.Errorf("part %s: %w", comments, err)
	}
	p.write(comments, change.text)
	if drawing == "" {
		if len(change.lines) == 0 {
			return nil
		}
		if drawing, err = p.addDrawing(ws, schema); err != nil {
			return err
		}
	}
	if text, err = p.part(drawing); err != nil {
		return err
	}
	shapes, err := readDrawing(text)
	if err != nil {
		return err
	}
	p.write(drawing, shapes.redraw(ws, change, spots))
	return nil
}

// notesOf finds the part with the notes of a sheet and the one with their shapes, each
// "" if the sheet has none. It is an error to add notes to a sheet with threads of
// comments: where a cell has both, Excel shows the thread and hides the note.
func (p *parts) notesOf(ws *worksheet, adding bool) (comments, drawing string, err error) {
	links, err := p.links(ws.part)
	if err != nil {
		return "", "", err
	}
	for _, l := range links {
		switch {
		case l.kind == "comments":
			comments = l.target
		case l.id == ws.legacy && l.kind == "vmlDrawing":
			drawing = l.target
		case l.kind == "threadedComment" && adding:
			return "", "", fmt.Errorf("part %s: %w", l.target, malformed("a thread of comments"))
		}
	}
	return comments, drawing, nil
}

// addComments gives a sheet an empty part for its notes.
func (p *parts) addComments(ws *worksheet, schema string) (part string, text []byte, err error) {
	part = p.free("xl/comments%d.xml")
	if _, err := p.relate(ws.part, schema+"comments", part); err != nil {
		return "", nil, err
	}
	err = p.declare(part, "", spreadsheetType+"comments+xml")
	return part, emptyComments(ws.root.namespace()), err
}
