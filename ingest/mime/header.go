package mime

import (
	"bytes"
	"strings"
)

// field is one field of a header, its value as sent: still folded and encoded.
type field struct{ name, value []byte }

func (f field) is(name string) bool {
	return len(f.name) == len(name) && strings.EqualFold(string(f.name), name)
}

// header is the fields of one header, topmost first.
type header []field

// first returns the first value of a field that is not empty.
func (h header) first(name string) []byte {
	for _, f := range h {
		if f.is(name) && len(bytes.TrimSpace(f.value)) > 0 {
			return f.value
		}
	}
	return nil
}

// contentType returns the Content-Type field. Of several, it prefers one that has a
// boundary: servers on the way may have added another above it.
func (h header) contentType() []byte {
	for _, f := range h {
		if !f.is("content-type") {
			continue
		}
		if _, ps := parseParams(f.value); ps.value("boundary") != "" {
			return f.value
		}
	}
	return h.first("content-type")
}

// has reports whether there is such a field, empty or not.
func (h header) has(name string) bool {
	for _, f := range h {
		if f.is(name) {
			return true
		}
	}
	return false
}

// header appends to h the fields of the header with which raw begins, and returns what
// follows the empty line after it. Lines that belong to no field are skipped. If no line
// is a field, there is no header, and all of raw is the body. Where a limit is exceeded,
// the rest of the header is skipped.
func (w *walker) header(raw []byte, h header) (header, []byte) {
	start := -1 // of the value that a continuation line would belong to
	for pos := 0; pos < len(raw); {
		end, next := len(raw), len(raw)
		if i := bytes.IndexByte(raw[pos:], '\n'); i >= 0 {
			end, next = pos+i, pos+i+1
		}
		line := bytes.TrimSuffix(raw[pos:end], []byte("\r"))
		switch {
		case len(line) == 0:
			if len(h) == 0 && pos > 0 {
				return h, raw
			}
			return h, raw[next:]
		case next > w.lim.HeaderBytes && len(h) == 0 && nameLength(line) == 0:
			return h, raw
		case next > w.lim.HeaderBytes:
			w.msg.limitMet(codeHeader, w.lim.HeaderBytes)
			return h, afterHeader(raw, pos)
		case line[0] == ' ' || line[0] == '\t':
			if start >= 0 {
				h[len(h)-1].value = raw[start : pos+len(line)]
			}
		default:
			n := nameLength(line)
			if n == 0 {
				start = -1
				break
			}
			if len(h) == w.lim.HeaderFields {
				w.msg.limitMet(codeFields, w.lim.HeaderFields)
				return h, afterHeader(raw, pos)
			}
			start = pos + bytes.IndexByte(line, ':') + 1
			h = append(h, field{line[:n], raw[start : pos+len(line)]})
		}
		pos = next
	}
	if len(h) == 0 {
		return h, raw
	}
	return h, nil
}

// nameLength returns the length of the field name that a line begins with, or 0
// (RFC 5322, 2.2 and 4.5: spaces may stand before the colon).
func nameLength(line []byte) int {
	n := 0
	for n < len(line) && line[n] > ' ' && line[n] < 0x7f && line[n] != ':' {
		n++
	}
	if rest := bytes.TrimLeft(line[n:], " \t"); len(rest) == 0 || rest[0] != ':' {
		return 0
	}
	return n
}

// afterHeader returns what follows the first empty line after a position within
// a header.
func afterHeader(raw []byte, pos int) []byte {
	raw = raw[pos:]
	lf, crlf := bytes.Index(raw, []byte("\n\n")), bytes.Index(raw, []byte("\n\r\n"))
	switch {
	case lf >= 0 && (crlf < 0 || lf < crlf):
		return raw[lf+2:]
	case crlf >= 0:
		return raw[crlf+3:]
	}
	return nil
}

// trimEnvelope returns raw without what programs put before a message: a byte order
// mark, empty lines, and the "From " line of an mbox file.
func trimEnvelope(raw []byte) []byte {
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	raw = bytes.TrimLeft(raw, "\r\n")
	if bytes.HasPrefix(raw, []byte("From ")) || bytes.HasPrefix(raw, []byte(">From ")) {
		_, raw, _ = bytes.Cut(raw, []byte("\n"))
	}
	return raw
}

// unfold returns a field's value as one line, with one space for each run of line ends,
// tabs and other control characters.
func unfold(v []byte) string {
	v = bytes.TrimSpace(v)
	if bytes.IndexFunc(v, isControl) < 0 {
		return string(v)
	}
	var b strings.Builder
	b.Grow(len(v))
	folded := false
	for _, c := range v {
		if control := isControl(rune(c)); control || folded && c == ' ' {
			if !folded {
				b.WriteByte(' ')
			}
			folded = true
			continue
		}
		b.WriteByte(c)
		folded = false
	}
	return b.String()
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }
