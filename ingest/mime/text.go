package mime

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"bdc/order"
)

// How many octets of an encoded body are decoded for each octet of text that is wanted.
// The worst cases are plain text in UTF-16 and quoted-printable, and HTML with much
// markup.
const (
	plainFactor = 8
	htmlFactor  = 32
)

// forwardRule stands above the text of forwarded messages. Mail programs write such a
// line when they forward a message as text.
const forwardRule = "\n\n---------- Message transféré ----------\n"

// composeText joins the texts that people wrote: those of the message itself, then
// those of the messages forwarded in it, at any depth. Where a text was sent both as
// plain text and as HTML, it takes the plain text, unless the HTML says more.
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
				} else if n > 1 {
					if page := w.join(texts[:n], true); saysMore(page, text) {
						text = page
					}
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

// saysMore reports whether a text has at least two different words that another lacks.
// Programs write addresses of links and signs of quotes otherwise in plain text and in
// HTML, but no words of the sender.
func saysMore(text, than string) bool {
	const least = 2
	words := func(s string) []string {
		return strings.FieldsFunc(order.Fold(s), func(r rune) bool {
			return !unicode.IsLetter(r) && !unicode.IsDigit(r)
		})
	}
	said := map[string]bool{}
	for _, w := range words(than) {
		said[w] = true
	}
	more := 0
	for _, w := range words(text) {
		if !said[w] {
			said[w] = true
			if more++; more == least {
				return true
			}
		}
	}
	return false
}

// join decodes and joins the texts that are HTML, or, if html is false, the others.
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

// readable returns a decoded text, at most about limit bytes of it.
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

// isHTML reports whether a text that was sent as plain text is an HTML page.
func isHTML(s string) bool {
	s = strings.ToLower(strings.TrimSpace(s[:min(len(s), 100)]))
	return strings.HasPrefix(s, "<!doctype html") || strings.HasPrefix(s, "<html")
}

// plainText returns s with \n for each line end, without other control characters, and
// without the white space around it.
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

// trimRune returns b without the incomplete UTF-8 character at its end, if any.
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

// Cut returns the beginning of s, at most n bytes of it, without cutting a character in
// two.
func Cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return string(trimRune([]byte(s[:n])))
}
