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

// secure does the TLS handshake that Config.TLS asks for, and returns the connection to
// speak IMAP on. The error wraps ErrTLS unless the network is at fault.
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
			return nil, fault // the network failed, not TLS
		}
		return nil, fmt.Errorf("%w: %w", ErrTLS, err)
	}
	return &greeted{Conn: secured, r: io.MultiReader(strings.NewReader(greeting), secured)}, nil
}

// maxGreeting is how many octets startTLS reads at most: the server's greeting and its
// answer to STARTTLS.
const maxGreeting = 16 << 10

// startTLS reads the server's greeting and sends STARTTLS (RFC 9051, section 6.2.1). When
// it returns, the handshake may begin. go-imap still expects a greeting, so startTLS
// returns one to be read in place of the one that it has consumed.
//
// We don't use go-imap's own STARTTLS: it can wait for ever if the connection ends in
// the middle of the answer, and its error does not tell a bad certificate from a bad
// network.
func startTLS(conn net.Conn) (greeting string, err error) {
	r := bufio.NewReader(io.LimitReader(conn, maxGreeting))
	line, err := r.ReadString('\n')
	if err != nil {
		return "", err
	}
	// After the greeting PREAUTH, which says that we are signed in already, IMAP does not
	// allow STARTTLS. Anybody on the network could send that line to keep us from
	// encrypting, so we don't go on without TLS.
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

// greeted is a TLS connection from which one first reads a greeting: r is the greeting,
// followed by the connection.
type greeted struct {
	net.Conn
	r io.Reader
}

func (g *greeted) Read(p []byte) (int, error) { return g.r.Read(p) }
