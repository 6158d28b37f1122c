package mime_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"bdc/ingest/mime"
)

func read(t *testing.T, raw string) *mime.Message {
	t.Helper()
	m, err := mime.Read([]byte(raw), mime.DefaultLimits())
	if err != nil {
		t.Fatalf("read %.100q: %v", raw, err)
	}
	return m
}

func TestReadHeaderFields(t *testing.T) {
	from := func(m *mime.Message) string { return m.FromName + " <" + m.From + ">" }
	to := func(m *mime.Message) string { return strings.Join(m.To, " ") }
	subject := func(m *mime.Message) string { return m.Subject }
	id := func(m *mime.Message) string { return m.MessageID }
	references := func(m *mime.Message) string { return strings.Join(m.References, " ") }
	date := func(m *mime.Message) string { return m.Date.Format(time.RFC3339) }
	tests := []struct {
		name  string
		input string
		field func(*mime.Message) string
		want  string
	}{
		{"plain address", "From: A.B@Example.FR", from, " <a.b@example.fr>"},
		{"name", `From: "Librairie, de l'école" <a@b.fr>`, from, "Librairie, de l'école <a@b.fr>"},
		{"name in another address", `From: "x@y.fr" <a@b.fr>`, from, "x@y.fr <a@b.fr>"},
		{"comment", "From: a@b.fr (Librairie (Paris))", from, "Librairie Paris <a@b.fr>"},
		{"encoded name", "From: =?utf-8?q?Lyc=C3=A9e?= <a@b.fr>", from, "Lycée <a@b.fr>"},
		{"encoded name in quotes", `From: "=?iso-8859-1?q?Lyc=E9e?=" <a@b.fr>`, from, "Lycée <a@b.fr>"},
		{"raw Latin-1", "From: Lyc\xe9e <a@b.fr>", from, "Lycée <a@b.fr>"},
		{"group", "To: Libraires: a@b.fr, C <c@d.fr>;, e@f.fr", to, "a@b.fr c@d.fr e@f.fr"},
		{"nobody", "From: MAILER-DAEMON <>", from, " <>"},
		{"two addresses in one", "From: <a@b.fr> <c@d.fr>", from, " <>"},
		{"address in two pieces", "From: <a@b.fr> <.example>", from, " <>"},
		{"two at signs", "From: a@b@c.fr", from, " <>"},
		{"a sign that is no letter", "From: boo\u212as@b.fr", from, " <>"},
		{"two authors", "From: a@b.fr, c@d.fr", from, " <a@b.fr>"},
		{"two fields that disagree", "From: a@b.fr\r\nFrom: c@d.fr", from, " <>"},
		{"line end hidden in a name", "From: =?utf-8?q?a=0D=0ABcc:_x?= <a@b.fr>", from, "a Bcc: x <a@b.fr>"},

		{"folded subject", "Subject: Bon de\r\n\tcommande", subject, "Bon de commande"},
		{"two words in two charsets", "Subject: =?utf-8?B?w6k=?= =?iso-8859-1?Q?=E0?= b", subject, "éà b"},
		{"character cut in two", "Subject: =?utf-8?Q?=C3?=\r\n =?utf-8?Q?=A9?=", subject, "é"},
		{"spaces within a word", "Subject: =?utf-8?Q?Bon de commande?=", subject, "Bon de commande"},
		{"language", "Subject: =?utf-8*fr?Q?=C3=A9?=", subject, "é"},
		{"no encoded word", "Subject: 1 =? 2 =?x?Q?3", subject, "1 =? 2 =?x?Q?3"},
		{"unknown encoding", "Subject: =?utf-8?X?a?=", subject, "=?utf-8?X?a?="},
		{"unknown charset", "Subject: =?klingon?Q?=E9?=", subject, "é"},
		{"bare CR", "X: y\r\nSubject: a\rBcc: b", subject, "a Bcc: b"},
		{"long subject", "Subject: " + strings.Repeat("é", 2000), subject, strings.Repeat("é", 1000)},

		{"Message-ID", "Message-ID: <a@b>", id, "<a@b>"},
		{"Message-ID folded", "Message-ID:\r\n <a\r\n b@c>", id, "<ab@c>"},
		{"Message-ID without brackets", "Message-ID: a@b", id, "<a@b>"},
		{"Message-ID that no header can carry", "Message-ID: <é@b>", id, ""},
		{"References", "References: <a@b>\r\n\t<c@d> junk <e@f>", references, "<a@b> <c@d> <e@f>"},

		{"date", "Date: Mon, 5 Jan 2026 10:00:00 +0100", date, "2026-01-05T09:00:00Z"},
		{"date with a comment", "Date: 5 Jan 2026 10:00:00 +0100 (CET)", date, "2026-01-05T09:00:00Z"},
		{"date of nonsense", "Date: tomorrow", date, "0001-01-01T00:00:00Z"},
		{"date beyond its zone", "Date: Fri, 31 Dec 9999 23:59:59 -0100", date, "0001-01-01T00:00:00Z"},

		{"mbox line", "From a@b Sat Nov 21\r\nSubject: s", subject, "s"},
		{"byte order mark", "\xef\xbb\xbfSubject: s", subject, "s"},
		{"empty lines first", "\r\n\r\nSubject: s", subject, "s"},
		{"continuation first", " x\r\nSubject: s", subject, "s"},
		{"line without a colon", "X: y\r\nnonsense\r\n folded nonsense\r\nSubject: s", subject, "s"},
		{"space before the colon", "Subject : s", subject, "s"},
		{"first says nothing", "Subject:\r\nSubject: s", subject, "s"},
		{"lines of CR alone", "X: y\rSubject: s\r\rtext", subject, "s"},
		{"lines of two CR", "X: y\r\r\n\tz\r\r\nSubject: s\r\r\n\r\r\nSubject: t", subject, "s"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m, err := mime.ReadHeader([]byte(test.input), mime.DefaultLimits())
			if err != nil {
				t.Fatal(err)
			}
			if got := test.field(m); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestReadEmpty(t *testing.T) {
	for _, raw := range []string{"", "\r\n", " \t\n"} {
		if m, err := mime.Read([]byte(raw), mime.DefaultLimits()); !errors.Is(err, mime.ErrEmpty) {
			t.Errorf("got %v and error %v for %q, want %v", m, err, raw, mime.ErrEmpty)
		}
	}
}

func TestValues(t *testing.T) {
	m := read(t, "Authentication-Results: a;\r\n\tdkim=pass\r\nX: y\r\nAUTHENTICATION-RESULTS: =?utf-8?q?b?=\r\n\r\n"+
		"Authentication-Results: c")
	got := strings.Join(m.Values("Authentication-Results"), "|")
	if want := "a; dkim=pass|=?utf-8?q?b?="; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestText(t *testing.T) {
	html := "Content-Type: text/html\r\n\r\n"
	tests := []struct{ name, input, want string }{
		{"plain", "Subject: s\r\n\r\nBonjour,\r\n\r\nMerci\r\n", "Bonjour,\n\nMerci"},
		{"no header", "Bonjour, merci", "Bonjour, merci"},
		{"no header, paragraphs", "Bonjour\r\n\r\nmerci", "Bonjour\n\nmerci"},
		{"no header and long", strings.Repeat("Bonjour\r\n", 30_000), strings.Repeat("Bonjour\n", 8191) + "Bonjour\n"},
		{"bounce that quotes a source", "From: a@b.fr\r\n\r\nHi. This is the program\r\n--b\r\n" +
			"Content-Type: text/plain\r\n\r\nx", "Hi. This is the program\n--b\nContent-Type: text/plain\n\nx"},
		{"type lost", "MIME-Version: 1.0\r\n\r\npreamble\r\n--b\r\nContent-Type: text/plain\r\n\r\nx\r\n--b--", "x"},
		{
			"quoted-printable", "Content-Type: text/plain; charset=iso-8859-15\r\n" +
				"Content-Transfer-Encoding: quoted-printable\r\n\r\n12 =A4=20\r\nlyc=E9=\r\ne =zz",
			"12 €\u0020\nlycée =zz",
		},
		{"base64", "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\nw6k=", "é"},
		{"mislabelled", "Content-Type: text/plain; charset=us-ascii\r\n\r\nlyc\xe9e", "lycée"},
		{"unknown charset, valid UTF-8", "Content-Type: text/plain; charset=x-mac-foo\r\n\r\nlycée", "lycée"},
		{"unknown charset", "Content-Type: text/plain; charset=x-mac-foo\r\n\r\nlyc\xe9e", "lycée"},
		{"UTF-16", "Content-Type: text/plain; charset=utf-16\r\n\r\n\xfe\xff\x00a\x00b", "ab"},
		{"controls", "Subject: s\r\n\r\na\x00\x1b[31mb\tc", "a[31mb\tc"},
		{"plain before HTML", multi("alternative", "Content-Type: text/html\r\n\r\n<b>b</b>", "\r\na"), "a"},
		{"blank plain", multi("alternative", "\r\n \r\n", "Content-Type: text/html\r\n\r\n<b>b</b>"), "b"},
		{"HTML and a footer in plain", multi("mixed", html+"<p>Bonjour</p>", "\r\nfooter"), "Bonjour\n\nfooter"},
		{
			"text around a file", multi("mixed", "\r\na", "Content-Type: application/pdf\r\n\r\n%PDF-", "\r\nb"),
			"a\n\nb",
		},
		{"forwarded without a word", "Content-Type: message/rfc822\r\n\r\nSubject: s\r\n\r\nBonjour", "Bonjour"},
		{
			"forwarded with a word", multi("mixed", "\r\nVoyez", "Content-Type: message/rfc822\r\n\r\n\r\nBonjour"),
			"Voyez\n\n---------- Message transféré ----------\nBonjour",
		},
		{
			"forwarded with a word, twice", multi("mixed", "\r\nVoyez",
				"Content-Type: message/rfc822\r\n\r\n"+multi("mixed", "\r\nBonjour",
					"Content-Type: message/rfc822\r\n\r\n\r\nMerci")),
			"Voyez\n\n---------- Message transféré ----------\nBonjour\n\n" +
				"---------- Message transféré ----------\nMerci",
		},
		{"digest", multi("digest", "\r\nSubject: s\r\n\r\na"), "a"},
		{"uuencode taken out", "Subject: s\r\n\r\na\r\n" + uuencode([]byte("x")) + "b", "a\n\nb"},
		{"not uuencode", "Subject: s\r\n\r\nbegin 644 the\r\nlower case\r\nend", "begin 644 the\nlower case\nend"},

		{"HTML blocks", html + "<div>a</div><div>b<br>c</div><p>d</p><ul><li>e<li>f</ul>", "a\nb\nc\n\nd\n\ne\nf"},
		{"HTML cells", html + "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"},
		{"HTML entities", html + "1&nbsp;&lt;&#233;&eacute;&amp;", "1 <éé&"},
		{"HTML scripts and styles", html + "<head><title>t</title><STYLE>a < b</style ></head>x<script>if (a</b) " +
			"{}</script>y<!-- <p>z -->", "xy"},
		{"HTML spaces", html + " a\r\n  b\t<b> c</b>d ", "a b cd"},
		{"HTML that is none", html + "1 < 2 <", "1 < 2 <"},
		{"HTML quotes", html + "OK<blockquote type=cite>a<br>b<blockquote class='x gmail_quote'>c</blockquote>" +
			"</blockquote>d<blockquote>e</blockquote></blockquote>", "OK\n\n> a\n> b\n\n>> c\n\nd\n\ne"},
		{
			"HTML struck out by a style",
			html + `<p style="text-decoration:LINE-THROUGH">a <span>b</span> <s>c</s></p>` +
				`<span style="color:red">d</span> <span style="text-decoration: line-through"><span>e</span></span> f`,
			"~~a b c~~\n\nd ~~e~~ f",
		},
		{"HTML struck out twice", html + "<s>a <s>b</s> c</s> d", "~~a b c~~ d"},
		{"HTML struck out", html + "<s>a</s> <del>b</del><strike>c</strike>", "~~a~~ ~~b~~~~c~~"},
		{"HTML never closed", html + "a<style>b", "a"},
		{"HTML with > in an attribute", html + `<p>OK</p><img alt="5 > 3"><a title='a > "b"'>c</a>`, "OK\n\nc"},
		{"HTML attributes", html + `<p title=OK data-x="<b>OK</b>" hidden>a</p>`, "a"},
		{"HTML comments", html + `a<!-- > OK -->b<!--> OK --><!-- OK --!>c<!---->d<![if !mso]>e<![endif]><!--[if ` +
			`mso]>OK<![endif]-->f`, "ab OK -->cdef"},
		{"HTML comment never closed", html + "a<!-- OK > b", "a"},
		{"HTML declarations", html + "<?xml version='1.0'?><!DOCTYPE html PUBLIC \"a\">c<!ELEMENT br EMPTY>d", "cd"},
		{"HTML CDATA", html + "a<![CDATA[OK]]>b", "ab"},
		{"HTML of Outlook", html + `<o:p>&nbsp;</o:p>a<w:WordDocument><w:View>b</w:View></w:WordDocument>`, "ab"},
		{"HTML without scripts", html + "a<noscript><p>b</p></noscript>c", "a\n\nb\n\nc"},
		{"HTML templates", html + "a<template>OK<template>OK</template>OK</template>b<template>OK", "ab"},
		{
			"HTML script that writes tags", html + `a<script>x = "</b><p>OK</p><!-- <script> OK </script> -->` +
				`"</script>b`,
			"ab",
		},
		{"HTML of forms", html + "<textarea><b>a</b></textarea><xmp><i>b</i></xmp><plaintext><u>c</u>", "abc"},
		{"HTML beside the page", html + "a<iframe>OK</iframe><noframes><p>OK</p></noframes>b", "ab"},
		{"HTML that ends in a tag", html + "a<b title='OK", "a"},
		{"HTML with long tags", html + "<p>a</p><img src='data:" + strings.Repeat("x", 5000) + "'>b<style media='" +
			strings.Repeat("x", 5000) + "'><p>OK</p></style>c<blockquote type=cite title='" +
			strings.Repeat("x", 5000) + "'>d</blockquote>", "a\n\nbc\n\n> d"},
		{"HTML that a style hides", html + "<div style='display:none'>a</div>b", "a\nb"},
		{"HTML said to be plain", "Content-Type: text/plain\r\n\r\n<!DOCTYPE html><p>a", "a"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := read(t, test.input).Text; got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestTextIsCutBetweenCharacters(t *testing.T) {
	long := strings.Repeat("é", 1<<20)
	for _, header := range []string{"", "Content-Type: text/html\r\n", "Content-Type: text/plain; charset=utf-8\r\n"} {
		m := read(t, "Subject: x\r\n"+header+"\r\n."+long)
		if got, want := m.Text, "."+long[:64<<10-2]; got != want {
			t.Errorf("got %d bytes ending in %q under %q, want %d", len(got), got[len(got)-2:], header, len(want))
		}
	}
}
