package mime

import (
	"html"
	"strings"
)

// htmlText turns HTML into the text that a reader would see, at most about
// limit bytes of it: tags dropped, entities resolved, line breaks where blocks
// end. It is no parser: it reads once from start to end, and cares for nothing
// but being readable and linear.
func htmlText(s string, limit int) string {
	var out lines
	for s != "" && out.Len() < limit {
		text, rest, ok := strings.Cut(s, "<")
		out.text(html.UnescapeString(text))
		if !ok {
			break
		}
		if strings.HasPrefix(rest, "!--") {
			_, s, _ = strings.Cut(rest, "-->")
			continue
		}
		if rest == "" || !isTagStart(rest[0]) {
			out.text("<")
			s = rest
			continue
		}
		tag, after, _ := strings.Cut(rest, ">")
		s = after
		name, closing := tagName(tag)
		switch name {
		case "script", "style", "title", "template":
			if !closing {
				s = afterElement(s, name)
			}
		case "br", "tr", "li", "div", "table", "ul", "ol", "dl", "dt", "dd", "section", "article", "header", "footer", "hr":
			out.line(1, name == "br")
		case "p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre":
			out.line(2, false)
		case "td", "th":
			out.text(" ")
		}
	}
	return out.String()
}

func isTagStart(c byte) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z' || c == '/' || c == '!' || c == '?'
}

// tagName returns the name of a tag in lower case, and whether it closes.
func tagName(tag string) (name string, closing bool) {
	tag, closing = strings.CutPrefix(tag, "/")
	if i := strings.IndexAny(tag, " \t\r\n/"); i >= 0 {
		tag = tag[:i]
	}
	if len(tag) > 10 {
		return "", closing
	}
	return strings.ToLower(tag), closing
}

// afterElement returns what follows the closing tag of an element whose content
// is not shown, or "" where it is never closed.
func afterElement(s, name string) string {
	for {
		_, rest, ok := strings.Cut(s, "</")
		if !ok {
			return ""
		}
		s = rest
		if len(s) >= len(name) && strings.EqualFold(s[:len(name)], name) {
			_, s, _ = strings.Cut(s, ">")
			return s
		}
	}
}

// lines builds text whose spaces are folded and whose line breaks are merged.
type lines struct {
	strings.Builder
	breaks int  // that wait for text to follow
	space  bool // waits likewise
}

// text adds a run of text, its spaces and line ends folded.
func (l *lines) text(s string) {
	for _, r := range s {
		switch r {
		case ' ', '\t', '\r', '\n', '\u00a0', '\f':
			l.space = true
			continue
		case '\u200b', '\u200c', '\u00ad', '\ufeff': // invisible, in the hidden summaries of newsletters
			continue
		}
		if l.Len() > 0 {
			for range l.breaks {
				l.WriteByte('\n')
			}
			if l.space && l.breaks == 0 {
				l.WriteByte(' ')
			}
		}
		l.breaks, l.space = 0, false
		l.WriteRune(r)
	}
}

// line ends the line, with n breaks at least; each hard one counts for itself.
func (l *lines) line(n int, hard bool) {
	if hard {
		l.breaks = min(l.breaks+1, 3)
		return
	}
	l.breaks = max(l.breaks, n)
}
