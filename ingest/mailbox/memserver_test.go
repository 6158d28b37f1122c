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

// memory is go-imap's in-memory server with one account.
type memory struct {
	port int
	user *imapmemserver.User
}

// newMemory starts a server with those capabilities besides IMAP4rev1.
func newMemory(t *testing.T, more ...imap.Cap) *memory {
	t.Helper()
	caps := imap.CapSet{imap.CapIMAP4rev1: {}}
	for _, c := range more {
		caps[c] = struct{}{}
	}
	m := &memory{user: imapmemserver.NewUser("user", "secret")}
	if err := m.user.Create("INBOX", nil); err != nil {
		t.Fatal(err)
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
		t.Fatal(err)
	}
	m.port = ln.Addr().(*net.TCPAddr).Port
	served := make(chan struct{})
	go func() {
		server.Serve(ln)
		close(served)
	}()
	t.Cleanup(func() { server.Close(); <-served })
	return m
}

func (m *memory) config() mailbox.Config {
	return mailbox.Config{
		Host: "127.0.0.1", Port: m.port, TLS: "none", Username: "user", Password: "secret", Folder: "INBOX",
	}
}

func (m *memory) deliver(t *testing.T, when time.Time, raw ...[]byte) {
	t.Helper()
	for _, message := range raw {
		r := bytes.NewReader(message)
		if _, err := m.user.Append("INBOX", literal{r}, &imap.AppendOptions{Time: when}); err != nil {
			t.Error(err) // which a goroutine may call
		}
	}
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

// repaired mends faults of the in-memory server: its IDLE loses wake-ups, its
// MOVE tells of each removal twice, and both MOVE and COPY of nothing answer what
// is no IMAP.
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
