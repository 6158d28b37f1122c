package mailbox

import (
	"bytes"
	"net/mail"
	"strings"
	"time"

	"bdc/ingest/mailbox/wire"
)

// fetched is what an answer to FETCH says of a message, as far as it concerns us.
type fetched struct {
	uid      uint32 // 0 if the answer does not say
	size     int64  // RFC822.SIZE
	received time.Time
	told     bool // it has a size or a date
	content  bool // it has a value for the section that was asked for
	value    wire.Item
}

// bytes returns the content, as much as was kept of it.
func (m *fetched) bytes() []byte {
	if m.value.Literal != nil {
		return m.value.Literal
	}
	return []byte(m.value.Text)
}

// read reads an answer to FETCH; of another response nothing. The parts may stand in any
// order, within any lists, and among others.
func read(r *wire.Response) (m fetched) {
	if r.Name != "FETCH" {
		return m
	}
	for _, i := range r.Items {
		m.read(i.List)
	}
	return m
}

func (m *fetched) read(items []wire.Item) {
	for i := 0; i < len(items); i++ {
		if items[i].IsList {
			if len(items[i].List) > 0 && isName(items[i].List[0]) {
				m.read(items[i].List)
			}
			continue
		}
		if !isName(items[i]) || i+1 == len(items) {
			continue
		}
		name, value := strings.ToUpper(items[i].Text), items[i+1]
		switch n, ok := value.Number(); {
		case name == "UID":
			if ok && n <= 1<<32-1 {
				m.uid = uint32(n)
			}
		case name == "RFC822.SIZE":
			if m.told = true; ok {
				m.size = int64(n)
			}
		case name == "INTERNALDATE":
			m.told, m.received = true, parseDate(value.String())
		case isContent(name):
			m.content, m.value = true, value
		}
		if !value.IsList && !isName(value) || isContent(name) {
			i++
		}
	}
}

// isName reports whether an item is the name of something that read has a use for.
func isName(i wire.Item) bool {
	if i.Literal != nil {
		return false
	}
	switch name := strings.ToUpper(i.Text); name {
	case "UID", "RFC822.SIZE", "INTERNALDATE":
		return true
	default:
		return isContent(name)
	}
}

// isContent reports whether an item's name, in upper case, is that of a section that we ask
// for.
func isContent(name string) bool {
	return strings.HasPrefix(name, "BODY[") || strings.HasPrefix(name, "BODY.PEEK[") ||
		name == "RFC822" || name == "RFC822.HEADER"
}

// oldest is the year before which an INTERNALDATE makes no sense: no mail server that we
// connect to has taken a message in then, but some say "01-Jan-1970" if they don't know.
const oldest = 1990

// dateForms are the forms of INTERNALDATE that servers use (RFC 9051 knows the first).
var dateForms = []string{
	"_2-Jan-2006 15:04:05 -0700", "_2-Jan-2006 15:04:05", "_2-Jan-2006 15:04:05 MST", "_2-Jan-2006 15:04 -0700",
	time.RFC3339, "2006-01-02 15:04:05 -0700",
}

// parseDate reads an INTERNALDATE. It is zero if that makes no sense.
func parseDate(text string) time.Time {
	text = strings.Join(strings.Fields(text), " ")
	for _, form := range dateForms {
		if t, err := time.Parse(form, text); err == nil && t.Year() >= oldest {
			return t.UTC()
		}
	}
	if t, err := mail.ParseDate(text); err == nil && t.Year() >= oldest {
		return t.UTC()
	}
	return time.Time{}
}

// dateOf returns when a message was received, by its own header: by the topmost Received
// field or, where that has no date, by its Date. Where neither has one, it is now.
func dateOf(raw []byte) time.Time {
	written := time.Time{}
	for _, field := range fields(raw) {
		name, value, _ := strings.Cut(field, ":")
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "received":
			if t := parseDate(value[strings.LastIndexByte(value, ';')+1:]); !t.IsZero() {
				return t
			}
		case "date":
			if written.IsZero() {
				written = parseDate(value)
			}
		}
	}
	if !written.IsZero() {
		return written
	}
	return time.Now().UTC()
}

// fields returns the fields of a message's header, each on one line.
func fields(raw []byte) (list []string) {
	for line := range bytes.Lines(raw[:min(len(raw), maxHeader)]) {
		text := strings.TrimRight(string(line), "\r\n")
		switch {
		case text == "" && len(list) > 0:
			return list
		case (strings.HasPrefix(text, " ") || strings.HasPrefix(text, "\t")) && len(list) > 0:
			list[len(list)-1] += " " + strings.TrimSpace(text)
		case text != "":
			list = append(list, text)
		}
	}
	return list
}

// hasHeader reports whether a text begins like a mail: with a line that is a header field
// before the first empty one. Some servers send the text of an error in the place of a
// message that they can't read.
func hasHeader(raw []byte) bool {
	for _, field := range fields(raw) {
		name, _, ok := strings.Cut(field, ":")
		name = strings.TrimRight(name, " \t")
		if ok && name != "" && !strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
			return true
		}
	}
	return false
}

// isSubstitute reports whether a mail is one that Exchange makes up in the place of a message
// that it can't convert: "Retrieval using the IMAP4 protocol failed for the following
// message: 752", in its own language. It came by no other server and has no Message-ID.
func isSubstitute(raw []byte) bool {
	named, from := false, false
	for _, field := range fields(raw) {
		name, value, _ := strings.Cut(field, ":")
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "received", "message-id":
			return false
		case "subject":
			named = strings.Contains(value, "IMAP4") || strings.Contains(value, "IMAP 4")
		case "from":
			from = strings.Contains(strings.ToLower(value), "microsoft")
		}
	}
	return named && from
}

// cutHeader returns the header of a message, or all of it where no end is seen.
func cutHeader(raw []byte) []byte {
	if end := bytes.Index(raw, []byte("\r\n\r\n")); end >= 0 {
		return raw[:end+4]
	}
	return raw
}
