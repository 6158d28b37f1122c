package mime

import (
	"html"
	"strings"
)

// htmlText turns HTML into the text that a reader would see, at most about
// limit bytes of it: tags dropped, entities resolved, line breaks where blocks
// end, ">" before the lines of a quoted message. It is no parser: it reads once from start to end, and cares for nothing
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
		case "blockquote":
			out.line(2, false)
			out.quoted(tag, closing)
		case "s", "strike", "del": // what is struck out means the contrary
			out.text("~~")
		case "p", "h1", "h2", "h3", "h4", "h5", "h6", "pre":
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
	breaks int    // that wait for text to follow
	space  bool   // waits likewise
	quotes []bool // of each blockquote that is open, whether it quotes a message
	depth  int    // how many of them do
}

// quoted enters or leaves a blockquote. Some only indent what somebody writes.
func (l *lines) quoted(tag string, closing bool) {
	if n := len(l.quotes) - 1; closing && n >= 0 {
		if l.quotes[n] {
			l.depth--
		}
		l.quotes = l.quotes[:n]
	}
	if closing {
		return
	}
	tag = strings.ToLower(tag)
	quotes := strings.Contains(tag, "cite") || strings.Contains(tag, "_quote")
	if quotes {
		l.depth++
	}
	l.quotes = append(l.quotes, quotes)
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
		}
		if l.Len() == 0 || l.breaks > 0 {
			l.mark()
		} else {
			if l.space {
				l.WriteByte(' ')
			}
		}
		l.breaks, l.space = 0, false
		l.WriteRune(r)
	}
}

// mark begins a line with one mark for each message that it is quoted from.
func (l *lines) mark() {
	const most = 5
	if l.depth > 0 {
		l.WriteString(strings.Repeat(">", min(l.depth, most)) + " ")
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
