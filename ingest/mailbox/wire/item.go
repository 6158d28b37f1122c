package wire

import (
	"strconv"
	"strings"
)

// maxNesting is how deep lists may nest.
const maxNesting = 32

// Item is a value in a response: an atom, a string, a literal, NIL or a list.
type Item struct {
	Text string // of an atom or a quoted string; "" for the others
	Nil  bool   // NIL

	Literal []byte // as much of a literal as was kept; nil if it is none
	Size    int64  // of the literal, as the server announced it

	List   []Item // of a list
	IsList bool
}

// String returns the text of an atom, a string or a literal.
func (i Item) String() string {
	if i.Literal != nil {
		return string(i.Literal)
	}
	return i.Text
}

// Number returns an atom or string of digits as a number.
func (i Item) Number() (uint64, bool) {
	n, err := strconv.ParseUint(i.String(), 10, 63)
	return n, err == nil
}

// parser makes items of segments. It has no errors.
type parser struct {
	segments []segment
	at, pos  int  // which segment, and where in its text
	broken   bool // a list is not closed, or nests too deep
}

// parse returns the items of a response, and whether all its lists are closed.
func parse(segments []segment) (items []Item, whole bool) {
	p := parser{segments: segments}
	items = p.list(0)
	for !p.end() { // too many closing parentheses
		p.pos++
		items = append(items, p.list(0)...)
	}
	return items, !p.broken
}

// end reports whether nothing is left.
func (p *parser) end() bool {
	return p.at == len(p.segments)-1 && p.pos >= len(p.segments[p.at].text)
}

// list returns items up to a closing parenthesis, which it leaves, or the end.
func (p *parser) list(depth int) (items []Item) {
	for {
		text := p.segments[p.at].text
		if p.pos >= len(text) {
			s := p.segments[p.at]
			if s.size < 0 {
				p.broken = p.broken || depth > 0
				return items
			}
			items = append(items, Item{Literal: s.literal, Size: s.size})
			p.at, p.pos = p.at+1, 0
			continue
		}
		switch text[p.pos] {
		case ' ', '\t', '~':
			p.pos++
		case ')':
			return items
		case '(':
			p.pos++
			if depth == maxNesting {
				p.broken = true
				continue // its items are taken for the outer list's
			}
			items = append(items, Item{List: p.list(depth + 1), IsList: true})
			if t := p.segments[p.at].text; p.pos < len(t) {
				p.pos++
			}
		case '"':
			items = append(items, Item{Text: p.quoted(text)})
		default:
			atom := p.atom(text)
			items = append(items, Item{Text: atom, Nil: strings.EqualFold(atom, "NIL")})
		}
	}
}

// quoted returns the content of a quoted string. One that is not closed ends with its line.
func (p *parser) quoted(text []byte) string {
	var b strings.Builder
	for p.pos++; p.pos < len(text); p.pos++ {
		switch c := text[p.pos]; {
		case c == '\\' && p.pos+1 < len(text):
			p.pos++
			b.WriteByte(text[p.pos])
		case c == '"':
			p.pos++
			return b.String()
		default:
			b.WriteByte(c)
		}
	}
	p.broken = true
	return b.String()
}

// atom returns an atom. In the name of a section ("BODY[HEADER.FIELDS (DATE)]<0>") also what
// is between its brackets belongs to it.
func (p *parser) atom(text []byte) string {
	begin := p.pos
	for p.pos < len(text) {
		switch c := text[p.pos]; {
		case c == '[' && isSection(text[begin:p.pos]):
			end := p.pos
			for end < len(text) && text[end] != ']' {
				end++
			}
			p.pos = min(end+1, len(text))
			continue
		case c == ' ' || c == '(' || c == ')' || c == '"' && p.pos > begin:
			return string(text[begin:p.pos])
		}
		p.pos++
	}
	return string(text[begin:p.pos])
}

// isSection reports whether a bracket after this begins a section.
func isSection(name []byte) bool {
	switch strings.ToUpper(string(name)) {
	case "BODY", "BODY.PEEK", "BINARY", "BINARY.PEEK":
		return true
	}
	return false
}
