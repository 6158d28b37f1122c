package templates

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// clean makes a stranger's text fit for one line of a mail or page. It replaces every
// run of white space and control characters by one space, removes spaces at both ends,
// invalid UTF-8 and invisible characters (see steers), and cuts the rest to max
// characters. If it cuts something off, the last character is an ellipsis.
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

// isClean reports whether clean would return s unchanged. Most texts are clean already,
// and to find that out is cheaper than to copy them.
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

// Shown returns a stranger's text, such as the value of a cell, in the form in which we
// show it to people: on one line, without control characters and characters that hide or
// reorder text, and cut to 80 characters. It does not escape HTML.
func Shown(s string) string { return clean(s, maxShown) }

// steers reports whether r is an invisible character (of Unicode's category Cf) that may
// reorder or hide the text around it. The zero-width joiner, which emoji are made with,
// does not count.
func steers(r rune) bool {
	const joiner = '\u200d'
	return unicode.Is(unicode.Cf, r) && r != joiner
}
