package grid

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"net/http"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Sniff says what kind of file data is. It returns one of:
//
//   - "xlsx", "xlsm", "xlsb", "xls", "ods", "numbers": workbooks
//   - "xml2003": a workbook in one file of XML, as Excel 2003 writes it
//   - "encrypted": an Office file that is protected by a password
//   - "csv": separated values
//   - "docx", "doc", "odt", "rtf", "pptx", "pdf", "html": documents
//   - "png", "jpeg", "gif", "tiff", "bmp", "webp": images
//   - "zip", "rar", "7z", "gzip", "eml", "tnef": files that hold others
//   - "xml", "ole", "text", "empty", "unknown"
//
// Sniff looks at the first bytes of a file; for a zip or an OLE file, also at the names of
// the files or streams in it. A file that it calls "xlsx" may still be damaged.
func Sniff(data []byte) string {
	for _, m := range [...]struct{ magic, kind string }{
		{"%PDF-", "pdf"},
		{"\x89PNG\r\n", "png"},
		{"\xFF\xD8\xFF", "jpeg"},
		{"GIF8", "gif"},
		{"II*\x00", "tiff"},
		{"MM\x00*", "tiff"},
		{"Rar!\x1A", "rar"},
		{"7z\xBC\xAF\x27\x1C", "7z"},
		{"\x1F\x8B\x08", "gzip"},
		{"{\\rtf", "rtf"},
		{"\x78\x9F\x3E\x22", "tnef"},
	} {
		if strings.HasPrefix(string(data[:min(len(data), 16)]), m.magic) {
			return m.kind
		}
	}
	switch {
	case len(data) == 0:
		return "empty"
	case bytes.HasPrefix(data, []byte("PK\x03\x04")), bytes.HasPrefix(data, []byte(zipEnd)):
		return sniffZip(data)
	case bytes.HasPrefix(data, []byte(oleMagic)):
		return sniffOLE(data)
	case isBareXLS(data):
		return "xls"
	case bytes.HasPrefix(data, []byte("RIFF")) && len(data) > 12 && string(data[8:12]) == "WEBP":
		return "webp"
	case bytes.HasPrefix(data, []byte("BM")) && len(data) > 26 &&
		binary.LittleEndian.Uint32(data[2:]) == uint32(len(data)):
		return "bmp"
	case bytes.Contains(data[:min(len(data), 1024)], []byte("%PDF-")):
		return "pdf" // programs that read PDF allow a kilobyte of anything before it
	}
	return sniffText(data)
}

// isBareXLS says whether a file is an .xls that is no OLE file, as versions before Excel 5
// wrote it. It then begins with the first record of an .xls: [MS-XLS], 2.4.21, or the shorter
// record of BIFF2 to BIFF4.
func isBareXLS(data []byte) bool {
	if len(data) < 4 || data[0] != 0x09 || data[3] != 0 {
		return false
	}
	version, length := data[1], data[2]
	return (version == 0 || version == 2 || version == 4 || version == 8) && length >= 4 && length <= 16 &&
		length%2 == 0
}

// sniffZip says what kind of file a zip is, by the names of its files. They are taken from the
// directory at the end of the zip. If that is missing, they are taken from the records before
// each file, so that a workbook that is cut short is still called a workbook.
func sniffZip(data []byte) string {
	names := zipNames(zipDirectory(data), zipRecord, 46, 28)
	if len(names) == 0 {
		names = zipNames(data, "PK\x03\x04", 30, 26)
	}
	kind, content := "zip", false
	for _, name := range names {
		switch folder, file, _ := strings.Cut(PartName(name), "/"); {
		case folder == "xl" && file == "workbook.bin":
			return "xlsb"
		case folder == "xl" && file == "vbaproject.bin":
			return "xlsm"
		case folder == "xl":
			kind = "xlsx"
		case folder == "index" && file == "calculationengine.iwa":
			return "numbers"
		case folder == "word":
			return "docx"
		case folder == "ppt":
			return "pptx"
		case folder == "[content_types].xml" && kind == "zip":
			kind = "opc"
		case folder == "content.xml":
			content = true
		}
	}
	switch kind {
	case "opc":
		return "xlsx" // cut short before its first sheet, or with its parts in other places
	case "zip":
		return cmp.Or(sniffOpenDocument(data, content), "zip")
	}
	return kind
}

// sniffOpenDocument says what kind of document a zip is: "ods", "odt", or "" for any other
// file. content says whether the zip has a file content.xml.
func sniffOpenDocument(data []byte, content bool) string {
	// By the standard the media type stands at the beginning of the zip, uncompressed. Not
	// all programs keep to that.
	kind := sniffDocument(string(data[:min(len(data), 200)]))
	if kind == "" && content {
		kind = sniffDocument(manifestType(data))
	}
	return kind
}

// sniffDocument says what kind of document a text is about in which the media type of an
// OpenDocument file stands: "ods", "odt", or "" for any other.
func sniffDocument(text string) string {
	switch {
	case strings.Contains(text, "vnd.oasis.opendocument.spreadsheet"), strings.Contains(text, "vnd.sun.xml.calc"):
		return "ods"
	case strings.Contains(text, "vnd.oasis.opendocument.text"), strings.Contains(text, "vnd.sun.xml.writer"):
		return "odt"
	}
	return ""
}

// manifestType is the media type that an OpenDocument package gives itself in its
// manifest (OpenDocument 1.3 part 2, 4), or "".
func manifestType(data []byte) string {
	p, err := Open(data, DefaultLimits())
	if err != nil {
		return ""
	}
	typ := ""
	err = p.read("meta-inf/manifest.xml", func(s *scanner, tok token) error {
		if tok == tokenStart && string(s.name) == "file-entry" && string(s.prefixed("full-path")) == "/" {
			typ = string(s.prefixed("media-type"))
		}
		return nil
	})
	if err != nil {
		return ""
	}
	return typ
}

// zipDirectory is the directory of a zip (APPNOTE.TXT, 4.3.16). Zips that are stored within
// this one have directories of their own, which are not in it. If the end of the file does
// not say where the directory is, it is the whole file.
func zipDirectory(data []byte) []byte {
	end := bytes.LastIndex(data, []byte(zipEnd))
	if end < 0 || len(data)-end < 16 {
		return data
	}
	size := binary.LittleEndian.Uint32(data[end+12:])
	if size > uint32(end) || !bytes.HasPrefix(data[end-int(size):], []byte(zipRecord)) {
		return data
	}
	return data[end-int(size) : end]
}

// zipNames are the names of files in the records that begin with magic. A name stands behind
// the header of its record, which has that many bytes. The length of the name stands in the
// header at the offset length. The first few thousand names are enough to know a file.
func zipNames(data []byte, magic string, header, length int) []string {
	var names []string
	for len(names) < 4_000 {
		i := bytes.Index(data, []byte(magic))
		if i < 0 || len(data)-i < header {
			break
		}
		record := data[i:]
		n := int(binary.LittleEndian.Uint16(record[length:]))
		if len(record) < header+n {
			break
		}
		names = append(names, string(record[header:header+n]))
		data = record[header+n:]
	}
	return names
}

// sniffText says what kind of file a file is that begins with text.
func sniffText(data []byte) string {
	text, ok := headText(data)
	if !ok {
		return "unknown"
	}
	if strings.TrimSpace(text) == "" {
		return "empty"
	}
	start := strings.ToLower(strings.TrimSpace(text[:min(len(text), 1024)]))
	switch {
	case strings.HasPrefix(http.DetectContentType([]byte(start)), "text/html"),
		strings.HasPrefix(start, "<meta"), strings.HasPrefix(start, "<?xml") && strings.Contains(start, "<html"):
		return "html"
	case strings.HasPrefix(start, "<?xml"), strings.HasPrefix(start, "<") && sniffXML(text) != "xml":
		return sniffXML(text)
	case isMail(start) && strings.Contains(strings.ToLower(text), "x-document-type: workbook"):
		return "html" // a page with its images, as Excel saves one
	case isMail(start):
		return "eml"
	case isCSV(text):
		return "csv"
	}
	return "text"
}

// sniffXML says what kind of file an XML file is: "xml2003", "ods", "odt" or "xml".
func sniffXML(text string) string {
	switch {
	case strings.Contains(text, "urn:oasis:names:tc:opendocument"):
		return cmp.Or(sniffDocument(text), "xml")
	case strings.Contains(text, "urn:schemas-microsoft-com:office:spreadsheet"):
		return "xml2003"
	}
	return "xml"
}

// headText is the first 8 KiB of a file as text. It says false if they are no text: they hold
// control characters, or too many bytes that are not UTF-8.
func headText(data []byte) (string, bool) {
	cut := len(data) > 8<<10
	head := data[:min(len(data), 8<<10)]
	switch {
	case bytes.HasPrefix(head, []byte("\xFF\xFE")):
		head = utf16Text(head[2:], binary.LittleEndian)
	case bytes.HasPrefix(head, []byte("\xFE\xFF")):
		head = utf16Text(head[2:], binary.BigEndian)
	}
	text := strings.TrimLeft(string(head), "\uFEFF") // some exports begin with two
	if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && (r < '\t' || r > '\r') }) {
		return "", false
	}
	// A text that is not UTF-8 is Latin-1 as a rule; then only few bytes are not ASCII.
	if odd := strings.Count(strings.ToValidUTF8(text, "\x00"), "\x00"); odd > len(text)/4 {
		return "", false
	}
	if cut { // the last line may be cut off
		if i := strings.LastIndexByte(text, '\n'); i > 0 {
			text = text[:i]
		}
	}
	return text, true
}

func utf16Text(b []byte, order binary.ByteOrder) []byte {
	var out []byte
	for ; len(b) >= 2; b = b[2:] {
		r := rune(order.Uint16(b))
		if utf16.IsSurrogate(r) {
			r = utf8.RuneError
		}
		out = utf8.AppendRune(out, r)
	}
	return out
}

// isMail says whether a text in lower case is a mail: it begins with two header fields, and
// the first is one that mails begin with.
func isMail(text string) bool {
	first, rest, _ := strings.Cut(text, "\n")
	name, _, ok := strings.Cut(first, ":")
	switch name {
	case "received", "return-path", "from", "to", "subject", "date", "message-id", "mime-version", "delivered-to",
		"dkim-signature", "content-type", "reply-to":
	default:
		ok = ok && strings.HasPrefix(name, "x-")
	}
	if !ok || rest == "" {
		return false
	}
	if rest[0] == ' ' || rest[0] == '\t' {
		return true // the first field goes on
	}
	second, _, ok := strings.Cut(rest, ":")
	return ok && !strings.ContainsAny(second, " \t\n")
}

// isCSV says whether a text is separated values: every line that is not blank has the same
// separator, and there are two such lines, or every line has it twice; or the first line names
// the separator.
func isCSV(text string) bool {
	if line, _, ok := strings.Cut(text, "\n"); ok {
		if _, ok := namedSeparator(line); ok {
			return true
		}
	}
	text = strings.ReplaceAll(text, ", ", "") // a comma before a space is prose
	for _, sep := range []string{";", "\t", ","} {
		lines, fewest := 0, 0
		for line := range strings.Lines(text) {
			if strings.TrimSpace(line) == "" {
				continue
			}
			n := strings.Count(line, sep)
			if lines == 0 || n < fewest {
				fewest = n
			}
			lines++
		}
		if fewest >= 1 && lines >= 2 || fewest >= 2 {
			return true
		}
	}
	return false
}
