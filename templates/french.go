package templates

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// noBreak puts the no-break spaces of French typography where a source has
// plain ones: no line may begin with a sign, or end in an opening guillemet.
// It leaves alone the := of a template.
var noBreak = strings.NewReplacer(
	" :=", " :=", " :", "\u00a0:", " ;", "\u00a0;", " ?", "\u00a0?", " !", "\u00a0!", " »", "\u00a0»", "« ", "«\u00a0",
)

// French puts them into a text of the form's definition.
func French(s string) string { return noBreak.Replace(s) }

// frenchDay writes the day of t in t's own zone: « 1er juin 2026 ».
func frenchDay(t time.Time) string {
	months := [...]string{
		"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
		"décembre",
	}
	d := fmt.Sprint(t.Day())
	if t.Day() == 1 {
		d = "1er"
	}
	return fmt.Sprintf("%s\u00a0%s\u00a0%d", d, months[t.Month()-1], t.Year())
}

// frenchTime adds the hour: « 21 novembre 2026 à 18 h 05 ».
func frenchTime(t time.Time) string {
	return fmt.Sprintf("%s à %d\u00a0h\u00a0%02d", frenchDay(t), t.Hour(), t.Minute())
}

// quote puts guillemets around s, unless there is nothing to quote.
func quote(s string) string {
	if s == "" {
		return ""
	}
	return "«\u00a0" + s + "\u00a0»"
}

// sentence ends s with a full stop, unless it ends like a sentence already.
func sentence(s string) string {
	s = strings.TrimSpace(s)
	if s == "" || strings.ContainsAny(s[len(s)-1:], ".!?") || strings.HasSuffix(s, "…") {
		return s
	}
	return s + "."
}

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

// wrap breaks text at plain spaces into lines of at most width characters, each
// but the first indented. What stands between guillemets is not broken, even
// where it is longer than a line: it is what somebody typed, to be copied.
func wrap(width, indent int, text string) string {
	var b strings.Builder
	column := indent
	for i, word := range pieces(text) {
		length := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case column+1+length > width:
			b.WriteByte('\n')
			b.WriteString(strings.Repeat(" ", indent))
			column = indent
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += length
	}
	return b.String()
}

// pieces splits text at its plain spaces, outside guillemets.
func pieces(text string) []string {
	var list []string
	start, depth := 0, 0
	for i, r := range text {
		switch r {
		case '«':
			depth++
		case '»':
			depth = max(depth-1, 0)
		case ' ':
			if depth > 0 {
				continue
			}
			if i > start {
				list = append(list, text[start:i])
			}
			start = i + 1
		}
	}
	if start < len(text) {
		list = append(list, text[start:])
	}
	return list
}
