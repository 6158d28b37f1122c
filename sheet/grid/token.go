package grid

// Kind says what a Token is.
type TokenKind uint8

// The kinds of tokens.
const (
	StartTag TokenKind = iota // <c r="A1">; for <c/> the end tag follows at once
	EndTag                    // </c>
	CharData                  // a piece of character data, decoded; one text may come in several pieces
)

// Token is a piece of the XML of a part. It is valid until the next one.
type Token struct {
	Kind  TokenKind
	Name  string // of the element, without its namespace prefix; "" for a text
	Text  []byte
	Attrs []Attr
}

// Attr is an attribute of a start tag.
type Attr struct {
	Name     string // without its namespace prefix
	Prefixed bool   // it has one
	Value    []byte // as it stands in the part: entities are not decoded
}

// Scan hands out a part piece by piece, with the scanner that reads the sheets: what
// is not well-formed is refused. It ends at the first error of visit, which is then
// the detail of a *Refusal. The part's checksum is right if Scan returns nil.
func (p *Package) Scan(part string, visit func(Token) error) error {
	var t Token
	return p.read(part, func(s *scanner, tok token) error {
		t = Token{Attrs: t.Attrs[:0]}
		switch tok {
		case tokenText:
			t.Kind, t.Text = CharData, s.text
		case tokenEnd:
			t.Kind, t.Name = EndTag, string(s.name)
		case tokenStart:
			t.Kind, t.Name = StartTag, string(s.name)
			for _, a := range s.attrs {
				t.Attrs = append(t.Attrs, Attr{
					Name: string(s.window[a.nameStart:a.nameEnd]), Prefixed: a.prefixed, Value: s.window[a.valueStart:a.valueEnd],
				})
			}
		}
		return visit(t)
	})
}
