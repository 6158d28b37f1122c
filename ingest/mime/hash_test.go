package mime_test

import (
	"bytes"
	"strings"
	"testing"

	"bdc/ingest/mime"
	"bdc/order"
)

func TestHeaderHash(t *testing.T) {
	const mail = "Received: from a by b\r\n\tfor c; Fri, 20 Nov 2026 11:00:00 +0000\r\n" +
		"Message-ID: <1@librairie.example>\r\nDate: Fri, 20 Nov 2026 12:00:00 +0100\r\n" +
		"From: Librairie <contact@librairie.example>\r\nSubject: Commande pour le\r\n lycée\r\n\r\nBonjour\r\n"
	const bare = "Received: from a by b\r\nDate: Fri, 20 Nov 2026 12:00:00 +0100\r\nFrom: a@librairie.example\r\n\r\nx"
	replaced := func(mail, old, new string) string {
		t.Helper()
		if !strings.Contains(mail, old) {
			t.Fatalf("the mail has no %q", old)
		}
		return strings.Replace(mail, old, new, 1)
	}
	for _, tt := range []struct {
		name, a, b string
		same       bool
	}{
		{"another body", mail, replaced(mail, "Bonjour", "Bonsoir"), true},
		{"the header alone", mail, mail[:strings.Index(mail, "Bonjour")], true},
		{"the header without its last line end", mail, strings.TrimSuffix(mail, "\r\n\r\nBonjour\r\n"), true},
		{"folded otherwise", mail, replaced(mail, "pour le\r\n lycée", "pour\r\n\t le lycée "), true},
		{"names in other letters", mail, replaced(mail, "Message-ID", "message-id"), true},
		{"in another order", mail, replaced(replaced(mail, "Date: Fri, 20 Nov 2026 12:00:00 +0100\r\n", ""),
			"Subject", "Date: Fri, 20 Nov 2026 12:00:00 +0100\r\nSubject"), true},
		{"on another way", mail, replaced(mail, "from a", "from x"), true},
		{"line feeds alone", mail, strings.ReplaceAll(mail, "\r\n", "\n"), true},
		{"another Message-ID", mail, replaced(mail, "<1@", "<2@"), false},
		{"another Date", mail, replaced(mail, "+0100", "+0200"), false},
		{"another sender", mail, replaced(mail, "contact@", "other@"), false},
		{"another subject", mail, replaced(mail, "lycée", "collège"), false},
		{"two subjects", mail, replaced(mail, "Subject:", "Subject: other\r\nSubject:"), false},
		{"words of other letters", mail, replaced(mail, "lycée", "LYCÉE"), false},
		{"no Message-ID, another body", bare, bare + "y", true},
		{"no Message-ID, on another way", bare, replaced(bare, "from a", "from x"), false},
		{
			"an empty Message-ID is none", replaced(bare, "From", "Message-ID: \r\nFrom"),
			replaced(replaced(bare, "From", "Message-ID: \r\nFrom"), "from a", "from x"), false,
		},
		{"one without a Message-ID, one with", bare, replaced(bare, "From", "Message-ID: <1@x>\r\nFrom"), false},
	} {
		a, b := mime.HeaderHash([]byte(tt.a)), mime.HeaderHash([]byte(tt.b))
		if len(a) != 64 || len(b) != 64 || a == b != tt.same {
			t.Errorf("%s: got %s and %s, want them the same: %v", tt.name, a, b, tt.same)
		}
	}
	// It is kept for ever, so it must not change.
	want := order.Sum([]byte("message-id:<1@librairie.example>\ndate:Fri, 20 Nov 2026 12:00:00 +0100\n" +
		"from:Librairie <contact@librairie.example>\nsubject:Commande pour le lycée\n"))
	if got := mime.HeaderHash([]byte(mail)); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for _, none := range []string{"", "\r\n\r\n", "no header at all"} {
		if got := mime.HeaderHash([]byte(none)); got != "" {
			t.Errorf("%q: got %s, want none", none, got)
		}
	}
}

// TestHeaderHashLong hashes a header that is longer than what is read of a header alone.
func TestHeaderHashLong(t *testing.T) {
	limit := mime.DefaultLimits().HeaderBytes
	var mail bytes.Buffer
	for mail.Len() < limit+1000 {
		mail.WriteString("X-Filler: some words to fill it up\r\n")
	}
	mail.WriteString("\r\nBonjour\r\n")
	whole, alone := mime.HeaderHash(mail.Bytes()), mime.HeaderHash(mail.Bytes()[:limit])
	if whole == "" || whole != alone {
		t.Errorf("got %s for the whole mail and %s for its header as far as it is read, want the same", whole, alone)
	}
}

func BenchmarkHeaderHash(b *testing.B) {
	mail := []byte("Message-ID: <1@librairie.example>\r\nDate: Fri, 20 Nov 2026 12:00:00 +0100\r\n" +
		"From: Librairie <contact@librairie.example>\r\nSubject: Commande\r\n" +
		strings.Repeat("Received: from a by b\r\n", 8) + "\r\n" + strings.Repeat("octets\r\n", 10000))
	b.ReportAllocs()
	for b.Loop() {
		mime.HeaderHash(mail)
	}
}
