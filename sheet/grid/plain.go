package grid

// Nearly all cells and shared strings are spelled in one way by every spreadsheet
// program. Those are taken from the window in one piece; whatever else stands next
// is left to next, token by token, which is the authority on what is right.

// plainCell is a cell without a formula, as it is spelled. What is missing is nil.
type plainCell struct{ ref, style, kind, value []byte }

// plainCell returns the cell that stands next, and the bytes that it takes, if it
// is <c r="B2" s="4" t="s"><v>7</v></c>, or such a one without s, t or a value. Of
// any other the size is 0.
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

// plainString is the same for <si><t>text</t></si> of the table of shared strings.
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

// cursor is what is left of a window.
type cursor []byte

// skip passes over a literal, if it stands next.
func (c *cursor) skip(literal string) bool {
	w := *c
	if len(w) < len(literal) || string(w[:len(literal)]) != literal {
		return false
	}
	*c = w[len(literal):]
	return true
}

// until takes what stands before a delimiter and passes over both, unless an
// entity or a tag is in it. What it takes is short: a loop outruns bytes.IndexByte.
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
