package mime

import (
	"bytes"
	"slices"
	"strings"
)

// status sums up the delivery reports in a message (RFC 3464, 2.3.3): whether one says
// that a delivery failed, and whether one says that it did not.
type status struct{ failed, delivered bool }

// status reads a part that a program wrote about another message: a report on its
// delivery, a receipt, or its header. Such a part is no file.
func (w *walker) status(p *part) {
	if w.full() {
		return
	}
	w.parts++
	const enough = 64 << 10 // of a report or a header that is sent back
	h, rest := w.header(decodeBody(p.encoding, p.body[:min(len(p.body), enough)]), nil)
	w.original(firstID(h.first("message-id")))
	w.returned(h)
	w.original(firstID(h.first("original-message-id"))) // of a receipt (RFC 8098, 3.2.5)
	for {                                               // a report is several groups of fields (RFC 3464, 2.1)
		for _, f := range h {
			switch {
			case f.is("final-recipient"), f.is("original-recipient"): // "rfc822; a@b" (RFC 3464, 2.3.1)
				_, addr, _ := bytes.Cut(f.value, []byte(";"))
				w.msg.OriginalTo = noted(w.msg.OriginalTo, firstAddress(addr))
			case !f.is("action"):
			default:
				switch token(f.value) {
				case "delayed", "delivered", "relayed", "expanded", "warning":
					w.undelivered.delivered = true
				default: // "failed", for which some servers use other words
					w.undelivered.failed = true
				}
			}
		}
		before := len(rest)
		rest = bytes.TrimLeft(rest, "\r\n")
		if len(rest) == 0 {
			return
		}
		if h, rest = w.header(rest, h[:0]); len(rest) >= before {
			return // what follows is no header
		}
	}
}

// original notes the Message-ID of a message that this one carries or reports on.
func (w *walker) original(id string) {
	w.msg.OriginalIDs = noted(w.msg.OriginalIDs, id)
}

// returned notes the subject and the recipients of a message that this one carries.
func (w *walker) returned(h header) {
	w.msg.OriginalSubjects = noted(w.msg.OriginalSubjects, words(h.first("subject")))
	for _, a := range parseAddresses(h.first("to"), maxList) {
		w.msg.OriginalTo = noted(w.msg.OriginalTo, a.addr)
	}
}

// noted is a list with another value, unless that is "" or in it, or the list is full.
func noted(list []string, value string) []string {
	if value == "" || len(list) >= maxList || slices.Contains(list, value) {
		return list
	}
	return append(list, value)
}

// originalsInText looks for what identifies a message in the text of an automatic one: many
// servers send the original, or its header, back as plain text.
func (w *walker) originalsInText() {
	for line := range strings.Lines(w.msg.Text) {
		name, value, _ := strings.Cut(strings.TrimLeft(line, "> \t"), ":")
		switch strings.ToLower(name) {
		case "message-id":
			w.original(firstID([]byte(value)))
		case "subject":
			w.returned(header{{[]byte("subject"), []byte(value)}})
		case "to":
			w.returned(header{{[]byte("to"), []byte(value)}})
		}
	}
}

// bounced reports whether an automatic message says that another was not delivered,
// and not that it is late, that it was read, or that somebody is away.
func (w *walker) bounced() bool {
	m := w.msg
	if w.undelivered.failed {
		return true
	}
	kind, ps := parseParams(m.header.first("content-type"))
	subject := foldSubject(m.Subject)
	switch {
	case w.undelivered.delivered, isWarning(subject), kind == "message/disposition-notification",
		kind == "multipart/report" && strings.EqualFold(ps.value("report-type"), "disposition-notification"):
		return false
	case kind == "multipart/report", kind == "message/delivery-status", isDaemon(m.From), isDaemonName(m.FromName),
		m.header.has("x-failed-recipients"), m.header.has("x-ms-exchange-message-is-ndr"):
		return true
	}
	return isBounceSubject(subject)
}
