package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"mime"
	netmail "net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bdc/cmd/bdc/daemon"
	"bdc/store"
)

// writeKey writes a private key for DKIM and returns its path.
func writeKey(t *testing.T) string {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "dkim.pem")
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestStaffAreTold: a day later, past a hold, staff get the digest and the alert,
// signed, and our own inbox takes neither for an order.
func TestStaffAreTold(t *testing.T) {
	world, config := demoInbox(t)
	data := filepath.Join(filepath.Dir(config), "bdc.db")
	text, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	signed := bytes.Replace(text, []byte("[accept]"), fmt.Appendf(nil,
		"dkim_key_file = %q\ndkim_selector = \"bdc\"\n[accept]", writeKey(t)), 1)
	signed = append(signed,
		"[staff]\ndigest = \"08:00\"\naddresses = [\"claire@example.org\"]\nalerts = [\"admin@example.org\"]\n"...)
	if err := os.WriteFile(config, signed, 0o600); err != nil {
		t.Fatal(err)
	}
	stop := startDaemon(t, config, false)
	status := awaitStatus(t, data, "the samples settled", settledMessages(14))
	want(t, "outbox", "hold", "something is odd", "-c", config)
	stop()
	sent := world.Sent()

	later := func() time.Time { return time.Now().Add(26 * time.Hour) }
	stop = launch(t, config, false, &testLog{t: t}, func(d *daemon.Daemon) {
		d.Watch.Clock, d.Outbox.Clock = later, later
	})
	awaitStatus(t, data, "two mails to staff sent", func(store.Status) bool { return world.Sent() == sent+2 })
	mails := map[string]*netmail.Message{}
	raws := map[string][]byte{}
	for n := sent + 1; n <= sent+2; n++ {
		raw, err := os.ReadFile(filepath.Join(world.Replies, fmt.Sprintf("%03d.eml", n)))
		if err != nil {
			t.Fatal(err)
		}
		m, err := netmail.ReadMessage(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		mails[m.Header.Get("To")], raws[m.Header.Get("To")] = m, raw
		if got := m.Header.Get("Auto-Submitted"); got != "auto-generated" {
			t.Errorf("mail %d: got Auto-Submitted %q, want auto-generated", n, got)
		}
		if got := m.Header.Get("DKIM-Signature"); !strings.Contains(got, "d=demo.invalid;") ||
			!strings.Contains(got, "s=bdc;") {
			t.Errorf("mail %d: got DKIM-Signature %q", n, got)
		}
	}
	for to, words := range map[string]string{
		"<claire@example.org>": fmt.Sprintf(", %d dossiers en attente, 1 incident", status.Waiting),
		"<admin@example.org>":  "[BdC] Alerte : l’envoi des réponses est suspendu",
	} {
		m := mails[to]
		if m == nil {
			t.Fatalf("nothing was sent to %s", to)
		}
		subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
		if err != nil || !strings.Contains(subject, words) {
			t.Errorf("to %s: got the subject %q, %v, want %q in it", to, subject, err, words)
		}
		if err := world.Deliver(raws[to]); err != nil {
			t.Fatal(err)
		}
	}
	after := awaitStatus(t, data, "both taken in", func(s store.Status) bool {
		return s.Messages == 16 && s.Unsent == 0
	})
	if after.Orders != status.Orders || world.Sent() != sent+2 {
		t.Errorf("our own mails came to %d orders and %d replies; want none", after.Orders-status.Orders,
			world.Sent()-sent-2)
	}
	stop()
}
