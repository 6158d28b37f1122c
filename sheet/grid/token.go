package grid

// TokenKind is a kind of Token.
type TokenKind uint8

// The kinds of tokens.
const (
	StartTag TokenKind = iota // such as <c r="A1">; for <c/> there is a StartTag and an EndTag
	EndTag                    // such as </c>
	CharData                  // text between tags
)

// Token is a tag or a piece of text in the XML of a part.
type Token struct {
	Kind  TokenKind
	Name  string // for a StartTag or an EndTag: the element's name without namespace prefix
	Attrs []Attr // for a StartTag
	Text  []byte // for CharData: the text, with entities decoded; one text may be several tokens
}

// Attr is an attribute of a start tag.
type Attr struct {
	Name     string // without namespace prefix
	Prefixed bool   // the name has a namespace prefix
	Value    []byte // as it stands in the part: entities are not decoded
}

// Scan reads the XML of a part and calls visit for each token. A Token is valid until visit
// returns. Scan stops when visit returns an error, or when the part turns out to be damaged.
// It then returns a *Refusal, whatever error visit returned. If it returns nil, the part is
// complete and its checksum is right.
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
					Name:     string(s.window[a.nameStart:a.nameEnd]),
					Prefixed: a.prefixed,
					Value:    s.window[a.valueStart:a.valueEnd],
				})
			}
		}
		return visit(t)
	})
}
