package notify

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"math/big"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"bdc/store"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// post is a real mail server for one user, on a loopback port.
type post struct {
	port      int
	cas       *x509.CertPool
	mechanism string // the one that it takes passwords by

	mu    sync.Mutex
	taken []delivery
}

const (
	user   = "orders"
	secret = "Gehe1m-pass"
)

func startPost(t *testing.T, kind string, changes ...func(*tls.Config)) *post {
	t.Helper()
	cert, cas := certificate(t)
	p := &post{cas: cas, mechanism: sasl.Plain}
	server := smtp.NewServer(p)
	server.Domain = "mx.example.org"
	server.AllowInsecureAuth = kind == TLSNone
	server.EnableSMTPUTF8 = true
	server.ErrorLog = log.New(io.Discard, "", 0) // of clients that turn away, as tests make them
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.port = l.Addr().(*net.TCPAddr).Port
	config := &tls.Config{Certificates: []tls.Certificate{cert}}
	for _, change := range changes {
		change(config)
	}
	switch kind {
	case TLSImplicit:
		l = tls.NewListener(l, config)
	case TLSStart:
		server.TLSConfig = config
	}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = server.Serve(l) }()
	t.Cleanup(func() { server.Close(); <-ended })
	return p
}

func (p *post) smtp(kind string) SMTP {
	return SMTP{
		Host: "127.0.0.1", Port: p.port, TLS: kind, RootCAs: p.cas, Username: user, Password: secret,
		HELO: "bdc.example.org", Timeout: 10 * time.Second,
	}
}

func (p *post) NewSession(*smtp.Conn) (smtp.Session, error) {
	return &session{post: p}, nil
}

type session struct {
	*post
	known bool
	now   delivery
}

func (s *session) AuthMechanisms() []string { return []string{s.mechanism} }

func (s *session) Auth(string) (sasl.Server, error) {
	admit := func(name, password string) error {
		if name != user || password != secret {
			return smtp.ErrAuthFailed
		}
		s.known = true
		return nil
	}
	if s.mechanism == sasl.Login {
		return &loginServer{admit: admit}, nil
	}
	return sasl.NewPlainServer(func(_, name, password string) error { return admit(name, password) }), nil
}

// loginServer asks for a name, then for a password, as Microsoft's servers do.
type loginServer struct {
	admit func(name, password string) error
	said  []string
}

func (l *loginServer) Next(response []byte) (challenge []byte, done bool, err error) {
	if response != nil {
		l.said = append(l.said, string(response))
	}
	switch len(l.said) {
	case 0:
		return []byte("Username:"), false, nil
	case 1:
		return []byte("Password:"), false, nil
	}
	return nil, true, l.admit(l.said[0], l.said[1])
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if !s.known {
		return smtp.ErrAuthRequired
	}
	s.now = delivery{from: from}
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if to == "nobody@example.com" {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user"}
	}
	s.now.to = to
	return nil
}

func (s *session) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now.mail = string(b)
	s.taken = append(s.taken, s.now)
	return nil
}

func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }

func (p *post) deliveries() []delivery {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.taken)
}

// certificate makes one for 127.0.0.1, and the authority that it is by.
func certificate(t testing.TB) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA:        true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, pool
}

func TestSMTPSends(t *testing.T) {
	for _, kind := range []string{TLSImplicit, TLSStart, TLSNone} {
		t.Run(kind, func(t *testing.T) {
			p := startPost(t, kind)
			if err := p.smtp(kind).Probe(t.Context()); err != nil {
				t.Fatalf("probe: %v", err)
			}
			c, err := p.smtp(kind).Dial(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			const mail = "Subject: a\r\n\r\n.\r\n..dots\r\nend\r\n"
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			if err := c.Send(ctx, "", "b@example.com", []byte(mail)); err != nil {
				t.Fatal(err)
			}
			err = c.Send(ctx, "x@example.org", "nobody@example.com", []byte(mail))
			if FaultOf(err) != Permanent || err.Error() != "RCPT: 550 5.1.1 no such user" {
				t.Errorf("unknown recipient: got %v", err)
			}
			if err := c.Send(ctx, "x@example.org", "élève@example.com", []byte(mail)); err != nil {
				t.Errorf("after a refusal, on the same connection: %v", err)
			}
			if err := c.Close(); err != nil {
				t.Error(err)
			}
			want := []delivery{
				{from: "", to: "b@example.com", mail: mail},
				{from: "x@example.org", to: "élève@example.com", mail: mail},
			}
			if got := p.deliveries(); !slices.Equal(got, want) {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

// Some servers take passwords by LOGIN alone.
func TestSMTPSignsInByLogin(t *testing.T) {
	for _, kind := range []string{TLSImplicit, TLSStart, TLSNone} {
		p := startPost(t, kind)
		p.mechanism = sasl.Login
		if err := p.smtp(kind).Probe(t.Context()); err != nil {
			t.Errorf("%s: got %v, want to be signed in", kind, err)
		}
		wrong := p.smtp(kind)
		wrong.Password = "wrong-Pass"
		if err := wrong.Probe(t.Context()); err == nil || !strings.Contains(err.Error(), "535") ||
			strings.Contains(err.Error(), wrong.Password) {
			t.Errorf("%s, wrong password: got %v, want 535 and no password", kind, err)
		}
	}
}

// A server that knows no TLS but that of 2006 is not talked to.
func TestSMTPOldTLS(t *testing.T) {
	for version, want := range map[uint16]bool{tls.VersionTLS11: false, tls.VersionTLS12: true} {
		for _, kind := range []string{TLSImplicit, TLSStart} {
			p := startPost(t, kind, func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, version })
			if err := p.smtp(kind).Probe(t.Context()); (err == nil) != want {
				t.Errorf("%s, %s: got %v, want a connection: %t", tls.VersionName(version), kind, err, want)
			}
		}
	}
}

func TestSMTPRefusesToDial(t *testing.T) {
	start := startPost(t, TLSStart)
	implicit := startPost(t, TLSImplicit)
	none := startPost(t, TLSNone)
	tests := map[string]struct {
		smtp   SMTP
		change func(*SMTP)
		want   string // in the error
	}{
		"wrong password": {start.smtp(TLSStart), func(s *SMTP) { s.Password = "wrong-Pass" }, "535 5.7.8"},
		"unknown authority": {
			implicit.smtp(TLSImplicit), func(s *SMTP) { s.RootCAs = x509.NewCertPool() },
			"certificate",
		},
		"other name":            {start.smtp(TLSStart), func(s *SMTP) { s.Host = "localhost" }, "certificate"},
		"no STARTTLS there":     {none.smtp(TLSStart), func(*SMTP) {}, "STARTTLS"},
		"TLS where there isn't": {none.smtp(TLSImplicit), func(*SMTP) {}, "TLS"},
		"nobody listens":        {start.smtp(TLSStart), func(s *SMTP) { s.Port = closedPort(t) }, "refused"},
		"unknown kind":          {start.smtp(TLSStart), func(s *SMTP) { s.TLS = "opportunistic" }, "unknown kind"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			test.change(&test.smtp)
			err := test.smtp.Probe(t.Context())
			if err == nil || !strings.Contains(err.Error(), test.want) || FaultOf(err) != Connection {
				t.Errorf("got %v, want a fault of the connection with %q", err, test.want)
			}
			if err != nil && (strings.Contains(err.Error(), test.smtp.Password) ||
				strings.Contains(err.Error(), test.smtp.Username)) {
				t.Errorf("the error has the credentials: %v", err)
			}
		})
	}
}

func closedPort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func TestCleartextIsForLoopback(t *testing.T) {
	for address, want := range map[string]error{
		"127.0.0.1": nil, "::1": nil, "192.0.2.1": errCleartext,
		"2001:db8::1": errCleartext,
	} {
		c := farConn{addr: &net.TCPAddr{IP: net.ParseIP(address), Port: 25}}
		if _, err := (SMTP{TLS: TLSNone}).secure(t.Context(), c); !errors.Is(err, want) {
			t.Errorf("to %s: got %v, want %v", address, err, want)
		}
	}
}

type farConn struct {
	net.Conn
	addr net.Addr
}

func (c farConn) RemoteAddr() net.Addr { return c.addr }

// The whole outbox against a real server: TLS, authentication, one bad
// recipient among good ones, and what the log says at its most talkative.
func TestOutboxOverSMTP(t *testing.T) {
	p := startPost(t, TLSStart)
	s := newShelf()
	for i := range 50 {
		to := fmt.Sprintf("b%d@example.com", i)
		if i == 20 {
			to = "nobody@example.com"
		}
		s.add(time.Now(), to)
	}
	var told strings.Builder
	o := &Outbox{
		Store: s, Composer: writer(nil), Sender: p.smtp(TLSStart), From: "CNS <orders@example.org>",
		Fence: store.Fence{Holder: "a"},
		Log:   slog.New(slog.NewTextHandler(&told, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	stop := start(t, o)
	s.await(t, 50, time.Minute)
	stop()
	wantOutcomes(t, s, 49, 1, 0)
	got := p.deliveries()
	if len(got) != 49 {
		t.Fatalf("got %d mails, want 49", len(got))
	}
	for _, d := range got {
		var id int
		if _, err := fmt.Sscanf(d.to, "b%d@", &id); err != nil {
			t.Fatal(err)
		}
		if d.mail != string(s.entry(uint64(id+1)).Mail) {
			t.Errorf("the mail to %s is not the one that was sealed", d.to)
		}
		if d.from != "" {
			t.Errorf("envelope sender %q, want the null sender", d.from)
		}
	}
	if strings.Contains(told.String(), secret) {
		t.Error("the log has the password")
	}
}
