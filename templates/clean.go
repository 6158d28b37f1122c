package templates

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// clean makes a stranger's text fit for one line of a mail: runs of white space
// and control characters become one space, what steers the direction of text or
// is no valid UTF-8 goes away, and what is left is cut at max characters, the
// last of which is then an ellipsis.
func clean(s string, max int) string {
	if isClean(s, max) {
		return s
	}
	var b strings.Builder
	b.Grow(min(len(s), utf8.UTFMax*max))
	space, n, cut := false, 0, 0
	for _, r := range s {
		switch {
		case unicode.IsSpace(r) || unicode.IsControl(r):
			space = true
			continue
		case r == utf8.RuneError || steers(r):
			continue
		}
		if space && n > 0 {
			b.WriteByte(' ')
			n++
		}
		space = false
		if n < max {
			cut = b.Len()
		} else {
			return strings.TrimRight(b.String()[:cut], " ") + "…"
		}
		b.WriteRune(r)
		n++
	}
	return b.String()
}

// isClean says whether clean would leave s as it is, as it does most texts.
func isClean(s string, max int) bool {
	n, before := 0, ' '
	for _, r := range s {
		if r == ' ' && before == ' ' || r != ' ' && unicode.IsSpace(r) {
			return false
		}
		if unicode.IsControl(r) || r == utf8.RuneError || steers(r) {
			return false
		}
		before = r
		n++
	}
	return n <= max && (n == 0 || before != ' ')
}

// Shown is a stranger's text, such as the value of a cell, as a page for other
// strangers shows it: clean, on one line, and cut.
func Shown(s string) string { return clean(s, maxShown) }

// steers reports whether r is one of the invisible characters (Unicode's format
// category) that reorder or hide the text around them. The joiner that emoji are
// made with is none.
func steers(r rune) bool {
	const joiner = '\u200d'
	return unicode.Is(unicode.Cf, r) && r != joiner
}
