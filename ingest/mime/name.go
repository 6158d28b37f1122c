package mime

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Bounds of a file name, in characters. The extension survives the cut.
const (
	maxName      = 200
	maxExtension = 20
)

// CleanName returns a file name from a mail in a form that is safe to show and to store:
// the last element of a path with slashes or backslashes, in NFC, without control
// characters and without format characters (some of which show a name backwards). A
// long name is cut to 200 characters, of which the extension is kept. CleanName returns
// "" if nothing is left of the name.
func CleanName(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.C, r) || r == utf8.RuneError || r == '\u2028' || r == '\u2029' {
			return -1
		}
		return r
	}, s)
	s = norm.NFC.String(s)
	s = strings.TrimRight(strings.TrimSpace(s), `/\`)
	s = s[strings.LastIndexAny(s, `/\`)+1:]
	s = strings.TrimSpace(s)
	if strings.Trim(s, ". ") == "" {
		return ""
	}
	if n := utf8.RuneCountInString(s); n > maxName {
		ext := ""
		if i := strings.LastIndexByte(s, '.'); i >= 0 && utf8.RuneCountInString(s[i:]) <= maxExtension {
			ext = s[i:]
		}
		s = strings.TrimSpace(shorten(s, maxName-utf8.RuneCountInString(ext))) + ext
	}
	return s
}

// typeName returns a name for a file without one, according to its content type.
func typeName(kind string) string {
	switch kind {
	case "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":
		return "fichier.xlsx"
	case "application/vnd.ms-excel.sheet.macroenabled.12":
		return "fichier.xlsm"
	case "application/vnd.ms-excel":
		return "fichier.xls"
	case "application/vnd.oasis.opendocument.spreadsheet":
		return "fichier.ods"
	case "application/pdf":
		return "fichier.pdf"
	case "application/zip", "application/x-zip-compressed":
		return "fichier.zip"
	case "application/ms-tnef", "application/vnd.ms-tnef":
		return "winmail.dat"
	case "message/rfc822":
		return "message.eml"
	case "text/csv":
		return "fichier.csv"
	case "text/html":
		return "fichier.html"
	case "image/png":
		return "image.png"
	case "image/jpeg":
		return "image.jpg"
	case "image/gif":
		return "image.gif"
	}
	if strings.HasPrefix(kind, "text/") {
		return "fichier.txt"
	}
	return "fichier"
}
