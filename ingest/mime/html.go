package mime

import (
	"bytes"
	"strings"

	"golang.org/x/net/html"
)

// longTag is the length in bytes of a tag after which the tokenizer is replaced by a new
// one. A tokenizer keeps a table that is as long as the most attributes of a tag, and
// clears all of it before each tag: after a tag with many attributes it is slow.
const longTag = 1 << 10

// htmlText turns HTML into the text that a reader would see, at most about limit
// bytes of it: tags, attributes and comments dropped, entities resolved, line breaks
// where blocks end, "> " before the lines of a quoted message, and "~~" around what
// is struck out, since that means the contrary. What only a style hides is shown.
//
// What is a tag and what is text, golang.org/x/net/html decides, as browsers do. Each
// tag counts for itself, whether its element is closed or not, so that the time is
// linear in the length of s however deep elements are nested. Memory is some ten
// times the length of s at most.
func htmlText(s string, limit int) string {
	var out lines
	tags, worn := html.NewTokenizer(strings.NewReader(s)), false
	unseen, depth := "", 0 // the element that is passed over, and how many of its name are open
	for out.Len() < limit {
		kind := tags.Next()
		length := len(tags.Raw())
		s = s[length:]
		switch kind {
		case html.ErrorToken: // the end
			return out.String()
		case html.TextToken:
			if unseen == "" {
				out.text(string(tags.Text()))
			}
			continue
		case html.CommentToken, html.DoctypeToken:
			continue
		}
		tag, _ := tags.TagName()
		name, closing := string(tag), kind == html.EndTagToken
		switch {
		case unseen == name && closing:
			if depth--; depth == 0 {
				unseen = ""
			}
		case unseen == name:
			depth++
		case unseen != "":
		case isUnseen(name) && !closing:
			unseen, depth = name, 1
		default:
			out.tag(name, closing, tags)
		}
		worn = worn || length > longTag
		if !closing && isRaw(name) {
			continue
		}
		tags.NextIsNotRawText() // nor is what <noscript> contains: no mail program runs scripts
		if worn {
			tags, worn = html.NewTokenizer(strings.NewReader(s)), false
		}
	}
	return out.String()
}

// isUnseen reports whether no reader sees what an element contains.
func isUnseen(name string) bool { return name == "template" || isRaw(name) }

// isRaw reports whether what an element contains is not seen, and has no tags but
// the one that closes it.
func isRaw(name string) bool {
	switch name {
	case "script", "style", "title", "iframe", "noembed", "noframes":
		return true
	}
	return false
}

// tag adds to the text what a tag stands for: line breaks, marks of quotes and of what is
// struck out, spaces.
func (l *lines) tag(name string, closing bool, tags *html.Tokenizer) {
	if closing {
		l.strike(name, closing, tags)
	} else {
		defer l.strike(name, closing, tags)
	}
	switch name {
	case "br", "tr", "li", "div", "table", "ul", "ol", "dl", "dt", "dd", "section", "article", "header", "footer", "hr":
		l.line(1, name == "br")
	case "blockquote":
		l.line(2, false)
		if closing {
			l.unquote()
		} else {
			l.quote(isCitation(tags))
		}
	case "p", "h1", "h2", "h3", "h4", "h5", "h6", "pre":
		l.line(2, false)
	case "td", "th":
		l.text(" ")
	}
}

// strike writes "~~" where the outermost element that strikes its text out begins and
// ends. Within it only elements of its name are counted.
func (l *lines) strike(name string, closing bool, tags *html.Tokenizer) {
	switch {
	case l.struck == name && closing:
		if l.nested--; l.nested == 0 {
			l.struck = ""
			l.text("~~")
		}
	case l.struck == name:
		l.nested++
	case l.struck == "" && !closing && strikes(name, tags):
		l.struck, l.nested = name, 1
		l.text("~~")
	}
}

// strikes reports whether an element strikes its text out, by its name or its style.
func strikes(name string, tags *html.Tokenizer) bool {
	switch name {
	case "s", "strike", "del":
		return true
	case "span", "p", "div", "td", "li", "font", "b", "i", "u", "strong", "em", "a":
	default:
		return false
	}
	for {
		attribute, value, more := tags.TagAttr()
		if string(attribute) == "style" {
			return bytes.Contains(bytes.ToLower(value), []byte("line-through"))
		}
		if !more {
			return false
		}
	}
}

// isCitation reports whether the blockquote whose tag was read last quotes a message,
// as mail programs say in its attributes: type="cite", cite="mid:…",
// class="gmail_quote". Others only indent what somebody writes.
func isCitation(tags *html.Tokenizer) bool {
	for {
		name, value, more := tags.TagAttr()
		for _, said := range [][]byte{name, bytes.ToLower(value)} {
			if bytes.Contains(said, []byte("cite")) || bytes.Contains(said, []byte("_quote")) {
				return true
			}
		}
		if !more {
			return false
		}
	}
}

// lines builds text whose spaces are folded and whose line breaks are merged.
type lines struct {
	strings.Builder
	breaks int    // line breaks to write before the next text
	space  bool   // a space is to be written before the next text
	quotes []bool // for each open blockquote, whether it quotes a message
	depth  int    // how many open blockquotes quote a message
	struck string // the outermost open element that strikes out, or ""
	nested int    // how many elements of its name are open
}

// quote enters a blockquote, which quotes a message or only indents.
func (l *lines) quote(message bool) {
	if message {
		l.depth++
	}
	l.quotes = append(l.quotes, message)
}

// unquote leaves the innermost blockquote that is open, if any.
func (l *lines) unquote() {
	n := len(l.quotes) - 1
	if n < 0 {
		return
	}
	if l.quotes[n] {
		l.depth--
	}
	l.quotes = l.quotes[:n]
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

// line ends the line. At least n line breaks will stand before the next text. A hard one
// adds a break to those before it.
func (l *lines) line(n int, hard bool) {
	if hard {
		l.breaks = min(l.breaks+1, 3)
		return
	}
	l.breaks = max(l.breaks, n)
}
