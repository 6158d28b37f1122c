package notify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"mime"
	netmail "net/mail"
	"path"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/wneessen/go-mail"
	"golang.org/x/text/unicode/norm"

	"bdc/order"
)

// Letter is what a Composer makes of a reply.
type Letter struct {
	Subject     string
	Text        string // the body as plain text
	HTML        string // the same as HTML, or ""
	Attachments []Attachment
}

// Attachment is a file that goes with a letter.
type Attachment struct {
	Name string
	Type string // its media type, or "" to go by the name's extension
	Data []byte
}

// Composer writes the letter of a reply. Compose may be called concurrently, and returns
// when ctx is done. It may be called again for the same reply, and may then return
// another letter: what is sent is the first letter that was sealed.
type Composer interface {
	Compose(ctx context.Context, r order.Reply) (Letter, error)
}

// ErrUnmailable is wrapped by the errors of Render: no mail can be made of the reply,
// however often it is tried.
var ErrUnmailable = errors.New("the reply can't be put into a mail")

// How much text of strangers goes into a header, in characters, and how many Message-IDs.
const (
	subjectLimit = 200
	nameLimit    = 80
	idLimit      = 250 // longer Message-IDs are left out
	resultsLimit = 200 // forms of which order.ResultsField tells
	idsLimit     = 20  // of longer References, the first Message-ID stays, which begins the thread, and the last ones
)

// Render makes a mail of a letter: an RFC 5322 message with CRLF line ends. The
// boundaries of its parts are random, so that two calls give different bytes: call it
// once and keep the bytes.
//
// from is our address, with or without a name. date is that of the header.
//
// Everything in r and l may have been written by a stranger. Whatever it is, the mail has
// the header fields that Render writes and no others, and no line is longer than the 998
// octets that RFC 5322 allows. If there is an error, it wraps ErrUnmailable, and says
// which address is no mail address, or that r.MessageID is no Message-ID.
func Render(from string, r order.Reply, l Letter, date time.Time) ([]byte, error) {
	sender, err := netmail.ParseAddress(from)
	if err != nil {
		return nil, fmt.Errorf("%w: sender %q: %w", ErrUnmailable, from, err)
	}
	if !isPath(r.To) {
		return nil, fmt.Errorf("%w: recipient %q is no address", ErrUnmailable, r.To)
	}
	id := messageID(r.MessageID)
	if id == "" {
		return nil, fmt.Errorf("%w: Message-ID %q", ErrUnmailable, r.MessageID)
	}

	m := mail.NewMsg(mail.WithNoDefaultUserAgent())
	m.FromMailAddress(sender)
	m.ToMailAddress(&netmail.Address{Address: r.To}) // without a name: the sender of a mail chooses his
	m.Subject(headerText(l.Subject, subjectLimit))
	m.SetDateWithValue(date.In(order.Paris))
	m.SetMessageIDWithValue(strings.Trim(id, "<>"))
	if parent := messageID(r.InReplyTo); parent != "" {
		m.SetGenHeader(mail.HeaderInReplyTo, parent)
	}
	if thread := references(r.References, r.InReplyTo); thread != "" {
		m.SetGenHeader(mail.HeaderReferences, thread)
	}
	submitted := "auto-replied" // RFC 3834, 5: nothing automatic answers us
	if r.Kind.ForStaff() {
		submitted = "auto-generated"
	}
	m.SetGenHeader("Auto-Submitted", submitted)
	m.SetGenHeader("X-Auto-Response-Suppress", "OOF, AutoReply")
	if told := results(r.Results); told != "" {
		m.SetGenHeader(order.ResultsField, told)
	}
	m.SetBodyString(mail.TypeTextPlain, l.Text)
	if l.HTML != "" {
		m.AddAlternativeString(mail.TypeTextHTML, l.HTML)
	}
	for _, a := range l.Attachments {
		m.AttachReadSeeker("", bytes.NewReader(a.Data), a.describe)
	}

	var b bytes.Buffer
	b.Grow(l.size())
	if _, err := m.WriteTo(&b); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnmailable, err)
	}
	return b.Bytes(), nil
}

// size estimates how many bytes the letter takes as a mail, so that a buffer of that size
// seldom has to grow: to grow it costs more than to write into it.
func (l Letter) size() int {
	const header = 2 << 10 // of the mail and its parts
	n := header + (len(l.Text)+len(l.HTML))*5/4
	for _, a := range l.Attachments {
		n += header + len(a.Data)*7/5 // base64 with its line ends
	}
	return n
}

// describe sets the headers of the attachment's part. We write them ourselves because
// go-mail puts encoded words into quoted parameters, which RFC 2047, 5 forbids, and writes
// all parameters on one line.
func (a Attachment) describe(f *mail.File) {
	ext := fileName(clean(path.Ext(a.Name), 10)) // not cut with the name: programs are chosen by it
	name := fileName(clean(strings.TrimSuffix(a.Name, path.Ext(a.Name)), nameLimit)) + ext
	plain := plainName(name)

	media, _, err := mime.ParseMediaType(a.Type)
	kind, _, ok := strings.Cut(media, "/")
	// those two are no files
	if err != nil || !ok || len(media) > nameLimit || kind == "multipart" || kind == "message" {
		media = mediaType(ext)
	}
	f.Header.Set("Content-Type", media)
	f.Header.Set("Content-Disposition", `attachment; filename="`+plain+`"`)
	if plain != name { // both names, as in RFC 6266: the plain one is for programs that don't know RFC 2231
		f.Header.Set("Content-Disposition", `attachment; filename="`+plain+`";`+"\r\n filename*=UTF-8''"+percent(name))
	}
}

// fileName replaces by an underscore each character that some operating system does not
// allow in a file's name.
func fileName(s string) string {
	return strings.Map(func(c rune) rune {
		if strings.ContainsRune(`/\:*?"<>|`, c) {
			return '_'
		}
		return c
	}, s)
}

// simpler replaces letters and signs of French that Unicode's NFD form leaves as they are
// by ASCII.
var simpler = strings.NewReplacer(
	"œ", "oe", "Œ", "OE", "æ", "ae", "Æ", "AE", "ß", "ss",
	"’", "'", "‘", "'", "“", "'", "”", "'", "„", "'", "«", "'", "»", "'",
	"‐", "-", "‑", "-", "–", "-", "—", "-", "−", "-", "…", "...", "€", "EUR", "°", "o",
)

// plainName is a file's name in ASCII: letters lose their accents, and other characters
// beyond ASCII become an underscore. So does a per cent sign, because some programs take
// it for the beginning of an encoded character.
func plainName(name string) string {
	plain := strings.Map(func(c rune) rune {
		switch {
		case unicode.Is(unicode.Mn, c):
			return -1
		case c >= utf8.RuneSelf || c == '%':
			return '_'
		}
		return c
	}, norm.NFD.String(simpler.Replace(name)))
	return fileName(plain) // again: NFD makes < of ≮
}

// mediaType returns the media type of a file that we send. It does not use the system's
// table, which differs from one machine to the next, and often lacks xlsx.
func mediaType(ext string) string {
	switch strings.ToLower(ext) {
	case ".xlsx":
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	case ".pdf":
		return "application/pdf"
	default:
		return "application/octet-stream"
	}
}

// percent encodes a name as RFC 5987's ext-value.
func percent(s string) string {
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// clean makes one line of a stranger's text: no control or format characters,
// single spaces, valid UTF-8, at most limit characters.
func clean(s string, limit int) string {
	s = strings.Map(func(c rune) rune {
		switch {
		case unicode.IsSpace(c), unicode.IsControl(c):
			return ' '
		case c == utf8.RuneError, !unicode.IsGraphic(c): // among these are marks that reverse the line
			return -1
		default:
			return c
		}
	}, s)
	return clip(strings.Join(strings.Fields(s), " "), limit)
}

// headerText returns a stranger's text for a header, cleaned. A plain ASCII text is not
// encoded, so it must not look like an encoded word: its reader would decode it.
func headerText(s string, limit int) string {
	return strings.ReplaceAll(clean(s, limit), "=?", "= ?")
}

// clip cuts a text to a number of characters, with an ellipsis for what is gone.
func clip(s string, limit int) string {
	if utf8.RuneCountInString(s) <= limit {
		return s
	}
	return string([]rune(s)[:limit-1]) + "…"
}

// messageID returns a Message-ID with its angle brackets, or "" for anything
// that is not one on a single line.
func messageID(s string) string {
	s = strings.TrimSpace(s)
	inner := strings.TrimSuffix(strings.TrimPrefix(s, "<"), ">")
	if len(s) != len(inner)+2 || inner == "" || len(s) > idLimit {
		return ""
	}
	for i := range len(inner) {
		if c := inner[i]; c <= ' ' || c >= 0x7f || c == '<' || c == '>' {
			return ""
		}
	}
	return s
}

// references is the value of References: the conversation so far, then the
// message that is answered (RFC 5322, 3.6.4).
func references(thread []string, parent string) string {
	var ids []string
	seen := messageID(parent)
	for _, s := range thread {
		if id := messageID(s); id != "" && id != seen {
			ids = append(ids, id)
		}
	}
	if seen != "" {
		ids = append(ids, seen)
	}
	if len(ids) > idsLimit {
		ids = append(ids[:1:1], ids[len(ids)-idsLimit+1:]...)
	}
	return strings.Join(ids, " ")
}

// results is the value of order.ResultsField: what the mail tells of each form, for a program
// that finds a copy of the mail. It is "" for a mail about no form.
func results(list []order.Result) string {
	var told []string
	for _, r := range list[:min(len(list), resultsLimit)] {
		told = append(told, order.ToldOf(r).String())
	}
	return headerText(strings.Join(told, ", "), resultsLimit*nameLimit)
}

// isPath reports whether an address can stand in a RCPT command: as it is, one
// that neither ends the command nor adds a parameter to it.
func isPath(s string) bool {
	if len(s) > 254 || strings.ContainsFunc(s,
		func(c rune) bool { return c <= ' ' || c == 0x7f || c == '<' || c == '>' }) {
		return false
	}
	a, err := netmail.ParseAddress(s)
	return err == nil && a.Address == s
}
