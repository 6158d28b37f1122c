package mime

import (
	"bytes"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/emersion/go-message/charset"
	"golang.org/x/text/encoding/charmap"
)

// toUTF8 converts text of a named charset. Where nobody knows the name, or the
// bytes do not fit it, they are UTF-8 if they are valid UTF-8, else
// Windows-1252. The result is always valid UTF-8.
func toUTF8(label string, b []byte) string {
	label = strings.ToLower(strings.Trim(label, ` '"`))
	switch label {
	case "", "utf-8", "utf8", "us-ascii", "ascii":
	case "iso-8859-1", "latin1": // Windows-1252 holds all of it, and is what is meant
		if s, err := charmap.Windows1252.NewDecoder().Bytes(b); err == nil {
			return string(s)
		}
	default:
		if len(label) > 40 {
			break
		}
		r, err := charset.Reader(label, bytes.NewReader(b))
		if err != nil {
			break
		}
		if s, err := io.ReadAll(r); err == nil {
			return strings.ToValidUTF8(string(s), "\ufffd")
		}
	}
	if utf8.Valid(b) {
		return string(b)
	}
	s, err := charmap.Windows1252.NewDecoder().Bytes(b)
	if err != nil {
		return strings.ToValidUTF8(string(b), "\ufffd")
	}
	return string(s)
}
