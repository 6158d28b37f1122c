package grid

// Every spreadsheet program writes nearly all cells and shared strings in the same way. The
// methods here read such a cell or string out of the window in one piece, which is fast. All
// others are read token by token with scanner.next, which alone decides what is an error.

// plainCell is the text of the attributes r, s and t and of the value of a cell. What the
// cell does not have is nil.
type plainCell struct{ ref, style, kind, value []byte }

// plainCell returns the cell that stands next, and its length in bytes, if it is written like
// <c r="B2" s="4" t="s"><v>7</v></c>. The attributes s and t and the value may be missing.
// The size is 0 for any other cell, and if the window does not hold all of it.
func (s *scanner) plainCell() (c plainCell, size int) {
	w := cursor(s.window[s.pos:s.end])
	if !w.skip(`<c r="`) || !w.until(&c.ref, '"') {
		return c, 0
	}
	if w.skip(` s="`) && !w.until(&c.style, '"') || w.skip(` t="`) && !w.until(&c.kind, '"') {
		return c, 0
	}
	switch {
	case w.skip(`/>`), w.skip(`></c>`):
	case w.skip(`><v>`) && w.until(&c.value, '<') && w.skip(`/v></c>`):
	default:
		return c, 0
	}
	return c, s.end - s.pos - len(w)
}

// plainString returns the shared string that stands next, and its length in bytes, if it is
// written like <si><t>text</t></si>. The size is 0 for any other.
func (s *scanner) plainString() (text []byte, size int) {
	w := cursor(s.window[s.pos:s.end])
	if !w.skip(`<si><t`) {
		return nil, 0
	}
	w.skip(` xml:space="preserve"`)
	if !w.skip(`>`) || !w.until(&text, '<') || !w.skip(`/t></si>`) {
		return nil, 0
	}
	return text, s.end - s.pos - len(w)
}

// cursor is the rest of a window that was not read yet.
type cursor []byte

// skip passes over a literal and says true, if the literal stands next.
func (c *cursor) skip(literal string) bool {
	w := *c
	if len(w) < len(literal) || string(w[:len(literal)]) != literal {
		return false
	}
	*c = w[len(literal):]
	return true
}

// until stores what stands before a delimiter, and passes over the delimiter. It says false if
// an entity or a tag begins before the delimiter. The texts here are so short that a loop is
// faster than bytes.IndexByte.
func (c *cursor) until(into *[]byte, delimiter byte) bool {
	w := *c
	for i, b := range w {
		switch b {
		case delimiter:
			*into, *c = w[:i], w[i+1:]
			return true
		case '&', '<':
			return false
		}
	}
	return false
}
