package grid

import "bytes"

// attr is where an attribute stands in the window. Its value is still escaped. It has offsets
// instead of slices, so that the garbage collector need not look at it.
type attr struct {
	nameStart, nameEnd, valueStart, valueEnd int32
	prefixed                                 bool
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// isName says whether c may stand in a name. It allows more characters than XML, but none that
// has a meaning of its own in a tag.
func isName(c byte) bool {
	return c >= '@' || c >= '0' && c <= ':' || c == '-' || c == '.'
}

func (s *scanner) endTag() (token, error) {
	if n := len(s.open); n > 0 { // the fast way, for the right name without spaces
		name := s.names[s.open[n-1].start:s.open[n-1].end]
		rest := s.window[s.pos+2 : s.end]
		if len(rest) > len(name) && rest[len(name)] == '>' && string(rest[:len(name)]) == string(name) {
			s.pos += 2 + len(name) + 1
			return s.leave(), nil
		}
	}
	var i int
	for {
		if i = bytes.IndexByte(s.window[s.pos:s.end], '>'); i >= 0 {
			break
		}
		if err := s.need(s.end - s.pos + 1); err != nil {
			return 0, err
		}
	}
	name := s.window[s.pos+2 : s.pos+i]
	for len(name) > 0 && isSpace(name[len(name)-1]) {
		name = name[:len(name)-1]
	}
	if len(s.open) == 0 {
		return 0, malformed("</%s> closes nothing", name)
	}
	top := s.open[len(s.open)-1]
	if !bytes.Equal(name, s.names[top.start:top.end]) {
		return 0, malformed("</%s> closes <%s>", name, s.names[top.start:top.end])
	}
	s.pos += i + 1
	return s.leave(), nil
}

func (s *scanner) startTag() (token, error) {
	if len(s.open) == 0 && s.root {
		return 0, malformed("a second root element")
	}
	if len(s.open) == maxDepth {
		return 0, malformed("more than %d elements within each other", maxDepth)
	}
	for {
		done, err := s.parseStartTag()
		if err != nil {
			return 0, err
		}
		if done {
			return tokenStart, nil
		}
		if err := s.need(s.end - s.pos + 1); err != nil {
			return 0, err
		}
	}
}

// parseStartTag reads the start tag that stands next. If the window does not hold all of it,
// it says false and the scanner stays where it is.
func (s *scanner) parseStartTag() (bool, error) {
	w := s.window[:s.end]
	p := s.pos + 1
	first := p
	local := p
	for p < len(w) && isName(w[p]) {
		if w[p] == ':' {
			local = p + 1
		}
		p++
	}
	if p == len(w) {
		return false, nil
	}
	if p == local {
		return false, malformed("a tag without a name")
	}
	last := p
	s.attrs = s.attrs[:0]
	for {
		spaced := false
		for p < len(w) && isSpace(w[p]) {
			p++
			spaced = true
		}
		if p == len(w) {
			return false, nil
		}
		if w[p] == '>' || w[p] == '/' {
			break
		}
		if !spaced {
			return false, malformed("no space before an attribute of <%s>", w[first:last])
		}
		after, err := s.parseAttr(w, p)
		if err != nil || after == 0 {
			return false, err
		}
		p = after
	}
	empty := w[p] == '/'
	if empty {
		p++
		if p == len(w) {
			return false, nil
		}
		if w[p] != '>' {
			return false, malformed("a stray / in <%s>", w[first:last])
		}
	}
	s.push(w[first:last], local-first)
	s.empty = empty
	s.pos = p + 1
	return true, nil
}

// push opens an element. local is the offset of the local name in the name.
func (s *scanner) push(name []byte, local int) {
	at := len(s.names)
	s.names = append(s.names, name...)
	s.open = append(s.open, frame{at, at + local, len(s.names)})
	s.root = true
	s.depth = len(s.open)
	s.name = s.names[at+local:]
}

// parseAttr reads the attribute at w[p:], adds it to attrs, and returns where it ends. It
// returns 0 if w ends within the attribute.
func (s *scanner) parseAttr(w []byte, p int) (after int, err error) {
	start, local := p, p
	for p < len(w) && isName(w[p]) {
		if w[p] == ':' {
			local = p + 1
		}
		p++
	}
	nameEnd := p
	for p < len(w) && isSpace(w[p]) {
		p++
	}
	if p == len(w) {
		return 0, nil
	}
	if w[p] != '=' || nameEnd == local {
		return 0, malformed("an attribute without a value")
	}
	p++
	for p < len(w) && isSpace(w[p]) {
		p++
	}
	if p == len(w) {
		return 0, nil
	}
	quote := w[p]
	if quote != '"' && quote != '\'' {
		return 0, malformed("an attribute without quotes")
	}
	p++
	value := p
	escaped := false
	for p < len(w) && w[p] != quote {
		switch w[p] {
		case '<':
			return 0, malformed("< in an attribute")
		case '&':
			escaped = true
		}
		p++
	}
	if p == len(w) {
		return 0, nil
	}
	if escaped {
		if _, err := unescape(w[value:p]); err != nil {
			return 0, err
		}
	}
	s.attrs = append(s.attrs, attr{int32(local), int32(nameEnd), int32(value), int32(p), local > start})
	return p + 1, nil
}

// attr is the value of the attribute of that name without a namespace prefix, still escaped.
// It is nil if the tag has none.
func (s *scanner) attr(name string) []byte {
	for _, a := range s.attrs {
		if !a.prefixed && string(s.window[a.nameStart:a.nameEnd]) == name {
			return s.window[a.valueStart:a.valueEnd]
		}
	}
	return nil
}

// attrAt is the name of the attribute of that index, and its value, still escaped. Both are nil
// if the name has a namespace prefix.
func (s *scanner) attrAt(i int) (name, value []byte) {
	a := &s.attrs[i]
	if a.prefixed {
		return nil, nil
	}
	return s.window[a.nameStart:a.nameEnd], s.window[a.valueStart:a.valueEnd]
}

// prefixed is the value of the attribute that has that local name and any namespace prefix,
// still escaped. It is nil if the tag has none.
func (s *scanner) prefixed(name string) []byte {
	for _, a := range s.attrs {
		if a.prefixed && string(s.window[a.nameStart:a.nameEnd]) == name {
			return s.window[a.valueStart:a.valueEnd]
		}
	}
	return nil
}

// attrText is the value of an attribute without a prefix, decoded; "" if the tag has none.
func (s *scanner) attrText(name string) (string, error) { return unescape(s.attr(name)) }

// attrFlag is the value of an attribute that is true or false; false if the tag has none.
func (s *scanner) attrFlag(name string) bool {
	v := s.attr(name)
	return string(v) == "1" || string(v) == "true"
}

// attrOn is the value of an attribute that is true or false; true if the tag has none.
func (s *scanner) attrOn(name string) bool { return s.attr(name) == nil || s.attrFlag(name) }
