package mailbox_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"bdc/bench/need"
	"bdc/ingest/mailbox"
	"bdc/ingest/mailtest"
)

func TestDovecotReadOnlyFolder(t *testing.T) {
	need.Time(t)
	t.Parallel()
	servers, c := dovecot(t, mailtest.Options{})
	servers.Deliver(servers.User, message(1, "x"))
	rights := filepath.Join(servers.Dir, "rights")
	if err := os.WriteFile(rights, []byte("INBOX owner lr\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	servers.Configure("mail_plugins = acl\nplugin {\n  acl = vfile:" + rights + "\n}\n")
	s := dial(t, c)
	keys := pending(t, s)
	if got := len(fetch(t, s, keys, 1000)); got != 1 {
		t.Errorf("%d messages fetched, want 1", got)
	}
	for what, err := range map[string]error{"Movable": s.Movable(), "Move": s.Move(t.Context(), keys, "Traitées")} {
		if !errors.Is(err, mailbox.ErrReadOnly) {
			t.Errorf("%s says %v, want %v", what, err, mailbox.ErrReadOnly)
		}
	}
	if got := len(pending(t, s)); got != 1 {
		t.Errorf("after the refusal %d are pending, want 1", got)
	}
	servers.Configure("")
	s = dial(t, c)
	if err := s.Move(t.Context(), pending(t, s), "Traitées"); err != nil {
		t.Errorf("once the folder may be written, Move says %v, want nothing", err)
	}
}

// After a refused move no message is lost, and the session can still be used.
func TestDovecotFullQuota(t *testing.T) {
	need.Time(t)
	t.Parallel()
	servers, c := dovecot(t, mailtest.Options{NoMove: true}) // within an account, MOVE takes no room
	for n := range 5 {
		servers.Deliver(servers.User, message(n, "x"))
	}
	servers.Configure("mail_plugins = quota\n" +
		"plugin {\n  quota = count:User\n  quota_vsizes = yes\n  quota_rule = *:messages=5\n}\n")
	s := dial(t, c)
	keys := pending(t, s)
	err := s.Move(t.Context(), keys, "Traitées")
	if err == nil || !strings.Contains(strings.ToLower(err.Error()), "quota") {
		t.Errorf("Move says %v, want that the quota is full", err)
	}
	if got := len(fetch(t, s, pending(t, s), 1000)); got != 5 {
		t.Errorf("after the refusal %d messages are fetched, want 5", got)
	}
	servers.Configure("")
	s = dial(t, c)
	if err := s.Move(t.Context(), keys, "Traitées"); err != nil {
		t.Errorf("with room, Move says %v, want nothing", err)
	}
	if got := len(servers.List(servers.User, "Traitées")); got != 5 {
		t.Errorf("Traitées holds %d messages, want 5", got)
	}
}

// The quota may be of the target folder alone; then even MOVE needs room. A move that
// does not fit is refused, one that fits is done, and no message is lost or doubled.
func TestDovecotFullTarget(t *testing.T) {
	need.Time(t)
	t.Parallel()
	for _, o := range []mailtest.Options{{}, {NoMove: true}} {
		t.Run(fmt.Sprintf("without MOVE %v", o.NoMove), func(t *testing.T) {
			servers, c := dovecot(t, o)
			for n := range 5 {
				servers.Deliver(servers.User, message(n, "x"))
			}
			full := func(messages int) {
				t.Helper()
				servers.Configure(fmt.Sprintf("namespace archives {\n"+
					"  prefix = Archives/\n  separator = /\n  location = maildir:%s/archives/%%u\n}\n"+
					"mail_plugins = quota\nplugin {\n"+
					"  quota = count:Archives:ns=Archives/\n  quota_vsizes = yes\n  quota_rule = *:messages=%d\n}\n",
					servers.Dir, messages))
			}
			const target = "Archives/Traitées"
			full(3)
			s := dial(t, c)
			refused := func(err error, here, there int) {
				t.Helper()
				if err == nil || !strings.Contains(strings.ToLower(err.Error()), "quota") {
					t.Errorf("Move says %v, want that the quota is full", err)
				}
				if in, out := len(pending(t, s)), len(servers.List(servers.User, target)); in != here || out != there {
					t.Errorf("%d messages are pending and %d in the target, want %d and %d", in, out, here, there)
				}
			}
			refused(s.Move(t.Context(), pending(t, s), target), 5, 0)
			if err := s.Move(t.Context(), pending(t, s)[:3], target); err != nil {
				t.Errorf("with room for three, Move says %v, want nothing", err)
			}
			refused(s.Move(t.Context(), pending(t, s), target), 2, 3)
			if err := s.Move(t.Context(), pending(t, s)[:1], "À traiter"); err != nil {
				t.Errorf("to another folder, Move says %v, want nothing", err)
			}
			full(5)
			s = dial(t, c)
			if err := s.Move(t.Context(), pending(t, s), target); err != nil {
				t.Errorf("with room, Move says %v, want nothing", err)
			}
			if out := len(servers.List(servers.User, target)); out != 4 {
				t.Errorf("%d messages are in the target, want 4", out)
			}
		})
	}
}

func TestDovecotWithoutMoveAndUIDPlus(t *testing.T) {
	need.Time(t)
	t.Parallel()
	servers, c := dovecot(t, mailtest.Options{NoUIDPlus: true})
	servers.Deliver(servers.User, message(1, "x"))
	s := dial(t, c)
	for range 2 {
		if err := s.Move(t.Context(), pending(t, s), "Traitées"); !errors.Is(err, mailbox.ErrCannotMove) {
			t.Errorf("Move says %v, want %v", err, mailbox.ErrCannotMove)
		}
	}
	here, there := len(servers.List(servers.User, "INBOX")), len(servers.List(servers.User, "Traitées"))
	if here != 1 || there != 0 {
		t.Errorf("%d messages are in the inbox and %d in the target, want 1 and 0", here, there)
	}
}

func TestDovecotFolderDeletedMeanwhile(t *testing.T) {
	need.Time(t)
	t.Parallel()
	for _, o := range []mailtest.Options{{}, {NoMove: true}} {
		servers, c := dovecot(t, o)
		servers.Deliver(servers.User, message(1, "x"), message(2, "x"))
		s := dial(t, c)
		keys := pending(t, s)
		if err := s.Move(t.Context(), keys[:1], "À traiter"); err != nil {
			t.Fatal(err)
		}
		servers.DeleteFolder(servers.User, "À traiter")
		if err := s.Move(t.Context(), keys[1:], "À traiter"); err != nil {
			t.Errorf("without MOVE %v: Move says %v, want nothing", o.NoMove, err)
		}
		if got := len(servers.List(servers.User, "À traiter")); got != 1 {
			t.Errorf("without MOVE %v: the folder holds %d messages, want 1", o.NoMove, got)
		}
	}
}

func TestDovecotRenumbered(t *testing.T) {
	need.Time(t)
	t.Parallel()
	servers, c := dovecot(t, mailtest.Options{})
	servers.Deliver(servers.User, message(1, "x"), message(2, "x"))
	old := dial(t, c)
	keys := pending(t, old)
	servers.Renumber(servers.User)
	s := dial(t, c)
	again := pending(t, s)
	if len(again) != 2 || again[0].UIDValidity == keys[0].UIDValidity {
		t.Fatalf("after the loss of the indexes %v are pending, want two under another UIDVALIDITY than %d",
			again, keys[0].UIDValidity)
	}
	if err := s.Move(t.Context(), keys, "Traitées"); !errors.Is(err, mailbox.ErrStale) {
		t.Errorf("Move of the old keys says %v, want %v", err, mailbox.ErrStale)
	}
	within(t, "the old session", func() {
		// Dovecot may either end the old session or let it go on with the old numbers.
		// Whichever it does, Move must not take another message for the one of the key.
		if err := old.Move(t.Context(), keys[:1], "Traitées"); err == nil {
			t.Log("Dovecot kept the old session's numbers")
		}
	})
	here, there := servers.List(servers.User, "INBOX"), servers.List(servers.User, "Traitées")
	for n, key := range keys {
		subject := fmt.Appendf(nil, "Subject: order %d", n+1)
		in := func(raw []byte) bool { return bytes.Contains(raw, subject) }
		// A move of Dovecot's may be half done: a copy of the message stays where it was.
		if !slices.ContainsFunc(here, in) && !slices.ContainsFunc(there, in) {
			t.Errorf("the message of %v is nowhere", key)
		}
		if n > 0 && slices.ContainsFunc(there, in) {
			t.Errorf("the message of %v was moved in place of that of %v", key, keys[0])
		}
	}
}

// When a server process stops during an IDLE, its connection stays open and its system
// still acknowledges what we send. Only the missing answer tells that it has stopped.
func TestSilentServerIsNoticedWithinSixMinutes(t *testing.T) {
	idle := polite.with(script{
		"CAPABILITY": "* CAPABILITY IMAP4rev1 IDLE MOVE\r\nTAG OK\r\n", "IDLE": "+ idling\r\n", "DONE": "",
	})
	for name, server := range map[string]script{
		"during IDLE":   idle,
		"in the answer": polite.with(script{"UID SEARCH": ""}),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, err := mailbox.Dial(t.Context(), server.piped())
				if err != nil {
					t.Fatal(err)
				}
				began := time.Now()
				for err == nil {
					if err = s.Wait(t.Context(), 5*time.Minute); err == nil {
						_, err = s.Pending(t.Context())
					}
				}
				if took := time.Since(began); took >= 6*time.Minute {
					t.Errorf("the silence is noticed after %v, want less than six minutes: %v", took, err)
				}
				s.Close()
			})
		})
	}
}

// piped returns a Config whose connections follow the script without a network, which
// the bubble of package synctest requires.
func (s script) piped() mailbox.Config {
	c := mailbox.Config{
		Host: "localhost", Port: 143, TLS: "none", Username: "user", Password: "secret", Folder: "INBOX",
	}
	c.Dialer = func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		go s.play(theirs)
		return ours, nil
	}
	return c
}

// The keys of 50,000 messages in the folder take at most 8 MiB of memory.
func TestBacklog(t *testing.T) {
	const backlog = 50_000
	var found strings.Builder
	found.WriteString("* SEARCH")
	for uid := range backlog {
		fmt.Fprintf(&found, " %d", 2*uid+1) // no two in a row, so that nothing shortens the list
	}
	s := dial(t, polite.with(script{"UID SEARCH": found.String() + "\r\nTAG OK\r\n"}).serve(t))
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	keys := pending(t, s)
	runtime.GC()
	runtime.ReadMemStats(&after)
	if len(keys) != backlog || keys[backlog-1].UID != 2*backlog-1 {
		t.Errorf("%d are pending, the last %v, want %d", len(keys), keys[len(keys)-1], backlog)
	}
	if held := int64(after.HeapAlloc) - int64(before.HeapAlloc); held > 8<<20 {
		t.Errorf("their keys hold %d KiB, want at most 8 MiB", held>>10)
	}
	runtime.KeepAlive(keys)
}
