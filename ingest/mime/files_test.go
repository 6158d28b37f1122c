package mime_test

import (
	"fmt"
	"strings"
	"testing"
)

// pdf is a part that is nothing but a file.
const pdf = "%PDF-1.7"

func TestFileNames(t *testing.T) {
	long := strings.Repeat("é", 300)
	tests := []struct{ name, header, want string }{
		{"plain", `Content-Disposition: attachment; filename=a.pdf`, "a.pdf"},
		{"quoted", `Content-Disposition: attachment; filename="a;b.pdf"`, "a;b.pdf"},
		{"escaped", `Content-Disposition: attachment; filename="a\"b\\c.pdf"`, `c.pdf`},
		{
			"unquoted with spaces", `Content-Disposition: attachment; filename=Bon de commande.pdf; size=3`,
			"Bon de commande.pdf",
		},
		{"never closed", `Content-Disposition: attachment; filename="a b.pdf; size=3`, "a b.pdf"},
		{"quotes within", `Content-Disposition: attachment; filename="Bon "urgent".pdf"`, `Bon "urgent".pdf`},
		{"quotes doubled", `Content-Disposition: attachment; filename=""a b.pdf""; size=3`, "a b.pdf"},
		{"semicolons doubled", `Content-Disposition: attachment;; filename="a.pdf";;`, "a.pdf"},
		{"twice", `Content-Disposition: attachment; filename="a.pdf"; filename="b.pdf"`, "a.pdf"},
		{"folded", "Content-Disposition: attachment;\r\n filename=\"Bon\r\n de commande.pdf\"", "Bon de commande.pdf"},
		{"only in the type", `Content-Type: application/pdf; name="a.pdf"`, "a.pdf"},
		{
			"disposition before type", "Content-Type: a/b; name=a.pdf\r\n" +
				"Content-Disposition: attachment; filename=b.pdf",
			"b.pdf",
		},
		{"type before an empty disposition", "Content-Type: a/b; name=a.pdf\r\n" +
			"Content-Disposition: attachment; filename=\"\"", "a.pdf"},
		{"extended", `Content-Disposition: attachment; filename*=UTF-8'fr'lyc%C3%A9e.pdf`, "lycée.pdf"},
		{"extended before plain", `Content-Disposition: attachment; filename="lyc?e.pdf"; ` +
			`filename*=utf-8''lyc%c3%a9e.pdf`, "lycée.pdf"},
		{"extended in Latin-1", `Content-Disposition: attachment; filename*=ISO-8859-1''lyc%E9e.pdf`, "lycée.pdf"},
		{"extended without a charset", `Content-Disposition: attachment; filename*=lyc%C3%A9e.pdf`, "lycée.pdf"},
		{"extended in an unknown charset", `Content-Disposition: attachment; filename*=foo''lyc%E9e.pdf`, "lycée.pdf"},
		{"percent sign that encodes nothing", `Content-Disposition: attachment; filename*=utf-8''100%.pdf`, "100%.pdf"},
		{
			"continued", `Content-Disposition: attachment; filename*0="Bon de "; filename*1="commande.pdf"`,
			"Bon de commande.pdf",
		},
		{"continued out of order", `Content-Disposition: attachment; filename*1="b.pdf"; filename*0="a"`, "ab.pdf"},
		{"continued and encoded", `Content-Disposition: attachment; filename*0*=utf-8''lyc%C3; filename*1*=%A9e; ` +
			`filename*2=".pdf"`, "lycée.pdf"},
		{"continued from 1", `Content-Disposition: attachment; filename*1="a"; filename*2=".pdf"`, "a.pdf"},
		{"encoded word", `Content-Disposition: attachment; filename="=?utf-8?B?bHljw6llLnBkZg==?="`, "lycée.pdf"},
		{"encoded word unquoted", `Content-Disposition: attachment; filename==?utf-8?Q?lyc=C3=A9e.pdf?=`, "lycée.pdf"},
		{
			"encoded word without padding", `Content-Disposition: attachment; filename="=?utf-8?B?bHljw6llLnBkZg?="`,
			"lycée.pdf",
		},
		{"encoded words folded", "Content-Disposition: attachment; filename=\"=?utf-8?Q?lyc=C3?=\r\n " +
			"=?utf-8?Q?=A9e.pdf?=\"", "lycée.pdf"},
		{"encoded word in an extension", `Content-Disposition: attachment; filename*0="=?utf-8?Q?lyc=C3=A9"; ` +
			`filename*1="e.pdf?="`, "lycée.pdf"},
		{
			"extended with apostrophes", `Content-Disposition: attachment; filename*=utf-8''l'ami%20d'Ana.pdf`,
			"l'ami d'Ana.pdf",
		},
		{
			"extended with quotes within", `Content-Disposition: attachment; filename*=utf-8''"lyc%C3%A9e.pdf"`,
			"lycée.pdf",
		},
		{"extended in quotes", `Content-Disposition: attachment; filename*="UTF-8''lyc%C3%A9e.pdf"`, "lycée.pdf"},
		{
			"extended but not said to be", `Content-Disposition: attachment; filename="UTF-8''lyc%C3%A9e.pdf"`,
			"lycée.pdf",
		},
		{"continued, extended but not said to be", `Content-Disposition: attachment; filename*0="UTF-8''lyc%C3%A9e"; ` +
			`filename*1=".pdf"`, "lycée.pdf"},
		{
			"apostrophes that are no label", `Content-Disposition: attachment; filename="l'ami d'Ana 100%20.pdf"`,
			"l'ami d'Ana 100%20.pdf",
		},
		{"in apostrophes", `Content-Disposition: attachment; filename='a b.pdf'`, "a b.pdf"},
		{"no semicolon", `Content-Disposition: attachment filename="a;b.pdf"`, "a;b.pdf"},
		{"no semicolon in the type", `Content-Type: application/pdf name = a.pdf; x=y`, "a.pdf"},
		{"no disposition", `Content-Disposition: filename="a.pdf"`, "a.pdf"},
		{"raw UTF-8", `Content-Disposition: attachment; filename="lycée.pdf"`, "lycée.pdf"},
		{"raw Latin-1", "Content-Disposition: attachment; filename=\"lyc\xe9e.pdf\"", "lycée.pdf"},
		{"not NFC", "Content-Disposition: attachment; filename=\"lyce\u0301e.pdf\"", "lycée.pdf"},
		{"Windows path", `Content-Disposition: attachment; filename="C:\Users\a\Bon.pdf"`, "Bon.pdf"},
		{"path up", `Content-Disposition: attachment; filename="../../etc/passwd"`, "passwd"},
		{"path alone", `Content-Disposition: attachment; filename="../.."`, "fichier"},
		{"path encoded", `Content-Disposition: attachment; filename="=?utf-8?Q?..=2Fa=5Cb.pdf?="`, "b.pdf"},
		{"controls encoded", `Content-Disposition: attachment; filename="=?utf-8?Q?a=00=0D=0Ab.pdf?="`, "ab.pdf"},
		{"turned around", "Content-Disposition: attachment; filename=\"a\u202efdp.exe\"", "afdp.exe"},
		{"long", `Content-Disposition: attachment; filename="` + long + `.pdf"`, long[:2*196] + ".pdf"},
		{"long without an extension", `Content-Disposition: attachment; filename="` + long + `"`, long[:2*200]},
		{"none", "Content-Disposition: attachment", "fichier"},
		{"none but a type", "Content-Type: application/pdf", "fichier.pdf"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := read(t, "From: a@b.fr\r\n"+test.header+"\r\n\r\n"+pdf)
			if len(m.Files) != 1 {
				t.Fatalf("got %d files, want 1", len(m.Files))
			}
			if got := m.Files[0].Name; got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if got := string(m.Files[0].Data); got != pdf {
				t.Errorf("got %q, want %q", got, pdf)
			}
		})
	}
}

// Each file is said as name:type:data, with < for each forwarding and ! where it
// is inline.
func TestFiles(t *testing.T) {
	file := func(header, body string) string { return header + "\r\n\r\n" + body }
	tests := []struct {
		name  string
		input string
		want  string
	}{
		{"text is no file", file("Content-Type: text/plain", "a"), ""},
		{"text shown inline is no file", file("Content-Disposition: inline", "a"), ""},
		{"text with a name is", file("Content-Type: text/plain; name=a.txt", "a"), "a.txt:text/plain:a"},
		{"text that is attached is", file("Content-Disposition: attachment", "a"), "fichier::a"},
		{"CSV is", file("Content-Type: text/csv", "a"), "fichier.csv:text/csv:a"},
		{"binary without a type is", file("Subject: s", pdf), "fichier::" + pdf},
		{"binary said to be text is", file("Content-Type: text/plain\r\nContent-Transfer-Encoding: base64",
			"JVBERi0xLjc="), "fichier.txt:text/plain:" + pdf},
		{"image in the text", file("Content-Type: image/png\r\nContent-ID: <a>", "a"), "image.png:image/png:a!"},
		{
			"image attached", file("Content-Type: image/png\r\nContent-ID: <a>\r\nContent-Disposition: attachment",
				"a"),
			"image.png:image/png:a",
		},
		{
			"no charset is applied", file("Content-Type: text/csv; charset=utf-16; name=a", "a\x00\xff"),
			"a:text/csv:a\x00\xff",
		},
		{
			"nested", multi("mixed", multi("related", file("Content-Type: a/b", "1")), file("Content-Type: a/c", "2")),
			"fichier:a/b:1 fichier:a/c:2",
		},
		{"forwarded", multi("mixed", file("Content-Type: message/rfc822", file("Content-Type: a/b", "1")),
			file("Content-Type: a/c", "2")), "fichier:a/b:1< fichier:a/c:2"},
		{
			"workbook called a message", file("Content-Type: message/rfc822; name=a.eml", pdf),
			"a.eml:message/rfc822:" + pdf,
		},
		{"notes called a message", file("Content-Type: a/b; name=a.eml", "notes"), "a.eml:a/b:notes"},
		{"message by its bytes alone", file("Content-Type: application/octet-stream\r\nContent-Disposition: attachment",
			"From: a@b.fr\r\nMIME-Version: 1.0\r\n"+file("Content-Type: a/b", "1")), "fichier:a/b:1<"},
		{"message called a text", file("Content-Type: application/octet-stream; name=a.txt\r\n"+
			"Content-Transfer-Encoding: base64", fold([]byte("From: a@b.fr\r\nMIME-Version: 1.0\r\n"+
			file("Content-Type: a/b", "1")))), "fichier:a/b:1<"},
		{
			"message without a version, by its bytes alone", file("Content-Type: application/octet-stream\r\n"+
				"Content-Disposition: attachment", "Received: by b.fr\r\nFrom: a@b.fr\r\n"+
				file("Content-Type: a/b", "1")),
			"fichier:a/b:1<",
		},
		{"message of a text of Windows", file("Content-Type: application/octet-stream; name=a.eml\r\n"+
			"Content-Transfer-Encoding: base64", fold([]byte("From: a@b.fr\r\r\nMIME-Version: 1.0\r\r\n"+
			"Content-Type: a/b\r\r\n\r\r\n1"))), "fichier:a/b:1<"},
		{
			"text that looks like a message", file("Content-Type: application/octet-stream; name=a.txt",
				"From: a@b.fr\r\n\r\nMIME-Version: 1.0\r\n\r\nx"),
			"a.txt:application/octet-stream:From: a@b.fr\r\n\r\nMIME-Version: 1.0\r\n\r\nx",
		},
		{
			"signature apart", multi("signed", file("Content-Type: a/b", "1"),
				file("Content-Type: application/pkcs7-signature; name=smime.p7s", "2")),
			"fichier:a/b:1 smime.p7s:application/pkcs7-signature:2",
		},
		{
			"encrypted", file("Content-Type: application/pkcs7-mime; name=smime.p7m", "\x30\x03abc"),
			"smime.p7m:application/pkcs7-mime:\x30\x03abc",
		},
		{"winmail.dat", file("Content-Type: application/ms-tnef", "a"), "winmail.dat:application/ms-tnef:a"},
		{"uuencoded in the text", "Subject: s\r\n\r\na\r\n" + uuencode([]byte("123456789")) + "b\r\n" +
			uuencode([]byte("2")), "a.xlsx::123456789 a.xlsx::2"},
		{"uuencoded with spaces cut off", "Subject: s\r\n\r\nbegin 644 a\r\n#86\r\n\r\nend", "a::a`\x00"},

		{"after text in base64", file("Content-Type: a/b\r\nContent-Transfer-Encoding: base64",
			"QUJD\r\nQQ==\r\nCordialement, le libraire"), "fichier:a/b:ABCA"},
		{"after base64 without padding", file("Content-Type: a/b\r\nContent-Transfer-Encoding: base64",
			"QUJD\r\nQQ\r\nAvec mes salutations"), "fichier:a/b:ABCA"},
		{"after base64 of full lines", file("Content-Type: a/b\r\nContent-Transfer-Encoding: base64",
			"QUJD\r\n-- \r\nJean"), "fichier:a/b:ABC"},
		{
			"stray bytes in base64", file("Content-Type: a/b\r\nContent-Transfer-Encoding: base64",
				"Q!U J\xe9D\r\nQU.JD"),
			"fichier:a/b:ABCABC",
		},
		{
			"blocks of base64", file("Content-Type: a/b\r\nContent-Transfer-Encoding: base64", "QQ==\r\nQUI=\r\nQUJD"),
			"fichier:a/b:AABABC",
		},
		{"soft lines in quoted-printable", file("Content-Type: a/b\r\nContent-Transfer-Encoding: quoted-printable",
			"=41=\r\nb \t\r\n=c3=a9=4"), "fichier:a/b:Ab\r\né=4"},
		{"unknown encoding", file("Content-Type: a/b\r\nContent-Transfer-Encoding: x-foo", "a=41"), "fichier:a/b:a=41"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var said []string
			for _, f := range read(t, "From: a@b.fr\r\n"+test.input).Files {
				s := fmt.Sprintf("%s:%s:%s%s", f.Name, f.Declared, f.Data, strings.Repeat("<", f.Forwarded))
				if f.Inline {
					s += "!"
				}
				said = append(said, s)
			}
			if got := strings.Join(said, " "); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// A file says which forwarded message it was in: the innermost that has a name.
func TestFileWithin(t *testing.T) {
	message := func(id string, parts ...string) string {
		if id != "" {
			id = "Message-ID: <" + id + ">\r\n"
		}
		return "Content-Type: message/rfc822\r\n\r\n" + id + multi("mixed", parts...)
	}
	file := func(name string) string { return "Content-Type: a/b; name=" + name + "\r\n\r\n" + name }
	m := read(t, "From: a@b.fr\r\nMessage-ID: <top@x>\r\n"+multi("mixed", file("1"),
		message("out@x", file("2"), message("", file("3")), message("in@x", multi("related", file("4"))), file("5"))))
	var said []string
	for _, f := range m.Files {
		said = append(said, f.Name+f.Within)
	}
	if got, want := strings.Join(said, " "), "1 2<out@x> 3<out@x> 4<in@x> 5<out@x>"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
