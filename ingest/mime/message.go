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

// Bounds of what is kept of a header. No ordinary mail exceeds them.
const (
	maxList = 100  // addresses or references of one field
	maxText = 1000 // characters of a subject or a name
)

// Message is one mail. It shares memory with the raw bytes that it was read from: while
// the Message is in use, they must not be changed.
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

	// Text is what people wrote, as plain text, to which HTML is converted. It begins
	// with the text of the message itself. The texts of the messages forwarded in it
	// follow, below a line that says so. Lines end in \n.
	Text string

	// Files holds all files, in the order in which they stand in the message. Those in
	// forwarded messages and in winmail.dat are among them.
	Files []File

	// Automatic names the sign that a program wrote this message, which then must not be
	// answered by a program. It is "" when a person wrote the message, else
	// "null-sender", "auto-submitted", "suppress", "auto-reply",
	// "precedence", "list", "report", "no-sender", "daemon", "noreply" or
	// "bounce-subject".
	Automatic string

	// OriginalIDs holds the Message-IDs, in angle brackets, of the messages that this
	// one contains, whole or as their header alone, or that a report in it names. If
	// this message is a bounce, a receipt or an absence notice, it is about them.
	OriginalIDs []string

	// OriginalSubjects and OriginalTo hold the subjects and the recipients' addresses, in
	// lower case, of these messages, for servers on the way that replace Message-IDs.
	OriginalSubjects []string
	OriginalTo       []string

	// Bounced says that this message is probably a bounce: a mail server says that it
	// did not deliver a message of ours. A bounce is always Automatic.
	Bounced bool

	// Trouble holds a finding for each limit that was exceeded. The Message contains
	// what was read before that.
	Trouble []order.Finding

	header header
}

// File is one file that came with a message.
type File struct {
	// Name is a base name in NFC, of at most 200 characters, none of them a control
	// character. Where the sender gave no name, it is one that fits the type.
	Name string

	Declared  string // the content type that the sender gave, in lower case; often wrong
	Data      []byte // decoded; may be empty
	Forwarded int    // how many forwarded messages, one within the other, it was in
	Within    string // the Message-ID of the innermost of them that has one, or ""
	Inline    bool   // meant to be shown within the text, such as the logo of a signature
}

// Read reads a message. Its only error is ErrEmpty; exceeded limits are findings in
// Message.Trouble. It may be called concurrently, does not change raw, and never
// panics.
func Read(raw []byte, lim Limits) (*Message, error) {
	w, body, err := open(raw, lim)
	if err != nil {
		return nil, err
	}
	w.part(w.msg.header, body, place{})
	w.finish()
	return w.msg, nil
}

// ReadHeader reads the header of a message; raw may lack the body. It returns what Read
// returns, but without what is found in the body: Text, Files, Bounced and the Original fields.
func ReadHeader(raw []byte, lim Limits) (*Message, error) {
	w, _, err := open(raw, lim)
	if err != nil {
		return nil, err
	}
	return w.msg, nil
}

// Values returns the values of all fields with a name in the message's own header,
// topmost first. They are unfolded and otherwise as sent: encoded words are not
// decoded, and they may be no UTF-8. The name's case does not matter.
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

// author returns the first address of the From field, or else the only address in it. Where there are several From
// fields (against RFC 5322, 3.6) with different addresses, it returns no address, since
// nobody knows which of them the receiving server checked.
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
	if from.addr == "" {
		from.addr = onlyAddress(h)
	}
	return from
}

// lineFeeds returns raw, or a copy of it with usual line ends: where lines end in CR
// alone, as old Macintosh programs wrote them, or in two CR and an LF, as programs
// write them that treat a message as a Windows text.
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

// singleReturns returns a copy of raw with one CR where several stand before an LF. It
// does this for the whole message at once, so that lineFeeds does not copy each
// forwarded message in it again.
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

// wholeID returns an identifier in angle brackets, without the spaces that folding left
// in it, or "" for one that no header may contain.
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
	t, err := time.Parse("Mon, 2 Jan 2006 15:04:05 -0700", s) // fits nearly all, at a tenth of the cost
	if err != nil {
		t, err = mail.ParseDate(s)
	}
	if err != nil {
		return time.Time{}
	}
	t = t.UTC()
	if t.Year() < 1 || t.Year() > 9999 { // JSON has no such years; a time zone can lead to them
		return time.Time{}
	}
	return t
}
