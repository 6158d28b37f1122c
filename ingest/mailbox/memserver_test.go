package mailbox_test

import (
	"net"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"

	"bdc/ingest/mailbox"
	"bdc/ingest/mailtest/memserver"
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
	m = &memory{user: imapmemserver.NewUser("user", "secret")}
	if err := m.user.Create("INBOX", nil); err != nil {
		return nil, nil, err
	}
	server := memserver.New(m.user, more...)
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
	return memserver.Append(m.user, when, message)
}

// count returns how many messages a folder holds, −1 if it does not exist.
func (m *memory) count(folder string) int {
	status, err := m.user.Status(folder, &imap.StatusOptions{NumMessages: true})
	if err != nil {
		return -1
	}
	return int(*status.NumMessages)
}
