// Package mailbox reads the messages in one folder of an IMAP account and moves them
// to other folders of the account. It never loses a message, never changes the flags
// of a message that stays in the folder, and ignores every message older than a
// configured date.
//
// Dial opens a Session. A caller then repeats this round: Pending lists the messages
// in the folder, Fetch reads them, Move moves those that are done out of the way, and
// Wait returns when new ones arrive.
//
// Of what the server says, package wire reads the answers to our own commands, as servers
// really give them; go-imap, which ends a connection over an answer that it can't parse,
// signs in, names folders, writes and waits (docs/adr/011-tolerant-reader.md says why).
//
// Every call that talks to the server takes a context and has a time limit. When the
// context is done, the server falls silent or the network swallows packets, the
// connection is closed and the call returns an error.
//
// After an error a Session can only be closed. The caller then dials a new one, whose
// Pending lists again every message that was not moved. There are three exceptions,
// after which the same Session can still be used: an error that wraps ErrStale,
// ErrReadOnly or ErrCannotMove, and any other refusal by which the server answers
// Prepare or Move.
package mailbox

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"golang.org/x/text/unicode/norm"

	"bdc/ingest/mailbox/wire"
	"bdc/order"
)

// Permanent errors: it is useless to try again until somebody changes the
// configuration, the account or the server. All other errors of this package, but
// for ErrStale, may pass by themselves.
var (
	// ErrAuth is wrapped by Dial's error when the server refuses the password or the
	// token, or offers no way to sign in that we know.
	ErrAuth = errors.New("the mail server refuses the credentials")
	// ErrTLS is wrapped by Dial's error when the server's certificate is not trusted,
	// when the server refuses STARTTLS or can't do TLS 1.2 or later, or when Config.TLS
	// is wrong.
	ErrTLS = errors.New("no trusted TLS connection to the mail server")
	// ErrCannotMove is wrapped by Move's error when the server has none of the
	// extensions by which messages can be moved without a risk of losing some.
	ErrCannotMove = errors.New("the mail server has neither MOVE nor UIDPLUS: messages can't be moved safely")
	// ErrReadOnly is wrapped by Move's error when the server lets this account read
	// the folder but not change it.
	ErrReadOnly = errors.New("the mail server lets us read the folder only: nothing can be moved out of it")
)

// ErrNoFolder is wrapped by Dial's error when there is no folder of that name.
var ErrNoFolder = errors.New("the folder does not exist")

// ErrStale is wrapped by the error of Fetch and Move when a key comes from another
// account or folder, or from this folder before the server renumbered its messages
// (another UIDVALIDITY). The caller gets valid keys from Pending.
var ErrStale = errors.New("the key is not of this session's mailbox")

const (
	defaultInactivity = 50 * time.Second
	logoutTime        = time.Second // how long Close waits for the server
)

// Config says which folder of which account to read, and how to connect.
type Config struct {
	Host string // a name or an address; the server's certificate must be for it
	Port int
	// TLS is "implicit" (TLS from the first octet), "starttls", or "none". "none" is
	// accepted only for a server on this machine (localhost or a loopback address).
	TLS string
	// RootCAs are the authorities whose certificates are trusted; nil for the system's.
	RootCAs  *x509.CertPool
	Username string
	// Password signs in (by PLAIN or LOGIN) if Tokens is nil.
	Password string
	// Tokens, if not nil, are used to sign in (by OAUTHBEARER or XOAUTH2) instead of
	// Password.
	Tokens Tokens
	// Folder is the folder to read. "/" separates levels, whatever the server uses.
	Folder string
	// Examine opens the folder for reading only (EXAMINE): nothing in it can be changed
	// through this session, not even which messages are new to mail programs.
	Examine bool
	// Since is the date before which messages are ignored, by the time at which the
	// server received them (INTERNALDATE). Zero: no message is ignored.
	Since time.Time
	// Inactivity is how long the server may be silent while we wait for an answer.
	// Also each connection attempt and each write may take that long. 0 for 50 s.
	Inactivity time.Duration
	// Dialer makes the TCP connection. nil for a dialer whose connections fail some
	// 25 s after the server has vanished from the network.
	Dialer func(ctx context.Context, network, address string) (net.Conn, error)
	// Gate, if not nil, keeps Dial from presenting credentials again too soon that were refused.
	Gate *Gate
	Log  *slog.Logger // nil for no log
}

// Tokens hands out OAuth 2.0 access tokens to sign in with. Sessions that share a
// Tokens call it from their own goroutines.
type Tokens interface {
	// Token returns an access token that is expected to be valid now. It may ask the
	// identity provider for a new one, and returns an error once ctx is done.
	Token(ctx context.Context) (string, error)
	// Refused tells that the mail server refused this token. Token must not return
	// the same one again.
	Refused(token string)
}

// Session is a connection to the mail server, signed in and with the folder selected.
// It is not safe for concurrent use. Whoever called Dial must call Close.
type Session struct {
	config   Config
	log      *slog.Logger
	account  string
	token    string // the access token that signs in; "" with a password
	folder   string // Config.Folder in NFC, as the keys of messages name it
	validity uint32 // the folder's UIDVALIDITY
	readOnly bool   // the server lets us read the folder only
	conn     *watched
	wire     *wire.Conn         // on top of conn and TLS: our own commands
	client   *imapclient.Client // on top of wire
	caps     imap.CapSet        // what the server announces and has not refused
	naming   naming
	targets  map[string]string // the server's name of each folder that target has looked up

	old       map[uint32]bool // UIDs of messages that Fetch has found to be older than Config.Since
	slowest   time.Duration   // the longest time that one of our commands has taken, but for those of Fetch
	unmovable bool            // the server has refused what it takes to move messages

	messages atomic.Int64  // in the folder, according to the server's last news
	arrived  chan struct{} // holds a token if messages arrived since the last Pending
}

// Dial connects, verifies the server's certificate (TLS 1.2 at least), signs in, and
// selects the folder for reading and writing.
//
// The error wraps ErrAuth or ErrTLS if it is useless to try again until somebody
// changes the configuration, the account or the server. If the server refuses an
// access token, Dial reports the token to Config.Tokens, so the next Dial signs in with
// another one.
func Dial(ctx context.Context, c Config) (*Session, error) {
	return dial(ctx, c, (*Session).choose)
}

// dial connects and signs in. It then calls ready, which completes the session.
func dial(ctx context.Context, c Config, ready func(*Session) error) (*Session, error) {
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
	if err := c.Gate.ask(); err != nil {
		return nil, err
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
		old:     map[uint32]bool{},
		arrived: make(chan struct{}, 1),
	}
	if err := s.do(ctx, "open "+address, func() error {
		if err := s.open(ctx); err != nil {
			return err
		}
		return ready(s)
	}); err != nil {
		s.abandon()
		return nil, err
	}
	return s, nil
}

// open takes a new connection through TLS, greeting and sign-in, and learns how the server
// names folders.
func (s *Session) open(ctx context.Context) error {
	conn, err := s.secure(ctx)
	if err != nil {
		return err
	}
	s.wire = wire.NewConn(conn)
	s.wire.Told = s.told
	s.client = imapclient.New(s.wire, nil)
	if err := s.client.WaitGreeting(); err != nil {
		return err
	}
	if err := s.learn(); err != nil {
		return err
	}
	if err := s.config.Gate.note(s.authenticate()); err != nil {
		return err
	}
	if err := s.learn(); err != nil {
		return err
	}
	s.caps = maps.Clone(s.client.Caps())
	s.naming, err = s.names()
	return err
}

// learn asks for the server's capabilities, unless it has just announced them.
func (s *Session) learn() error {
	if s.wire.Announced() {
		return nil
	}
	if _, err := s.client.Capability().Wait(); err != nil && !isRefusal(err) {
		return fmt.Errorf("ask for capabilities: %w", err)
	}
	return nil
}

// choose finds the folder and selects it.
func (s *Session) choose() error {
	name, exists, err := s.find(s.folder)
	if err != nil {
		return err
	}
	err = s.selectFolder(name, s.config.Examine)
	if refusal := (*imap.Error)(nil); !exists && errors.As(err, &refusal) {
		return fmt.Errorf("%w: %w", ErrNoFolder, err)
	}
	return err
}

// do runs f, which has one exchange with the server, and adds what to its error.
// While f runs, the server may be silent for at most Config.Inactivity. When ctx is
// done, do closes the connection, which makes f return. Between two calls of do the
// server may be silent as long as it likes.
func (s *Session) do(ctx context.Context, what string, f func() error) error {
	stop := context.AfterFunc(ctx, func() { s.conn.end(ctx.Err()) })
	defer stop()
	s.conn.arm(s.config.Inactivity)
	defer s.conn.arm(0)
	err := f()
	if err == nil {
		return nil
	}
	// Whatever ended the connection, go-imap says "unexpected EOF". We return the reason
	// that we know instead. A fault of net.ErrClosed is none: crypto/tls closes the
	// connection itself when its context is done.
	switch fault := s.conn.fault(); {
	case ctx.Err() != nil:
		err = ctx.Err()
	case fault != nil && !errors.Is(fault, net.ErrClosed):
		err = fault
	}
	return fmt.Errorf("%s: %w", what, err)
}

// uids returns the UIDs of keys. The error wraps ErrStale if a key does not belong to
// this session's account, folder and UIDVALIDITY.
func (s *Session) uids(keys []order.Key) ([]uint32, error) {
	uids := make([]uint32, len(keys))
	for i, key := range keys {
		if key.Plain() != s.key(key.UID) {
			return nil, fmt.Errorf("%w: %q under UIDVALIDITY %d, now %d",
				ErrStale, key.Folder, key.UIDValidity, s.validity)
		}
		uids[i] = key.UID
	}
	return uids, nil
}

// key returns the key of the message with that UID.
func (s *Session) key(uid uint32) order.Key {
	return order.Key{Account: s.account, Folder: s.folder, UIDValidity: s.validity, UID: uid}
}

// Close logs out and closes the connection. It waits at most a second for the server's
// answer, then at most one more for the connection's reader to end. It always returns nil.
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

// abandon closes the connection and waits until go-imap's reader goroutine has ended.
func (s *Session) abandon() {
	s.conn.Close()
	if s.client == nil {
		return
	}
	s.wire.Close()
	select {
	case <-s.client.Closed():
	case <-time.After(logoutTime):
	}
}

// loopback reports whether host is "localhost" or a loopback address. It asks no name
// server.
func loopback(host string) bool {
	return strings.EqualFold(host, "localhost") || net.ParseIP(host).IsLoopback()
}
