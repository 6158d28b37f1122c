package grid

import (
	"io"
	"strings"
	"testing"
)

// FuzzScan holds the scanner to what it promises: every element that is begun is
// ended, and what comes out does not depend on how the bytes come in.
func FuzzScan(f *testing.F) {
	f.Add("<a><b c='1&lt;'/>x&#65;<![CDATA[y]]></a>")
	f.Add("<?xml version='1.0' encoding='ISO-8859-1'?><a>\xE9</a>")
	f.Add("\xFF\xFE<\x00a\x00/\x00>\x00")
	f.Add("<!DOCTYPE a><a>&b;</a>")
	f.Fuzz(func(t *testing.T, xml string) {
		whole, err := outline(strings.NewReader(xml))
		pieces, errPieces := outline(&trickle{strings.NewReader(xml), 3})
		if (err == nil) != (errPieces == nil) || err == nil && whole != pieces {
			t.Fatalf("got %q, %v at once; %q, %v in pieces", whole, err, pieces, errPieces)
		}
		if err == nil && strings.Count(whole, "<") != strings.Count(whole, ">") {
			t.Fatalf("got %q: not balanced", whole)
		}
	})
}

// outline is a part's elements as brackets around their text, whose own brackets
// are left out.
func outline(r io.Reader) (string, error) {
	s := scanners.Get().(*scanner)
	defer s.free()
	if err := s.start(r); err != nil {
		return "", err
	}
	var b strings.Builder
	for {
		tok, err := s.next()
		if err != nil {
			return "", err
		}
		switch tok {
		case tokenEOF:
			return b.String(), nil
		case tokenStart:
			b.WriteString("<")
		case tokenEnd:
			b.WriteString(">")
		case tokenText:
			b.WriteString(strings.NewReplacer("<", "", ">", "").Replace(string(s.text)))
		}
	}
}
