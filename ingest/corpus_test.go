package ingest

import (
	"bytes"
	"encoding/base64"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bdc/bench/need"
	"bdc/ingest/mime"
	"bdc/order"
)

// TestCorpus takes in every mail that other programs were tested on: within 2 s
// and 150 MiB each, and without answering one that names itself automatic.
func TestCorpus(t *testing.T) {
	const data = "../../shared/data"
	e := newExaminer(t)
	for folder, least := range map[string]int{"mail": 300, "bounces": 54, "tnef": 20} {
		root := filepath.Join(data, folder)
		need.Data(t, root)
		n, automatic := 0, 0
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			raw, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			if folder == "tnef" {
				raw = []byte(
					"From: a@example.org\r\nContent-Type: application/ms-tnef; " +
						"name=winmail.dat\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
						base64.StdEncoding.EncodeToString(raw))
			}
			n++
			in := bounded(t, func() order.Intake {
				x := e.Open(order.Mail{Received: at, Size: int64(len(raw)), Raw: raw})
				return e.Judge(x, nothing(x.Query), at)
			})
			if len(in.Cases)+len(in.Orders) == 0 {
				t.Errorf("%s: came to nothing", path)
			}
			if m, err := mime.Read(raw, e.Mime); err == nil && m.Automatic != "" {
				automatic++
				if len(in.Replies) > 0 {
					t.Errorf("%s: answered, though it is automatic (%s)", path, m.Automatic)
				}
			}
			if folder == "bounces" && len(in.Replies) > 0 {
				t.Errorf("%s: a bounce was answered", path)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if n < least {
			t.Errorf("got %d files in %s, want at least %d", n, folder, least)
		}
		t.Logf("%s: %d taken in, %d of them automatic", folder, n, automatic)
	}
}

// TestSameOrderInEveryEnvelope puts one form into forty kinds of envelope:
// client, forward, encoding, name and type. It is the same order forty times.
func TestSameOrderInEveryEnvelope(t *testing.T) {
	form := filled(t, nil, "28")
	part := func(kind string, parts ...string) string {
		boundary := "=_" + kind
		for strings.Contains(strings.Join(parts, ""), boundary) {
			boundary += "_"
		}
		return "Content-Type: multipart/" + kind + "; boundary=\"" + boundary + "\"\r\n\r\n--" + boundary + "\r\n" +
			strings.Join(parts, "\r\n--"+boundary+"\r\n") + "\r\n--" + boundary + "--\r\n"
	}
	folded := func(b []byte) string {
		var out strings.Builder
		digits := base64.StdEncoding.EncodeToString(b)
		for len(digits) > 76 {
			out.WriteString(digits[:76] + "\r\n")
			digits = digits[76:]
		}
		return out.String() + digits
	}
	const (
		plain = "Content-Type: text/plain; charset=utf-8\r\n\r\nBonjour"
		html  = "Content-Type: text/html\r\n\r\n<p>Bonjour</p>"
		logo  = "Content-Type: image/png\r\nContent-ID: <l>\r\n\r\n\x89PNG"
	)
	clients := []struct {
		name string
		wrap func(file string) string
	}{
		{"nothing but the file", func(f string) string { return f }},
		{"Thunderbird", func(f string) string { return part("mixed", plain, f) }},
		{"Outlook", func(f string) string {
			return part("mixed", part("related", part("alternative", plain, html), logo), f)
		}},
		{"Apple Mail", func(f string) string { return part("alternative", plain, part("mixed", html, f, html)) }},
		{"a signing gateway", func(f string) string {
			return part("signed", part("mixed", plain, f), "Content-Type: application/pkcs7-signature\r\n\r\nMII")
		}},
	}
	ways := []struct {
		name string
		wrap func(mail string) string
	}{
		{"direct", func(m string) string { return m }},
		{"forwarded", func(m string) string {
			return part("mixed", plain,
				"Content-Type: message/rfc822\r\n\r\nFrom: X <x@example.org>\r\nSubject: Commande\r\n"+m)
		}},
	}
	wide := []string{
		"Content-Type: application/vnd.openxmlformats-officedocument.spreadsheetml.sheet\r\nContent-Disposition: " +
			"attachment; filename*=UTF-8''Commande%20lyc%C3%A9e.xlsx\r\n",
		"Content-Type: application/octet-stream; name=\"=?utf-8?B?QmRDLnhsc3g=?=\"\r\n",
		"Content-Type: text/csv; charset=utf-16\r\nContent-Disposition: inline; filename=Bon de commande.xlsx\r\n",
		"Content-Type: image/png\r\nContent-Disposition: attachment\r\n",
		"Content-Type: application/x-zip-compressed; name=\"commande.zip\"\r\n",
	}
	files := []struct {
		name string
		data []byte
		wrap func(header string, data []byte) string
	}{
		{"base64", form, func(h string, d []byte) string {
			return h + "Content-Transfer-Encoding: base64\r\n\r\n" + folded(d)
		}},
		{"binary", form, func(h string, d []byte) string {
			return h + "Content-Transfer-Encoding: binary\r\n\r\n" + string(d)
		}},
		{"zip", zipped(t, attachment{"dossier/BdC.xlsx", form}), func(h string, d []byte) string {
			return h + "Content-Transfer-Encoding: BASE64\r\n\r\n" + folded(d)
		}},
		{"winmail.dat", winmail("BdC.xlsx", form), func(_ string, d []byte) string {
			return "Content-Type: application/ms-tnef; name=winmail.dat\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
				folded(d)
		}},
	}
	e := newExaminer(t)
	identity, n := "", 0
	for _, client := range clients {
		for _, way := range ways {
			for _, file := range files {
				raw := "From: Shop <shop@test.local>\r\nMIME-Version: 1.0\r\n" +
					way.wrap(client.wrap(file.wrap(wide[n%len(wide)], file.data)))
				n++
				x := e.Open(order.Mail{Received: at, Size: int64(len(raw)), Raw: []byte(raw)})
				in := e.Judge(x, nothing(x.Query), at)
				if got, want := told(in), "processed orders:1 reply:ack(ack)"; got != want {
					t.Errorf("%s, %s, %s: got %s, want %s", client.name, way.name, file.name, got, want)
					continue
				}
				if identity == "" {
					identity = in.Orders[0].Identity()
				}
				if got := in.Orders[0].Identity(); got != identity {
					t.Errorf("%s, %s, %s: got another order", client.name, way.name, file.name)
				}
			}
		}
	}
	if n != 40 {
		t.Errorf("got %d envelopes, want 40", n)
	}
}

// winmail is a TNEF stream with one attachment ([MS-OXTNEF], 2.1.3).
func winmail(name string, data []byte) []byte {
	b := bytes.NewBufferString("\x78\x9f\x3e\x22\x01\x00")
	for _, a := range []struct {
		id   string
		data []byte
	}{{"\x02\x90\x06\x00", make([]byte, 14)}, {"\x10\x80\x01\x00", []byte(name + "\x00")}, {"\x0f\x80\x06\x00", data}} {
		n := len(a.data)
		b.WriteString("\x02" + a.id)
		b.Write([]byte{byte(n), byte(n >> 8), byte(n >> 16), byte(n >> 24)})
		b.Write(a.data)
		b.WriteString("\x00\x00")
	}
	return b.Bytes()
}
