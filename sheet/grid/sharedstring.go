package grid

import (
	"bytes"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// sharedStrings is the table that most text cells refer to. Its texts share one
// backing string, which lives as long as any of them.
type sharedStrings struct {
	all  string
	ends []uint32 // of each text in all
}

func (t *sharedStrings) at(i int) (string, bool) {
	if i < 0 || i >= len(t.ends) {
		return "", false
	}
	start := uint32(0)
	if i > 0 {
		start = t.ends[i-1]
	}
	return t.all[start:t.ends[i]], true
}

// sharedStrings reads the table. It may hold no more text than all cells
// together, nor more strings than there may be cells.
func (p *Package) sharedStrings(part string) (*sharedStrings, error) {
	if part == "" {
		return &sharedStrings{}, nil
	}
	var (
		all  []byte
		ends []uint32
		text richText
	)
	keep := func(value []byte, err error) error {
		if err != nil {
			return err
		}
		all = append(all, value...)
		if int64(len(all)) > p.lim.Text {
			return Exceeded("text", p.lim.Text, int64(len(all)))
		}
		ends = append(ends, uint32(len(all)))
		return nil
	}
	plain := func(s *scanner) error {
		for len(ends) < p.lim.Cells {
			value, size := s.plainString()
			if size == 0 {
				return nil
			}
			text.open(2)
			if err := appendText(&text.text, value, p.lim.String); err != nil {
				return err
			}
			s.pos += size
			if err := keep(text.close(p.lim.String)); err != nil {
				return err
			}
		}
		return nil
	}
	err := p.read(part, func(s *scanner, tok token) error {
		switch {
		case tok == tokenStart && s.depth == 1 && !s.empty:
			return plain(s)
		case tok == tokenStart && s.depth == 2 && string(s.name) == "si":
			if len(ends) == p.lim.Cells {
				return Exceeded("cells", int64(p.lim.Cells), int64(len(ends))+1)
			}
			text.open(2)
		case tok == tokenEnd && s.depth == 2 && text.base == 2:
			if err := keep(text.close(p.lim.String)); err != nil {
				return err
			}
			return plain(s)
		default:
			return text.visit(s, tok, p.lim.String)
		}
		return nil
	})
	return &sharedStrings{string(all), ends}, err
}

// richText gathers the text of an element that holds it directly, <si><t>, or
// in runs, <si><r><t>. How to pronounce it, <rPh>, is not part of it.
type richText struct {
	base int // the depth of the element; 0 while there is none
	in   bool
	text []byte
}

func (t *richText) open(depth int) { *t = richText{base: depth, text: t.text[:0]} }

func (t *richText) visit(s *scanner, tok token, longest int) error {
	if t.base == 0 {
		return nil
	}
	switch tok {
	case tokenStart:
		t.in = string(s.name) == "t" &&
			(s.depth == t.base+1 || s.depth == t.base+2 && string(s.parent()) == "r")
	case tokenEnd:
		t.in = false
	case tokenText:
		if t.in {
			return appendText(&t.text, s.text, longest)
		}
	}
	return nil
}

// close returns the text, which is valid until the next open.
func (t *richText) close(longest int) ([]byte, error) {
	t.base = 0
	return finishText(t.text, longest)
}

// appendText adds a piece of a text that may not be longer than so many
// characters, and stops early when it is much longer.
func appendText(text *[]byte, piece []byte, longest int) error {
	// An escaped character, _x000D_, has seven bytes.
	if len(*text)+len(piece) > 7*longest {
		return Exceeded("string", int64(longest), int64(utf8.RuneCount(*text)+utf8.RuneCount(piece)))
	}
	*text = append(*text, piece...)
	return nil
}

// finishText checks a whole text, ends its lines with \n as XML demands, and
// decodes its escapes. It may change text.
func finishText(text []byte, longest int) ([]byte, error) {
	plain := true
	for _, c := range text {
		if c < ' ' && !isSpace(c) {
			return nil, malformed("control character %#x", c)
		}
		if c == '\r' || c == '_' || c >= utf8.RuneSelf {
			plain = false
		}
	}
	if !plain {
		if !utf8.Valid(text) {
			return nil, malformed("text that is not in the charset it claims")
		}
		if bytes.IndexByte(text, '\r') >= 0 {
			text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
			text = bytes.ReplaceAll(text, []byte("\r"), []byte("\n"))
		}
		text = decodeEscapes(text)
	}
	if len(text) > longest {
		if n := utf8.RuneCount(text); n > longest {
			return nil, Exceeded("string", int64(longest), int64(n))
		}
	}
	return text, nil
}

// decodeEscapes replaces each _xHHHH_ by the UTF-16 unit it stands for:
// ECMA-376 part 1, 22.9.2.19. It changes text in place.
func decodeEscapes(text []byte) []byte {
	if !bytes.Contains(text, []byte("_x")) {
		return text
	}
	out := text[:0]
	for i := 0; i < len(text); {
		unit, ok := escapeAt(text[i:])
		if !ok {
			out = append(out, text[i])
			i++
			continue
		}
		i += escapeLen
		if low, ok := escapeAt(text[i:]); ok && utf16.IsSurrogate(unit) {
			if pair := utf16.DecodeRune(unit, low); pair != utf8.RuneError {
				unit = pair
				i += escapeLen
			}
		}
		out = utf8.AppendRune(out, unit)
	}
	return out
}

const escapeLen = len("_x000D_")

func escapeAt(b []byte) (rune, bool) {
	if len(b) < escapeLen || b[0] != '_' || b[1] != 'x' || b[escapeLen-1] != '_' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(b[2:escapeLen-1]), 16, 16)
	return rune(n), err == nil
}
