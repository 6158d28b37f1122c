package mailbox_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"bdc/ingest/mailbox"
	"bdc/order"
)

// script is a fake IMAP server. It maps the beginning of a command to the answer; of
// several keys that fit a command, the longest counts, and a command that no key fits
// is answered OK. The key "" is the greeting. In an answer, TAG stands for the
// command's tag, and HANGUP at the end closes the connection.
type script map[string]string

// polite is a script of a well-behaved server, whose folder holds one message of four
// octets.
var polite = script{
	"":           "* OK ready\r\n",
	"CAPABILITY": "* CAPABILITY IMAP4rev1 MOVE UIDPLUS\r\nTAG OK\r\n",
	"LIST":       "* LIST () \"/\" INBOX\r\nTAG OK\r\n",
	"SELECT":     "* 1 EXISTS\r\n* OK [UIDVALIDITY 7] here\r\nTAG OK [READ-WRITE]\r\n",
	"UID SEARCH": "* SEARCH 5\r\nTAG OK\r\n",
	"UID FETCH 5 (UID": "* 1 FETCH (UID 5 RFC822.SIZE 4 " +
		"INTERNALDATE \"21-Nov-2026 10:00:00 +0100\")\r\nTAG OK\r\n",
	"UID FETCH 5 (UID BODY.PE": "* 1 FETCH (UID 5 BODY[] {4}\r\na: b)\r\nTAG OK\r\n",
}

// with returns a copy of the script with the given answers added or replaced.
func (s script) with(changes script) script {
	changed := script{}
	for _, from := range []script{s, changes} {
		for key, answer := range from {
			changed[key] = answer
		}
	}
	return changed
}

func (s script) answer(command string) string {
	best, answer := -1, ""
	for key, a := range s {
		if strings.HasPrefix(command, key) && key != "" && len(key) > best {
			best, answer = len(key), a
		}
	}
	if best < 0 {
		return "TAG OK\r\n"
	}
	return answer
}

// serve starts a server that follows the script, without TLS, and returns a Config for
// it. It serves one connection after the other, until the end of the test.
func (s script) serve(t *testing.T) mailbox.Config {
	t.Helper()
	return s.secure(t, nil)
}

// secure is like serve, but with implicit TLS unless secured is nil.
func (s script) secure(t *testing.T, secured *tls.Config) mailbox.Config {
	t.Helper()
	return serve(t, secured, s.play)
}

// serve starts a server that plays on one connection after the other, until the end of the
// test, and returns a Config for it.
func serve(t *testing.T, secured *tls.Config, play func(net.Conn)) mailbox.Config {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			if secured != nil {
				conn = tls.Server(conn, secured)
			}
			play(conn)
			conn.Close()
		}
	}()
	t.Cleanup(func() { ln.Close(); <-served })
	return mailbox.Config{
		Host: "127.0.0.1", Port: ln.Addr().(*net.TCPAddr).Port, TLS: "none",
		Username: "user", Password: "secret", Folder: "INBOX", Inactivity: hang,
	}
}

func (s script) play(conn net.Conn) {
	fmt.Fprint(conn, s[""])
	for lines := bufio.NewScanner(conn); lines.Scan(); {
		tag, command, _ := strings.Cut(lines.Text(), " ")
		answer, hangup := strings.CutSuffix(s.answer(command), "HANGUP")
		fmt.Fprint(conn, strings.ReplaceAll(answer, "TAG", tag))
		if hangup {
			return
		}
	}
}

// refusal dials and returns the error, which is nil if Dial succeeds. It closes the
// session in that case.
func refusal(ctx context.Context, t *testing.T, c mailbox.Config) error {
	t.Helper()
	var err error
	within(t, "Dial", func() {
		var s *mailbox.Session
		if s, err = mailbox.Dial(ctx, c); err == nil {
			s.Close()
		}
	})
	return err
}

func TestLiteralsAreDeliveredWholeOrNotAtAll(t *testing.T) {
	const body = "UID FETCH 5 (UID BODY.PE"
	for _, test := range []struct {
		name, key, answer string
		want              []string
		wantErr           bool
	}{
		{"complete", "NOOP", "", []string{"a: b"}, false},
		{"quoted", body, "* 1 FETCH (UID 5 BODY[] \"a: b\")\r\nTAG OK\r\n", []string{"a: b"}, false},
		{"cut in the middle", body, "* 1 FETCH (UID 5 BODY[] {4}\r\nabHANGUP", nil, true},
		{"cut before its first octet", body, "* 1 FETCH (UID 5 BODY[] {4}\r\nHANGUP", nil, true},
		{"complete, then cut", body, "* 1 FETCH (UID 5 BODY[] {4}\r\na: bHANGUP", nil, true},
		{
			"complete, then refused", body, "* 1 FETCH (UID 5 BODY[] {4}\r\na: b)\r\nTAG NO disk\r\n",
			[]string{"a: b"},
			false,
		},
		{"no longer there", body, "* 1 FETCH (UID 5 BODY[] NIL)\r\nTAG OK\r\n", nil, false},
		{"of another message", body, "* 1 FETCH (UID 6 BODY[] {4}\r\na: b)\r\nTAG OK\r\n", nil, false},
		{"without a UID", body, "* 1 FETCH (BODY[] {4}\r\na: b)\r\nTAG OK\r\n", []string{"a: b"}, false},
		{"no size", "UID FETCH 5 (UID", "TAG OK\r\n", []string{"a: b"}, false},
		{
			"news of a flag for its size", "UID FETCH 5 (UID", "* 1 FETCH (UID 5 FLAGS (\\Seen))\r\nTAG OK\r\n",
			[]string{"a: b"},
			false,
		},
		{
			"larger than its size said", body, "* 1 FETCH (UID 5 BODY[] {14}\r\nA: b\r\n\r\nabcdef)\r\nTAG OK\r\n",
			[]string{"A: b\r\n\r\n"},
			false,
		},
		{"no IMAP", body, "* 1 FETCH (UID 5 BODY[] {4}\r\na: b}}\r\n", nil, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := dial(t, polite.with(script{test.key: test.answer}).serve(t))
			keys := pending(t, s)
			var got []string
			var err error
			within(t, "Fetch", func() {
				_, err = s.Fetch(t.Context(), keys, 10, time.Second, admitAll, func(m order.Mail) error {
					got = append(got, string(m.Raw))
					return nil
				})
			})
			if fmt.Sprint(got) != fmt.Sprint(test.want) {
				t.Errorf("delivered %q, want %q", got, test.want)
			}
			if (err != nil) != test.wantErr {
				t.Errorf("Fetch says %v, want an error: %v", err, test.wantErr)
			}
		})
	}
}

func TestCopyThatIsNotToldDeletesNothing(t *testing.T) {
	told := script{
		"CAPABILITY": "* CAPABILITY IMAP4rev1 UIDPLUS\r\nTAG OK\r\n",
		"UID STORE":  "TAG BAD not to be sent\r\n",
		"UID EXP":    "TAG BAD not to be sent\r\n",
	}
	for _, test := range []struct {
		name    string
		changes script
		want    string
	}{
		{"refused", script{"UID COPY": "TAG NO [OVERQUOTA] full\r\n"}, "OVERQUOTA"},
		{"without COPYUID", script{}, "no COPYUID"},
		{"connection lost", script{"UID COPY": "HANGUP"}, "closed the connection"},
		{"nothing left to copy", script{"UID SEARCH UID 5": "* SEARCH\r\nTAG OK\r\n"}, ""},
	} {
		s := dial(t, polite.with(told).with(test.changes).serve(t))
		err := s.Move(t.Context(), pending(t, s), "INBOX")
		got := fmt.Sprint(err)
		if (err != nil) != (test.want != "") || !strings.Contains(got, test.want) && err != nil {
			t.Errorf("%s: Move says %v, want %q", test.name, err, test.want)
		}
	}
}

func TestRefusedLogin(t *testing.T) {
	for _, test := range []struct {
		name, answer string
		want         bool
	}{
		{"credentials", "TAG NO [AUTHENTICATIONFAILED] no\r\n", true},
		{"no reason given", "TAG NO no\r\n", true},
		{"expired password", "TAG NO [EXPIRED] no\r\n", true},
		{"user database away", "TAG NO [UNAVAILABLE] later\r\n", false},
		{"too many connections", "TAG NO [LIMIT] later\r\n", false},
		{"hung up", "* BYE\r\nHANGUP", false},
	} {
		err := refusal(t.Context(), t, polite.with(script{"LOGIN": test.answer}).serve(t))
		if got := errors.Is(err, mailbox.ErrAuth); err == nil || got != test.want {
			t.Errorf("%s: Dial says %v, want ErrAuth: %v", test.name, err, test.want)
		}
	}
}

func TestStartTLSIsNotTalkedOutOf(t *testing.T) {
	for _, test := range []struct {
		name   string
		lines  script
		want   bool // ErrTLS
		silent bool // until the client gives up
	}{
		{"refused", script{"STARTTLS": "TAG NO no\r\n"}, true, false},
		{
			"plain text after the answer",
			script{"STARTTLS": "* 1 EXISTS\r\nTAG OK\r\n* CAPABILITY IMAP4rev1\r\n"},
			true, false,
		},
		{"no TLS after the answer", script{"STARTTLS": "TAG OK\r\n"}, false, true},
		{"already logged in", script{"": "* PREAUTH welcome\r\n"}, false, false},
		{"busy", script{"": "* BYE too many\r\n"}, false, false},
		{"hung up in the answer", script{"STARTTLS": "TAG OK\rHANGUP"}, false, false},
	} {
		c := polite.with(test.lines).serve(t)
		c.TLS = "starttls"
		if test.silent {
			c.Inactivity = time.Second
		}
		err := refusal(t.Context(), t, c)
		if err == nil {
			t.Errorf("%s: Dial succeeds, want an error", test.name)
		}
		if got := errors.Is(err, mailbox.ErrTLS); got != test.want {
			t.Errorf("%s: Dial says %v, want ErrTLS: %v", test.name, err, test.want)
		}
	}
}

// Dial refuses a server that has no TLS above 1.1, which is of 2006.
func TestOldTLS(t *testing.T) {
	web := httptest.NewTLSServer(nil) // for its certificate
	defer web.Close()
	trusted := x509.NewCertPool()
	trusted.AddCert(web.Certificate())
	for version, want := range map[uint16]error{tls.VersionTLS11: mailbox.ErrTLS, tls.VersionTLS12: nil} {
		c := polite.secure(t, &tls.Config{
			Certificates: web.TLS.Certificates, MinVersion: tls.VersionTLS10, MaxVersion: version,
		})
		c.TLS, c.RootCAs = "implicit", trusted
		if err := refusal(t.Context(), t, c); !errors.Is(err, want) {
			t.Errorf("%s: Dial says %v, want %v", tls.VersionName(version), err, want)
		}
	}
}

func TestWaitWithoutIdle(t *testing.T) {
	s := dial(t, polite.serve(t))
	if s.Idles() {
		t.Fatal("the server is said to have IDLE")
	}
	if err := s.Wait(t.Context(), time.Millisecond); err != nil {
		t.Errorf("Wait says %v, want nothing", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	within(t, "Wait", func() {
		if err := s.Wait(ctx, time.Hour); !errors.Is(err, context.Canceled) {
			t.Errorf("Wait in a cancelled context says %v, want %v", err, context.Canceled)
		}
	})
}

func TestRepeatedSizeIsNoNews(t *testing.T) {
	const again = "+ idling\r\n* 1 EXISTS\r\n"
	s := dial(t, polite.with(script{
		"CAPABILITY": "* CAPABILITY IMAP4rev1 IDLE\r\nTAG OK\r\n",
		"IDLE":       again,
		"DONE":       "",
	}).serve(t))
	pending(t, s)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := s.Wait(ctx, time.Hour); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Wait says %v, want it to last until %v", err, context.DeadlineExceeded)
	}
}

func TestSilentServerIsNoticed(t *testing.T) {
	t.Parallel()
	c := polite.with(script{"UID SEARCH": ""}).serve(t)
	c.Inactivity = time.Second
	s := dial(t, c)
	within(t, "Pending", func() {
		if _, err := s.Pending(t.Context()); err == nil || !strings.Contains(err.Error(), "silent") {
			t.Errorf("Pending says %v, want that the server is silent", err)
		}
	})
}

func TestServerWithoutUIDValidityIsRefused(t *testing.T) {
	err := refusal(t.Context(), t, polite.with(script{"SELECT": "* 1 EXISTS\r\nTAG OK\r\n"}).serve(t))
	if err == nil || !strings.Contains(err.Error(), "UIDVALIDITY") {
		t.Errorf("Dial says %v, want that UIDVALIDITY is missing", err)
	}
}

// A server of both revisions takes names in UTF-7 until IMAP4rev2 is enabled, which it may
// refuse; one of the second revision alone takes UTF-8.
func TestNamesOfFoldersInEachRevision(t *testing.T) {
	for caps, want := range map[string]string{
		"IMAP4rev1 IMAP4rev2 MOVE": `UID MOVE 5 "Trait&AOk-es"`, "IMAP4rev2 MOVE": `UID MOVE 5 "Traitées"`,
	} {
		s := dial(t, polite.with(script{
			"CAPABILITY": "* CAPABILITY " + caps + "\r\nTAG OK\r\n", "ENABLE": "TAG NO\r\n",
			"UID MOVE": "TAG NO [OVERQUOTA] not this name\r\n", want: "TAG OK\r\n",
		}).serve(t))
		if err := s.Move(t.Context(), pending(t, s), "Traitées"); err != nil {
			t.Errorf("with %s Move says %v", caps, err)
		}
	}
}

func TestCancelledDialOfASilentServer(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"none", "starttls", "implicit"} {
		c := script{}.serve(t)
		c.TLS = kind
		c.Inactivity = time.Hour
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(50*time.Millisecond, cancel)
		if err := refusal(ctx, t, c); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: Dial says %v, want %v", kind, err, context.Canceled)
		}
	}
}

// A loss is charged to the message that was being read. Where that is not known, each that was
// asked for may be at fault; what was read before is not.
func TestLossIsChargedToWhatWasBeingFetched(t *testing.T) {
	facts := ""
	for n := 5; n <= 7; n++ {
		facts += fmt.Sprintf("* %d FETCH (UID %d RFC822.SIZE 4 INTERNALDATE \"21-Nov-2026 10:00:00 +0100\")\r\n",
			n-4, n)
	}
	for name, test := range map[string]struct {
		answer string
		lost   []uint32
		sure   bool
	}{
		"silence":           {"* OK wait\r\n", []uint32{5, 6, 7}, false},
		"silence after one": {"* 1 FETCH (UID 5 BODY[] {4}\r\na: b)\r\n", []uint32{6, 7}, false},
		"silence before the last": {
			"* 3 FETCH (UID 7 BODY[] {4}\r\na: b)\r\n* 1 FETCH (UID 5 BODY[] {4}\r\na: b)\r\n", []uint32{6}, true,
		},
		"silence within one": {"* 2 FETCH (UID 6 BODY[] {4}\r\na:", []uint32{6}, true},
		"silence after one that is none": {
			"* 1 FETCH (UID 5 BODY[] {4}\r\nnone)\r\n", []uint32{5, 6, 7}, false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := polite.with(script{
				"UID SEARCH":                "* SEARCH 5 6 7\r\nTAG OK\r\n",
				"UID FETCH 5:7 (UID RFC822": facts + "TAG OK\r\n",
				"UID FETCH 5:7 (UID BODY":   test.answer,
			}).serve(t)
			s := dial(t, config)
			keys, err := s.Pending(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var lost []order.Lost
			within(t, "Fetch", func() {
				lost, err = s.Fetch(t.Context(), keys, 100, 50*time.Millisecond, func(int64) error { return nil },
					func(order.Mail) error { return nil })
			})
			var uids []uint32
			for _, l := range lost {
				uids = append(uids, l.Key.UID)
				if l.Perhaps == test.sure && l.Key.UID != 5 {
					t.Errorf("UID %d perhaps: %t, want %t", l.Key.UID, l.Perhaps, !test.sure)
				}
			}
			if err == nil || !slices.Equal(uids, test.lost) {
				t.Errorf("lost %v (%v), want %v", uids, err, test.lost)
			}
		})
	}
}
