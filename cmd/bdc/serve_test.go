package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"hash/crc32"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"bdc/cmd/bdc/control"
	"bdc/cmd/bdc/daemon"
	"bdc/ingest/mailtest"
	"bdc/order"
	"bdc/sheet/form"
	"bdc/store"
	"bdc/templates"
)

// patience ends a test that hangs. It times nothing.
const patience = 2 * time.Minute

// writeConfig writes the configuration of a daemon on real servers and returns
// its path.
func writeConfig(t *testing.T, s *mailtest.Servers, tls string) string {
	t.Helper()
	imap, smtp := s.IMAPS, s.SMTPS
	if tls == "starttls" {
		imap, smtp = s.IMAP, s.Submission
	}
	path := filepath.Join(t.TempDir(), "bdc.toml")
	text := fmt.Sprintf(`
[mailbox]
host = %q
port = %d
tls = %q
ca_file = %q
username = %q
password = %q
since = "2026-01-01"
poll = "1s"
[smtp]
host = %[1]q
port = %[7]d
tls = %[3]q
ca_file = %[4]q
username = %[5]q
password = %[6]q
from = "numeriquelibraires@test.local"
[accept]
senders = "any"
[console]
listen = ""
`, s.Host, imap, tls, s.CAFile, s.User, s.Password, smtp)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// filledForm is an order that passes every check. Its quantities follow from its
// reference, so that no two are nearly the same.
func filledForm(t testing.TB, reference string) []byte {
	t.Helper()
	return filledFor(t, reference, "0990011Z")
}

// filledFor is filledForm for another school.
func filledFor(t testing.TB, reference, uai string) []byte {
	t.Helper()
	definition, err := templates.Form()
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]string{
		order.FieldBookseller: "Librairie d’essai", order.FieldAccount: "01002001",
		order.FieldBookMail: "bookseller@test.local", order.FieldReference: reference,
		order.FieldUAI: uai, order.FieldEstablishment: "Collège Ada Lovelace", order.FieldAddress: "1 rue du Tilleul",
		order.FieldPostcode: "99010", order.FieldTown: "Valmorin", order.FieldSchoolMail: "ce.0990011z@test.local",
		"contact_nom": "Dupont", order.FieldContactMail: "dupont@test.local",
	}
	drawn := int(crc32.ChecksumIEEE([]byte(reference)))
	lines := []map[string]string{
		{
			order.ColumnEAN: "3133091001018", order.ColumnTitle: "Mathématiques 6e",
			order.ColumnQuantity: strconv.Itoa(1 + drawn%1000),
		},
		{
			order.ColumnEAN: "3133091002022", order.ColumnTitle: "Mathématiques 5e",
			order.ColumnQuantity: strconv.Itoa(1 + drawn/1000%1000),
		},
	}
	data, err := form.Fill(definition, values, lines)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// orderMail is a mail from the peer with one attached workbook.
func orderMail(subject, file string, data []byte) []byte {
	var m bytes.Buffer
	fmt.Fprintf(&m, "From: Bookseller <bookseller@test.local>\r\nTo: <orders@test.local>\r\nSubject: %s\r\n"+
		"Date: Sat, 21 Nov 2026 10:00:00 +0100\r\n"+
		"Message-ID: <%s@test.local>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"+
		"--b\r\nContent-Type: text/plain\r\n\r\nBonjour\r\n"+
		"--b\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=%q\r\n"+
		"Content-Transfer-Encoding: base64\r\n\r\n",
		subject, strings.ReplaceAll(subject, " ", "."), file)
	for chunk := range slices.Chunk([]byte(base64.StdEncoding.EncodeToString(data)), 76) {
		m.Write(chunk)
		m.WriteString("\r\n")
	}
	m.WriteString("--b--\r\n")
	return m.Bytes()
}

func plainMail(subject string) []byte {
	return fmt.Appendf(nil,
		"From: Bookseller <bookseller@test.local>\r\nTo: <orders@test.local>\r\nSubject: %s\r\n"+
			"Message-ID: <%s@test.local>\r\n\r\nUne question.\r\n",
		subject, strings.ReplaceAll(subject, " ", "."))
}

// startDaemon runs a daemon until the returned function is called, which fails
// the test for what Run or Close return.
func startDaemon(t *testing.T, config string, shadow bool) (stop func()) {
	t.Helper()
	return launch(t, config, shadow, &testLog{t: t}, func(*daemon.Daemon) {})
}

// launch is startDaemon with another place for the log, at its most talkative,
// and a daemon that is changed before it runs.
func launch(t *testing.T, config string, shadow bool, log io.Writer, change func(*daemon.Daemon)) (stop func()) {
	t.Helper()
	cfg, err := loadConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	everything := slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	d, err := daemon.New(t.Context(), cfg, daemon.Options{Build: thisBuild(), Shadow: shadow, Log: everything})
	if err != nil {
		t.Fatal(err)
	}
	change(d)
	ctx, cancel := context.WithCancel(t.Context())
	ran := make(chan error, 1)
	go func() { ran <- d.Run(ctx) }()
	return sync.OnceFunc(func() {
		t.Helper()
		cancel()
		if err := <-ran; err != nil {
			t.Errorf("Run: %v", err)
		}
		if err := d.Store.Check(context.Background()); err != nil {
			t.Errorf("the store is inconsistent: %v", err)
		}
		if err := d.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
}

// testLog writes a daemon's log into its test's.
type testLog struct{ t *testing.T }

func (l *testLog) Write(p []byte) (int, error) {
	if l.t.Context().Err() == nil {
		l.t.Log(strings.TrimSpace(string(p)))
	}
	return len(p), nil
}

// until calls done, time and again, until it is true. It reports whether it ever
// was.
func until(t *testing.T, done func() bool) bool {
	t.Helper()
	hang := time.NewTimer(patience)
	defer hang.Stop()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-t.Context().Done():
			return false
		case <-hang.C:
			return false
		case <-tick.C:
		}
	}
	return true
}

// awaitStatus asks the daemon over its socket until its store is as wanted.
func awaitStatus(t *testing.T, data string, what string, wanted func(store.Status) bool) store.Status {
	t.Helper()
	var last store.Status
	asked := func() bool {
		client, err := control.Dial(t.Context(), control.SocketPath(data))
		if err != nil {
			return false
		}
		defer client.Close()
		last, err = client.Status(t.Context())
		return err == nil && wanted(last)
	}
	if !until(t, asked) {
		t.Fatalf("the store never came to %s; at last %+v", what, last)
	}
	return last
}

func settledMessages(n int) func(store.Status) bool {
	return func(s store.Status) bool { return s.Messages >= n && s.Unsent == 0 }
}

// TestServe takes a real inbox in over both ways of TLS, answers through a real
// MTA, and does nothing twice when started again.
func TestServe(t *testing.T) {
	for _, tls := range []string{"implicit", "starttls"} {
		t.Run(tls, func(t *testing.T) {
			s := mailtest.Start(t, mailtest.Options{})
			config := writeConfig(t, s, tls)
			data := filepath.Join(filepath.Dir(config), "bdc.db")
			s.Deliver(s.User, orderMail("one", "BdC.xlsx", filledForm(t, "R-1")), plainMail("two"))
			stop := startDaemon(t, config, false)
			awaitStatus(t, data, "two messages settled", settledMessages(2))

			// The server announces the next one: nobody waits for a search.
			s.Deliver(s.User, orderMail("three", "BdC.xlsx", filledForm(t, "R-3")))
			awaitStatus(t, data, "three messages settled", settledMessages(3))
			s.Await(s.Peer, "INBOX", 2)
			stop()

			for range 2 {
				stop := startDaemon(t, config, false)
				s.Await(s.User, "Traitées", 2)
				s.Await(s.User, "À traiter", 1)
				s.Await(s.User, "Envoyés", 2)
				status := awaitStatus(t, data, "rest", settledMessages(3))
				if want := (store.Status{Messages: 3, Orders: 2, Waiting: 1}); status != want {
					t.Errorf("after a restart the store holds %+v, want %+v", status, want)
				}
				stop()
			}
			if left := s.List(s.User, "INBOX"); len(left) != 0 {
				t.Errorf("%d messages are left in the inbox, want 0", len(left))
			}
			replies := s.List(s.Peer, "INBOX")
			if len(replies) != 2 {
				t.Fatalf("the bookseller has %d replies, want 2", len(replies))
			}
			for _, copied := range s.List(s.User, "Envoyés") {
				if !slices.ContainsFunc(replies, func(r []byte) bool { return bytes.HasSuffix(r, copied) }) {
					t.Errorf("the copy is of no reply that the bookseller has:\n%s", copied)
				}
			}
			for i, want := range []string{"CNS-", "CNS-"} {
				if !bytes.Contains(replies[i], []byte(want)) {
					t.Errorf("reply %d has no %q:\n%s", i, want, replies[i])
				}
			}
		})
	}
}

// TestServeSince leaves what is older than the configured day alone.
func TestServeSince(t *testing.T) {
	s := mailtest.Start(t, mailtest.Options{NoExim: true})
	config := writeConfig(t, s, "implicit")
	s.DeliverAt(time.Date(2025, 12, 30, 12, 0, 0, 0, time.UTC), s.User,
		orderMail("old", "BdC.xlsx", filledForm(t, "OLD")))
	s.DeliverAt(time.Date(2026, 2, 1, 12, 0, 0, 0, time.UTC), s.User, plainMail("new"))
	stop := startDaemon(t, config, false)
	status := awaitStatus(t, filepath.Join(filepath.Dir(config), "bdc.db"), "one message",
		func(s store.Status) bool { return s.Messages >= 1 })
	s.Await(s.User, "À traiter", 1)
	stop()
	if status.Messages != 1 || status.Orders != 0 {
		t.Errorf("the store holds %+v, want one message and no order", status)
	}
	if left := s.List(s.User, "INBOX"); len(left) != 1 || !bytes.Contains(left[0], []byte("Subject: old")) {
		t.Errorf("%d messages are left in the inbox, want the old one", len(left))
	}
}

// TestServeShadow records aside, and neither moves nor answers.
func TestServeShadow(t *testing.T) {
	s := mailtest.Start(t, mailtest.Options{})
	config := writeConfig(t, s, "implicit")
	dir := filepath.Dir(config)
	s.Deliver(s.User, orderMail("one", "BdC.xlsx", filledForm(t, "R-1")), plainMail("two"))
	stop := startDaemon(t, config, true)
	status := awaitStatus(t, filepath.Join(dir, "bdc.shadow.db"), "two messages",
		func(s store.Status) bool { return s.Messages >= 2 })
	stop()
	if want := (store.Status{Messages: 2, Orders: 1, Waiting: 1}); status != want {
		t.Errorf("in shadow the store holds %+v, want %+v", status, want)
	}
	if _, err := os.Stat(filepath.Join(dir, "bdc.db")); err == nil {
		t.Error("a daemon in shadow wrote the real data file")
	}
	if left := s.List(s.User, "INBOX"); len(left) != 2 {
		t.Errorf("%d messages are left in the inbox, want 2", len(left))
	}
	if replies := s.List(s.Peer, "INBOX"); len(replies) != 0 {
		t.Errorf("%d replies were sent, want 0", len(replies))
	}
	if deeds := s.List(s.User, "bdc"); len(deeds) != 0 {
		t.Errorf("a daemon in shadow claims the inbox by %d messages, want none", len(deeds))
	}
}
