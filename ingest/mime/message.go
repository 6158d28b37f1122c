package mime

import (
	"bytes"
	"errors"
	"net/mail"
	"strings"
	"time"

	"bdc/order"
)

// ErrEmpty is returned for a message without a single character.
var ErrEmpty = errors.New("the message is empty")

// Bounds of what is kept of a header: enough for any honest mail.
const (
	maxList = 100  // addresses or references of one field
	maxText = 1000 // characters of a subject or a name
)

// Message is one mail, unwrapped. It shares memory with the raw bytes that it was read
// from: as long as one is used, the other must not be changed.
type Message struct {
	MessageID  string // in angle brackets; "" for none
	From       string // the first author's address, lower case; "" where unreadable or contradictory
	FromName   string
	ReplyTo    string   // lower case
	Sender     string   // lower case
	To         []string // lower case
	Subject    string
	InReplyTo  string    // in angle brackets
	References []string  // in angle brackets, the latest last
	Date       time.Time // UTC; zero where unreadable

	// Text is what people wrote: plain text, or HTML turned into it; of the
	// message itself, and below a line that says so of the messages forwarded in
	// it. Lines end in \n.
	Text string

	// Files holds every file from every depth, in the order met.
	Files []File

	// Automatic says why no machine may answer this message; "" when a person
	// wrote it. It is "null-sender", "auto-submitted", "suppress", "auto-reply",
	// "precedence", "list", "report", "no-sender", "daemon", "noreply" or
	// "bounce-subject".
	Automatic string

	// OriginalIDs holds, of a bounce, a receipt or an absence notice, the
	// Message-IDs of the messages that it is about, in angle brackets: those that it
	// carries, whole or as their header alone, and those that its report names.
	OriginalIDs []string

	// Bounced says that a mail server did not deliver a message of ours, as far
	// as can be told. A bounce is always Automatic.
	Bounced bool

	// Trouble holds a finding for each limit that was met. What was found before
	// is kept all the same.
	Trouble []order.Finding

	header header
}

// File is one file that came with a message.
type File struct {
	// Name is a base name in NFC, of at most 200 characters, none of them a control
	// character. Where the sender gave none, it is made from the type.
	Name string

	Declared  string // the content type as sent, lower case; proves nothing
	Data      []byte // decoded; may be empty
	Forwarded int    // how many forwarded messages it was in
	Within    string // the Message-ID of the forwarded message that it was in, the innermost that has one; "" for none
	Inline    bool   // meant to be shown within the text, such as the logo of a signature
}

// Read unwraps a message. It may be called concurrently, does not change raw,
// and never panics. Limits met are in Message.Trouble; the only error is
// ErrEmpty.
func Read(raw []byte, lim Limits) (*Message, error) {
	w, body, err := open(raw, lim)
	if err != nil {
		return nil, err
	}
	w.part(w.msg.header, body, place{})
	w.finish()
	return w.msg, nil
}

// ReadHeader reads a message of which only the header was fetched. It returns what
// Read does, without Text and Files.
func ReadHeader(raw []byte, lim Limits) (*Message, error) {
	w, _, err := open(raw, lim)
	if err != nil {
		return nil, err
	}
	return w.msg, nil
}

// Values returns the values of a field of the message's own header, topmost
// first, unfolded and otherwise as sent: encoded words stay encoded, and bytes
// that are no UTF-8 stay too. The name's case does not matter.
func (m *Message) Values(name string) []string {
	var values []string
	for _, f := range m.header {
		if f.is(name) {
			values = append(values, unfold(f.value))
		}
	}
	return values
}

// open reads the header of a message and returns a walker for its body.
func open(raw []byte, lim Limits) (*walker, []byte, error) {
	raw = trimEnvelope(lineFeeds(raw))
	if len(bytes.TrimSpace(raw)) == 0 {
		return nil, nil, ErrEmpty
	}
	m := &Message{}
	w := &walker{lim: lim, msg: m, parts: 1}
	h, body := w.header(raw, make(header, 0, 32))
	m.header = h

	from := author(h)
	m.From, m.FromName = from.addr, from.name
	m.ReplyTo = firstAddress(h.first("reply-to"))
	m.Sender = firstAddress(h.first("sender"))
	for _, a := range parseAddresses(h.first("to"), maxList) {
		m.To = append(m.To, a.addr)
	}
	m.Subject = words(h.first("subject"))
	m.MessageID = firstID(h.first("message-id"))
	m.InReplyTo = firstID(h.first("in-reply-to"))
	m.References = messageIDs(h.first("references"))
	m.Date = date(h.first("date"))
	m.Automatic = automatic(m)
	return w, body, nil
}

// author returns the first address of the From field. Where there are several
// fields (against RFC 5322, 3.6) and they disagree, nobody knows which one the
// server judged: then there is no author.
func author(h header) address {
	var from address
	for _, f := range h {
		if !f.is("from") {
			continue
		}
		list := parseAddresses(f.value, 1)
		if len(list) == 0 {
			continue
		}
		if from.addr != "" && list[0].addr != from.addr {
			return address{}
		}
		from = list[0]
	}
	return from
}

// lineFeeds returns raw, or a copy of a message whose lines end in CR alone, as
// old Macintosh programs wrote them, or in two CR and an LF, as programs leave them
// that take a message for a text of Windows.
func lineFeeds(raw []byte) []byte {
	if first, _, ok := bytes.Cut(raw, []byte("\n")); ok {
		if !bytes.HasSuffix(first, []byte("\r\r")) {
			return raw
		}
		return singleReturns(raw)
	}
	if bytes.IndexByte(raw, '\r') < 0 {
		return raw
	}
	raw = bytes.Clone(raw)
	for i, c := range raw {
		if c == '\r' {
			raw[i] = '\n'
		}
	}
	return raw
}

// singleReturns returns a copy of raw with one CR where several stand before an
// LF, so that no message within it is copied for theirs.
func singleReturns(raw []byte) []byte {
	single := make([]byte, 0, len(raw))
	for len(raw) > 0 {
		end := bytes.IndexByte(raw, '\n') + 1
		if end == 0 {
			end = len(raw)
		}
		text := bytes.TrimRight(raw[:end], "\r\n")
		lineEnd := raw[len(text):end]
		single = append(single, text...)
		single = append(single, lineEnd[max(0, len(lineEnd)-2):]...)
		raw = raw[end:]
	}
	return single
}

// messageIDs returns the message identifiers of a field, at most the last
// maxList of them. One without angle brackets gets them.
func messageIDs(v []byte) []string {
	s := unfold(v)
	var ids []string
	for rest := s; ; {
		_, after, ok := strings.Cut(rest, "<")
		if !ok {
			break
		}
		id, next, ok := strings.Cut(after, ">")
		if !ok {
			break
		}
		rest = next
		if id = wholeID(id); id != "" {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		if id := wholeID(strings.Trim(s, "<> ")); id != "" {
			ids = append(ids, id)
		}
	}
	return ids[max(0, len(ids)-maxList):]
}

// wholeID puts an identifier into angle brackets after taking out the spaces
// that folding left. One that no header could carry is "".
func wholeID(s string) string {
	s = strings.ReplaceAll(s, " ", "")
	stray := func(r rune) bool { return r <= ' ' || r > '~' || r == '<' || r == '>' }
	if s == "" || len(s) > 900 || strings.ContainsFunc(s, stray) {
		return ""
	}
	return "<" + s + ">"
}

func firstID(v []byte) string {
	if ids := messageIDs(v); len(ids) > 0 {
		return ids[0]
	}
	return ""
}

// date reads a Date field (RFC 5322, 3.3, and the forms that net/mail knows
// besides).
func date(v []byte) time.Time {
	s := unfold(v)
	if len(s) > 100 {
		return time.Time{}
	}
	t, err := time.Parse("Mon, 2 Jan 2006 15:04:05 -0700", s) // nearly all; a tenth of the cost
	if err != nil {
		t, err = mail.ParseDate(s)
	}
	if err != nil {
		return time.Time{}
	}
	t = t.UTC()
	if t.Year() < 1 || t.Year() > 9999 { // a zone can push it out of what JSON carries
		return time.Time{}
	}
	return t
}
