package notify

import (
	"bufio"
	"context"
	"encoding/base64"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// script is a mail server that answers each verb as a test says: with a line
// of its own, "hang", "cut", or as a willing server where the test is silent.
// The verbs are those of SMTP, "greeting", and "." for the final dot.
type script map[string]string

var willing = script{
	"greeting": "220 mx.example.org", "EHLO": "250-mx.example.org\r\n250-STARTTLS\r\n250 AUTH PLAIN",
	"AUTH":     "235 2.7.0 welcome",
	"STARTTLS": "220 go", "MAIL": "250 ok", "RCPT": "250 ok", "DATA": "354 go", ".": "250 taken", "RSET": "250 ok",
	"NOOP": "250 ok", "QUIT": "221 bye",
}

// serve answers on loopback until the test ends, and returns the SMTP to dial.
func (s script) serve(t *testing.T) SMTP {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	end := make(chan struct{})
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			serving.Go(func() {
				defer c.Close()
				s.talk(c, end)
			})
		}
	})
	t.Cleanup(func() { close(end); l.Close(); serving.Wait() })
	return SMTP{
		Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, TLS: TLSNone, Username: user, Password: secret,
		HELO: "bdc", Timeout: s.patience(),
	}
}

// patience is short only where the server hangs: slow tests are better than
// those that fail on a busy machine.
func (s script) patience() time.Duration {
	for _, answer := range s {
		if answer == "hang" {
			return time.Second
		}
	}
	return time.Minute
}

func (s script) talk(c net.Conn, end <-chan struct{}) {
	in := bufio.NewReader(c)
	open := false // a mail was begun
	for verb := "greeting"; ; {
		answer, ok := s[verb]
		if !ok {
			answer = willing[verb]
		}
		switch verb {
		case "MAIL":
			if open {
				answer = "503 5.5.1 nested MAIL" // RFC 5321, 4.1.4
			}
			open = true
		case "RSET", ".":
			open = false
		}
		switch answer {
		case "cut":
			return
		case "hang":
			<-end
			return
		}
		if _, err := fmt.Fprint(c, answer+"\r\n"); err != nil {
			return
		}
		inData := verb == "DATA" && strings.HasPrefix(answer, "354")
		for {
			text, err := in.ReadString('\n')
			if err != nil {
				return
			}
			if inData && s["body"] == "cut" {
				return
			}
			if inData && text != ".\r\n" {
				continue
			}
			verb, _, _ = strings.Cut(strings.TrimSpace(text), " ")
			break
		}
	}
}

// attempt dials and sends one mail.
func attempt(t *testing.T, s SMTP) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*s.Timeout)
	defer cancel()
	c, err := s.Dial(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	return c.Send(ctx, "orders@example.org", "b@example.com", []byte("Subject: a\r\n\r\nb\r\n"))
}

func TestFaultOf(t *testing.T) {
	if got := FaultOf(fmt.Errorf("wrapped: %w", &Error{Step: Rcpt, Code: 550})); got != Permanent {
		t.Errorf("a wrapped error: got %v, want Permanent", got)
	}
	if got := FaultOf(context.DeadlineExceeded); got != Temporary {
		t.Errorf("a timeout: got %v, want Temporary", got)
	}
}

func TestAnswerOfSeveralLines(t *testing.T) {
	err := attempt(t, script{"RCPT": "550-5.7.1 Refused:\r\n550-5.7.1 see https://example.com\r\n550 5.7.1 bye"}.serve(
		t))
	if want := "RCPT: 550 5.7.1 Refused: see https://example.com bye"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// A server that answers with what it was sent must not bring the password into
// the log.
func TestEchoedSecretsAreTakenOut(t *testing.T) {
	plain := base64.StdEncoding.EncodeToString([]byte("\x00" + user + "\x00" + secret))
	for _, echo := range []string{secret, plain, base64.StdEncoding.EncodeToString([]byte(secret))} {
		for _, answer := range []string{"500 unrecognized: AUTH PLAIN " + echo, "AUTH PLAIN " + echo} {
			err := attempt(t, script{"AUTH": answer}.serve(t))
			if err == nil || strings.Contains(fmt.Sprintf("%v %+v", err, err), echo) {
				t.Errorf("got %v for %q", err, answer)
			}
			if e, ok := err.(*Error); ok && e.Err != nil && strings.Contains(e.Err.Error(), echo) {
				t.Errorf("the cause has the secret: %v", e.Err)
			}
		}
	}
}

// Cutting a Send short by its context works at each verb, however long the
// connection's own timeout is.
func TestContextCutsSend(t *testing.T) {
	for _, verb := range []string{"MAIL", "RCPT", "DATA", "."} {
		t.Run(verb, func(t *testing.T) {
			s := script{verb: "hang"}.serve(t)
			s.Timeout = time.Hour
			ctx, cancel := context.WithCancel(t.Context())
			c, err := s.Dial(ctx)
			if err != nil {
				t.Fatal(err)
			}
			time.AfterFunc(50*time.Millisecond, cancel)
			if err := c.Send(ctx, "", "b@example.com", []byte("a\r\n")); err == nil {
				t.Error("got no error")
			}
			if err := c.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestContextCutsDial(t *testing.T) {
	for _, verb := range []string{"greeting", "EHLO", "AUTH"} {
		t.Run(verb, func(t *testing.T) {
			s := script{verb: "hang"}.serve(t)
			s.Timeout = time.Hour
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(50*time.Millisecond, cancel)
			if _, err := s.Dial(ctx); FaultOf(err) != Connection {
				t.Errorf("got %v, want a fault of the connection", err)
			}
		})
	}
}

func TestConnectionServesAfterARefusal(t *testing.T) {
	s := script{"RCPT": "550 5.1.1 unknown"}
	c, err := s.serve(t).Dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for range 2 {
		err := c.Send(t.Context(), "", "b@example.com", []byte("a\r\n"))
		if e, ok := err.(*Error); !ok || e.Code != 550 {
			t.Errorf("got %v, want the server's 550 each time", err)
		}
	}
}

// A server without SMTPUTF8 is not asked to take an address that needs it.
func TestAddressThatNeedsSMTPUTF8(t *testing.T) {
	c, err := script{}.serve(t).Dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, to := range []string{"élève@example.com", "b@example.com> NOTIFY=NEVER", "a b"} {
		if err := c.Send(t.Context(), "", to, []byte("a\r\n")); FaultOf(err) != Permanent {
			t.Errorf("%s: got %v, want a permanent fault", to, err)
		}
	}
	if err := c.Send(t.Context(), "", "b@example.com", []byte("a\r\n")); err != nil {
		t.Errorf("the connection serves no more: %v", err)
	}
}
