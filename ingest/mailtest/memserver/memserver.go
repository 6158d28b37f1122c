// Package memserver serves IMAP from memory, for tests and for the demo. It is
// go-imap's imapmemserver with workarounds for four of its faults: its IDLE misses
// some new messages, its MOVE announces each removed message twice, its answers
// to a COPY or MOVE that matches no message are not valid IMAP, and its CLOSE removes
// messages even from a folder that was opened for reading only.
package memserver

import (
	"bytes"
	"io"
	"log"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
)

// idleCheck is how often a session in IDLE looks for new messages.
const idleCheck = 10 * time.Millisecond

// New returns a server for one user. It announces IMAP4rev1 and the given
// capabilities, accepts a password without TLS, and logs nothing. The caller calls
// Serve and Close.
func New(user *imapmemserver.User, more ...imap.Cap) *imapserver.Server {
	caps := imap.CapSet{imap.CapIMAP4rev1: {}}
	for _, c := range more {
		caps[c] = struct{}{}
	}
	users := imapmemserver.New()
	users.AddUser(user)
	return imapserver.New(&imapserver.Options{
		Caps: caps, InsecureAuth: true, Logger: log.New(io.Discard, "", 0),
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return &session{Session: users.NewSession()}, nil, nil
		},
	})
}

// Append puts a message into the user's INBOX, received at when (INTERNALDATE).
func Append(user *imapmemserver.User, when time.Time, message []byte) error {
	_, err := user.Append("INBOX", literal{bytes.NewReader(message)}, &imap.AppendOptions{Time: when})
	return err
}

// literal is an imap.LiteralReader of bytes in memory.
type literal struct{ *bytes.Reader }

func (l literal) Size() int64 { return l.Reader.Size() }

// session is a session of imapmemserver without its faults.
type session struct {
	imapserver.Session
	examined bool // the folder is open for reading only
}

func (s *session) Select(name string, options *imap.SelectOptions) (*imap.SelectData, error) {
	s.examined = options.ReadOnly
	return s.Session.Select(name, options)
}

func (s *session) Expunge(w *imapserver.ExpungeWriter, uids *imap.UIDSet) error {
	if s.examined {
		return nil
	}
	return s.Session.Expunge(w, uids)
}

func (s *session) Idle(w *imapserver.UpdateWriter, stop <-chan struct{}) error {
	tick := time.NewTicker(idleCheck)
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

// Copy returns nil data if it copied nothing: imapserver then answers without COPYUID.
func (s *session) Copy(set imap.NumSet, folder string) (*imap.CopyData, error) {
	copied, err := s.Session.Copy(set, folder)
	if err != nil || len(copied.SourceUIDs) == 0 {
		return nil, err
	}
	return copied, nil
}

func (s *session) Move(w *imapserver.MoveWriter, set imap.NumSet, folder string) error {
	copied, err := s.Copy(set, folder)
	if err != nil || copied == nil {
		return err
	}
	if err := w.WriteCopyData(copied); err != nil {
		return err
	}
	flags := &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagDeleted}}
	if err := s.Store(nil, copied.SourceUIDs, flags, nil); err != nil {
		return err
	}
	return s.Expunge(nil, &copied.SourceUIDs)
}
