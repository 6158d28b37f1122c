package ingest

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"bdc/bench/need"
	"bdc/order"
)

// TestBombs: what is built to take much is taken in, or left to a person, within
// 2 s and 150 MiB from the mail to the intake, at the size of the largest message
// that is fetched.
func TestBombs(t *testing.T) {
	const size = maxMail - 4096
	repeated := func(text string) string { return strings.Repeat(text, size/len(text)) }
	encoded := func(text string) string {
		return base64.StdEncoding.EncodeToString([]byte(strings.Repeat(text, size/4*3/len(text))))
	}
	const (
		mixed  = "Content-Type: multipart/mixed; boundary=B\r\n\r\n"
		base64 = "Content-Type: application/octet-stream; name=BdC.xlsx\r\nContent-Transfer-Encoding: base64\r\n\r\n"
	)
	tests := []struct{ name, message string }{
		{"nested multiparts", repeated("Content-Type: multipart/mixed; boundary=B\r\n\r\n--B\r\n")},
		{"parts", mixed + repeated("--B\r\n\r\nx\r\n")},
		{"a part's header", mixed + "--B\r\nX: " + repeated("a") + "\r\n\r\nx"},
		{"header lines", repeated("X: a\r\n") + "\r\nx"},
		{"header lines of one name", repeated("Authentication-Results: mx.test.local; dmarc=pass\r\n") + "\r\nx"},
		{"base64 of nothing", base64 + repeated("QUJD")},
		{"base64 of junk", base64 + repeated("Q!UJD*\n")},
		{"base64 of stray bytes", base64 + repeated("!*\xff\n")},
		{"a workbook that is none", base64 + encoded("PK\x03\x04 junk")},
		{"an old workbook that is none", base64 + encoded("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")},
		{"a table without an end", base64 + encoded("9782090000313;1\n")},
		{"a table of one line", base64 + encoded("9782090000313;")},
		{"a page of tags", base64 + encoded("<table><tr><td>")},
		{"a mail by its bytes", base64 + encoded("From: a@example.org\r\nMIME-Version: 1.0\r\n")},
		{"a text without words", repeated("a")},
		{"a text of dates", "\r\n" + repeated("Le 20/11/2026 à 10:00, CNS a écrit\n")},
		{"a text of headers", "\r\n" + repeated("De : CNS\n")},
		{"a text of order numbers", "\r\n" + repeated("annuler CNS-2026-000001 un compte ")},
		{"a text of labels", "\r\n" + repeated("Adresse :\nNom : ")},
	}
	e := newExaminer(t)
	e.AuthservID = "mx.test.local"
	for i, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if i%3 > 0 {
				need.Whole(t)
			}
			raw := []byte(
				fmt.Sprintf("Authentication-Results: mx.test.local; dmarc=pass\r\nFrom: shop@test.local\r\n%s",
					test.message))
			in := bounded(t, func() order.Intake {
				x := e.Open(order.Mail{Received: at, Size: int64(len(raw)), Raw: raw})
				return e.Judge(x, nothing(x.Query), at)
			})
			if len(in.Orders) > 0 || len(in.Cases) == 0 {
				t.Errorf("got %s, want a case", told(in))
			}
		})
	}
}
