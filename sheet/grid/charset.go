package grid

import (
	"bytes"
	"io"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// decode looks at head, the beginning of a part, and says how to read the part as UTF-8. If
// decoded is nil, the part is in UTF-8, and skip is the length of its byte order mark. Else
// decoded reads the whole part, beginning with head, and turns it into UTF-8.
func decode(head []byte, rest io.Reader) (decoded io.Reader, skip int, err error) {
	var charset encoding.Encoding
	switch {
	case bytes.HasPrefix(head, []byte("\xEF\xBB\xBF")):
		return nil, 3, nil
	case bytes.HasPrefix(head, []byte("\xFF\xFE")), bytes.HasPrefix(head, []byte("\xFE\xFF")):
		charset = unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM)
	case bytes.HasPrefix(head, []byte("<\x00?\x00")): // XML 1.0, appendix F.1
		charset = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	case bytes.HasPrefix(head, []byte("\x00<\x00?")):
		charset = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	default:
		switch name := declaredCharset(head); name {
		case "", "utf-8", "utf8", "us-ascii", "ascii":
			return nil, 0, nil
		case "iso-8859-1", "latin1", "windows-1252":
			// Windows-1252 has letters where Latin-1 has the control characters C1. French
			// programs that say Latin-1 mean Windows-1252.
			charset = charmap.Windows1252
		default:
			return nil, 0, malformed("charset %q", name)
		}
	}
	whole := io.MultiReader(bytes.NewReader(bytes.Clone(head)), rest)
	return charset.NewDecoder().Reader(whole), 0, nil
}

// declaredCharset is the encoding that the XML declaration names, in lower case, or "".
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
