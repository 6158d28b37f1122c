package mime

import (
	"bytes"
	"encoding/base64"
)

// isEncoded reports whether a transfer encoding changes the bytes of a body.
func isEncoded(encoding string) bool {
	switch encoding {
	case "base64", "quoted-printable", "x-uuencode", "uuencode", "x-uue", "uue":
		return true
	}
	return false
}

// decodeBody decodes a body from its transfer encoding (RFC 2045, 6). It never fails,
// and returns what can be recovered. Where the encoding is none or unknown, it returns
// body itself. Zip files, and so workbooks, it recognises by their first bytes: those
// that were not encoded although the header says so, and those in base64 although the
// header does not say so, or twice.
func decodeBody(encoding string, body []byte) []byte {
	if bytes.HasPrefix(body, []byte("PK\x03\x04")) {
		return body
	}
	switch encoding {
	case "base64":
		body = decodeBase64(body)
	case "quoted-printable":
		body = decodeQuotedPrintable(body)
	case "x-uuencode", "uuencode", "x-uue", "uue":
		if f, ok := findUU(body); ok {
			body = f.data
		}
	}
	if digits := bytes.TrimLeft(body, " \t\r\n"); bytes.HasPrefix(digits, []byte("UEsDB")) {
		return decodeBase64(digits)
	}
	return body
}

// decodeBase64 decodes base64 (RFC 2045, 6.8), and repairs it where it is faulty: it
// also reads base64url, skips other characters, goes on after padding, and ends where text begins, such as
// the footer of a mailing list.
func decodeBase64(src []byte) []byte {
	size := len(src) - bytes.Count(src, []byte("\n")) - bytes.Count(src, []byte("\r"))
	dst := make([]byte, base64.StdEncoding.DecodedLen(size)+2) // room for a last group without padding
	n, err := base64.StdEncoding.Decode(dst, src)
	if err == nil {
		return dst[:n]
	}
	src = standardBase64(src)

	dst = dst[:0]
	var group uint32
	digits := 0
	closeGroup := func() { // two digits hold one byte, three hold two
		switch digits {
		case 2:
			dst = append(dst, byte(group>>4))
		case 3:
			dst = append(dst, byte(group>>10), byte(group>>2))
		}
		group, digits = 0, 0
	}
	width := 0             // of the first line
	var short, padded bool // signs that the data is over
	for len(src) > 0 {
		var line []byte
		line, src, _ = bytes.Cut(src, []byte("\n"))
		line = bytes.TrimSpace(line)
		if endsBase64(line, short, padded) {
			break
		}
		if width == 0 {
			width = len(line)
		}
		short = len(line) < width
		for _, c := range line {
			switch v := base64Value(c); {
			case v < 64:
				group = group<<6 | uint32(v)
				if digits++; digits == 4 {
					dst = append(dst, byte(group>>16), byte(group>>8), byte(group))
					group, digits = 0, 0
				}
			case c == '=':
				closeGroup()
				padded = true
			}
		}
	}
	closeGroup()
	return dst
}

// standardBase64 returns data in the alphabet for addresses and file names (RFC 4648, 5) in
// base64's own, and any other data as it is. The text after the data is left alone.
func standardBase64(src []byte) []byte {
	end, other := 0, false
	for line := range bytes.Lines(src) {
		trimmed := bytes.TrimSpace(line)
		text := bytes.IndexByte(trimmed, ' ') >= 0
		if text || len(trimmed) > 1 && len(bytes.Trim(trimmed, "-_")) == 0 {
			break
		}
		if bytes.ContainsAny(line, "+/") {
			return src
		}
		other = other || bytes.ContainsAny(line, "-_")
		end += len(line)
	}
	if !other {
		return src
	}
	standard := bytes.ReplaceAll(bytes.ReplaceAll(src[:end], []byte("-"), []byte("+")), []byte("_"), []byte("/"))
	return append(standard, src[end:]...)
}

// endsBase64 reports whether a line, from which the space around it was trimmed, is text
// after the data and not data. It is text if it is the separator of a footer. It is also
// text if it has words, and a line before it was short or padded; or if it has other
// characters than base64's, and a line before it was padded.
func endsBase64(line []byte, short, padded bool) bool {
	if bytes.HasPrefix(line, []byte("--")) || bytes.HasPrefix(line, []byte("__")) {
		return true
	}
	if !short && !padded {
		return false
	}
	words := bytes.IndexByte(line, ' ') >= 0
	stray := bytes.ContainsFunc(line, func(r rune) bool { return r != '=' && (r > 0x7f || base64Value(byte(r)) == 64) })
	return words || padded && stray
}

// base64Value returns the value of a base64 digit, or 64.
func base64Value(c byte) byte {
	switch {
	case 'A' <= c && c <= 'Z':
		return c - 'A'
	case 'a' <= c && c <= 'z':
		return c - 'a' + 26
	case '0' <= c && c <= '9':
		return c - '0' + 52
	case c == '+':
		return 62
	case c == '/':
		return 63
	}
	return 64
}

// decodeQuotedPrintable decodes quoted-printable (RFC 2045, 6.7). An equals sign that
// no two hexadecimal digits follow stays.
func decodeQuotedPrintable(src []byte) []byte {
	dst := make([]byte, 0, len(src)-2*min(bytes.Count(src, []byte("=")), len(src)/3))
	for len(src) > 0 {
		end := bytes.IndexByte(src, '\n') + 1
		if end == 0 {
			end = len(src)
		}
		line := src[:end]
		src = src[end:]
		text := bytes.TrimRight(line, "\r\n")
		lineEnd := line[len(text):]
		text = bytes.TrimRight(text, " \t") // added on the way
		soft := bytes.HasSuffix(text, []byte("="))
		if soft {
			text = text[:len(text)-1]
		}
		dst = appendEscaped(dst, text, '=')
		if !soft {
			dst = append(dst, lineEnd...)
		}
	}
	return dst
}
