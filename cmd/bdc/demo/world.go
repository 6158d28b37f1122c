package demo

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"bdc/ingest/mailtest/memserver"
)

// User and Password are the credentials that both servers take.
const (
	User     = "numeriquelibraires@demo.invalid"
	Password = "demo"
)

// World is the two servers, with one inbox. Its methods may be called concurrently.
type World struct {
	IMAP, SMTP *net.TCPAddr // where the servers listen
	Replies    string       // the folder that replies are written to, as "001.eml" and so on

	// Replied is called with each reply after it was written, before the SMTP server
	// answers. It may be nil; set it before the first reply.
	Replied func(raw []byte)

	imap  *imapserver.Server
	smtp  *smtp.Server
	inbox *imapmemserver.User
	wg    sync.WaitGroup

	mu   sync.Mutex
	sent int
}

// NewWorld starts both servers on free ports of the loopback interface. Replies are
// written to the folder replies, which must exist. The caller closes the World.
func NewWorld(replies string) (*World, error) {
	w := &World{Replies: replies, inbox: imapmemserver.NewUser(User, Password)}
	if err := w.inbox.Create("INBOX", nil); err != nil {
		return nil, err
	}
	w.imap = memserver.New(w.inbox, imap.CapUIDPlus, imap.CapMove, imap.CapESearch, imap.CapNamespace,
		imap.CapListExtended, imap.CapListStatus, imap.CapSpecialUse)
	submit := func(*smtp.Conn) (smtp.Session, error) { return &submission{world: w}, nil }
	w.smtp = smtp.NewServer(smtp.BackendFunc(submit))
	w.smtp.Domain, w.smtp.AllowInsecureAuth, w.smtp.ErrorLog = "demo.invalid", true, quiet{}
	w.smtp.MaxMessageBytes, w.smtp.ReadTimeout, w.smtp.WriteTimeout = 50<<20, time.Minute, time.Minute

	mailbox, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	outgoing, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(err, mailbox.Close())
	}
	w.IMAP, w.SMTP = mailbox.Addr().(*net.TCPAddr), outgoing.Addr().(*net.TCPAddr)
	w.wg.Go(func() { _ = w.imap.Serve(mailbox) }) // both end with Close
	w.wg.Go(func() { _ = w.smtp.Serve(outgoing) })
	return w, nil
}

// Close ends both servers and waits for them.
func (w *World) Close() error {
	err := errors.Join(w.imap.Close(), w.smtp.Close())
	w.wg.Wait()
	return err
}

// Authserv is the name in the Authentication-Results of every delivered message: it
// says that the sender was verified (see accept.authserv_id in the configuration).
const Authserv = "mx.demo.invalid"

var fromDomain = regexp.MustCompile(`(?m)^From: [^\r\n]*@([\w.-]+)>?\r?$`)

// Deliver puts a message into the inbox, with an Authentication-Results field that
// confirms its sender.
func (w *World) Deliver(raw []byte) error {
	if from := fromDomain.FindSubmatch(raw); from != nil {
		raw = append(fmt.Appendf(nil, "Authentication-Results: %s; dmarc=pass header.from=%s\r\n", Authserv, from[1]),
			raw...)
	}
	return memserver.Append(w.inbox, time.Now(), raw)
}

// Sent returns how many replies the SMTP server has taken.
func (w *World) Sent() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.sent
}

// quiet drops what the SMTP server logs about clients that disconnect.
type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

// submission takes every mail of a client that has signed in, and writes it to the
// folder of replies.
type submission struct {
	world *World
	known bool
}

func (s *submission) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *submission) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != User || password != Password {
			return smtp.ErrAuthFailed
		}
		s.known = true
		return nil
	}), nil
}

func (s *submission) Mail(string, *smtp.MailOptions) error {
	if !s.known {
		return smtp.ErrAuthRequired
	}
	return nil
}

func (s *submission) Rcpt(string, *smtp.RcptOptions) error { return nil }

func (s *submission) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.world.mu.Lock()
	defer s.world.mu.Unlock()
	s.world.sent++
	path := filepath.Join(s.world.Replies, fmt.Sprintf("%03d.eml", s.world.sent))
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		return err
	}
	if s.world.Replied != nil {
		s.world.Replied(raw)
	}
	return nil
}

func (s *submission) Reset()        {}
func (s *submission) Logout() error { return nil }
