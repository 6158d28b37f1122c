package ingest

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"

	"bdc/order"
)

// TestFormsAtEveryDepth finds each form of one mail: attached, in a zip, in a
// message forwarded in it, in one forwarded in that, saved as a file, and in a
// winmail.dat within.
func TestFormsAtEveryDepth(t *testing.T) {
	form := func(n int) []byte {
		return filled(t, map[string]string{
			order.FieldReference: fmt.Sprint("R-", n),
			order.FieldUAI:       fmt.Sprintf("%07d%c", 990_200+n, "ABCDEFGHJKLMNPRSTUVWXYZ"[(990_200+n)%23]),
		}, "3")
	}
	file := func(kind, name string, data []byte) string {
		return "Content-Type: " + kind + "; name=" + name + "\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
			base64.StdEncoding.EncodeToString(data)
	}
	mixed := func(depth int, parts ...string) string {
		boundary := fmt.Sprint("=_", depth)
		return "From: Shop <shop@test.local>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"" +
			boundary + "\"\r\n\r\n--" + boundary + "\r\n" +
			strings.Join(parts, "\r\n--"+boundary+"\r\n") + "\r\n--" + boundary + "--\r\n"
	}
	const xlsx, text = "application/octet-stream", "Content-Type: text/plain; charset=utf-8\r\n\r\n"
	deepest := mixed(3, text+"Trois", file(xlsx, "six.xlsx", form(6)))
	deeper := mixed(2, text+"Deux", file(xlsx, "four.xlsx", form(4)), file(xlsx, "trois.bin", []byte(deepest)),
		file("application/ms-tnef", "winmail.dat", winmail("cinq.zip", zipped(t, attachment{"cinq.xlsx", form(5)}))))
	deep := mixed(1, text+"Un", file(xlsx, "three.xlsx", form(3)), "Content-Type: message/rfc822\r\n\r\n"+deeper)
	raw := mixed(0, text+"Bonjour", file(xlsx, "one.xlsx", form(1)),
		file("application/zip", "two.zip", zipped(t, attachment{"two.xlsx", form(2)})),
		file("application/pdf", "bon.pdf", []byte("%PDF-1.7")), "Content-Type: message/rfc822\r\n\r\n"+deep)

	e := newExaminer(t)
	x := e.Open(order.Mail{Received: at, Size: int64(len(raw)), Raw: []byte(raw)})
	in := e.Judge(x, nothing(x.Query), at)
	if got, want := told(in), "processed orders:6 reply:ack(ack,ack,ack,ack,ack,ack)"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	var references []string
	for _, o := range in.Orders {
		references = append(references, o.Reference)
	}
	slices.Sort(references)
	if got, want := strings.Join(references, " "), "R-1 R-2 R-3 R-4 R-5 R-6"; got != want {
		t.Errorf("got orders %s, want %s", got, want)
	}
	if !slices.ContainsFunc(in.Message.Parts,
		func(p order.Part) bool { return p.Name == "bon.pdf" && p.Type == "pdf" }) {
		t.Errorf("got parts %v, want the bon d’engagement among them", in.Message.Parts)
	}
	if got, want := ownText(in.Message.Text), "Bonjour"; got != want {
		t.Errorf("got %q as the sender's own text, want %q", got, want)
	}
	for _, said := range []string{"Un", "Deux", "Trois"} {
		if !strings.Contains(in.Message.Text, "\n"+said) {
			t.Errorf("got text %q, want what was forwarded too: %s", in.Message.Text, said)
		}
	}
}
