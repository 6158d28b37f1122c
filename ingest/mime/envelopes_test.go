package mime_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"mime/quotedprintable"
	"strings"
	"testing"

	"bdc/ingest/mime"
)

// A sender's program is known by how it builds a mail around a file.
var clients = []struct {
	name string
	wrap func(file string) string
}{
	{"bare", func(file string) string { return file }},
	{"two parts", func(file string) string {
		return multi("mixed", "Content-Type: text/plain; charset=utf-8\r\n\r\nBonjour\r\n", file)
	}},
	{"Outlook", func(file string) string {
		page := multi("related", "Content-Type: text/html\r\n\r\n<p>Bonjour</p>",
			"Content-Type: image/png; name=logo.png\r\nContent-ID: <logo>\r\n\r\n\x89PNG")
		return multi("mixed", multi("alternative", "Content-Type: text/plain\r\n\r\nBonjour", page), file)
	}},
	{"Apple Mail", func(file string) string {
		return multi("alternative", "\r\nBonjour", multi("mixed", "Content-Type: text/html\r\n\r\n<p>Bonjour</p>", file,
			"Content-Type: text/html\r\n\r\n<br>"))
	}},
	{"signed", func(file string) string {
		return multi("signed", multi("mixed", "\r\nBonjour", file),
			"Content-Type: application/pkcs7-signature; name=smime.p7s\r\n\r\nMII")
	}},
	{"signed opaquely", func(file string) string {
		return "Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\r\n" +
			"Content-Transfer-Encoding: base64\r\n\r\n" + fold(signed(file))
	}},
	{"mailing list", func(file string) string {
		return multi("mixed", file, "Content-Type: text/plain\r\n\r\n-- \r\nListe des libraires")
	}},
	{"nothing closed", func(file string) string {
		return strings.TrimSuffix(multi("mixed", "\r\nBonjour", file), "--\r\n")
	}},
	{"another type above", func(file string) string {
		return "Content-Type: text/plain; charset=utf-8\r\n" + multi("mixed", "\r\nBonjour", file)
	}},
	{"said to be text", func(file string) string {
		return strings.Replace(multi("mixed", "\r\nBonjour", file), "multipart/mixed", "text/plain", 1)
	}},
	{"an empty line above the part's header", func(file string) string {
		return multi("mixed", "\r\nBonjour", "\r\n"+file)
	}},
	{"boundary lost", func(file string) string {
		return strings.Replace(multi("mixed", "Content-Type: text/plain\r\n\r\nBonjour", file), "boundary=", "x=", 1)
	}},
}

// A mail may come by way of another person.
var ways = []struct {
	name string
	wrap func(message string) string
	deep int
}{
	{"direct", func(m string) string { return m }, 0},
	{"forwarded", func(m string) string {
		return multi("mixed", "\r\nPour toi", "Content-Type: message/rfc822\r\n\r\n"+m)
	}, 1},
	{"forwarded in base64", func(m string) string {
		return multi("mixed", "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n"+
			fold([]byte(m)))
	}, 1},
	{"saved and attached", func(m string) string {
		return multi("mixed", "Content-Type: application/octet-stream; name=\"commande.EML\"\r\n"+
			"Content-Transfer-Encoding: base64\r\n\r\n"+fold([]byte(m)))
	}, 1},
	{"forwarded twice", func(m string) string {
		return "Content-Type: message/rfc822\r\n\r\nFrom b@example.fr Sat Nov 21\r\nFrom: b@example.fr\r\n" +
			multi("mixed", "Content-Type: message/rfc822\r\n\r\n"+m)
	}, 2},
}

var encodings = []struct {
	name   string
	header string
	encode func(b []byte) string
}{
	{"base64", "base64", fold},
	{"base64 in one line", "BASE64", base64.StdEncoding.EncodeToString},
	{"base64 and a footer", "base64", func(b []byte) string {
		return fold(b) + "\r\n-- \r\nEnvoyé de mon téléphone, excusez-moi !\r\n"
	}},
	{"base64 for addresses", "base64", func(b []byte) string {
		return strings.NewReplacer("+", "-", "/", "_").Replace(fold(b))
	}},
	{"base64 for addresses without padding, and a footer", "base64", func(b []byte) string {
		return base64.RawURLEncoding.EncodeToString(b) + "\r\n-- \r\nEnvoyé de mon téléphone, excusez-moi !\r\n"
	}},
	{"base64 with stray bytes", `"base64" (RFC 2045)`, func(b []byte) string {
		return strings.ReplaceAll(fold(b), "\r\n", "!\x00 \r\n\t")
	}},
	{"quoted-printable", "Quoted-Printable", func(b []byte) string {
		var out strings.Builder
		w := quotedprintable.NewWriter(&out)
		w.Binary = true
		w.Write(b)
		w.Close()
		return out.String()
	}},
	{"uuencode", "x-uuencode", uuencode},
	{"uuencode by its short name", "uue", uuencode},
	{"binary", "binary", func(b []byte) string { return string(b) }},
	{"binary said to be base64", "base64", func(b []byte) string { return string(b) }},
	{"binary said to be quoted-printable", "quoted-printable", func(b []byte) string { return string(b) }},
	{"base64 unsaid", "x-unknown", fold},
	{"base64 unsaid below an empty line", "7bit", func(b []byte) string { return "\r\n" + fold(b) }},
	{
		"base64 said to be quoted-printable", "quoted-printable",
		func(b []byte) string { return strings.ReplaceAll(fold(b), "=", "=3D") },
	},
	{"base64 of base64", "base64", func(b []byte) string { return fold([]byte(fold(b))) }},
}

var names = []struct{ field, want string }{
	{`Content-Disposition: attachment; filename="Bon de commande.xlsx"`, "Bon de commande.xlsx"},
	{`Content-Disposition: attachment; filename*=UTF-8''Commande%20lyc%C3%A9e.xlsx`, "Commande lycée.xlsx"},
	{`Content-Disposition: inline; filename="=?iso-8859-1?Q?Commande_lyc=E9e.xlsx?="`, "Commande lycée.xlsx"},
	{`Content-Disposition: attachment; filename=Bon de commande.xlsx`, "Bon de commande.xlsx"},
	{`Content-Disposition: attachment`, ""},
}

var types = []string{
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "application/octet-stream",
	"application/vnd.ms-excel", "text/csv; charset=utf-16", "application/x-unknown", "octet-stream", "image/png",
}

// The same workbook goes out in every kind of envelope, and the same bytes come
// in.
func TestSameFileInEveryEnvelope(t *testing.T) {
	xlsx := workbook(3001)
	n := 0
	for _, client := range clients {
		for _, way := range ways {
			for _, encoding := range encodings {
				// Names and types take turns: they do not bear on each other.
				name, kind := names[n%len(names)], types[n%len(types)]
				n++
				file := "Content-Type: " + kind + "\r\n" + name.field + "\r\nContent-Transfer-Encoding: " +
					encoding.header + "\r\n\r\n" + encoding.encode(xlsx)
				raw := "From: a@example.fr\r\nMIME-Version: 1.0\r\n" +
					way.wrap("Subject: Commande\r\n"+client.wrap(file))

				t.Run(fmt.Sprint(client.name, "/", way.name, "/", encoding.name), func(t *testing.T) {
					m, err := mime.Read([]byte(raw), mime.DefaultLimits())
					if err != nil {
						t.Fatal(err)
					}
					if len(m.Trouble) > 0 {
						t.Errorf("got trouble %v, want none", m.Trouble)
					}
					found := 0
					for _, f := range m.Files {
						if !bytes.HasPrefix(f.Data, []byte("PK")) {
							continue
						}
						found++
						if !bytes.Equal(f.Data, xlsx) {
							t.Errorf("got other bytes (%d), want the same %d", len(f.Data), len(xlsx))
						}
						if name.want != "" && f.Name != name.want {
							t.Errorf("got name %q, want %q", f.Name, name.want)
						}
						if f.Forwarded != way.deep {
							t.Errorf("got forwarded %d, want %d", f.Forwarded, way.deep)
						}
					}
					if found != 1 {
						t.Errorf("got %d workbooks in %d files, want 1", found, len(m.Files))
					}
				})
			}
		}
	}
}

// multi joins parts into a multipart entity under a boundary of its own.
func multi(subtype string, parts ...string) string {
	boundary := "b0"
	for i := 1; strings.Contains(strings.Join(parts, ""), boundary); i++ {
		boundary = fmt.Sprint("b", i)
	}
	s := "Content-Type: multipart/" + subtype + "; boundary=" + boundary + "\r\n\r\n"
	for _, p := range parts {
		s += "--" + boundary + "\r\n" + p + "\r\n"
	}
	return s + "--" + boundary + "--\r\n"
}

func uuencode(b []byte) string {
	var out strings.Builder
	out.WriteString("begin 644 a.xlsx\r\n")
	for len(b) > 0 {
		line := b[:min(45, len(b))]
		b = b[len(line):]
		out.WriteByte(byte(len(line)) + ' ')
		for len(line) > 0 {
			var q [3]byte
			line = line[copy(q[:], line):]
			for _, d := range []byte{q[0] >> 2, q[0]<<4 | q[1]>>4, q[1]<<2 | q[2]>>6, q[2]} {
				if d &= 63; d == 0 {
					d = '`' - ' '
				}
				out.WriteByte(d + ' ')
			}
		}
		out.WriteString("\r\n")
	}
	return out.String() + "`\r\nend\r\n"
}

// signed puts content into a SignedData as OpenSSL streams it: lengths left
// open, the content in pieces.
func signed(content string) []byte {
	open := func(tag byte) []byte { return []byte{tag, 0x80} }
	der := func(tag byte, s string) []byte { return append([]byte{tag, byte(len(s))}, s...) }
	const pkcs7 = "\x2a\x86\x48\x86\xf7\x0d\x01\x07"
	b := bytes.Join([][]byte{
		open(0x30), der(0x06, pkcs7+"\x02"), open(0xa0), open(0x30),
		der(0x02, "\x01"), der(0x31, ""),
		open(0x30), der(0x06, pkcs7+"\x01"), open(0xa0), open(0x24),
	}, nil)
	for len(content) > 0 {
		piece := content[:min(1000, len(content))]
		content = content[len(piece):]
		b = append(b, 0x04, 0x82, byte(len(piece)>>8), byte(len(piece)))
		b = append(b, piece...)
	}
	return append(b, make([]byte, 12)...) // the ends
}
