package judged

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"fmt"
	"mime"
	"strings"
	"time"

	"bdc/order"
)

// received is when each mail comes in: a day of the season in which schools order.
var received = time.Date(2026, 6, 18, 9, 30, 0, 0, time.UTC)

const hello = "Bonjour,\n\nVeuillez trouver ci-joint notre bon de commande.\n\nBien cordialement,\nClaire Martin\n"

// attached is a file of a mail.
type attached struct {
	name string
	data []byte
}

// mail is the mail that a case is.
func (b builder) mail(c judgedCase) order.Mail {
	var files []attached
	if c.Files == nil || c.Wrap == "forward" {
		name, data := b.bytes(c.file)
		files = append(files, attached{name, data})
	}
	var outer []attached
	for _, f := range c.Files {
		name, data := b.bytes(f)
		if c.Wrap == "forward" {
			outer = append(outer, attached{name, data})
		} else {
			files = append(files, attached{name, data})
		}
	}
	shop := b.shops[or(c.Shop, "lde")]
	from, _, _ := strings.Cut(shop["E-mails"], " ")
	from = or(from, "marie@"+shop["Domaines"])
	subject := or(c.Subject, "Bon de commande")
	text := b.worded(b.T, or(c.Text, hello))
	var raw []byte
	switch c.Wrap {
	case "":
		raw = message(c.ID, from, subject, text, files)
	case "zip":
		var packed bytes.Buffer
		z := zip.NewWriter(&packed)
		for _, f := range files {
			w, err := z.Create(f.name)
			b.check(err)
			_, err = w.Write(f.data)
			b.check(err)
		}
		b.check(z.Close())
		raw = message(c.ID, from, subject, text, []attached{{"commandes.zip", packed.Bytes()}})
	case "forward":
		inner := message(c.ID+"-inner", "cdi@ecoles.invalid", subject, hello, files)
		raw = message(c.ID, from, "TR: "+subject, text, append(outer, attached{"Message.eml", inner}))
	default:
		b.Fatalf("%s: no such wrap: %q", c.ID, c.Wrap)
	}
	return order.Mail{Raw: raw, Size: int64(len(raw)), Received: received}
}

// message is a mail as a bookseller's program sends it.
func message(id, from, subject, text string, files []attached) []byte {
	var m bytes.Buffer
	fmt.Fprintf(&m, "From: <%s>\r\nTo: <numeriquelibraires@exemple.invalid>\r\nSubject: %s\r\nDate: %s\r\n"+
		"Message-ID: <%s@exemple.invalid>\r\nMIME-Version: 1.0\r\n"+
		"Content-Type: multipart/mixed; boundary=\"=_%[5]s\"\r\n\r\n--=_%[5]s\r\n"+
		"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n%[6]s\r\n",
		from, mime.QEncoding.Encode("utf-8", subject), received.Format(time.RFC1123Z), id, id,
		strings.ReplaceAll(text, "\n", "\r\n"))
	for _, f := range files {
		if strings.HasSuffix(f.name, ".eml") { // never encoded (RFC 2046, 5.2.1)
			fmt.Fprintf(&m, "--=_%s\r\nContent-Type: message/rfc822\r\n\r\n%s\r\n", id, f.data)
			continue
		}
		fmt.Fprintf(&m, "--=_%s\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; "+
			"filename=%q\r\nContent-Transfer-Encoding: base64\r\n\r\n", id, f.name)
		for code := base64.StdEncoding.EncodeToString(f.data); code != ""; {
			n := min(76, len(code))
			m.WriteString(code[:n] + "\r\n")
			code = code[n:]
		}
	}
	fmt.Fprintf(&m, "--=_%s--\r\n", id)
	return m.Bytes()
}
