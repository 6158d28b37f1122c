package mime_test

import (
	"errors"
	"fmt"
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

	for _, s := range append([]string{m.From, m.FromName, m.ReplyTo, m.Sender, m.Subject, m.MessageID, m.InReplyTo}, append(m.To, m.References...)...) {
		check(utf8.ValidString(s), "got %q, want UTF-8", s)
		check(strings.IndexFunc(s, unicode.IsControl) < 0, "got %q, want no control characters", s)
		check(len(s) <= 4*1000, "got %d bytes, want at most 4000", len(s))
	}
	check(m.From == strings.ToLower(m.From), "got sender %q, want it in lower case", m.From)
	check(m.From != "" || m.Automatic != "", "got nobody to answer, want a reason not to")
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
		check(f.Name != "" && utf8.ValidString(f.Name) && norm.NFC.IsNormalString(f.Name), "got name %q, want NFC", f.Name)
		check(!strings.ContainsAny(f.Name, "/\\\x00\r\n") && strings.IndexFunc(f.Name, unicode.IsControl) < 0, "got name %q, want a base name", f.Name)
		check(utf8.RuneCountInString(f.Name) <= 200, "got a name of %d characters, want at most 200", utf8.RuneCountInString(f.Name))
		check(strings.IndexFunc(f.Declared, func(r rune) bool { return r <= ' ' || r > '~' }) < 0, "got type %q, want ASCII", f.Declared)
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
			f.Add([]byte(way.wrap(client.wrap("Content-Type: " + kind + "\r\n" + name.field + "\r\nContent-Transfer-Encoding: " + encoding.header + "\r\n\r\n" + encoding.encode(workbook(100))))))
		}
	}
	f.Add([]byte("From: a@b.fr\r\nSubject: =?utf-8?Q?=C3?= =?utf-8?Q?=A9?=\r\nDate: 5 Jan 2026 10:00:00 +0100 (CET)\r\n\r\n" + uuencode([]byte("123"))))
	f.Add([]byte("From: a@b.fr\r\n\r\nbegin 644 a.xlsx\n#86)C\n=\nM!\nend"))
	f.Add([]byte("Content-Type: text/html; charset=iso-2022-jp\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<p>a&nbsp;=\r\n<style>b</style>"))
	f.Add([]byte("Content-Type: a/b; name*0*=utf-8''a%C3; name*1*=%A9; name*2=\"b\"\r\n\r\n%PDF-"))
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
