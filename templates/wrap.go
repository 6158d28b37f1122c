package templates

import (
	"strings"
	"unicode/utf8"
)

// textWidth is the longest line of a plain text answer, in characters, as RFC
// 3676, 4.2 recommends. What a bookseller typed is never broken to keep to it.
const textWidth = 78

// wrapped joins its parts and wraps them for a plain text answer, at a place
// that is indented already.
func wrapped(indent int, parts ...string) string {
	return wrap(textWidth, indent, strings.Join(parts, ""))
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

// tidy leaves one empty line where the parts of a plain text answer left more,
// and no space at the end of a line.
func tidy(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	empty := 0
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, " \n")
		if line != "" {
			empty = 0
		} else if empty++; empty > 1 {
			continue
		}
		b.WriteString(line)
		b.WriteByte('\n')
	}
	return b.String()
}
