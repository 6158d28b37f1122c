package ingest

import (
	"bytes"
	"testing"

	"bdc/ingest/mime"
	"bdc/order"
)

// TestOpenHashesTheHeader knows a mail by its header, whether all of it was fetched or not.
func TestOpenHashesTheHeader(t *testing.T) {
	raw := []byte("Message-ID: <1@librairie.example>\r\nDate: Fri, 20 Nov 2026 12:00:00 +0100\r\n" +
		"From: contact@librairie.example\r\nSubject: Commande\r\n\r\nBonjour\r\n")
	header := raw[:bytes.Index(raw, []byte("Bonjour"))]
	e := newExaminer(t)
	whole := e.Open(order.Mail{Raw: raw, Size: int64(len(raw))}).Message.Header
	alone := e.Open(order.Mail{Raw: header, Size: 1 << 30, TooLarge: true}).Message.Header
	if want := mime.HeaderHash(raw); whole != want || alone != want {
		t.Errorf("got %q for the mail and %q for its header alone, want %q", whole, alone, want)
	}
	if got := e.Open(order.Mail{}).Message.Header; got != "" {
		t.Errorf("an empty mail: got %q, want none", got)
	}
}
