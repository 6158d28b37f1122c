package demo

import (
	"bytes"
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
	users := imapmemserver.New()
	users.AddUser(w.inbox)
	w.imap = imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return &session{users.NewSession()}, nil, nil
		},
		Caps: imap.CapSet{
			imap.CapIMAP4rev1: {}, imap.CapUIDPlus: {}, imap.CapMove: {}, imap.CapESearch: {}, imap.CapNamespace: {},
			imap.CapListExtended: {},
			imap.CapListStatus:   {}, imap.CapSpecialUse: {},
		},
		InsecureAuth: true,
		Logger:       quiet{},
	})
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
	_, err := w.inbox.Append("INBOX", literal{bytes.NewReader(raw)}, &imap.AppendOptions{Time: time.Now()})
	return err
}

// Sent returns how many replies the SMTP server has taken.
func (w *World) Sent() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.sent
}

type literal struct{ *bytes.Reader }

func (l literal) Size() int64 { return l.Reader.Size() }

// quiet drops what the servers log about clients that disconnect.
type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

// session works around faults of the in-memory server: its IDLE misses new messages,
// its MOVE reports each expunged message twice, and its COPY and MOVE of no messages
// answer what no client can parse.
type session struct{ imapserver.Session }

func (s *session) Idle(w *imapserver.UpdateWriter, stop <-chan struct{}) error {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return nil
		case <-tick.C:
			if err := s.Poll(w, true); err != nil {
				return err
			}
		}
	}
}

func (s *session) Namespace() (*imap.NamespaceData, error) {
	return s.Session.(imapserver.SessionNamespace).Namespace()
}

// Copy returns nil data when nothing was copied.
func (s *session) Copy(set imap.NumSet, dest string) (*imap.CopyData, error) {
	copied, err := s.Session.Copy(set, dest)
	if err != nil || len(copied.SourceUIDs) == 0 {
		return nil, err
	}
	return copied, nil
}

func (s *session) Move(w *imapserver.MoveWriter, set imap.NumSet, dest string) error {
	copied, err := s.Copy(set, dest)
	if err != nil || copied == nil {
		return err
	}
	if err := w.WriteCopyData(copied); err != nil {
		return err
	}
	deleted := &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagDeleted}}
	if err := s.Store(nil, copied.SourceUIDs, deleted, nil); err != nil {
		return err
	}
	return s.Expunge(nil, &copied.SourceUIDs)
}

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
