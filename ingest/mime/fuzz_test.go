package mime_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"bdc/ingest/mime"
)

// sound checks what a message promises whatever it was read from.
func sound(m *mime.Message, raw []byte) error {
	lim := mime.DefaultLimits()
	var errs []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}

	for _, s := range append([]string{m.From, m.FromName, m.ReplyTo, m.Sender, m.Subject, m.MessageID, m.InReplyTo},
		append(m.To, m.References...)...) {
		check(utf8.ValidString(s), "got %q, want UTF-8", s)
		check(strings.IndexFunc(s, unicode.IsControl) < 0, "got %q, want no control characters", s)
		check(len(s) <= 4*1000, "got %d bytes, want at most 4000", len(s))
	}
	check(m.From == strings.ToLower(m.From), "got sender %q, want it in lower case", m.From)
	names := slices.ContainsFunc(m.Values("from"), func(v string) bool { return strings.Contains(v, "@") })
	check(m.From != "" || m.Automatic != "" || names, "got nobody to answer, want a reason not to")
	_, err := m.Date.MarshalJSON()
	check(err == nil, "got date %v: %v", m.Date, err)

	check(utf8.ValidString(m.Text), "got text that is no UTF-8: %q", m.Text)
	check(len(m.Text) <= lim.TextBytes, "got %d bytes of text, want at most %d", len(m.Text), lim.TextBytes)
	check(!strings.ContainsAny(m.Text, "\r\x00"), "got controls in text %q", m.Text)

	total, counted := 0, 0
	for _, f := range m.Files {
		total += len(f.Data)
		if !f.Inline {
			counted++
		}
		check(f.Name != "" && utf8.ValidString(f.Name) && norm.NFC.IsNormalString(f.Name), "got name %q, want NFC",
			f.Name)
		check(!strings.ContainsAny(f.Name, "/\\\x00\r\n") &&
			strings.IndexFunc(f.Name, unicode.IsControl) < 0, "got name %q, want a base name", f.Name)
		check(utf8.RuneCountInString(f.Name) <= 200, "got a name of %d characters, want at most 200",
			utf8.RuneCountInString(f.Name))
		check(strings.IndexFunc(f.Declared, func(r rune) bool { return r <= ' ' || r > '~' }) < 0,
			"got type %q, want ASCII", f.Declared)
		check(f.Forwarded <= lim.Forwarded, "got a file %d messages deep, want at most %d", f.Forwarded, lim.Forwarded)
	}
	check(total <= len(raw), "got %d bytes of files, want at most the %d of the message", total, len(raw))
	check(counted <= lim.Attachments, "got %d files, want at most %d", counted, lim.Attachments)
	return errors.Join(errs...)
}

func FuzzRead(f *testing.F) {
	f.Add(ordinary(workbook(200)))
	for _, client := range clients {
		for i, way := range ways {
			encoding, name, kind := encodings[i], names[i], types[i]
			f.Add([]byte(way.wrap(client.wrap("Content-Type: " + kind + "\r\n" + name.field +
				"\r\nContent-Transfer-Encoding: " + encoding.header + "\r\n\r\n" + encoding.encode(workbook(100))))))
		}
	}
	f.Add([]byte("From: a@b.fr\r\nSubject: =?utf-8?Q?=C3?= =?utf-8?Q?=A9?=\r\n" +
		"Date: 5 Jan 2026 10:00:00 +0100 (CET)\r\n\r\n" + uuencode([]byte("123"))))
	f.Add([]byte("From: a@b.fr\r\n\r\nbegin 644 a.xlsx\n#86)C\n=\nM!\nend"))
	f.Add([]byte("Content-Type: text/html; charset=iso-2022-jp\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" +
		"<p>a&nbsp;=\r\n<style>b</style>"))
	f.Add([]byte("Content-Type: a/b; name*0*=utf-8''a%C3; name*1*=%A9; name*2=\"b\"\r\n\r\n%PDF-"))
	f.Add([]byte("Content-Type: application/octet-stream\r\n\r\nFrom: a@b.fr\r\nMIME-Version: 1.0\r\n" +
		"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n" +
		"\r\ny\r\n--b--"))
	f.Add([]byte("Content-Type: multipart/report; report-type=disposition-notification; boundary=b\r\n\r\n--b\r\n" +
		"Content-Type: message/disposition-notification\r\n\r\nOriginal-Message-ID: <a@b>\r\n--b--"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		before := string(raw)
		m, err := mime.Read(raw, mime.DefaultLimits())
		if string(raw) != before {
			t.Error("the message was changed")
		}
		if err != nil {
			if !errors.Is(err, mime.ErrEmpty) {
				t.Errorf("got error %v, want %v or none", err, mime.ErrEmpty)
			}
			return
		}
		if err := sound(m, raw); err != nil {
			t.Error(err)
		}
		h, err := mime.ReadHeader(raw, mime.DefaultLimits())
		if err != nil || h.From != m.From || h.Automatic != m.Automatic || h.MessageID != m.MessageID {
			t.Errorf("got %v (%v) from the header alone, want what %v says", h, err, m)
		}
	})
}

// FuzzHeader holds the header's readers to what they promise: no value can end a
// line, and whatever is believed of a server was said in its name.
func FuzzHeader(f *testing.F) {
	f.Add("From: a@b.fr\r\nAuthentication-Results: mx.cns.example (c) 1; dmarc = pass header.from=b.fr\r\n")
	f.Add("from : =?utf-8?Q?=C3=A9?= <a@b.fr>\n\tfolded\nX\n" +
		"Authentication-Results: \"mx.cns.example\"; dmarc=fail (dmarc=pass)\n")
	f.Add("From a Sat\r\nFROM:a@b.fr\rReferences: <a@b>\r\n <c @d>\r\n" +
		"Authentication-Results: dmarc=pass; spf=\"\\\"\r\n")
	f.Add("From: a@b.fr, \"x\" <c@d.fr>, <e@b.fr> <f@b.fr>\r\nAuthentication-Results: mx.cns.example; dmarc=pass\r\n")
	f.Fuzz(func(t *testing.T, h string) {
		m, err := mime.ReadHeader([]byte(h), mime.DefaultLimits())
		if err != nil {
			return
		}
		if err := sound(m, []byte(h)); err != nil {
			t.Error(err)
		}
		for _, name := range []string{"from", "authentication-results", "x"} {
			for _, v := range m.Values(name) {
				if strings.ContainsAny(v, "\r\n\x00") {
					t.Errorf("got a value with a line end: %q", v)
				}
			}
		}
		fields := m.Values("authentication-results")
		if v := m.DMARC("mx.cns.example"); v != "" && !strings.Contains(strings.ToLower(fields[0]), "mx.cns.example") {
			t.Errorf("believed %q, which the topmost of %q does not say in our server's name", v, fields)
		}
		// What is put in front of a header, in any other name, makes the rest
		// not believed; a comment or string never says anything.
		forged, err := mime.ReadHeader([]byte("Authentication-Results: mx.evil.example ("+strings.Map(inComment, h)+
			"); none\r\n"+h), mime.DefaultLimits())
		if err == nil && forged.DMARC("mx.cns.example") != "" {
			t.Errorf("believed what stands below another server's field: %q", h)
		}
	})
}

// inComment leaves out what ends a comment or a line.
func inComment(r rune) rune {
	if r < ' ' || r == '(' || r == ')' || r == '\\' {
		return -1
	}
	return r
}

// FuzzAutomatic: nothing that is added to a message makes it one to answer once
// it names itself, and its header alone tells as much as all of it.
func FuzzAutomatic(f *testing.F) {
	f.Add("From: a@b.fr\r\n", "Bonjour")
	f.Add("From: MAILER-DAEMON\r\nReturn-Path: <>\r\n", "Message-ID: <a@b>\r\n")
	f.Add("Content-Type: multipart/report; boundary=b\r\n", "--b\r\nContent-Type: message/delivery-status\r\n\r\n"+
		"Action: failed\r\n--b--")
	f.Add("Subject: =?utf-8?Q?R=C3=A9ponse_automatique?=\r\n", "")
	f.Fuzz(func(t *testing.T, header, body string) {
		m, err := mime.Read([]byte(header+"\r\n"+body), mime.DefaultLimits())
		if err != nil {
			return
		}
		if m.Bounced && m.Automatic == "" {
			t.Error("got a bounce that is to be answered")
		}
		for _, mark := range []string{
			"Auto-Submitted: auto-replied", "Return-Path: <>", "Precedence: bulk",
			"List-Id: <a.b>", "X-Auto-Response-Suppress: All",
		} {
			m, err := mime.Read([]byte(mark+"\r\n"+header+"\r\n"+body), mime.DefaultLimits())
			if err != nil || m.Automatic == "" {
				t.Errorf("got a message to answer (%v) though it says %q: %q", err, mark, header)
			}
		}
	})
}
