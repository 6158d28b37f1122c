package notify

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// A code without words is an answer (RFC 5321, 4.2), after the final dot and before it.
func TestBareCodes(t *testing.T) {
	bare := script{"MAIL": "250", "RCPT": "250", "DATA": "354", ".": "250", "RSET": "250-\r\n250"}
	if err := attempt(t, bare.serve(t)); err != nil {
		t.Errorf("got %v, want the mail taken", err)
	}
	err := attempt(t, script{".": "554"}.serve(t))
	if e, ok := err.(*Error); !ok || e.Step != Dot || e.Code != 554 {
		t.Errorf("got %v, want the refusal", err)
	}
}

// floods are answers without an end, as far as a test can have them.
var floods = map[string]string{
	"one line":   "250-" + strings.Repeat("x", 4<<20),
	"many lines": strings.Repeat("250-x\r\n", 1<<19),
}

// A server that says too much is cut off, at any verb, before that takes memory.
func TestEndlessAnswers(t *testing.T) {
	for _, verb := range []string{"greeting", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", ".", "RSET"} {
		for name, flood := range floods {
			t.Run(verb+", "+name, func(t *testing.T) {
				if err := meet(t, verb, flood); !strings.Contains(fmt.Sprint(err), errGarrulous.Error()) {
					t.Errorf("got %v, want %v", err, errGarrulous)
				}
			})
		}
	}
}

// The same under TLS, whether it begins at once or by STARTTLS.
func TestEndlessAnswersUnderTLS(t *testing.T) {
	cert, cas := certificate(t)
	config := &tls.Config{Certificates: []tls.Certificate{cert}}
	for _, kind := range []string{TLSImplicit, TLSStart} {
		for name, flood := range floods {
			t.Run(kind+", "+name, func(t *testing.T) {
				l, err := net.Listen("tcp", "127.0.0.1:0")
				if err != nil {
					t.Fatal(err)
				}
				defer l.Close()
				said := make(chan error, 1)
				go func() { said <- floodOne(l, kind, config, flood) }()
				_, err = SMTP{
					Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, TLS: kind, RootCAs: cas, HELO: "bdc",
					Timeout: time.Minute,
				}.Dial(t.Context())
				if !errors.Is(err, errGarrulous) {
					t.Errorf("got %v, want %v", err, errGarrulous)
				}
				<-said // the server ends in any case: the connection is closed
			})
		}
	}
}

// floodOne accepts a connection, and floods it as soon as it is encrypted.
func floodOne(l net.Listener, kind string, config *tls.Config, flood string) error {
	raw, err := l.Accept()
	if err != nil {
		return err
	}
	defer raw.Close()
	if kind == TLSStart {
		in := bufio.NewReader(raw)
		for _, answer := range []string{"220 mx", "250-mx\r\n250 STARTTLS", "220 go"} {
			if _, err := io.WriteString(raw, answer+"\r\n"); err != nil {
				return err
			}
			if answer != "220 go" {
				if _, err := in.ReadString('\n'); err != nil {
					return err
				}
			}
		}
	}
	c := tls.Server(raw, config)
	if kind == TLSStart { // the client speaks first
		if _, err := bufio.NewReader(c).ReadString('\n'); err != nil {
			return err
		}
	}
	_, err = io.WriteString(c, flood)
	return err
}
