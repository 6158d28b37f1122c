package mime

import (
	"strings"
	"unicode"
)

// words returns the decoded value of an unstructured field, ready to be shown: one line
// without control characters, at most maxText characters long.
func words(v []byte) string {
	return shorten(oneLine(decodeWords(unfold(v[:min(len(v), maxValue)]))), maxText)
}

// oneLine replaces control characters, which encoded words may hold, and runs
// of spaces by one space.
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || r == ' ' || r == '\u2028' || r == '\u2029'
	}), " ")
}

// shorten cuts s after n characters.
func shorten(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

// decodeWords decodes the encoded words of a header value (RFC 2047, 2),
// wherever they stand. Words that follow each other in one charset are joined
// before they are converted, because many clients cut them within a character.
// What only looks like an encoded word stays as it is; bytes outside of them
// are UTF-8 or Windows-1252. The result is valid UTF-8.
func decodeWords(s string) string {
	if !strings.Contains(s, "=?") {
		return toUTF8("", []byte(s))
	}
	var out strings.Builder
	var label string   // the charset of the words that wait to be converted
	var waiting []byte // the decoded bytes of these words
	flush := func() {
		out.WriteString(toUTF8(label, waiting))
		waiting = waiting[:0]
	}
	for s != "" {
		before, word, ok := strings.Cut(s, "=?")
		if before != "" && (len(waiting) == 0 || strings.TrimSpace(before) != "") {
			flush() // spaces between two words do not count
			out.WriteString(toUTF8("", []byte(before)))
		}
		if !ok {
			break
		}
		charset, data, rest, ok := encodedWord(word)
		if !ok {
			flush()
			out.WriteString("=?")
			s = word
			continue
		}
		if !strings.EqualFold(charset, label) {
			flush()
			label = charset
		}
		waiting = append(waiting, data...)
		s = rest
	}
	flush()
	return out.String()
}

// encodedWord decodes the word that s begins with, after its "=?", and returns
// what follows it.
func encodedWord(s string) (charset string, data []byte, rest string, ok bool) {
	i := strings.IndexByte(s[:min(len(s), 50)], '?')
	if i < 0 || i+2 >= len(s) || s[i+2] != '?' {
		return "", nil, "", false
	}
	charset, _, _ = strings.Cut(s[:i], "*") // a language may follow (RFC 2231, 5)
	encoding := s[i+1]
	text, rest, ok := strings.Cut(s[i+3:], "?=")
	if !ok {
		return "", nil, "", false
	}
	switch encoding {
	case 'B', 'b':
		data = decodeBase64([]byte(text))
	case 'Q', 'q':
		data = decodeQ(text)
	default:
		return "", nil, "", false
	}
	return charset, data, rest, true
}

// decodeQ decodes the "Q" encoding (RFC 2047, 4.2).
func decodeQ(s string) []byte {
	return appendEscaped(make([]byte, 0, len(s)), strings.ReplaceAll(s, "_", " "), '=')
}

// appendEscaped appends s to b with each escape character and the two hexadecimal
// digits after it decoded into one byte. An escape character that no two digits
// follow stays.
func appendEscaped[T string | []byte](b []byte, s T, escape byte) []byte {
	for i := 0; i < len(s); i++ {
		if s[i] == escape && i+2 < len(s) {
			if c, ok := hexByte(s[i+1], s[i+2]); ok {
				b = append(b, c)
				i += 2
				continue
			}
		}
		b = append(b, s[i])
	}
	return b
}

func hexByte(hi, lo byte) (byte, bool) {
	h, ok1 := hexDigit(hi)
	l, ok2 := hexDigit(lo)
	return h<<4 | l, ok1 && ok2
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10, true
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10, true
	}
	return 0, false
}
