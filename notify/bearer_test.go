package notify

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"strings"
	"testing"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// wallet gives out a row of tokens, the next whenever one was refused.
type wallet struct{ tokens, refused []string }

func (w *wallet) Token(context.Context) (string, error) {
	if len(w.refused) == len(w.tokens) {
		return "", errors.New("no token is left")
	}
	return w.tokens[len(w.refused)], nil
}

func (w *wallet) Refused(token string) { w.refused = append(w.refused, token) }

// door is a mail server that lets in by one mechanism and one token.
type door struct {
	mechanism, token string
	echo             bool // of what it refuses
}

func (d *door) open(t *testing.T) SMTP {
	t.Helper()
	server := smtp.NewServer(smtp.BackendFunc(
		func(*smtp.Conn) (smtp.Session, error) { return &doorSession{door: d}, nil }))
	server.Domain, server.AllowInsecureAuth, server.ErrorLog = "mx.example.org", true, log.New(io.Discard, "", 0)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = server.Serve(l) }()
	t.Cleanup(func() { server.Close(); <-ended })
	return SMTP{
		Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, TLS: TLSNone, Username: user,
		HELO: "bdc.example.org",
	}
}

type doorSession struct {
	blackHole
	*door
}

func (s *doorSession) AuthMechanisms() []string { return []string{s.mechanism} }

func (s *doorSession) Auth(mechanism string) (sasl.Server, error) {
	return &doorkeeper{door: s.door, mechanism: mechanism}, nil
}

// doorkeeper is the server's side of RFC 7628, 3.2, and of XOAUTH2.
type doorkeeper struct {
	*door
	mechanism string
	refused   bool
}

func (k *doorkeeper) Next(response []byte) (challenge []byte, done bool, err error) {
	if k.refused {
		if want := map[string]string{oauthBearer: "\x01", xoauth2: ""}[k.mechanism]; string(response) != want {
			return nil, false, fmt.Errorf("the refusal is answered by %q, want %q", response, want)
		}
		return nil, false, k.refusal()
	}
	got := string(response)
	begins := map[string]string{
		oauthBearer: "n,a=" + user + ",\x01host=127.0.0.1\x01port=",
		xoauth2:     "user=" + user + "\x01auth=Bearer ",
	}[k.mechanism]
	if !strings.HasPrefix(got, begins) || !strings.HasSuffix(got, "\x01\x01") {
		return nil, false, fmt.Errorf("first response %q", got)
	}
	if strings.HasSuffix(got, "\x01auth=Bearer "+k.token+"\x01\x01") {
		return nil, true, nil
	}
	k.refused = true
	if k.echo {
		k.door.token = base64.StdEncoding.EncodeToString(response)
	}
	return []byte(`{"status":"401","schemes":"bearer","scope":"smtp"}`), false, nil
}

func (k *doorkeeper) refusal() error {
	words := "authentication failed"
	if k.echo {
		words += ": AUTH " + k.door.token
	}
	return &smtp.SMTPError{Code: 535, EnhancedCode: smtp.EnhancedCode{5, 7, 8}, Message: words}
}

func TestSMTPTakesTokens(t *testing.T) {
	for _, mechanism := range []string{oauthBearer, xoauth2} {
		s := (&door{mechanism: mechanism, token: "good"}).open(t)
		w := &wallet{tokens: []string{"expired", "good"}}
		s.Tokens = w
		err := s.Probe(t.Context())
		if err == nil || !strings.Contains(err.Error(), "535 5.7.8") || FaultOf(err) != Connection {
			t.Errorf("%s: with an expired token got %v, want the server's refusal", mechanism, err)
		}
		if err := s.Probe(t.Context()); err != nil {
			t.Errorf("%s: with the next token got %v", mechanism, err)
		}
		if got := fmt.Sprint(w.refused); got != "[expired]" {
			t.Errorf("%s: tokens given back: %s, want [expired]", mechanism, got)
		}
	}
}

func TestSMTPTokenTrouble(t *testing.T) {
	s := (&door{mechanism: sasl.Plain}).open(t)
	w := &wallet{tokens: []string{"hunter2"}}
	s.Tokens = w
	if err := s.Probe(t.Context()); err == nil || !strings.Contains(err.Error(), "neither OAUTHBEARER nor XOAUTH2") ||
		len(w.refused) != 0 {
		t.Errorf("a server without the mechanisms: got %v and gave back %v", err, w.refused)
	}
	s.Tokens = &wallet{}
	if err := s.Probe(t.Context()); err == nil || !strings.Contains(err.Error(), "no token is left") ||
		FaultOf(err) != Connection {
		t.Errorf("without a token: got %v, want why, as a fault of the connection", err)
	}
	for _, mechanism := range []string{oauthBearer, xoauth2} {
		s := (&door{mechanism: mechanism, echo: true}).open(t)
		s.Tokens = &wallet{tokens: []string{"hunter2"}}
		b := bearer{user: s.Username, token: "hunter2", host: s.Host, port: s.Port}
		err := s.Probe(t.Context())
		if err == nil || !strings.Contains(err.Error(), "535") {
			t.Errorf("%s: got %v, want a refusal", mechanism, err)
		}
		for _, secret := range []string{"hunter2", base64.StdEncoding.EncodeToString(b.first(mechanism))} {
			if strings.Contains(fmt.Sprintf("%v %+v", err, err), secret) {
				t.Errorf("%s: the error has the token: %v", mechanism, err)
			}
		}
	}
}
