package grid

import (
	"slices"
	"strings"
)

// AsideKind says where something stands that a sheet says outside of its cells.
type AsideKind uint8

// The kinds of asides.
const (
	AsideNote    AsideKind = iota // a note on a cell, or a comment of a thread on one
	AsideBox                      // the text of a shape, such as a text box
	AsidePicture                  // a picture, whose Text is ""
	AsideHeader                   // a page header or footer
)

// Aside is something that a sheet says outside of its cells.
type Aside struct {
	Kind   AsideKind
	Pos           // the cell that a note belongs to
	Author string // of a note; "" if it is not named
	Text   string
}

// Bounds of what is read outside of the cells. What lies beyond is not read.
const (
	maxAsides = 500   // of a sheet
	maxAside  = 2_000 // bytes of the text of one
)

// aside adds what a sheet says outside of its cells.
func (g *Grid) aside(a Aside) {
	a.Text = strings.TrimSpace(a.Text)
	switch {
	case a.Text == "" && a.Kind != AsidePicture:
	case len(g.Asides) < maxAsides:
		g.Asides = append(g.Asides, a)
	default:
		g.Unread = true
	}
}

// asides reads the notes and the drawings of a sheet, and whether its tables have filters.
func (p *Package) asides(t *Sheet) error {
	rels, err := p.relations(t.Part)
	if err != nil {
		return err
	}
	var parts []relation
	for _, r := range rels {
		if p.Has(r.part) {
			parts = append(parts, r)
		}
	}
	slices.SortFunc(parts, func(a, b relation) int { return strings.Compare(a.part, b.part) })
	for _, r := range parts {
		a := asideReader{grid: t.Grid}
		switch r.kind {
		case "comments", "threadedComment":
			err = p.read(r.part, a.note)
		case "drawing":
			err = p.read(r.part, a.drawing)
		case "table":
			err = p.read(r.part, func(s *scanner, tok token) error {
				if tok == tokenStart && s.depth == 2 && string(s.name) == "autoFilter" {
					t.Grid.Filtered = true
				}
				return nil
			})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// asideReader reads the notes or the drawings of one part.
type asideReader struct {
	grid    *Grid
	aside   Aside
	text    []byte
	inside  bool // within an element whose text is read
	authors []string
}

// begin begins to read another aside.
func (r *asideReader) begin(kind AsideKind) { r.aside, r.text = Aside{Kind: kind}, r.text[:0] }

// end keeps the aside that was read.
func (r *asideReader) end() {
	text, err := finishText(r.text, maxAside)
	if err != nil {
		text = nil // what is no text says nothing
	}
	r.aside.Text = string(text)
	r.grid.aside(r.aside)
}

// add adds a piece of text.
func (r *asideReader) add(piece []byte) {
	switch {
	case !r.inside:
	case len(r.text)+len(piece) <= maxAside:
		r.text = append(r.text, piece...)
	default:
		r.grid.Unread = true
	}
}

// note takes a token of the part with the notes, or with the threaded comments. The texts of the
// latter stand in the former, too, after a sentence of Excel's by an author that begins with tc=.
func (r *asideReader) note(s *scanner, tok token) error {
	switch name := string(s.name); tok {
	case tokenText:
		r.add(s.text)
	case tokenStart:
		switch {
		case name == "author":
			r.text, r.inside = r.text[:0], true
		case name == "comment" || name == "threadedComment":
			r.begin(AsideNote)
			r.aside.Pos, _ = parsePos(s.attr("ref"))
			if n, ok := digits(s.attr("authorId")); ok && n < len(r.authors) && name == "comment" {
				r.aside.Author = r.authors[n]
			}
		case name == "t", name == "text" && string(s.parent()) == "threadedComment":
			r.inside = true
		}
	case tokenEnd:
		switch name {
		case "author":
			r.authors = append(r.authors, string(r.text))
			r.inside = false
		case "t", "text":
			r.inside = false
		case "comment", "threadedComment":
			if !strings.HasPrefix(r.aside.Author, "tc=") {
				r.end()
			}
		}
	}
	return nil
}

// drawing takes a token of the part with the shapes and the pictures.
func (r *asideReader) drawing(s *scanner, tok token) error {
	switch name := string(s.name); tok {
	case tokenText:
		r.add(s.text)
	case tokenStart:
		switch name {
		case "sp":
			r.begin(AsideBox)
		case "pic":
			r.begin(AsidePicture)
		case "t":
			r.inside = true
		}
	case tokenEnd:
		switch name {
		case "t":
			r.inside = false
		case "p":
			r.text = append(r.text, ' ')
		case "sp", "pic":
			r.end()
		}
	}
	return nil
}

// headerText is the text of a page header or footer without its codes, such as &C for the middle.
func headerText(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '&' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		switch c := s[i]; {
		case c == '"': // a font
			if end := strings.IndexByte(s[i+1:], '"'); end >= 0 {
				i += 1 + end
			}
		case c >= '0' && c <= '9': // its size
			for i+1 < len(s) && s[i+1] >= '0' && s[i+1] <= '9' {
				i++
			}
		case c == 'K' && i+6 < len(s): // its colour
			i += 6
		}
		b.WriteByte(' ')
	}
	return b.String()
}
