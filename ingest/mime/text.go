package mime

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// How much of an encoded body is decoded for each octet of text that is wanted:
// at worst, plain text is UTF-16 in quoted-printable, and HTML mostly markup.
const (
	plainFactor = 8
	htmlFactor  = 32
)

// forwardRule stands above the text of the messages forwarded in one, as mail
// programs have it where they forward within the text.
const forwardRule = "\n\n---------- Message transféré ----------\n"

// composeText joins what people wrote: of the message itself, then of the messages
// forwarded in it, however deep. Of alternatives, plain text is preferred.
func (w *walker) composeText() string {
	var out strings.Builder
	for forwarded := range w.lim.Forwarded + 1 {
		between := forwardRule
		texts := w.texts
		for len(texts) > 0 && out.Len() < w.lim.TextBytes {
			n := 1
			for n < len(texts) && texts[0].alternative > 0 && texts[n].alternative == texts[0].alternative {
				n++
			}
			if texts[0].forwarded == forwarded {
				text := w.join(texts[:n], false)
				if text == "" {
					text = w.join(texts[:n], true)
				}
				if text != "" {
					if out.Len() > 0 {
						out.WriteString(between)
					}
					between = "\n\n"
					out.WriteString(text)
				}
			}
			texts = texts[n:]
		}
	}
	return Cut(out.String(), w.lim.TextBytes)
}

// join decodes and joins those of some texts that are HTML, or those that are
// not.
func (w *walker) join(texts []part, html bool) string {
	var pieces []string
	for i := range texts {
		if (texts[i].kind == "text/html") != html {
			continue
		}
		if s := readable(&texts[i], w.lim.TextBytes); s != "" {
			pieces = append(pieces, s)
		}
	}
	return strings.Join(pieces, "\n\n")
}

// readable decodes a text, at most about limit bytes of it.
func readable(p *part, limit int) string {
	factor := plainFactor
	if p.kind == "text/html" {
		factor = htmlFactor
	}
	body := p.body
	cut := len(body) > limit*factor
	if cut {
		body = body[:limit*factor]
	}
	b := decodeBody(p.encoding, body)
	if cut {
		b = trimRune(b)
	}
	s := toUTF8(p.charset, b)
	if p.kind == "text/html" || isHTML(s) {
		s = htmlText(s, limit)
	}
	return plainText(s)
}

// isHTML reports whether text that says it is plain is a page of HTML.
func isHTML(s string) bool {
	s = strings.ToLower(strings.TrimSpace(s[:min(len(s), 100)]))
	return strings.HasPrefix(s, "<!doctype html") || strings.HasPrefix(s, "<html")
}

// plainText makes all line ends \n and takes out other control characters and
// the empty lines around the text.
func plainText(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\r':
			return '\n'
		case r == '\n', r == '\t':
			return r
		case unicode.IsControl(r), r == '\ufeff':
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(s)
}

// trimRune takes off the beginning of a UTF-8 character that b was cut in.
func trimRune(b []byte) []byte {
	for n := 1; n <= min(len(b), utf8.UTFMax-1); n++ {
		if last := b[len(b)-n:]; utf8.RuneStart(last[0]) {
			if !utf8.FullRune(last) {
				b = b[:len(b)-n]
			}
			break
		}
	}
	return b
}

// Cut returns the beginning of s, n bytes at most, and never ends it within a
// character.
func Cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return string(trimRune([]byte(s[:n])))
}
