package grid

import (
	"bytes"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// sharedStrings is the table of texts that most text cells refer to. Its texts are slices of
// one string, which stays in memory as long as any of them.
type sharedStrings struct {
	all  string
	ends []uint32 // where each text ends in all

	struck map[int]bool // the texts of which a part is struck through
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

// sharedStrings reads the table of shared strings. The limits Text and Cells also bound how
// much text and how many strings the table may hold.
func (p *Package) sharedStrings(part string) (*sharedStrings, error) {
	if part == "" {
		return &sharedStrings{}, nil
	}
	r := stringReader{lim: &p.lim}
	err := p.read(part, r.visit)
	return &sharedStrings{string(r.all), r.ends, r.struck}, err
}

// stringReader collects the shared strings while their part is scanned.
type stringReader struct {
	lim  *Limits
	all  []byte
	ends []uint32 // where each string ends in all
	text richText // the string being read

	struck map[int]bool // the strings of which a part is struck through
}

func (r *stringReader) visit(s *scanner, tok token) error {
	switch {
	case tok == tokenStart && s.depth == 1 && !s.empty:
		return r.plainStrings(s)
	case tok == tokenStart && s.depth == 2 && string(s.name) == "si":
		if len(r.ends) == r.lim.Cells {
			return Exceeded("cells", int64(r.lim.Cells), int64(len(r.ends))+1)
		}
		r.text.open(2)
	case tok == tokenEnd && s.depth == 2 && r.text.base == 2:
		if err := r.keep(); err != nil {
			return err
		}
		return r.plainStrings(s)
	default:
		return r.text.visit(s, tok, r.lim.String)
	}
	return nil
}

// plainStrings reads the strings that stand next, as long as they are plain ones (see
// plainString).
func (r *stringReader) plainStrings(s *scanner) error {
	for len(r.ends) < r.lim.Cells {
		value, size := s.plainString()
		if size == 0 {
			return nil
		}
		r.text.open(2)
		if err := appendText(&r.text.text, value, r.lim.String); err != nil {
			return err
		}
		s.pos += size
		if err := r.keep(); err != nil {
			return err
		}
	}
	return nil
}

// keep adds the string that was read to the table.
func (r *stringReader) keep() error {
	if r.text.struck {
		if r.struck == nil {
			r.struck = map[int]bool{}
		}
		r.struck[len(r.ends)] = true
	}
	value, err := r.text.close(r.lim.String)
	if err != nil {
		return err
	}
	r.all = append(r.all, value...)
	if int64(len(r.all)) > r.lim.Text {
		return Exceeded("text", r.lim.Text, int64(len(r.all)))
	}
	r.ends = append(r.ends, uint32(len(r.all)))
	return nil
}

// richText collects the text of an element <si> or <is>. The text stands in <t> directly
// within the element, or in runs, <r><t>. The pronunciation, <rPh><t>, is left out.
type richText struct {
	base int  // the depth of the element; 0 while none is open
	in   bool // within a <t> of the text
	text []byte

	struck bool // a run is struck through
}

func (t *richText) open(depth int) { *t = richText{base: depth, text: t.text[:0]} }

func (t *richText) visit(s *scanner, tok token, longest int) error {
	if t.base == 0 {
		return nil
	}
	switch tok {
	case tokenStart:
		t.struck = t.struck || string(s.name) == "strike" && string(s.parent()) == "rPr" && s.attrOn("val")
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

// appendText adds a piece to a text. It returns an error if the text can no longer be within
// the limit, which is a number of characters; finishText checks the limit exactly.
func appendText(text *[]byte, piece []byte, longest int) error {
	// No character takes more than the seven bytes of an escaped one, such as _x000D_.
	if len(*text)+len(piece) > 7*longest {
		return Exceeded("string", int64(longest), int64(utf8.RuneCount(*text)+utf8.RuneCount(piece)))
	}
	*text = append(*text, piece...)
	return nil
}

// finishText checks a whole text, turns its line ends into \n as XML demands, and decodes its
// escapes. It may change the bytes of text.
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

// decodeEscapes replaces each escape _xHHHH_ by the UTF-16 unit that it stands for: ECMA-376
// part 1, 22.9.2.19. It changes the bytes of text.
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
