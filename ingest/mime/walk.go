package mime

import (
	"bytes"
	"strconv"
	"strings"
)

// walker goes through the parts of one message, in order, and collects what it
// finds.
type walker struct {
	lim          Limits
	msg          *Message
	parts        int    // entered so far
	files        int    // found so far, inline images not counted
	alternatives int    // entered so far
	texts        []part // what people wrote, still encoded
	undelivered  status // what the delivery reports in it say
	scratch      [16]field
}

// entity enters a part or an embedded message.
func (w *walker) entity(raw []byte, at place) {
	if at.depth > w.lim.Depth {
		w.msg.limitMet(codeDepth, w.lim.Depth)
		return
	}
	if w.full() {
		return
	}
	w.parts++
	h, body := w.header(raw, w.scratch[:0])
	// Some scripts put the fields below an empty line.
	if late := bytes.TrimLeft(body, "\r\n"); len(h) == 0 && isContentField(late) {
		h, body = w.header(late, h)
	}
	if at.forwarded > 0 {
		if id := firstID(h.first("message-id")); id != "" {
			w.original(id)
			at.within = id
		}
		w.returned(h)
	}
	w.part(h, body, at)
}

// full reports whether no part may be entered any more, and notes it.
func (w *walker) full() bool {
	if w.parts < w.lim.Parts {
		return false
	}
	w.msg.limitMet(codeParts, w.lim.Parts)
	return true
}

// part reads an entity as what its header says it is: parts, a message, a report, text
// or a file. Where it turns out to be something else, the next possibility is tried.
func (w *walker) part(h header, body []byte, at place) {
	p := newPart(h, body, at)
	switch {
	case strings.HasPrefix(p.kind, "multipart/") && w.multipart(&p):
	case p.boundary != "" && w.split(&p, p.body, p.boundary): // its type is a wrong one
	case p.kind == "" && p.name == "" && h.has("mime-version") && w.guess(&p, p.body): // its type was lost
	case p.isMessage() && w.message(&p):
	case p.isSigned() && w.signed(&p):
	case p.isStatus():
		w.status(&p)
	case p.isText():
		w.text(p)
	default:
		w.file(&p)
	}
}

// multipart enters the parts of a multipart body. Where there are none, it reports
// false and clears the type of the part, which is wrong.
func (w *walker) multipart(p *part) bool {
	if p.kind == "multipart/alternative" && p.alternative == 0 {
		w.alternatives++
		p.alternative = w.alternatives
	}
	if p.boundary != "" && w.split(p, p.body, p.boundary) || w.guess(p, p.body) {
		return true
	}
	if isEncoded(p.encoding) { // against RFC 2045, 6.4
		body := decodeBody(p.encoding, p.body)
		if p.boundary != "" && w.split(p, body, p.boundary) || w.guess(p, body) {
			return true
		}
	}
	p.kind = ""
	return false
}

// guess enters the parts of a body whose boundary is not known. It takes as boundary
// the rest of the first line that begins with "--" and is followed by the header of a
// part. It reports false where there is no such line.
func (w *walker) guess(p *part, body []byte) bool {
	const within = 200 // lines; a text may stand before the first part
	for pos, n := 0, 0; pos < len(body) && n < within; n++ {
		line, next := cutLine(body, pos)
		boundary, ok := bytes.CutPrefix(bytes.TrimRight(line, " \t"), []byte("--"))
		if ok && len(boundary) > 0 && len(boundary) < 200 && isContentField(body[next:]) {
			return w.split(p, body, string(boundary))
		}
		pos = next
	}
	return false
}

// isContentField reports whether a header of a part may begin here.
func isContentField(b []byte) bool {
	const prefix = "content-"
	return len(b) > len(prefix) && strings.EqualFold(string(b[:len(prefix)]), prefix)
}

// split enters the parts between the delimiter lines of a boundary (RFC 2046, 5.1.1),
// and reports whether there are any such lines. The final delimiter may be missing; a
// part after it is entered too.
func (w *walker) split(p *part, body []byte, boundary string) bool {
	at := p.place
	at.depth++
	at.digest = p.kind == "multipart/digest"
	delimiter := []byte("--" + boundary)
	start := -1 // of the part that is open
	found := false
	for pos := 0; ; {
		i := bytes.Index(body[pos:], delimiter)
		if i < 0 {
			break
		}
		line := pos + i
		pos = line + len(delimiter)
		final := bytes.HasPrefix(body[pos:], []byte("--"))
		if line > 0 && body[line-1] != '\n' || !final && pos < len(body) && !isSpace(body[pos]) {
			continue // text, or a longer boundary
		}
		if start >= 0 {
			w.entity(trimLineEnd(body[start:line]), at)
		}
		if found = true; !final && w.full() {
			return true
		}
		_, pos = cutLine(body, pos)
		start = pos
		if final {
			start = -1
		}
	}
	if start >= 0 {
		w.entity(body[start:], at)
	}
	return found
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// trimLineEnd returns b without the line end at its end, which belongs to the delimiter
// that follows.
func trimLineEnd(b []byte) []byte {
	return bytes.TrimSuffix(bytes.TrimSuffix(b, []byte("\n")), []byte("\r"))
}

// message enters a forwarded message. It reports false where the part turns out to be
// no message.
func (w *walker) message(p *part) bool {
	raw := trimEnvelope(decodeBody(p.encoding, p.body))
	line, _ := cutLine(raw, 0)
	if len(raw) == 0 || isBinary(raw) || !strings.HasPrefix(p.kind, "message/") && nameLength(line) == 0 {
		return false
	}
	w.forward(raw, p.place)
	return true
}

// forward enters the message that stands at a place.
func (w *walker) forward(raw []byte, at place) {
	if at.forwarded == w.lim.Forwarded {
		w.msg.limitMet(codeForwarded, w.lim.Forwarded)
		return
	}
	w.entity(trimEnvelope(lineFeeds(raw)), place{depth: at.depth + 1, forwarded: at.forwarded + 1, within: at.within})
}

// signed enters the part within an opaque signature. It reports false where none can be
// found.
func (w *walker) signed(p *part) bool {
	content, ok := signedContent(decodeBody(p.encoding, p.body))
	if !ok {
		return false
	}
	at := p.place
	at.depth++
	at.digest = false
	w.entity(content, at)
	return true
}

// text keeps a text that people wrote, and adds the files that are uuencoded in it to the
// message.
func (w *walker) text(p part) {
	if !isEncoded(p.encoding) {
		for {
			uu, ok := findUU(p.body)
			if !ok || w.full() {
				break
			}
			w.parts++
			before := p
			before.body = p.body[:uu.start]
			w.texts = append(w.texts, before)
			p.body = p.body[uu.end:]
			w.keep(File{
				Name: CleanName(decodeWords(string(uu.name))), Data: uu.data, Forwarded: p.forwarded,
				Within: p.within,
			})
		}
	}
	w.texts = append(w.texts, p)
}

// file adds a part to the message as a file.
func (w *walker) file(p *part) {
	f := File{Name: p.name, Declared: p.kind, Forwarded: p.forwarded, Within: p.within, Inline: p.isInline()}
	if w.counts(&f) && w.files >= w.lim.Attachments { // not worth decoding
		w.files++
		return
	}
	f.Data = decodeBody(p.encoding, p.body)
	if !w.wrapped(f.Data, p.place) {
		w.keep(f)
	}
}

// wrapped enters a file whose bytes are those of a message or of a winmail.dat, and
// reports whether they are.
func (w *walker) wrapped(data []byte, at place) bool {
	if isMail(data) {
		w.forward(data, at)
		return true
	}
	return isTNEF(data) && w.winmail(data, at)
}

// counts reports whether a file counts as an attachment: the logos and
// portraits in signatures do not, or they would crowd out the order form.
func (w *walker) counts(f *File) bool {
	return !f.Inline || !strings.HasPrefix(f.Declared, "image/")
}

// keep adds a file to the message, unless there are too many. All files are added by
// keep.
func (w *walker) keep(f File) {
	if w.counts(&f) {
		if w.files++; w.files > w.lim.Attachments {
			return
		}
	}
	if f.Name == "" {
		f.Name = typeName(f.Declared)
	}
	w.msg.Files = append(w.msg.Files, f)
}

// finish completes the message after all parts were read: it composes the text, and
// reports files that were left out.
func (w *walker) finish() {
	w.msg.Text = w.composeText()
	if w.msg.Automatic != "" {
		w.originalsInText()
		w.msg.Bounced = w.bounced()
	}
	if w.files > w.lim.Attachments {
		w.msg.limitMet(codeAttachments, w.lim.Attachments)
		w.msg.Trouble[len(w.msg.Trouble)-1].Args["actual"] = strconv.Itoa(w.files)
	}
}
