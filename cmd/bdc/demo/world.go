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

// User and Password sign in to both servers.
const (
	User     = "numeriquelibraires@demo.invalid"
	Password = "demo"
)

// World is the two servers. Close ends them.
type World struct {
	IMAP, SMTP *net.TCPAddr
	Replies    string // the folder of the replies, "001.eml" and so on

	// Replied, where it is set before the first reply, is told of each once it is
	// in the folder.
	Replied func(raw []byte)

	imap  *imapserver.Server
	smtp  *smtp.Server
	inbox *imapmemserver.User
	wg    sync.WaitGroup

	mu   sync.Mutex
	sent int
}

// NewWorld starts both servers on loopback. Replies go to files in a folder that
// exists.
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
			imap.CapIMAP4rev1: {}, imap.CapUIDPlus: {}, imap.CapMove: {}, imap.CapESearch: {}, imap.CapNamespace: {}, imap.CapListExtended: {},
			imap.CapListStatus: {}, imap.CapSpecialUse: {},
		},
		InsecureAuth: true,
		Logger:       quiet{},
	})
	w.smtp = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &submission{world: w}, nil }))
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

// Close ends both servers.
func (w *World) Close() error {
	err := errors.Join(w.imap.Close(), w.smtp.Close())
	w.wg.Wait()
	return err
}

// Authserv is the name by which the server that takes mail in says that it knows
// each sender.
const Authserv = "mx.demo.invalid"

var fromDomain = regexp.MustCompile(`(?m)^From: [^\r\n]*@([\w.-]+)>?\r?$`)

// Deliver puts a message into the inbox, as from a sender who is who he says.
func (w *World) Deliver(raw []byte) error {
	if from := fromDomain.FindSubmatch(raw); from != nil {
		raw = append(fmt.Appendf(nil, "Authentication-Results: %s; dmarc=pass header.from=%s\r\n", Authserv, from[1]), raw...)
	}
	_, err := w.inbox.Append("INBOX", literal{bytes.NewReader(raw)}, &imap.AppendOptions{Time: time.Now()})
	return err
}

// Sent is how many replies have been taken in.
func (w *World) Sent() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.sent
}

type literal struct{ *bytes.Reader }

func (l literal) Size() int64 { return l.Reader.Size() }

// quiet drops what the servers say about their clients' disconnections.
type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

// session mends faults of the in-memory server: its IDLE loses wake-ups, its MOVE
// tells of each expunged message twice, and both COPY and MOVE of nothing answer
// what no client can read.
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

// Copy gives no data about a copy of nothing.
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

// submission takes every mail in and writes it to the folder of replies.
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
	if err := os.WriteFile(filepath.Join(s.world.Replies, fmt.Sprintf("%03d.eml", s.world.sent)), raw, 0o600); err != nil {
		return err
	}
	if s.world.Replied != nil {
		s.world.Replied(raw)
	}
	return nil
}

func (s *submission) Reset()        {}
func (s *submission) Logout() error { return nil }
