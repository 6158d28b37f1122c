package daemon

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset"
	"github.com/emersion/go-message/mail"
	"golang.org/x/net/html"

	"bdc/cmd/bdc/config"
	"bdc/ingest/mailtest"
	"bdc/notify"
	"bdc/order"
	"bdc/sheet/mark"
	"bdc/templates"
)

// hostile is what strangers put where we echo it.
func hostile() map[string]string {
	return map[string]string{
		"CR":           "a\rBcc: victim@example.com\rb",
		"LF":           "a\nBcc: victim@example.com\n\nb",
		"CRLF":         "a\r\nBcc: victim@example.com\r\n\r\n<h1>b</h1>\r\n.\r\n",
		"NUL":          "a\x00Bcc: victim@example.com\x00",
		"controls":     "a\x01\x08\x0b\x0c\x1b[31m\x7f\x85\u2028\u2029\u202eb",
		"10 KB":        strings.Repeat("x", 10<<10),
		"10 KB é":      strings.Repeat("é", 5<<10),
		"10 KB spaces": "a" + strings.Repeat(" \t", 5<<10) + "b",
		"emoji":        strings.Repeat("👩\u200d🏫📚", 300),
		"invalid":      "a\xff\xfe\xc3b",
		"encoded word": "=?utf-8?q?a=0D=0ABcc:_victim@example.com?= =?x?b?",
		"script": `</td></table><script>alert(1)</script><img src=x onerror="alert(1)"><a ` +
			`href="https://evil.example">x</a><!--`,
		"attribute":  `" onmouseover="alert(1)" style="position:fixed" x='`,
		"template":   `{{.}}{{template "ack.html"}}%s%!d`,
		"entity":     `&lt;script&gt;&#60;script&#62;`,
		"parameter":  `a.xlsx"; filename="evil.exe`,
		"path":       `../../etc/passwd\..\a.xlsx`,
		"invisible":  "a\u200b\u200e\u2060\ufeff\u00ad\u2066b\u202exslx.exe",
		"only those": "\u200b\u202e",
		"blanks":     " \t\u00a0\u202f\u3000 ",
		"bookshop":   `L'Écume & Fils <b@example.com>, "rue d’Été"`,
	}
}

// echoing are replies of every kind with a text wherever a stranger's is echoed.
func echoing(text string) map[string]order.Reply {
	at := time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)
	price := order.Cents(1250)
	replies := map[string]order.Reply{
		"digest": {Kind: order.ReplyDigest, Digest: &order.Digest{
			From: at, Until: at, Waiting: 1, Hours: 72, Late: 1, Near: 1, Bounced: 1,
			Cases:    []order.DigestRow{{Name: "D-7K2Q9F", Bookseller: text, School: text, Subject: text}},
			LateRows: []order.DigestRow{{Name: "CNS-2026-000001", Bookseller: text, School: text}},
			NearRows: []order.DigestRow{{Name: "CNS-2026-000002", Bookseller: text, School: text}},
			Troubles: []order.Alert{{Cause: order.CauseInbox, Begun: at, Words: text}},
		}},
		"alert": {Kind: order.ReplyAlert, Alert: &order.Alert{Cause: order.CauseInbox, Begun: at, Words: text}},
		"alert over": {Kind: order.ReplyAlert, Alert: &order.Alert{
			Cause: order.CauseOutbox, Begun: at, Ended: at,
			Words: text,
		}},
	}
	finding := func(severity order.Severity) order.Finding {
		return order.Finding{
			Code: "uai.key", Severity: severity, Field: order.FieldUAI, Sheet: text, Cell: text, Value: text,
			Proposal: text, Args: map[string]string{"letter": text, "number": text, "sender": text},
		}
	}
	for _, kind := range []order.ReplyKind{
		order.ReplyAck, order.ReplyReport, order.ReplyHeld, order.ReplyDuplicate,
		order.ReplyUnreadable, order.ReplyRefused, order.ReplyLetter, order.ReplyNoForm,
	} {
		result := order.Result{
			Kind: kind, Order: -1, Part: text, Sheet: text, Number: "CNS-2026-000001", Case: "D-7K2Q9F",
			Bookstore: text, Reference: text, School: text,
			Lines: []order.Line{{
				Quantity: 3, Offer: text, Title: text, Duration: text, Licence: text,
				UnitPrice: &price,
			}},
			Findings: []order.Finding{finding(order.Error), finding(order.Warning), finding(order.Fixed)}, First: at,
			Changes: []order.Change{
				{Field: order.FieldUAI, Line: text, Before: text, After: text},
				{Row: 30, Line: text, Before: text},
				{Row: 31, Line: text, After: text, Staff: true},
			},
		}
		replies[string(kind)] = order.Reply{Kind: kind, Results: []order.Result{result}}
		replies[string(kind)+" twice"] = order.Reply{
			Kind: kind, Results: []order.Result{result, result},
			Personal: text,
		}
	}
	for name, r := range replies {
		r.To, r.MessageID, r.CreatedAt = "b@example.com", "<D-7K2Q9F.aaaaaaaaaaaaaaaa@example.org>", at
		r.Subject, r.InReplyTo, r.References = text, text, []string{text, "<a@example.com>", text}
		replies[name] = r
	}
	return replies
}

// composed is a reply's mail, with a file that is named after what a stranger sent.
func composed(t *testing.T, w writer, r order.Reply, file string) []byte {
	t.Helper()
	letter, err := w.Compose(t.Context(), r)
	if err != nil {
		t.Fatalf("compose: %v", err)
	}
	letter.Attachments = append(letter.Attachments, notify.Attachment{
		Name: mark.FileName(file),
		Data: []byte("workbook"),
	})
	raw, err := notify.Render("CNS <orders@example.org>", r, letter, r.CreatedAt)
	if err != nil {
		t.Fatalf("no mail is made of it: %v", err)
	}
	return raw
}

func newWriter(t *testing.T) writer {
	t.Helper()
	toStaff, err := templates.NewStaffRenderer("https://bdc.example.org")
	if err != nil {
		t.Fatal(err)
	}
	return writer{newComposer(t, shelf{}), toStaff}
}

// taken is a mail as its reader's program takes it apart.
type taken struct {
	fields []string        // the names of the header's
	tags   map[string]bool // of the HTML, with their attributes and values
	parts  int
}

// takeApart reads a mail with go-message, and holds it to what every mail has to
// keep to.
func takeApart(t *testing.T, raw []byte) taken {
	t.Helper()
	for line := range bytes.SplitSeq(raw, []byte("\r\n")) {
		if len(line) > 998 || bytes.ContainsAny(line, "\r\n\x00") {
			t.Fatalf("a line of %d octets, or with a bare CR, LF or NUL: %.100q", len(line), line)
		}
	}
	r, err := mail.CreateReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("go-message can't read it: %v", err)
	}
	var m taken
	for fields := r.Header.Fields(); fields.Next(); {
		m.fields = append(m.fields, fields.Key())
	}
	slices.Sort(m.fields)
	to, err := r.Header.AddressList("To")
	if err != nil || len(to) != 1 || to[0].Address != "b@example.com" ||
		strings.ContainsFunc(to[0].Name, unicode.IsControl) || hides(to[0].Name) {
		t.Errorf("got To %v, %v", to, err)
	}
	subject, err := r.Header.Subject()
	if err != nil || subject == "" || utf8.RuneCountInString(subject) > 220 ||
		strings.ContainsFunc(subject, unicode.IsControl) || strings.ContainsRune(subject, utf8.RuneError) ||
		hides(subject) {
		t.Errorf("got the subject %q, %v", subject, err)
	}
	for {
		p, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			return m
		}
		if err != nil && !message.IsUnknownCharset(err) {
			t.Fatal(err)
		}
		m.parts++
		body, err := io.ReadAll(p.Body)
		if err != nil {
			t.Fatal(err)
		}
		switch h := p.Header.(type) {
		case *mail.AttachmentHeader:
			name, err := h.Filename()
			if err != nil || !strings.HasSuffix(name, ".xlsx") || utf8.RuneCountInString(name) > 100 ||
				strings.ContainsAny(name, "/\\\":") || strings.ContainsFunc(name, unicode.IsControl) || hides(name) {
				t.Errorf("got the file name %q, %v", name, err)
			}
		case *mail.InlineHeader:
			if hides(string(body)) {
				t.Errorf("got what can't be seen in %q", body)
			}
			if kind, _, _ := h.ContentType(); kind == "text/html" {
				m.tags = tagsOf(string(body))
			}
		}
	}
}

// hides reports whether a text has what reorders it, or can't be seen.
func hides(s string) bool {
	// emoji are joined by that one
	return strings.ContainsFunc(s, func(c rune) bool { return unicode.Is(unicode.Cf, c) && c != '\u200d' })
}

// tagsOf are the tags of a page as a browser reads them, comments included.
func tagsOf(page string) map[string]bool {
	tags := map[string]bool{}
	z := html.NewTokenizer(strings.NewReader(page))
	for kind := z.Next(); kind != html.ErrorToken; kind = z.Next() {
		if kind != html.TextToken {
			tags[z.Token().String()] = true
		}
	}
	return tags
}

// Whatever strangers write, mails have our header fields and our tags, and no
// others.
func TestNothingIsInjected(t *testing.T) {
	w := newWriter(t)
	calm := map[string]taken{}
	for name, r := range echoing("mot") {
		calm[name] = takeApart(t, composed(t, w, r, "mot.xlsx"))
	}
	for how, text := range hostile() {
		for name, r := range echoing(text) {
			t.Run(name+"/"+how, func(t *testing.T) {
				got, want := takeApart(t, composed(t, w, r, text+".xlsx")), calm[name]
				// Neither has an In-Reply-To: what is no Message-ID is left out.
				if !slices.Equal(got.fields, want.fields) {
					t.Errorf("got the header fields %v, want %v", got.fields, want.fields)
				}
				if got.parts != want.parts {
					t.Errorf("got %d parts, want %d", got.parts, want.parts)
				}
				for tag := range maps.Keys(got.tags) {
					if !want.tags[tag] {
						t.Errorf("got the tag %.200s, which is not ours", tag)
					}
				}
				if len(got.tags) < 10 {
					t.Errorf("got %d tags", len(got.tags))
				}
			})
		}
	}
}

// A real mail server takes all of them. With -short it is sent each text in replies of
// one kind.
func TestNothingHostileIsRefused(t *testing.T) {
	t.Parallel()
	s := mailtest.Start(t, mailtest.Options{})
	server := notify.SMTP{
		Host: s.Host, Port: s.SMTPS, TLS: notify.TLSImplicit, RootCAs: config.Server{CAFile: s.CAFile}.Roots(),
		Username: s.User, Password: s.Password, Timeout: 2 * time.Minute, // a hang guard
	}
	c, err := server.Dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	w, n := newWriter(t), 0
	for how, text := range hostile() {
		for name, r := range echoing(text) {
			if name != "report" && testing.Short() {
				continue
			}
			if err := c.Send(t.Context(), "", s.Peer, composed(t, w, r, text+".xlsx")); err != nil {
				t.Fatal(fmt.Errorf("%s, %s: %w", name, how, err))
			}
			n++
		}
	}
	if got := len(s.Await(s.Peer, "INBOX", n)); got != n {
		t.Errorf("got %d mails, want %d", got, n)
	}
}
