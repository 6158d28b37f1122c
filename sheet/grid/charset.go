package grid

import (
	"bytes"
	"io"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// decode looks at the beginning of a part and says how to read it as UTF-8:
// skip is the length of its byte order mark, and decoded, unless it is nil,
// reads the whole part, head included, in UTF-8.
func decode(head []byte, rest io.Reader) (decoded io.Reader, skip int, err error) {
	var charset encoding.Encoding
	switch {
	case bytes.HasPrefix(head, []byte("\xEF\xBB\xBF")):
		return nil, 3, nil
	case bytes.HasPrefix(head, []byte("\xFF\xFE")), bytes.HasPrefix(head, []byte("\xFE\xFF")):
		charset = unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM)
	default:
		switch name := declaredCharset(head); name {
		case "", "utf-8", "utf8", "us-ascii", "ascii":
			return nil, 0, nil
		case "iso-8859-1", "latin1", "windows-1252":
			// Windows-1252 is Latin-1 with letters in place of the C1 controls,
			// and what is meant when a French program says Latin-1.
			charset = charmap.Windows1252
		default:
			return nil, 0, malformed("charset %q", name)
		}
	}
	whole := io.MultiReader(bytes.NewReader(bytes.Clone(head)), rest)
	return charset.NewDecoder().Reader(whole), 0, nil
}

// declaredCharset is the encoding of the XML declaration in lower case, or "".
func declaredCharset(head []byte) string {
	if !bytes.HasPrefix(head, []byte("<?xml")) {
		return ""
	}
	end := bytes.Index(head, []byte("?>"))
	if end < 0 {
		return ""
	}
	_, after, found := strings.Cut(string(head[:end]), "encoding")
	after = strings.TrimLeft(after, " \t\r\n=")
	if !found || after == "" {
		return ""
	}
	name, _, _ := strings.Cut(after[1:], after[:1])
	return strings.ToLower(name)
}
