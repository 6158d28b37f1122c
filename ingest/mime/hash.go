package mime

import (
	"bytes"
	"strings"

	"bdc/order"
)

// HeaderHash returns a hash of the header with which a message begins; what follows the
// header does not matter. So it is known again in another folder or mailbox, where its
// header alone is read. The hash is of the fields Message-ID, Date, From and Subject or,
// where no Message-ID is given, of the whole header. It is made of each field's name in
// lower case and its value on one line, with a space for each run of white space: servers
// may fold lines in other places. It is "" if there is no header.
func HeaderHash(raw []byte) order.Hash {
	lim := DefaultLimits()
	if len(raw) >= lim.HeaderBytes { // as a header that was read alone, which is cut there
		raw = raw[:lim.HeaderBytes]
		raw = raw[:bytes.LastIndexByte(raw, '\n')+1]
	}
	w := &walker{lim: lim, msg: &Message{}}
	h, _ := w.header(trimEnvelope(lineFeeds(raw)), make(header, 0, 32))
	if len(h) == 0 {
		return ""
	}
	var b strings.Builder
	if h.first("message-id") == nil {
		for _, f := range h {
			f.writeTo(&b)
		}
	} else {
		for _, name := range []string{"message-id", "date", "from", "subject"} {
			for _, f := range h {
				if f.is(name) {
					f.writeTo(&b)
				}
			}
		}
	}
	return order.Sum([]byte(b.String()))
}

// writeTo writes a field as HeaderHash says, and ends the line.
func (f field) writeTo(b *strings.Builder) {
	b.Write(bytes.ToLower(f.name))
	b.WriteByte(':')
	words := bytes.FieldsFunc(f.value, func(r rune) bool { return r == ' ' || r == '\t' || r == '\r' || r == '\n' })
	for i, word := range words {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.Write(word)
	}
	b.WriteByte('\n')
}
