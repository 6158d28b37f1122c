package notify

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"net/textproto"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"bdc/order"
)

var (
	noon  = time.Date(2026, 11, 21, 11, 0, 0, 0, time.UTC)
	reply = order.Reply{
		ID: 7, To: "jean@example.com", MessageID: "<D-7K2Q9F.1@example.org>",
		InReplyTo:  "<b@example.com>",
		References: []string{"<a@example.com>", "<b@example.com>"},
		Results: []order.Result{
			{Kind: order.ReplyAck, Number: "CNS-2026-000001"}, {Kind: order.ReplyReport, Case: "D-7K2Q9F"},
		},
	}
	letter = Letter{
		Subject: "CNS-2026-000001 – Re: Commande du lycée", Text: "Bonjour,\n\nvotre commande est reçue : 12 €.\n",
		HTML:        "<p>Bonjour,</p><p>12 €</p>",
		Attachments: []Attachment{{Name: "BdC corrigé.xlsx", Data: bytes.Repeat([]byte{0, 1, 250}, 1000)}},
	}
)

// part is a leaf of a mail, decoded.
type part struct {
	media    string
	filename string
	body     string
}

// open takes a mail apart with the standard library only.
func open(t testing.TB, raw []byte) (netmail.Header, []part) {
	t.Helper()
	m, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("the mail can't be read: %v\n%.2000q", err, raw)
	}
	return m.Header, leaves(t, textproto.MIMEHeader(m.Header), m.Body)
}

func leaves(t testing.TB, h textproto.MIMEHeader, body io.Reader) []part {
	t.Helper()
	media, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		t.Fatalf("content type %q: %v", h.Get("Content-Type"), err)
	}
	if strings.HasPrefix(media, "multipart/") {
		var all []part
		for r := multipart.NewReader(body, params["boundary"]); ; {
			p, err := r.NextRawPart()
			if errors.Is(err, io.EOF) {
				return all
			}
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, leaves(t, p.Header, p)...)
		}
	}
	switch h.Get("Content-Transfer-Encoding") {
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	}
	b, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	_, disposition, _ := mime.ParseMediaType(h.Get("Content-Disposition"))
	return []part{{media, disposition["filename"], string(b)}}
}

func TestRender(t *testing.T) {
	raw, err := Render("CNS <orders@example.org>", reply, letter, noon)
	if err != nil {
		t.Fatal(err)
	}
	header, parts := open(t, raw)
	words := new(mime.WordDecoder)
	for name, want := range map[string]string{
		"From":                     `"CNS" <orders@example.org>`,
		"To":                       `<jean@example.com>`,
		"Subject":                  "CNS-2026-000001 – Re: Commande du lycée",
		"Date":                     "Sat, 21 Nov 2026 12:00:00 +0100",
		"Message-Id":               "<D-7K2Q9F.1@example.org>",
		"In-Reply-To":              "<b@example.com>",
		"References":               "<a@example.com> <b@example.com>",
		"Auto-Submitted":           "auto-replied",
		"X-Auto-Response-Suppress": "OOF, AutoReply",
		"X-Bdc-Results":            "ack CNS-2026-000001, report D-7K2Q9F",
	} {
		if got, err := words.DecodeHeader(header.Get(name)); got != want || err != nil {
			t.Errorf("%s: got %q, %v, want %q", name, got, err, want)
		}
	}
	const xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	want := []part{
		{"text/plain", "", strings.ReplaceAll(letter.Text, "\n", "\r\n")},
		{"text/html", "", letter.HTML},
		{xlsx, "BdC corrigé.xlsx", string(letter.Attachments[0].Data)},
	}
	if !slices.Equal(parts, want) {
		t.Errorf("got parts %q, want %q", parts, want)
	}
	if !bytes.Contains(raw, []byte(`filename="BdC corrige.xlsx"`)) {
		t.Error("no plain file name for programs that don't know RFC 2231")
	}
}

func TestRenderRefuses(t *testing.T) {
	for name, change := range map[string]func(*order.Reply){
		"no recipient":            func(r *order.Reply) { r.To = "" },
		"a recipient that is two": func(r *order.Reply) { r.To = "a@example.com, b@example.com" },
		"a recipient and more":    func(r *order.Reply) { r.To = "a@example.com> NOTIFY=NEVER" },
		"a recipient with CRLF":   func(r *order.Reply) { r.To = "a@example.com\r\nBcc: b@example.com" },
		"no Message-ID":           func(r *order.Reply) { r.MessageID = "" },
		"a Message-ID with CRLF":  func(r *order.Reply) { r.MessageID = "<a@b>\r\nBcc: <b@example.com>" },
	} {
		t.Run(name, func(t *testing.T) {
			r := reply
			change(&r)
			if _, err := Render("orders@example.org", r, letter, noon); !errors.Is(err, ErrUnmailable) {
				t.Errorf("got %v, want ErrUnmailable", err)
			}
		})
	}
}

func TestReferencesAreCut(t *testing.T) {
	var thread []string
	for i := range 100 {
		thread = append(thread, fmt.Sprintf("<%d@example.com>", i))
	}
	got := strings.Fields(references(append(thread, "no id", "<a b@c>"), "<last@example.com>"))
	if len(got) != idsLimit || got[0] != "<0@example.com>" || got[1] != "<82@example.com>" ||
		got[idsLimit-1] != "<last@example.com>" {
		t.Errorf("got %d references, %q", len(got), got)
	}
}

// nasty is what strangers put where we echo it.
var nasty = []string{
	"Bcc: victim@example.com",
	"a\r\nBcc: victim@example.com",
	"a\nBcc: victim@example.com\n\n<script>",
	"a\rBcc: victim@example.com",
	"a\x00b\x0b\x0c\x85\u2028\u2029c",
	"=?utf-8?q?a=0D=0ABcc:_victim@example.com?=",
	strings.Repeat("x", 10_000),
	strings.Repeat("é", 10_000),
	strings.Repeat("😀", 2_500),
	strings.Repeat(" ", 10_000) + "a",
	"a" + strings.Repeat(" \t", 200) + "b",
	`"; filename="evil.exe`,
	`../../etc/passwd\..\a.xlsx`,
	"\u202exslx.exe",
	`é\a"b(c)`,
	"👩\u200d🏫 école",
	"\xff\xfe\xc3",
	".",
	"..\r\n.\r\n",
	"<a@b> <c@d>",
	"",
}

func TestRenderBearsAnything(t *testing.T) {
	for _, s := range nasty {
		checkRender(t, s, s, s, s, s)
	}
}

func FuzzRender(f *testing.F) {
	for _, s := range nasty {
		f.Add(s, s, s, s, s)
		f.Add("Re: Commande", "Jean", "BdC.xlsx", "application/pdf", s)
	}
	f.Fuzz(func(t *testing.T, subject, name, file, media, id string) {
		checkRender(t, subject, name, file, media, id)
	})
}

// checkRender renders a mail with echoed text everywhere, and checks that it
// has exactly our headers, and lines that every server takes.
func checkRender(t *testing.T, subject, name, file, media, id string) {
	r := reply
	r.InReplyTo, r.References = id, []string{id, "<a@example.com>"}
	r.Results = slices.Repeat([]order.Result{{Kind: order.ReplyAck, Number: "CNS-2026-000001", Case: subject}}, 300)
	l := letter
	l.Subject, l.Text, l.HTML = subject, subject, "<p>"+name
	l.Attachments = []Attachment{{Name: file, Type: media, Data: []byte(id)}}
	raw, err := Render("CNS <orders@example.org>", r, l, noon)
	if err != nil {
		t.Fatalf("refused: %v", err)
	}
	for text := range bytes.SplitSeq(raw, []byte("\r\n")) {
		if len(text) > 998 {
			t.Fatalf("a line has %d octets: %.200q", len(text), text)
		}
		if bytes.ContainsAny(text, "\r\n\x00") {
			t.Fatalf("a line has a bare CR, LF or NUL: %.200q", text)
		}
	}
	head, _, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	for text := range bytes.SplitSeq(head, []byte("\r\n")) {
		if len(bytes.TrimSpace(text)) == 0 {
			t.Fatalf("the header has a blank line, which old programs take for its end:\n%q", head)
		}
		if i := bytes.IndexFunc(text, func(c rune) bool { return c > 0x7e || c < ' ' && c != '\t' }); i >= 0 {
			t.Fatalf("the header has more than ASCII: %q", text)
		}
	}
	header, parts := open(t, raw)
	allowed := []string{
		"Auto-Submitted", "Content-Type", "Date", "From", "In-Reply-To", "Message-Id", "Mime-Version", "References",
		"Subject", "To", "X-Auto-Response-Suppress", "X-Bdc-Results",
	}
	for h, values := range header {
		if !slices.Contains(allowed, h) || len(values) != 1 {
			t.Fatalf("got header %s: %q", h, values)
		}
	}
	to, err := header.AddressList("To")
	if err != nil || len(to) != 1 || to[0].Address != reply.To {
		t.Fatalf("To: got %v, %v, want %s alone", to, err, reply.To)
	}
	got, err := new(mime.WordDecoder).DecodeHeader(header.Get("Subject"))
	if err != nil || strings.ContainsFunc(got, unicode.IsControl) {
		t.Fatalf("subject %q, %v", got, err)
	}
	if len(parts) != 3 || parts[2].body != id {
		t.Fatalf("got parts %q, want text, HTML and the attachment %q", parts, id)
	}
	if strings.ContainsAny(parts[2].filename, "/\\\"\r\n\x00") {
		t.Fatalf("file name %q", parts[2].filename)
	}
}

func TestAttachmentNames(t *testing.T) {
	tests := map[string]struct{ name, media, wantName, wantMedia string }{
		"plain":    {"BdC.xlsx", "", "BdC.xlsx", mediaType(".xlsx")},
		"capital":  {"BDC.XLSX", "", "BDC.XLSX", mediaType(".xlsx")},
		"accents":  {"Bon de commande été.pdf", "", "Bon de commande été.pdf", "application/pdf"},
		"per cent": {"100%25.csv", "text/csv", "100%25.csv", "text/csv"},
		"a path":   {`..\a/b.xlsx`, "", ".._a_b.xlsx", mediaType(".xlsx")},
		"too long": {
			strings.Repeat("é", 500) + ".xlsx", "", strings.Repeat("é", nameLimit-1) + "….xlsx",
			mediaType(".xlsx"),
		},
		"injected type": {"a.bin", "text/html\r\nBcc: a@b", "a.bin", "application/octet-stream"},
		"no type":       {"a", "xlsx", "a", "application/octet-stream"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			l := letter
			l.Attachments = []Attachment{{test.name, test.media, []byte("x")}}
			raw, err := Render("orders@example.org", reply, l, noon)
			if err != nil {
				t.Fatal(err)
			}
			_, parts := open(t, raw)
			if got := parts[len(parts)-1]; got.filename != test.wantName || got.media != test.wantMedia {
				t.Errorf("got %q of type %s, want %q of type %s", got.filename, got.media, test.wantName,
					test.wantMedia)
			}
		})
	}
}

// A program that doesn't know RFC 2231 showed "BdC_Papin-_ corriger.xlsx".
func TestPlainFileNamesKeepTheirLetters(t *testing.T) {
	for name, want := range map[string]string{
		"BdC_Papin-à corriger.xlsx":           "BdC_Papin-a corriger.xlsx",
		"a\u0300 ÉÏÇôû.xlsx":                  "a EICou.xlsx",
		"Œuvres d’Æsope «\u00a06e\u00a0».pdf": "OEuvres d'AEsope ' 6e '.pdf",
		"n° 3 – 2027.csv":                     "no 3 - 2027.csv",
		strings.Repeat("é", 500) + ".xlsx":    strings.Repeat("e", nameLimit-1) + "....xlsx",
		"学校 100% ≮b≯.xlsx":                    "__ 100_ _b_.xlsx",
		"école👩\u200d🏫.xlsx":                  "ecole__.xlsx",
	} {
		l := letter
		l.Attachments = []Attachment{{Name: name, Data: []byte("x")}}
		raw, err := Render("orders@example.org", reply, l, noon)
		if err != nil {
			t.Fatal(err)
		}
		if want := `filename="` + want + `";`; !bytes.Contains(raw, []byte(want)) {
			t.Errorf("%q: got %q, want %s", name, regexp.MustCompile(`(?s)Content-Disposition.*?\r\n\r\n`).Find(raw),
				want)
		}
	}
}

func BenchmarkRender(b *testing.B) {
	l := letter
	l.HTML = strings.Repeat("<tr><td>9782091194264</td><td>Manuel de mathématiques</td></tr>\n", 100)
	l.Text = strings.Repeat("9782091194264  Manuel de mathématiques\n", 100)
	for name, size := range map[string]int{"ack": 0, "report": 15_000} {
		b.Run(name, func(b *testing.B) {
			l.Attachments = nil
			if size > 0 {
				l.Attachments = []Attachment{{Name: "BdC.xlsx", Data: bytes.Repeat([]byte{0, 1, 250}, size/3)}}
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Render("CNS <orders@example.org>", reply, l, noon); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
