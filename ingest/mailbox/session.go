// Package mailbox reads one folder of an IMAP account and moves its messages to
// others. It never deletes a message, never changes a flag of one that stays, and
// leaves alone all that is older than the configured date.
//
// Every wait has a limit and heeds its context: a server that falls silent, a
// network that swallows packets and a cancelled context all end the connection,
// and the call with an error. After an error a Session is of no more use, but
// for Close; what it had not delivered or moved is found again by the next one.
// The exceptions are Prepare and Move: of what the server merely refuses, the
// Session goes on.
package mailbox

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"golang.org/x/text/unicode/norm"

	"bdc/order"
)

// Errors that trying again does not mend. All others may pass by themselves.
var (
	ErrAuth       = errors.New("the mail server refuses the credentials")
	ErrTLS        = errors.New("no trusted TLS connection to the mail server")
	ErrCannotMove = errors.New("the mail server has neither MOVE nor UIDPLUS: messages can't be moved safely")
	ErrReadOnly   = errors.New("the mail server lets us read the folder only: nothing can be moved out of it")
)

// ErrStale says that a key is of another mailbox, or of the same before its
// server renumbered it: ask Pending for the keys of now.
var ErrStale = errors.New("the key is not of this session's mailbox")

const (
	defaultInactivity = 50 * time.Second
	logoutTime        = 2 * time.Second
)

// Config says which folder of which account to read, and how.
type Config struct {
	Host       string
	Port       int
	TLS        string         // "implicit", "starttls", or "none", which is refused beyond loopback
	RootCAs    *x509.CertPool // nil: the system's
	Username   string
	Password   string
	Tokens     Tokens        // sign in by them (OAUTHBEARER or XOAUTH2) and not by Password; nil: by Password
	Folder     string        // "/" separates levels, whatever the server uses
	Since      time.Time     // older messages, by the time when the server took them in, are left alone; zero: none are
	Inactivity time.Duration // the longest silence while the server owes an answer; 0: 50 s
	// Dialer makes the TCP connection; nil: one that notices a dead peer in 25 s.
	Dialer func(ctx context.Context, network, address string) (net.Conn, error)
	Log    *slog.Logger // nil: none
}

// Tokens are access tokens of OAuth 2.0.
type Tokens interface {
	// Token returns one that is worth trying. It ends with ctx.
	Token(ctx context.Context) (string, error)
	// Refused says that a server refuses a token: it is not to be returned again.
	Refused(token string)
}

// Session is a logged-in connection with the folder selected. It is not safe for
// concurrent use. Whoever dialled it closes it.
type Session struct {
	config   Config
	log      *slog.Logger
	account  string
	token    string // "" where it is by password
	folder   string // Config.Folder in NFC: that of the keys
	validity uint32
	readOnly bool
	conn     *watched
	client   *imapclient.Client
	caps     imap.CapSet
	naming   naming
	answers  recording
	targets  map[string]string // the server's name of each target folder met so far

	messages atomic.Int64  // in the folder, as last told
	arrived  chan struct{} // holds a token when messages came since the last search
}

// Dial connects, secures the connection (TLS 1.2 at least, verified), logs in by
// PLAIN or LOGIN, or by a token, and selects the folder for reading and writing.
// The error wraps ErrAuth or ErrTLS where trying again is useless, unless
// somebody mends it; a token that is refused is given back, so that the next Dial
// tries another.
func Dial(ctx context.Context, c Config) (*Session, error) {
	if c.TLS == "none" && !loopback(c.Host) {
		return nil, fmt.Errorf("%w: tls \"none\" is for loopback only, and %s is not", ErrTLS, c.Host)
	}
	if c.Inactivity <= 0 {
		c.Inactivity = defaultInactivity
	}
	if c.Dialer == nil {
		c.Dialer = defaultDialer().DialContext
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	var token string
	if c.Tokens != nil {
		var err error
		if token, err = c.Tokens.Token(ctx); err != nil {
			return nil, fmt.Errorf("token for %s: %w", c.Host, err)
		}
	}
	address := net.JoinHostPort(c.Host, strconv.Itoa(c.Port))
	dialling, cancel := context.WithTimeout(ctx, c.Inactivity)
	defer cancel()
	conn, err := c.Dialer(dialling, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", address, err)
	}
	s := &Session{
		config: c, log: c.Log, token: token,
		account: c.Username + "@" + c.Host,
		folder:  norm.NFC.String(c.Folder),
		conn:    &watched{Conn: conn, writing: c.Inactivity},
		targets: map[string]string{},
		arrived: make(chan struct{}, 1),
	}
	if err := s.do(ctx, "open "+address, func() error { return s.open(ctx) }); err != nil {
		s.abandon()
		return nil, err
	}
	return s, nil
}

// open brings a fresh connection to where the folder is selected.
func (s *Session) open(ctx context.Context) error {
	conn, err := s.secure(ctx)
	if err != nil {
		return err
	}
	conn = &tap{Conn: conn, answers: &s.answers}
	s.client = imapclient.New(conn, &imapclient.Options{
		UnilateralDataHandler: &imapclient.UnilateralDataHandler{
			Mailbox: s.told,
			Expunge: func(uint32) { s.messages.Add(-1) },
		},
	})
	if err := s.client.WaitGreeting(); err != nil {
		return err
	}
	if err := s.authenticate(); err != nil {
		return err
	}
	s.caps = s.client.Caps()
	// A server that also speaks IMAP4rev1 expects folder names in UTF-7 until it
	// is told otherwise (RFC 9051, 6.3.1), and go-imap sends UTF-8 wherever it
	// sees IMAP4rev2.
	if s.caps.Has(imap.CapIMAP4rev2) {
		if _, err := s.client.Enable(imap.CapIMAP4rev2).Wait(); err != nil {
			return err
		}
	}
	if s.naming, err = s.names(); err != nil {
		return err
	}
	return s.choose()
}

// choose selects the folder.
func (s *Session) choose() error {
	name, _, err := s.find(s.folder)
	if err != nil {
		return err
	}
	s.answers.begin()
	selected, err := s.client.Select(name, nil).Wait()
	s.readOnly = readOnly.Match(s.answers.end())
	if err != nil {
		return fmt.Errorf("select folder %q: %w", name, err)
	}
	if selected.UIDValidity == 0 {
		return fmt.Errorf("select folder %q: the server gives no UIDVALIDITY", name)
	}
	s.validity = selected.UIDValidity
	s.messages.Store(int64(selected.NumMessages))
	return nil
}

// do has one exchange with the server. While f runs, the server may be silent
// for Config.Inactivity at most; the end of ctx ends the connection and so f.
func (s *Session) do(ctx context.Context, what string, f func() error) error {
	stop := context.AfterFunc(ctx, func() { s.conn.end(ctx.Err()) })
	defer stop()
	s.conn.arm(s.config.Inactivity)
	defer s.conn.arm(0)
	err := f()
	if err == nil {
		return nil
	}
	// go-imap has one word, "unexpected EOF", for all that ends a connection, and
	// crypto/tls closes it itself when ctx ends.
	switch fault := s.conn.fault(); {
	case ctx.Err() != nil:
		err = ctx.Err()
	case fault != nil && !errors.Is(fault, net.ErrClosed):
		err = fault
	}
	return fmt.Errorf("%s: %w", what, err)
}

// uids returns those of keys, once it is sure that they are the session's.
func (s *Session) uids(keys []order.Key) ([]imap.UID, error) {
	uids := make([]imap.UID, len(keys))
	for i, key := range keys {
		if key != s.key(imap.UID(key.UID)) {
			return nil, fmt.Errorf("%w: %q under UIDVALIDITY %d, now %d", ErrStale, key.Folder, key.UIDValidity, s.validity)
		}
		uids[i] = imap.UID(key.UID)
	}
	return uids, nil
}

func (s *Session) key(uid imap.UID) order.Key {
	return order.Key{Account: s.account, Folder: s.folder, UIDValidity: s.validity, UID: uint32(uid)}
}

// Close logs out, for two seconds at most, and closes the connection. It never
// hangs and has no error to tell.
func (s *Session) Close() error {
	if s.conn.fault() == nil {
		hurry := time.AfterFunc(logoutTime, func() { s.conn.Close() })
		defer hurry.Stop()
		if err := s.client.Logout().Wait(); err != nil {
			s.log.Debug("log out of the mail server", "err", err)
		}
	}
	s.abandon()
	return nil
}

// abandon closes the connection and lets its reader end. That takes no time,
// unless a panic in a callback of Fetch left the reader with a half-read literal.
func (s *Session) abandon() {
	s.conn.Close()
	if s.client == nil {
		return
	}
	select {
	case <-s.client.Closed():
	case <-time.After(logoutTime):
	}
}

// loopback reports whether a host is this machine, without asking a name server.
func loopback(host string) bool {
	return strings.EqualFold(host, "localhost") || net.ParseIP(host).IsLoopback()
}
