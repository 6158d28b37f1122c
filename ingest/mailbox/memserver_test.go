package mailbox_test

import (
	"bytes"
	"io"
	"log"
	"net"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"

	"bdc/ingest/mailbox"
)

// memory is go-imap's in-memory IMAP server, with one account.
type memory struct {
	port int
	user *imapmemserver.User
}

// newMemory starts a server that announces IMAP4rev1 and the given capabilities. It
// stops at the end of the test.
func newMemory(t *testing.T, more ...imap.Cap) *memory {
	t.Helper()
	m, stop, err := startMemory(more...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return m
}

// startMemory is newMemory outside a test: the caller stops the server.
func startMemory(more ...imap.Cap) (m *memory, stop func(), err error) {
	caps := imap.CapSet{imap.CapIMAP4rev1: {}}
	for _, c := range more {
		caps[c] = struct{}{}
	}
	m = &memory{user: imapmemserver.NewUser("user", "secret")}
	if err := m.user.Create("INBOX", nil); err != nil {
		return nil, nil, err
	}
	accounts := imapmemserver.New()
	accounts.AddUser(m.user)
	server := imapserver.New(&imapserver.Options{
		Caps: caps, InsecureAuth: true, Logger: log.New(io.Discard, "", 0),
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return &repaired{accounts.NewSession()}, nil, nil
		},
	})
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	m.port = ln.Addr().(*net.TCPAddr).Port
	served := make(chan struct{})
	go func() {
		server.Serve(ln)
		close(served)
	}()
	return m, func() { server.Close(); <-served }, nil
}

func (m *memory) config() mailbox.Config {
	return mailbox.Config{
		Host: "127.0.0.1", Port: m.port, TLS: "none", Username: "user", Password: "secret", Folder: "INBOX",
	}
}

// deliver puts messages into the inbox, received at when.
func (m *memory) deliver(t *testing.T, when time.Time, raw ...[]byte) {
	t.Helper()
	for _, message := range raw {
		if err := m.append(when, message); err != nil {
			t.Error(err) // not Fatal: some tests call deliver from another goroutine
		}
	}
}

func (m *memory) append(when time.Time, message []byte) error {
	_, err := m.user.Append("INBOX", literal{bytes.NewReader(message)}, &imap.AppendOptions{Time: when})
	return err
}

// count returns how many messages a folder holds, −1 if it does not exist.
func (m *memory) count(folder string) int {
	status, err := m.user.Status(folder, &imap.StatusOptions{NumMessages: true})
	if err != nil {
		return -1
	}
	return int(*status.NumMessages)
}

type literal struct{ *bytes.Reader }

func (l literal) Size() int64 { return l.Reader.Size() }

// repaired works around faults of the in-memory server: its IDLE misses some new
// messages, its MOVE announces each removed message twice, and its answers to a COPY
// or MOVE that matches no message are not valid IMAP.
type repaired struct{ imapserver.Session }

func (r *repaired) Idle(w *imapserver.UpdateWriter, stop <-chan struct{}) error {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return nil
		case <-tick.C:
			if err := r.Poll(w, true); err != nil {
				return err
			}
		}
	}
}

func (r *repaired) Namespace() (*imap.NamespaceData, error) {
	return r.Session.(imapserver.SessionNamespace).Namespace()
}

func (r *repaired) Copy(set imap.NumSet, folder string) (*imap.CopyData, error) {
	copied, err := r.Session.Copy(set, folder)
	if err != nil || len(copied.SourceUIDs) == 0 {
		return nil, err
	}
	return copied, nil
}

func (r *repaired) Move(w *imapserver.MoveWriter, set imap.NumSet, folder string) error {
	copied, err := r.Copy(set, folder)
	if err != nil || copied == nil {
		return err
	}
	if err := w.WriteCopyData(copied); err != nil {
		return err
	}
	flags := &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagDeleted}}
	if err := r.Store(nil, copied.SourceUIDs, flags, nil); err != nil {
		return err
	}
	return r.Expunge(nil, &copied.SourceUIDs)
}
