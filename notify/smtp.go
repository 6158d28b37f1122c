package notify

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"slices"
	"strings"
	"time"

	"github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// Sender opens connections to the server that takes our mail. It may be called
// concurrently.
type Sender interface {
	// Dial returns a connection that is ready to send mails. Any error means that no
	// mail can be sent now. Dial ends when ctx is done, and in any case in finite time.
	Dial(ctx context.Context) (Conn, error)
}

// Conn is a connection that carries one mail after the other. It is not safe for
// concurrent use.
type Conn interface {
	// Send hands one mail to the server. It returns nil if, and only if, the server
	// has taken the mail. The error is an *Error if the server refused the mail or
	// the connection failed. When ctx is done, Send cuts the connection; whether the
	// server has taken the mail is then unknown.
	Send(ctx context.Context, from, to string, mail []byte) error

	// Close ends the connection. It waits a second at most for the server's answer.
	Close() error
}

// The values of SMTP.TLS.
const (
	TLSImplicit = "implicit" // TLS from the first byte on, usually at port 465
	TLSStart    = "starttls" // TLS begun by STARTTLS, without which nothing is sent; usually at port 587
	TLSNone     = "none"     // no TLS: to loopback addresses only
)

// SMTP is a server that takes mail by submission (RFC 6409). It is a Sender.
type SMTP struct {
	Host     string
	Port     int
	TLS      string         // TLSImplicit, TLSStart or TLSNone
	RootCAs  *x509.CertPool // nil for the system's
	Username string         // "" to send without authentication
	Password string
	Tokens   Tokens        // to sign in by (OAUTHBEARER or XOAUTH2) instead of Password; nil to use Password
	HELO     string        // the name by which we introduce ourselves; "" for the machine's
	Timeout  time.Duration // how long connecting may take, and a mail until its final dot; 0 for 30 s

	token string // of this connection
}

// Tokens gets access tokens of OAuth 2.0. It may be called concurrently.
type Tokens interface {
	// Token returns an access token that should be valid. It ends when ctx is done.
	Token(ctx context.Context) (string, error)
	// Refused says that the server refused a token, so that Token returns another
	// from then on.
	Refused(token string)
}

// errCleartext: the peer of an unencrypted connection is not this machine.
var errCleartext = errors.New("unencrypted SMTP is for loopback addresses only")

// farewell is how long Close waits for the answer to QUIT.
const farewell = time.Second

// Dial connects, agrees on TLS and signs in, all within Timeout. Its error is an *Error
// whose Step is Connect, from which user name, password and token are removed.
func (s SMTP) Dial(ctx context.Context) (Conn, error) {
	c, err := s.dial(ctx)
	if err != nil {
		return nil, err
	}
	return c, nil
}

// Probe does everything that sending a mail takes, without sending one: it connects,
// agrees on TLS, signs in, sends a command that does nothing, and says goodbye.
func (s SMTP) Probe(ctx context.Context) error {
	c, err := s.dial(ctx)
	if err != nil {
		return err
	}
	return errors.Join(c.noop(ctx), c.Close())
}

func (s SMTP) dial(ctx context.Context) (*conn, error) {
	if s.Timeout == 0 {
		s.Timeout = 30 * time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()

	// go-mail's context covers no more than the dialling, and its failures
	// after that leave the socket open: we hold it, cut it when ctx is done, and
	// close it ourselves.
	c := &conn{timeout: s.Timeout}
	release := func() bool { return true }
	if s.Tokens != nil {
		token, err := s.Tokens.Token(ctx)
		if err != nil {
			return nil, newError(Connect, fmt.Errorf("token for %s: %w", s.Host, err))
		}
		s.token = token
	}
	client, err := s.client(func(dialling context.Context, network, address string) (net.Conn, error) {
		raw, err := new(net.Dialer).DialContext(dialling, network, address)
		if err != nil {
			return nil, err
		}
		c.raw = &bounded{Conn: raw, left: saidMost}
		release = context.AfterFunc(ctx, func() { raw.Close() })
		return s.secure(dialling, c.raw)
	})
	if err == nil {
		c.client, err = client.DialToSMTPClientWithContext(ctx)
	}
	if err == nil {
		c.client.Text.R = bufio.NewReader(&terse{from: c.client.Text.R})
	}
	if !release() {
		err = errors.Join(context.Cause(ctx), err)
	}
	if err != nil {
		if c.raw != nil {
			c.raw.Close()
		}
		fault := s.discreet(newError(Connect, err))
		if s.token != "" && fault.unauthenticated() {
			s.Tokens.Refused(s.token)
		}
		return nil, fault
	}
	return c, nil
}

// secure begins TLS if it has to begin before SMTP does. Without any TLS, it refuses a
// connection to another machine.
func (s SMTP) secure(ctx context.Context, raw net.Conn) (net.Conn, error) {
	switch s.TLS {
	case TLSImplicit:
		c := tls.Client(raw, s.tlsConfig())
		return c, c.HandshakeContext(ctx)
	case TLSStart:
		return raw, nil
	case TLSNone:
		if a, ok := raw.RemoteAddr().(*net.TCPAddr); !ok || !a.IP.IsLoopback() {
			return nil, errCleartext
		}
		return raw, nil
	default:
		return nil, fmt.Errorf("unknown kind of TLS %q", s.TLS)
	}
}

// client returns a new client of go-mail for one connection. A client is not safe for
// several connections at once.
func (s SMTP) client(dial mail.DialContextFunc) (*mail.Client, error) {
	options := []mail.Option{
		mail.WithPort(s.Port),
		mail.WithTimeout(s.Timeout),
		mail.WithTLSPolicy(mail.NoTLS),
		mail.WithDialContextFunc(dial),
	}
	if s.TLS == TLSStart {
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory), mail.WithTLSConfig(s.tlsConfig()))
	}
	if s.HELO != "" {
		options = append(options, mail.WithHELO(s.HELO))
	}
	switch {
	case s.token != "":
		options = append(options, mail.WithSMTPAuthCustom(
			&bearer{user: s.Username, token: s.token, host: s.Host, port: s.Port}))
	case s.Username != "":
		mechanisms := []mail.SMTPAuthType{mail.SMTPAuthPlain, mail.SMTPAuthLogin, mail.SMTPAuthSCRAMSHA256}
		if s.TLS == TLSNone {
			mechanisms = []mail.SMTPAuthType{mail.SMTPAuthPlainNoEnc, mail.SMTPAuthLoginNoEnc, mail.SMTPAuthSCRAMSHA256}
		}
		options = append(options, mail.WithUsername(s.Username), mail.WithPassword(s.Password),
			mail.WithOpportunisticSMTPAuth(mechanisms...))
	}
	return mail.NewClient(s.Host, options...)
}

func (s SMTP) tlsConfig() *tls.Config {
	return &tls.Config{ServerName: s.Host, RootCAs: s.RootCAs, MinVersion: tls.VersionTLS12}
}

// discreet removes the user name, password and token from an error, in case the server
// repeated them in its answer: as they are, and encoded as they are sent.
func (s SMTP) discreet(e *Error) *Error {
	encode := base64.StdEncoding.EncodeToString
	b := bearer{user: s.Username, token: s.token, host: s.Host, port: s.Port}
	for _, secret := range []string{
		encode([]byte("\x00" + s.Username + "\x00" + s.Password)), encode([]byte(s.Password)),
		encode([]byte(s.Username)),
		encode(b.first(oauthBearer)), encode(b.first(xoauth2)), s.token, s.Password, s.Username,
	} {
		if secret != "" && strings.Contains(e.Words, secret) {
			e.Words = strings.ReplaceAll(e.Words, secret, "[…]")
			e.Err = nil // its text has the secrets too
		}
	}
	return e
}

// conn is one connection: go-mail's SMTP client, and the socket beneath it.
type conn struct {
	client  *smtp.Client
	raw     *bounded
	timeout time.Duration
	open    bool // a mail was begun and not taken, so the next needs a RSET before it
}

// Send hands over one mail. Up to the final dot it takes SMTP.Timeout at most. For the
// answer to the dot it waits until ctx is done: if we don't wait for the answer, the mail
// is sent twice (RFC 5321, 4.5.3.2.6 asks for 10 minutes). The bytes are sent as they are,
// except for the dots and line ends that RFC 5321, 4.5.2 requires.
func (c *conn) Send(ctx context.Context, from, to string, mail []byte) error {
	release := context.AfterFunc(ctx, func() { c.raw.Close() })
	defer release()
	c.raw.renew()
	err := c.begin(from, to)
	if err == nil {
		err = c.data(ctx, mail)
	}
	if err == nil {
		return nil
	}
	if err.lost() {
		c.raw.Close() // without a QUIT, before which the client would end DATA with a dot
	}
	return err
}

// begin sends the commands of a mail up to RCPT.
func (c *conn) begin(from, to string) *Error {
	if !isPath(to) {
		return &Error{Step: Rcpt, Code: 553, Enhanced: "5.1.3", Words: "not an address"}
	}
	// SMTPUTF8 is asked for where it is needed only: the next server on the way
	// may refuse it (RFC 6531, 3.6).
	plain := isASCII(from) && isASCII(to)
	if ok, _ := c.client.Extension("SMTPUTF8"); !ok && !plain {
		return &Error{
			Step: Rcpt, Code: 553, Enhanced: "5.6.7",
			Words: "the server takes no address that needs SMTPUTF8",
		}
	}
	c.client.SkipSMTPUTF8(plain)

	if err := c.client.UpdateDeadline(c.timeout); err != nil {
		return newError(Mail, err)
	}
	if c.open {
		if err := c.client.Reset(); err != nil {
			return newError(Mail, err)
		}
	}
	c.open = true
	if err := c.client.Mail("<" + from + ">"); err != nil {
		return newError(Mail, err)
	}
	if err := c.client.Rcpt("<" + to + ">"); err != nil {
		return newError(Rcpt, err)
	}
	return nil
}

// data sends the mail and waits for the answer. It writes directly to the connection of
// go-mail's client, because the client's own writer goes byte by byte and writes pieces of
// 4 KiB, which takes longer than to compose the mail.
func (c *conn) data(ctx context.Context, mail []byte) *Error {
	text := c.client.Text
	if err := ask(text, 354, "DATA"); err != nil {
		return newError(Data, err)
	}
	_, err := text.W.Write(dotted(mail))
	if err == nil {
		err = text.W.Flush()
	}
	if err != nil {
		// A server that closes the connection early may have said why.
		_, _, refusal := text.ReadResponse(250)
		if _, answered := errors.AsType[*textproto.Error](refusal); answered {
			err = refusal
		}
		return newError(Data, err)
	}
	if end, ok := ctx.Deadline(); ok {
		if err := c.client.UpdateDeadline(time.Until(end)); err != nil {
			return newError(Data, err)
		}
	}
	if _, _, err := text.ReadResponse(250); err != nil {
		return newError(Dot, err)
	}
	c.open = false
	return nil
}

// ask sends a command and expects an answer of that code.
func ask(text *textproto.Conn, code int, command string) error {
	id, err := text.Cmd("%s", command)
	if err != nil {
		return err
	}
	text.StartResponse(id)
	defer text.EndResponse(id)
	_, _, err = text.ReadResponse(code)
	return err
}

// dotted is a mail as DATA wants it (RFC 5321, 4.5.2): lines that end in CRLF,
// none of them beginning with a single dot, and the final dot.
func dotted(mail []byte) []byte {
	plain := bytes.HasSuffix(mail, []byte("\r\n")) &&
		bytes.Count(mail, []byte("\n")) == bytes.Count(mail, []byte("\r\n")) &&
		!bytes.HasPrefix(mail, []byte(".")) && !bytes.Contains(mail, []byte("\n."))
	if plain {
		return slices.Concat(mail, []byte(".\r\n"))
	}
	var b bytes.Buffer
	w := bufio.NewWriter(&b)
	d := textproto.NewWriter(w).DotWriter()
	_, _ = d.Write(mail) // a buffer takes every write
	_ = d.Close()
	return b.Bytes()
}

func (c *conn) noop(ctx context.Context) error {
	release := context.AfterFunc(ctx, func() { c.raw.Close() })
	defer release()
	if err := c.client.UpdateDeadline(c.timeout); err != nil {
		return newError(Connect, err)
	}
	if err := c.client.Noop(); err != nil {
		return newError(Connect, err)
	}
	return nil
}

// Close says QUIT and closes the socket, whatever the answer.
func (c *conn) Close() error {
	if c.client.UpdateDeadline(farewell) == nil {
		_ = c.client.Quit() // an error changes nothing: the connection ends in any case
	}
	if err := c.raw.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("close SMTP connection: %w", err)
	}
	return nil
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(c rune) bool { return c >= 0x80 })
}
