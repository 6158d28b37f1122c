package templates

import (
	"strings"
	"unicode/utf8"
)

// textWidth is the length in characters to which the lines of a plain text reply are
// wrapped (RFC 3676, section 4.2). A line is longer if what a bookseller typed does not
// fit into it, because that is never broken.
const textWidth = 78

// wrapped is the template function "wrap". It joins parts and wraps them for a plain text
// reply. The template has written indent spaces before; wrapped indents the further lines
// as far.
func wrapped(indent int, parts ...string) string {
	return wrap(textWidth, indent, strings.Join(parts, ""))
}

// wrap breaks text at its plain spaces into lines of at most width characters, and indents
// all lines but the first. The first counts as indented too. wrap does not break what
// stands between guillemets, even if it is longer than a line: somebody typed it, and
// the reader may have to copy it.
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

// pieces splits text at its plain spaces, except those between guillemets.
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

// tidy reduces runs of empty lines in a plain text reply to one, and removes spaces at the
// ends of lines. The templates leave both behind where a part is empty.
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
