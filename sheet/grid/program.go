package grid

import (
	"bytes"
	"encoding/binary"
	"strings"
)

// programOf is the program that has saved a file, as the file's metadata say: "excel",
// "libreoffice", "openoffice", "google", "numbers", "wps" or "onlyoffice"; or "" if they do
// not say. It is for files of a kind that Read does not read.
func programOf(kind string, data []byte) string {
	switch kind {
	case "xlsb":
		return programNamed(textOf(data, "docprops/app.xml", "Application"))
	case "ods":
		return programNamed(textOf(data, "meta.xml", "generator"))
	case "xls":
		return programNamed(oleProgram(data))
	case "numbers":
		return "numbers"
	}
	return ""
}

// programNamed is the program that calls itself by a text such as « Microsoft Macintosh Excel »
// or « LibreOffice/24.2.1.2$Linux_X86_64 ».
func programNamed(text string) string {
	text = strings.ToLower(text)
	for _, p := range [...]struct{ word, program string }{
		{"excel", "excel"},
		{"libreoffice", "libreoffice"},
		{"collabora", "libreoffice"},
		{"openoffice", "openoffice"},
		{"google", "google"},
		{"numbers", "numbers"},
		{"wps", "wps"},
		{"kingsoft", "wps"},
		{"onlyoffice", "onlyoffice"},
	} {
		if strings.Contains(text, p.word) {
			return p.program
		}
	}
	return ""
}

// longestName is how long, in characters, the name of a program may be.
const longestName = 200

// textOf is the text of the first element of that name in a part of a zip, or "" if there is
// none.
func textOf(data []byte, part, element string) string {
	p, err := Open(data, DefaultLimits())
	if err != nil || !p.Has(part) {
		return ""
	}
	var text []byte
	inside, done := false, false
	err = p.read(part, func(s *scanner, tok token) error {
		switch tok {
		case tokenStart:
			inside = !done && string(s.name) == element
		case tokenText:
			if inside {
				return appendText(&text, s.text, longestName)
			}
		case tokenEnd:
			done = done || inside
			inside = false
		}
		return nil
	})
	if err != nil {
		return ""
	}
	return string(text)
}

// oleProgram is the name of the application in the summary of an OLE file ([MS-OLEPS], 2.21 and
// 3.1.18), or "". The summary is found by the identifier of its format. It is only read if its
// sectors follow each other in the file.
func oleProgram(data []byte) string {
	const (
		format   = "\xE0\x85\x9F\xF2\xF9\x4F\x68\x10\xAB\x91\x08\x00\x2B\x27\xB3\xD9"
		before   = 28 // bytes of the stream in front of the identifier
		appName  = 18
		narrow   = 30 // the type of a text of bytes
		mostProp = 64
	)
	at := bytes.Index(data, []byte(format)) - before
	if at < 0 {
		return ""
	}
	stream := data[at:min(len(data), at+4096)]
	word := func(offset uint32) uint32 {
		if uint64(offset)+4 > uint64(len(stream)) {
			return 0
		}
		return binary.LittleEndian.Uint32(stream[offset:])
	}
	section := word(before + uint32(len(format)))
	for i := range min(word(section+4), mostProp) {
		if word(section+8+8*i) != appName {
			continue
		}
		value := section + word(section+12+8*i)
		length, start := word(value+4), uint64(value)+8
		if word(value) != narrow || start+uint64(length) > uint64(len(stream)) {
			return ""
		}
		return strings.TrimRight(string(stream[start:start+uint64(length)]), "\x00")
	}
	return ""
}
