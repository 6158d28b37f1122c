package mailbox_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"

	"bdc/ingest/mailbox"
	"bdc/ingest/mailtest"
)

// shelf opens a shelf for the length of a test.
func shelf(t *testing.T, c mailbox.Config, use string) *mailbox.Shelf {
	t.Helper()
	f, err := mailbox.DialShelf(t.Context(), c, use)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func state(t *testing.T, f *mailbox.Shelf) mailbox.ShelfState {
	t.Helper()
	s, err := f.State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// kept returns the UID and the first line of each message of a shelf.
func kept(t *testing.T, f *mailbox.Shelf) (uids []uint32, lines []string) {
	t.Helper()
	all, err := f.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range all {
		line, _, _ := strings.Cut(string(k.Raw), "\r\n")
		uids, lines = append(uids, k.UID), append(lines, line)
	}
	return uids, lines
}

func add(t *testing.T, f *mailbox.Shelf, subject string) {
	t.Helper()
	if err := f.Append(t.Context(), []byte("Subject: "+subject+"\r\n\r\nx\r\n"), false); err != nil {
		t.Fatal(err)
	}
}

// A shelf keeps messages in a folder that it makes, says by its state that one came or
// went, and removes none but those that it is told to.
func testShelf(t *testing.T, c mailbox.Config, name string, removes bool) {
	c.Folder = "bdc"
	f := shelf(t, c, "")
	if f.Folder() != name {
		t.Errorf("the folder is %q, want %q", f.Folder(), name)
	}
	empty := state(t, f)
	add(t, f, "1")
	one := state(t, f)
	if one == empty || one.Messages != 1 {
		t.Errorf("state %+v after %+v, want one with a message", one, empty)
	}
	add(t, f, "2")
	add(t, f, "3")
	uids, lines := kept(t, f)
	if want := "[Subject: 1 Subject: 2 Subject: 3]"; fmt.Sprint(lines) != want {
		t.Fatalf("the shelf has %q, want %s", lines, want)
	}
	before := state(t, f)
	if again := state(t, f); again != before {
		t.Errorf("the state is %+v and then %+v, though nothing has changed", before, again)
	}
	if err := f.Remove(t.Context(), []uint32{uids[0], uids[1], 4711}); err != nil {
		t.Fatal(err)
	}
	if _, lines = kept(t, f); fmt.Sprint(lines) != "[Subject: 3]" {
		t.Errorf("after the removal the shelf has %q, want the third", lines)
	}
	if after := state(t, f); removes != (after.Messages == 1) {
		t.Errorf("after the removal %d messages are in the folder", after.Messages)
	}
	other := shelf(t, c, "") // it is there now
	add(t, other, "4")
	if _, lines = kept(t, f); fmt.Sprint(lines) != "[Subject: 3 Subject: 4]" {
		t.Errorf("after another connection's message the shelf has %q, want two", lines)
	}
}

func TestShelf(t *testing.T) {
	t.Run("memory", func(t *testing.T) {
		testShelf(t, newMemory(t, imap.CapUIDPlus).config(), "bdc", true)
	})
	t.Run("memory without UIDPLUS", func(t *testing.T) {
		testShelf(t, newMemory(t).config(), "bdc", false)
	})
	t.Run("Dovecot", func(t *testing.T) {
		t.Parallel()
		servers, c := dovecot(t, mailtest.Options{Namespace: "INBOX."})
		testShelf(t, c, "INBOX.bdc", true)
		f := shelf(t, c, "") // of the folder INBOX
		before := state(t, f)
		servers.Deliver(servers.User, message(1, "x"))
		if state(t, f) == before {
			t.Error("the state does not tell of a message that arrived")
		}
	})
	t.Run("Dovecot without UIDPLUS", func(t *testing.T) {
		t.Parallel()
		_, c := dovecot(t, mailtest.Options{NoUIDPlus: true})
		testShelf(t, c, "bdc", false)
	})
}

func TestShelfIsDeleted(t *testing.T) {
	t.Parallel()
	servers, c := dovecot(t, mailtest.Options{})
	c.Folder = "bdc"
	f := shelf(t, c, "")
	add(t, f, "1")
	servers.DeleteFolder(servers.User, "bdc")
	if got := state(t, f); got != (mailbox.ShelfState{}) {
		t.Errorf("the state of a folder that is gone is %+v, want none", got)
	}
	within(t, "the message", func() {
		if err := f.Append(t.Context(), []byte("Subject: 2\r\n\r\n"), false); !errors.Is(err, mailbox.ErrRefused) {
			t.Errorf("a message to a folder that is gone: %v, want %v", err, mailbox.ErrRefused)
		}
	})
	f = shelf(t, c, "")
	add(t, f, "3")
	if _, lines := kept(t, f); fmt.Sprint(lines) != "[Subject: 3]" {
		t.Errorf("the folder made again has %q, want the third", lines)
	}
}

// The server may refuse to make the folder, or to write to it.
func TestShelfIsRefused(t *testing.T) {
	t.Parallel()
	servers, c := dovecot(t, mailtest.Options{})
	c.Folder = "bdc"
	add(t, shelf(t, c, ""), "1")
	settings := "plugin {\n  acl = vfile:%s\n}\nmail_plugins = acl\nprotocol imap {\n  mail_plugins = acl imap_acl\n}\n"
	rights := filepath.Join(servers.Dir, "acl")
	if err := os.WriteFile(rights, []byte("* owner lrw\nINBOX owner lrwstipekxa\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	servers.Configure(fmt.Sprintf(settings, rights))
	f := shelf(t, c, "")
	if _, lines := kept(t, f); fmt.Sprint(lines) != "[Subject: 1]" {
		t.Errorf("the folder to read has %q, want the message", lines)
	}
	within(t, "the message", func() {
		if err := f.Append(t.Context(), []byte("Subject: 2\r\n\r\n"), false); !errors.Is(err, mailbox.ErrRefused) {
			t.Errorf("a message to a folder without the right: %v, want %v", err, mailbox.ErrRefused)
		}
	})
	c.Folder = "autre"
	if _, err := mailbox.DialShelf(t.Context(), c, ""); !errors.Is(err, mailbox.ErrRefused) {
		t.Errorf("a folder without the right: %v, want %v", err, mailbox.ErrRefused)
	}
}

// A silent server ends the calls of a shelf too.
func TestShelfOfASilentServer(t *testing.T) {
	t.Parallel()
	servers, c := dovecot(t, mailtest.Options{})
	c.Folder, c.Inactivity = "bdc", time.Second
	for name, call := range map[string]func(*mailbox.Shelf) error{
		"State":  func(f *mailbox.Shelf) error { _, err := f.State(t.Context()); return err },
		"Read":   func(f *mailbox.Shelf) error { _, err := f.Read(t.Context()); return err },
		"Append": func(f *mailbox.Shelf) error { return f.Append(t.Context(), []byte("x"), true) },
		"Remove": func(f *mailbox.Shelf) error { return f.Remove(t.Context(), []uint32{1}) },
	} {
		f := shelf(t, c, "")
		servers.FreezeDovecot()
		within(t, name, func() {
			if err := call(f); err == nil || errors.Is(err, mailbox.ErrRefused) {
				t.Errorf("%s: %v, want that the server is silent", name, err)
			}
		})
		servers.ThawDovecot()
	}
}

func TestSentFolder(t *testing.T) {
	t.Parallel()
	servers, c := dovecot(t, mailtest.Options{})
	c.Folder = "Envoyés"
	f := shelf(t, c, mailbox.SentUse)
	if f.Folder() != "Envoyés" {
		t.Errorf("without a mark the folder is %q, want Envoyés", f.Folder())
	}
	if err := f.Append(t.Context(), []byte("Subject: 1\r\n\r\n"), true); err != nil {
		t.Fatal(err)
	}
	servers.Configure("namespace inbox {\n  mailbox Sent {\n    special_use = \\Sent\n    auto = create\n  }\n}\n")
	if f := shelf(t, c, mailbox.SentUse); f.Folder() != "Envoyés" {
		t.Errorf("the folder that is there is passed over for %q", f.Folder())
	}
	servers.DeleteFolder(servers.User, "Envoyés")
	if f := shelf(t, c, mailbox.SentUse); f.Folder() != "Sent" {
		t.Errorf("with a mark the folder is %q, want Sent", f.Folder())
	}
}
