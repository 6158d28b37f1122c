package order

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Clean returns a text without what nobody sees: white space around it, characters
// without a glyph (zero-width spaces, soft hyphens, marks of direction, controls),
// and the differences between kinds and numbers of spaces, and between a letter
// with its accent as one character and as two. Everything else stays as it is,
// unlike in Fold.
func Clean(s string) string {
	if isClean(s) {
		return s
	}
	s = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		if unicode.In(r, unicode.Cf, unicode.Cc) {
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(norm.NFC.String(s)), " ")
}

// isClean reports whether a text is one that Clean leaves as it is, made of ASCII
// and of Latin letters whose accent is part of the character. Most texts are.
func isClean(s string) bool {
	space := true
	for _, r := range s {
		if r < ' ' || r >= 0x7f && r < 'À' || r > 'ſ' || space && r == ' ' {
			return false
		}
		space = r == ' '
	}
	return !space || s == ""
}

// Printable replaces control characters by spaces, so that a text that a stranger wrote
// stays on one line of a terminal and does nothing to it.
func Printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return ' '
		}
		return r
	}, s)
}
