package mailtest_test

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/smtp"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"bdc/bench/need"
	"bdc/ingest/mailtest"
)

func message(n int) []byte {
	return fmt.Appendf(nil, "From: bookseller@test.local\r\nSubject: order %d\r\n\r\nLine\r\n", n)
}

func TestDeliveredMessagesAreListedInOrder(t *testing.T) {
	s := mailtest.Start(t, mailtest.Options{NoExim: true})
	s.Deliver(s.User, message(1), message(2))
	s.Deliver(s.User, message(3))

	got := s.List(s.User, "INBOX")
	want := [][]byte{message(1), message(2), message(3)}
	if len(got) != len(want) {
		t.Fatalf("INBOX holds %d messages, want %d", len(got), len(want))
	}
	for i := range want {
		if !bytes.Equal(got[i], want[i]) {
			t.Errorf("message %d is %q, want %q", i, got[i], want[i])
		}
	}
	for _, empty := range [][2]string{{s.Peer, "INBOX"}, {s.User, "Traitées"}} {
		if got := s.List(empty[0], empty[1]); len(got) != 0 {
			t.Errorf("%s of %s holds %q, want nothing", empty[1], empty[0], got)
		}
	}
}

func TestInstancesRunSideBySide(t *testing.T) {
	need.Time(t)
	a := mailtest.Start(t, mailtest.Options{})
	b := mailtest.Start(t, mailtest.Options{NoMove: true, Namespace: "INBOX."})
	a.Deliver(a.User, message(1))
	if got := len(b.List(b.User, "INBOX")); got != 0 {
		t.Errorf("the other instance holds %d messages, want 0", got)
	}
}

func TestSubmissionWantsAuthenticationAndReachesTheInbox(t *testing.T) {
	s := mailtest.Start(t, mailtest.Options{Users: []string{"third"}})
	address := net.JoinHostPort(s.Host, fmt.Sprint(s.Submission))
	send := func(password, to string) error {
		c, err := smtp.Dial(address)
		if err != nil {
			return err
		}
		defer c.Close()
		if err := c.StartTLS(&tls.Config{RootCAs: s.CA, ServerName: s.Host}); err != nil {
			return err
		}
		if password != "" {
			if err := c.Auth(smtp.PlainAuth("", s.User, password, s.Host)); err != nil {
				return err
			}
		}
		if err := c.Mail(s.User); err != nil {
			return err
		}
		if err := c.Rcpt(to); err != nil {
			return err
		}
		w, err := c.Data()
		if err != nil {
			return err
		}
		w.Write(message(1))
		return w.Close()
	}
	for _, test := range []struct{ name, password, to, want string }{
		{"right password", s.Password, s.Peer, ""},
		{"another user", s.Password, "third@" + mailtest.Domain, ""},
		{"wrong password", "wrong", s.Peer, "535"},
		{"no password", "", s.Peer, `550 "5.7.0`},
		{"unknown recipient", s.Password, "nobody@" + mailtest.Domain, `550 "5.1.1`},
		{"recipient refused for good", s.Password, "reject5@" + mailtest.Domain, `550 "5.1.1`},
		{"recipient refused for now", s.Password, "defer4@" + mailtest.Domain, `451 "4.2.1`},
		{"outside the test", s.Password, "a@example.org", `550 "5.7.1`},
	} {
		err := send(test.password, test.to)
		if (err == nil) != (test.want == "") || err != nil && !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%s: sending says %v, want %q", test.name, err, test.want)
		}
	}
	for _, to := range []string{s.Peer, "third@" + mailtest.Domain} {
		if got := s.Await(to, "INBOX", 1); !strings.Contains(string(got[0]), "Subject: order 1") {
			t.Errorf("%s received %q, want the message sent", to, got[0])
		}
	}
}

func TestDovecotComesBackWithItsMail(t *testing.T) {
	need.Time(t)
	s := mailtest.Start(t, mailtest.Options{NoExim: true})
	s.Deliver(s.User, message(1))
	s.List(s.User, "INBOX") // Dovecot lists the UIDs of a folder that somebody has opened
	for name, end := range map[string]func(){"stopped": s.StopDovecot, "killed": s.KillDovecot} {
		end()
		if _, err := s.Instance.List(s.User, "INBOX"); err == nil {
			t.Errorf("%s: Dovecot still answers", name)
		}
		if name == "killed" { // in the midst of a change
			lists, err := filepath.Glob(filepath.Join(s.Dir, "mail", s.User, "Maildir", "dovecot-uidlist"))
			if err != nil || len(lists) != 1 {
				t.Fatalf("the lists of UIDs are %q (%v), want one", lists, err)
			}
			if err := os.WriteFile(lists[0]+".lock", nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		s.StartDovecot()
		if got := len(s.List(s.User, "INBOX")); got != 1 {
			t.Errorf("%s: INBOX holds %d messages afterwards, want 1", name, got)
		}
	}
}

func TestFrozenDovecotIsSilentUntilThawed(t *testing.T) {
	s := mailtest.Start(t, mailtest.Options{NoExim: true})
	s.FreezeDovecot()
	conn, err := net.Dial("tcp", net.JoinHostPort(s.Host, fmt.Sprint(s.IMAP)))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	greeting := make([]byte, 4)
	conn.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
	if _, err := io.ReadFull(conn, greeting); !os.IsTimeout(err) {
		t.Errorf("a frozen Dovecot says %q (%v), want nothing", greeting, err)
	}
	s.ThawDovecot()
	conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	if _, err := io.ReadFull(conn, greeting); err != nil || string(greeting) != "* OK" {
		t.Errorf("a thawed Dovecot says %q (%v), want * OK", greeting, err)
	}
}

func TestCloseLeavesNothingBehind(t *testing.T) {
	s := mailtest.Start(t, mailtest.Options{})
	s.Deliver(s.User, message(1))
	s.List(s.User, "INBOX")
	dir := s.Dir
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("the folder is still there after Close: %v", err)
	}
	for _, port := range []int{s.IMAP, s.SMTP} {
		if conn, err := net.Dial("tcp", net.JoinHostPort(s.Host, fmt.Sprint(port))); err == nil {
			conn.Close()
			t.Errorf("port %d still answers after Close", port)
		} else if !strings.Contains(err.Error(), syscall.ECONNREFUSED.Error()) {
			t.Errorf("port %d after Close: %v, want connection refused", port, err)
		}
	}
}
