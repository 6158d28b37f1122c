package mime

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
)

// Bounds of one structured field: what stands beyond them is not read.
const (
	maxValue  = 16 << 10 // octets
	maxParams = 100
)

// param is one parameter of a Content-Type or Content-Disposition field: key in
// lower case, value without its quotes, otherwise as sent.
type param struct{ key, value string }

type params []param

// parseParams splits a parameterised value (RFC 2045, 5.1): its first word in
// lower case, and its parameters. Quotes may be missing, doubled or never
// closed, and values may hold spaces; what cannot be read is skipped.
func parseParams(field []byte) (string, params) {
	s := unfold(field[:min(len(field), maxValue)])
	kind, rest, _ := strings.Cut(s, ";")
	if i := strings.IndexByte(kind, '='); i >= 0 { // no semicolon before the first parameter
		i = strings.LastIndexByte(strings.TrimRight(kind[:i], " "), ' ') + 1
		kind, rest = kind[:i], s[i:]
	}
	var ps params
	for rest != "" && len(ps) < maxParams {
		key, after, found := cutAny(rest, "=;")
		if found != '=' {
			rest = after
			continue
		}
		var value string
		value, rest = paramValue(strings.TrimLeft(after, " "))
		if key = strings.ToLower(strings.TrimSpace(key)); key != "" {
			ps = append(ps, param{key, value})
		}
	}
	return token([]byte(kind)), ps
}

// paramValue reads a value and returns what follows its semicolon.
func paramValue(s string) (value, rest string) {
	if !strings.HasPrefix(s, `"`) {
		value, rest, _ = strings.Cut(s, ";")
		return strings.TrimSpace(value), rest
	}
	end := closingQuote(s)
	if end < 0 { // never closed
		value, rest, _ = strings.Cut(s[1:], ";")
		return unquote(strings.TrimSpace(value)), rest
	}
	value = s[1:end]
	tail, rest, _ := strings.Cut(s[end+1:], ";")
	if last := strings.LastIndexByte(tail, '"'); last >= 0 && !strings.Contains(tail, "=") {
		// Quotes within quotes that nobody escaped: "Commande "urgente".xlsx".
		value += `"` + tail[:last]
	}
	return strings.Trim(unquote(value), `"`), rest
}

// closingQuote returns the index of the quote that ends the quoted string s, or
// -1.
func closingQuote(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return -1
}

// unquote resolves the quoted pairs of a quoted string (RFC 5322, 3.2.4). A
// backslash before anything but a quote or a backslash stays: it separates the
// folders of a path that was never escaped.
func unquote(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	return strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(s)
}

// value returns a decoded parameter. It prefers the extended form (RFC 2231) to the
// plain one, and of two parameters the first. It decodes encoded words in the plain
// form, where RFC 2047, section 5, forbids them, because most clients send them.
func (ps params) value(name string) string {
	if v := ps.extended(name); v != "" {
		return v
	}
	for _, p := range ps {
		if p.key != name || p.value == "" {
			continue
		}
		if label, text, ok := labelled(p.value); ok {
			return toUTF8(label, appendEscaped(nil, text, '%'))
		}
		if n := len(p.value); n > 2 && p.value[0] == '\'' && p.value[n-1] == '\'' {
			p.value = p.value[1 : n-1]
		}
		return decodeWords(p.value)
	}
	return ""
}

// labelled splits a value in the extended form, charset'language'text, into charset and
// text. It only knows usual charsets, so as to recognise the form where the name of the
// parameter does not announce it.
func labelled(v string) (label, text string, ok bool) {
	parts := strings.SplitN(v, "'", 3)
	if len(parts) < 3 {
		return "", "", false
	}
	switch strings.ToLower(parts[0]) {
	case "utf-8", "iso-8859-1", "iso-8859-15", "windows-1252", "us-ascii":
		return parts[0], parts[2], true
	}
	return "", "", false
}

// extended returns a parameter that was sent as name*, or in pieces as name*0,
// name*1*…; the pieces may stand in any order.
func (ps params) extended(name string) string {
	type piece struct {
		index   int
		encoded bool
		value   string
	}
	var pieces []piece
	for _, p := range ps {
		suffix, ok := strings.CutPrefix(p.key, name)
		if !ok || suffix == "" || suffix[0] != '*' {
			continue
		}
		number, encoded := strings.CutSuffix(suffix[1:], "*")
		if number == "" { // name*
			pieces = append(pieces, piece{0, true, p.value})
			continue
		}
		n, err := strconv.Atoi(number)
		if err == nil && !slices.ContainsFunc(pieces, func(p piece) bool { return p.index == n }) {
			pieces = append(pieces, piece{n, encoded, p.value})
		}
	}
	if len(pieces) == 0 {
		return ""
	}
	slices.SortStableFunc(pieces, func(a, b piece) int { return a.index - b.index })

	var label string
	var b []byte
	for i, p := range pieces {
		if i == 0 {
			l, text, ok := labelled(p.value)
			if parts := strings.SplitN(p.value, "'", 3); !ok && p.encoded && len(parts) == 3 {
				l, text, ok = parts[0], parts[2], true // an unusual charset
			}
			if ok {
				label, p.value, p.encoded = l, text, true
			}
		}
		if !p.encoded {
			b = append(b, p.value...)
			continue
		}
		b = appendEscaped(b, strings.Trim(p.value, `"`), '%') // quotes within, against RFC 2231, 7
	}
	return decodeWords(toUTF8(label, b))
}

// cutAny slices s around the first of some characters and says which it was, or
// 0.
func cutAny(s, chars string) (before, after string, found byte) {
	i := strings.IndexAny(s, chars)
	if i < 0 {
		return s, "", 0
	}
	return s[:i], s[i+1:], s[i]
}

// token returns the first word of a field's value in lower case, without quotes
// and comments (RFC 2045, 5.1), or "" for one that is no ASCII.
func token(v []byte) string {
	v = bytes.TrimLeft(v, " \t\r\n\"")
	if i := bytes.IndexAny(v, " \t\r\n;(\""); i >= 0 {
		v = v[:i]
	}
	if bytes.ContainsFunc(v, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return ""
	}
	return strings.ToLower(string(v))
}
