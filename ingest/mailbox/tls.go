package mailbox

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
)

// secure returns the connection that IMAP is to be spoken on.
func (s *Session) secure(ctx context.Context) (net.Conn, error) {
	var greeting string
	switch s.config.TLS {
	case "none":
		return s.conn, nil
	case "implicit":
	case "starttls":
		var err error
		if greeting, err = startTLS(s.conn); err != nil {
			return nil, err
		}
	default:
		return nil, fmt.Errorf("%w: tls %q is none of implicit, starttls, none", ErrTLS, s.config.TLS)
	}
	secured := tls.Client(s.conn, &tls.Config{
		MinVersion: tls.VersionTLS12,
		ServerName: s.config.Host,
		RootCAs:    s.config.RootCAs,
	})
	if err := secured.HandshakeContext(ctx); err != nil {
		if fault := s.conn.fault(); fault != nil {
			return nil, fault // the network's doing
		}
		return nil, fmt.Errorf("%w: %w", ErrTLS, err)
	}
	return &greeted{Conn: secured, r: io.MultiReader(strings.NewReader(greeting), secured)}, nil
}

// maxGreeting bounds what is read before TLS: a greeting and an answer.
const maxGreeting = 16 << 10

// startTLS has the server ready for a handshake (RFC 9051, 6.2.1), and returns a
// greeting in place of the one that it consumed. It stands in for go-imap's own,
// which can wait for ever on a connection that ends in mid-answer and can't tell
// a bad certificate from a bad network.
func startTLS(conn net.Conn) (greeting string, err error) {
	r := bufio.NewReader(io.LimitReader(conn, maxGreeting))
	line, err := r.ReadString('\n')
	if err != nil {
		return "", err
	}
	// A server that is already logged in (PREAUTH) can't start TLS, and to go on
	// without would be to trust whoever sent that line.
	if !strings.HasPrefix(strings.ToUpper(line), "* OK") {
		return "", fmt.Errorf("the mail server greets with %q", strings.TrimSpace(line))
	}
	if _, err := io.WriteString(conn, "S1 STARTTLS\r\n"); err != nil {
		return "", err
	}
	for strings.HasPrefix(line, "*") {
		if line, err = r.ReadString('\n'); err != nil {
			return "", err
		}
	}
	if !strings.HasPrefix(strings.ToUpper(line), "S1 OK") {
		return "", fmt.Errorf("%w: to STARTTLS it answers %q", ErrTLS, strings.TrimSpace(line))
	}
	if r.Buffered() > 0 {
		return "", fmt.Errorf("%w: %w", ErrTLS, errors.New("plain text follows the answer to STARTTLS"))
	}
	return "* OK ready\r\n", nil
}

// greeted is a connection that reads from r.
type greeted struct {
	net.Conn
	r io.Reader
}

func (g *greeted) Read(p []byte) (int, error) { return g.r.Read(p) }
