package ownership_test

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"path/filepath"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"

	"bdc/ingest/mailbox"
	"bdc/ingest/mailtest"
	"bdc/ingest/mailtest/memserver"
	"bdc/ingest/ownership"
	"bdc/store"
	"bdc/store/boltstore"
)

// memory starts an IMAP server in memory.
func memory(t *testing.T, caps ...imap.Cap) mailbox.Config {
	user := imapmemserver.NewUser("user", "secret")
	if err := user.Create("INBOX", nil); err != nil {
		t.Fatal(err)
	}
	server := memserver.New(user, caps...)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan struct{})
	go func() {
		server.Serve(ln)
		close(served)
	}()
	t.Cleanup(func() { server.Close(); <-served })
	return mailbox.Config{
		Host: "127.0.0.1", Port: ln.Addr().(*net.TCPAddr).Port, TLS: "none", Username: "user", Password: "secret",
	}
}

// dovecot starts Dovecot.
func dovecot(t *testing.T, o mailtest.Options) mailbox.Config {
	o.NoExim = true
	s := mailtest.Start(t, o)
	return mailbox.Config{
		Host: s.Host, Port: s.IMAPS, TLS: "implicit", RootCAs: s.CA, Username: s.User, Password: s.Password,
	}
}

// start starts a keeper on a data file.
func start(t *testing.T, s *boltstore.Store, c mailbox.Config) *ownership.Keeper {
	t.Helper()
	if err := s.Ask(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.Folder = "bdc"
	return &ownership.Keeper{
		Dial: func(ctx context.Context) (ownership.Shelf, error) {
			f, err := mailbox.DialShelf(ctx, c, "")
			if err != nil {
				return nil, err
			}
			return f, nil
		},
		Store: s, Inbox: "INBOX", Address: "orders@test.local", Clock: time.Now, Log: slog.New(slog.DiscardHandler),
	}
}

// On real data files and mail servers: the first record owns the inbox, also after it was
// started again; another one waits until it takes the inbox over, which ends the first.
func TestTwoRecordsOnOneInbox(t *testing.T) {
	for name, config := range map[string]func(*testing.T) mailbox.Config{
		"memory":                 func(t *testing.T) mailbox.Config { return memory(t, imap.CapUIDPlus) },
		"memory without UIDPLUS": func(t *testing.T) mailbox.Config { return memory(t) },
		"Dovecot": func(t *testing.T) mailbox.Config {
			return dovecot(t, mailtest.Options{Namespace: "INBOX."})
		},
		"Dovecot without UIDPLUS": func(t *testing.T) mailbox.Config {
			return dovecot(t, mailtest.Options{NoUIDPlus: true})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := config(t)
			var files [2]*boltstore.Store
			for i := range files {
				var err error
				path := filepath.Join(t.TempDir(), "bdc.db")
				if files[i], err = boltstore.Open(path, boltstore.Options{Create: true}); err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() {
					if err := errors.Join(files[i].Check(context.Background()), files[i].Close()); err != nil {
						t.Error(err)
					}
				})
			}
			var first *ownership.Keeper
			for range 3 {
				first = start(t, files[0], c)
				if err := first.Connect(t.Context()); err != nil {
					t.Fatalf("the first record: got %v, want nil", err)
				}
			}
			second := start(t, files[1], c)
			if err := second.Connect(t.Context()); !errors.Is(err, store.ErrNotOwner) {
				t.Errorf("the second record: got %v, want %v", err, store.ErrNotOwner)
			}
			if o, err := files[1].Ownership(t.Context()); err != nil || o.Doubt != store.Foreign {
				t.Errorf("the second record is %+v, %v, want the doubt %q", o, err, store.Foreign)
			}
			if err := first.Look(t.Context()); err != nil {
				t.Errorf("the first record, looking again: got %v, want nil", err)
			}
			taken := store.Takeover{Claimed: true, Actor: "bdc", At: time.Now().UTC()}
			if err := files[1].TakeOver(t.Context(), taken); err != nil {
				t.Fatal(err)
			}
			if err := second.Connect(t.Context()); !errors.Is(err, store.ErrNotOwner) {
				t.Errorf("the second record, not listed yet: got %v, want %v", err, store.ErrNotOwner)
			}
			if err := first.Look(t.Context()); !errors.Is(err, ownership.ErrLost) {
				t.Errorf("the first record: got %v, want %v", err, ownership.ErrLost)
			}
			if err := files[1].Listed(t.Context(), store.Listing{Actor: "bdc", At: time.Now().UTC()}); err != nil {
				t.Fatal(err)
			}
			if err := second.Look(t.Context()); err != nil {
				t.Errorf("the second record, listed: got %v, want nil", err)
			}
			if err := start(t, files[0], c).Connect(t.Context()); !errors.Is(err, store.ErrNotOwner) {
				t.Errorf("the first record, started again: got %v, want %v", err, store.ErrNotOwner)
			}
		})
	}
}
