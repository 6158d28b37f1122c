package grid

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

// maxEntity is the length of the longest entity: &#x10FFFF; with some zeros.
const maxEntity = 16

// entityRune is the character that an entity stands for, given by its name: XML 1.0, 4.1 and
// 4.6. Only a document type could define other entities, and document types are refused.
func entityRune(name []byte) (rune, error) {
	switch string(name) {
	case "amp":
		return '&', nil
	case "lt":
		return '<', nil
	case "gt":
		return '>', nil
	case "quot":
		return '"', nil
	case "apos":
		return '\'', nil
	}
	if len(name) > 1 && name[0] == '#' {
		digits, base := name[1:], 10
		if digits[0] == 'x' {
			digits, base = digits[1:], 16
		}
		n, err := strconv.ParseUint(string(digits), base, 32)
		if err == nil && n > 0 && utf8.ValidRune(rune(n)) {
			return rune(n), nil
		}
	}
	return 0, malformed("unknown entity %q", name)
}

// unescape is the value of an attribute with its entities decoded.
func unescape(value []byte) (string, error) {
	if bytes.IndexByte(value, '&') < 0 {
		return checked(value)
	}
	out := make([]byte, 0, len(value))
	for len(value) > 0 {
		i := bytes.IndexByte(value, '&')
		if i < 0 {
			break
		}
		out = append(out, value[:i]...)
		value = value[i+1:]
		end := bytes.IndexByte(value, ';')
		if end < 0 || end > maxEntity {
			return "", malformed("an entity without an end")
		}
		r, err := entityRune(value[:end])
		if err != nil {
			return "", err
		}
		out = utf8.AppendRune(out, r)
		value = value[end+1:]
	}
	return checked(append(out, value...))
}

// checked is b as a string. It is an error if XML does not allow the text.
func checked(b []byte) (string, error) {
	if !utf8.Valid(b) {
		return "", malformed("text that is not in the charset it claims")
	}
	for _, c := range b {
		if c < ' ' && !isSpace(c) {
			return "", malformed("control character %#x", c)
		}
	}
	return string(b), nil
}
