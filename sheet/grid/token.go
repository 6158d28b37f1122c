package grid

// TokenKind says what a Token is.
type TokenKind uint8

// The kinds of tokens.
const (
	StartTag TokenKind = iota // such as <c r="A1">; <c/> is a StartTag and an EndTag
	EndTag                    // such as </c>
	CharData                  // text between tags
)

// Token is a tag or a piece of text in the XML of a part.
type Token struct {
	Kind  TokenKind
	Name  string // of a tag: the element's name without namespace prefix
	Attrs []Attr // of a StartTag
	Text  []byte // of CharData, with entities decoded; one text may come in several tokens
}

// Attr is an attribute of a start tag.
type Attr struct {
	Name     string // without namespace prefix
	Prefixed bool   // the name has a namespace prefix
	Value    []byte // as it stands in the part, with entities undecoded
}

// Scan calls visit for each token of a part. A Token is valid until visit returns. Scan
// stops at the first error, be it of visit or because the part is damaged, and returns
// a *Refusal. If it returns nil, the part is complete and its checksum is right.
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
					Name: string(
						s.window[a.nameStart:a.nameEnd],
					), Prefixed: a.prefixed, Value: s.window[a.valueStart:a.valueEnd],
				})
			}
		}
		return visit(t)
	})
}
