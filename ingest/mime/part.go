package mime

import (
	"bytes"
	"strings"
)

// place says where in a message a part stands.
type place struct {
	depth       int    // entities around it
	forwarded   int    // messages among them
	alternative int    // the number that the walker gave to the outermost multipart/alternative around it, or 0
	digest      bool   // directly within a multipart/digest
	within      string // the Message-ID of the innermost message around it that has one; "" in the message itself
}

// part is one entity (RFC 2045, 2.4): what its header says of it, and its body,
// still encoded.
type part struct {
	place
	kind        string // media type, lower case; "" where none is given
	charset     string
	boundary    string
	name        string // clean; "" where none is given
	encoding    string // transfer encoding, lower case
	disposition string // lower case
	hasID       bool   // it has a Content-ID, by which HTML shows it
	body        []byte
}

// newPart reads what a header says of its body.
func newPart(h header, body []byte, at place) part {
	kind, types := parseParams(h.contentType())
	disposition, dispositions := parseParams(h.first("content-disposition"))
	name := dispositions.value("filename")
	if name == "" {
		name = types.value("name")
	}
	if !strings.Contains(kind, "/") { // such as "text" or "octet-stream", which is no type
		kind = ""
	}
	if kind == "" && at.digest { // RFC 2046, 5.1.5
		kind = "message/rfc822"
	}
	return part{
		place:       at,
		kind:        kind,
		charset:     types.value("charset"),
		boundary:    types.value("boundary"),
		name:        CleanName(name),
		encoding:    token(h.first("content-transfer-encoding")),
		disposition: disposition,
		hasID:       len(h.first("content-id")) > 0,
		body:        body,
	}
}

// isMessage reports whether the part says that it is a whole message.
func (p *part) isMessage() bool {
	switch p.kind {
	case "message/rfc822", "message/global", "message/news":
		return true
	}
	return strings.HasSuffix(strings.ToLower(p.name), ".eml")
}

// isStatus reports whether the part is a report by a program about another message (on
// its delivery, or that it was read), or only the header of that message.
func (p *part) isStatus() bool {
	switch p.kind {
	case "message/delivery-status", "message/disposition-notification", "message/global-delivery-status",
		"text/rfc822-headers", "message/rfc822-headers", "message/global-headers":
		return true
	}
	return false
}

// isMail reports whether bytes are a message, judging by their header alone: it has an
// author, and a field that only mail programs write.
func isMail(b []byte) bool {
	const within = 200 // lines
	author, program := false, false
	b = trimEnvelope(b)
	for n, pos := 0, 0; n < within && pos < len(b); n++ {
		line, next := cutLine(b, pos)
		if line = bytes.TrimRight(line, "\r"); len(line) == 0 {
			return author && program
		}
		name := nameLength(line)
		if name == 0 && line[0] != ' ' && line[0] != '\t' {
			return false
		}
		f := field{name: line[:name]}
		author = author || f.is("from")
		program = program || f.is("mime-version") || f.is("message-id") || f.is("received")
		pos = next
	}
	return false
}

// isSigned reports whether the part may hold another one within an opaque
// signature (RFC 8551, 3.5.2).
func (p *part) isSigned() bool {
	return p.kind == "application/pkcs7-mime" || p.kind == "application/x-pkcs7-mime" ||
		strings.HasSuffix(strings.ToLower(p.name), ".p7m")
}

// isText reports whether the part is text that people wrote as the message, and not a
// file: it is of a text type and has no name. Since some clients send files without name
// and type, a part whose first bytes are those of a file is none.
func (p *part) isText() bool {
	switch p.kind {
	case "", "text/plain", "text/html":
	default:
		return false
	}
	return p.name == "" && p.disposition != "attachment" &&
		!isBinary(decodeBody(p.encoding, p.body[:min(len(p.body), 512)]))
}

// isBinary reports whether bytes begin like one of the files that are sent with
// orders: zip (and so xlsx and ods), PDF, OLE (xls), PNG, JPEG, TNEF.
func isBinary(b []byte) bool {
	for _, magic := range []string{
		"PK\x03\x04", "%PDF-", "\xd0\xcf\x11\xe0", "\x89PNG", "\xff\xd8\xff", "\x78\x9f\x3e\x22",
	} {
		if bytes.HasPrefix(b, []byte(magic)) {
			return true
		}
	}
	return false
}

// isInline reports whether the part is meant to be shown within the text.
func (p *part) isInline() bool {
	return p.disposition == "inline" || p.hasID && p.disposition != "attachment"
}
