package ingest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"bdc/bench/need"
	"bdc/ingest/mailbox"
	"bdc/ingest/mailtest"
	"bdc/ingest/mailtest/dialect"
	"bdc/order"
	"bdc/store"
)

// speaking is an inbox on a server of a dialect, which is stopped at the end of the test.
func speaking(t *testing.T, d dialect.Dialect, mails ...order.Mail) (*rig, *dialect.Server) {
	t.Helper()
	var raw [][]byte
	for _, m := range mails {
		raw = append(raw, m.Raw)
	}
	server, err := dialect.Start(d, time.Now().Add(-time.Minute), raw...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	r := newRig(t, newBox())
	r.Folders = map[order.Folder]string{
		order.FolderProcessed: "Traitées", order.FolderRejected: "Rejetées", order.FolderAttention: "À traiter",
	}
	r.Dial = func(ctx context.Context) (Session, error) {
		return mailbox.Dial(ctx, mailbox.Config{
			Host: "127.0.0.1", Port: server.Port(), TLS: "none", Username: "user", Password: "secret", Folder: "INBOX",
			Since: time.Now().AddDate(-1, 0, 0), Log: slog.New(slog.DiscardHandler),
		})
	}
	return r, server
}

// until runs an inbox until done, at most for a minute.
func (r *rig) until(t *testing.T, done func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	for !done() && ctx.Err() == nil {
		time.Sleep(10 * time.Millisecond)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("Run: %v", err)
	}
}

// Sample mail is ordered and moved, whatever a server's dialect.
func TestDialects(t *testing.T) {
	mails := orderMails(t, 3)
	all := dialect.All()
	if len(all) < 41 {
		t.Errorf("%d dialects, want at least 40 beside the polite one", len(all))
	}
	for _, d := range all {
		t.Run(d.Name, func(t *testing.T) {
			t.Parallel()
			if d.Name != "polite" && !strings.HasPrefix(d.Source, "https://") {
				t.Errorf("the source is %q, want an address", d.Source)
			}
			r, server := speaking(t, d, mails...)
			r.until(t, func() bool { return len(server.Folder("INBOX")) == 0 })
			status, err := r.store.Status(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			moved := len(server.Folder("Trait&AOk-es")) + len(server.Folder("&AMA- traiter"))
			got := fmt.Sprint(status.Orders, status.Messages, moved, len(server.Folder("INBOX")))
			if got != "1 3 3 0" { // the others are nearly the same order, which is for a person
				t.Errorf("orders, messages recorded, moved and left are %s, want 1 3 3 0: %+v", got, r.State())
			}
		})
	}
}

// A folder that exists in another case is used, whatever the composition of its accents.
func TestFolderInAnotherCase(t *testing.T) {
	mails := orderMails(t, 1)
	for _, name := range []string{"trait&AOk-es", "TRAIT&AMk-ES", "Traite&AwE-es"} {
		r, server := speaking(t, dialect.Dialect{Name: name, Answer: func(_ *dialect.Server, command string) string {
			if strings.HasPrefix(command, `CREATE "Trait`) {
				return "TAG NO Mailbox already exists.\r\n" // https://github.com/OfflineIMAP/offlineimap/issues/645
			}
			return ""
		}}, mails...)
		server.Make(name)
		r.until(t, func() bool { return len(server.Folder("INBOX")) == 0 })
		if got := len(server.Folder(name)); got != 1 {
			t.Errorf("%s holds %d messages, want 1: %+v", name, got, r.State())
		}
	}
}

// A refused password is tried again after waits that double, and at once after Resume.
func TestRefusedPassword(t *testing.T) {
	mails := orderMails(t, 1)
	var refused, tries atomic.Int32
	refused.Store(1)
	r, server := speaking(t, dialect.Dialect{Answer: func(_ *dialect.Server, command string) string {
		if strings.HasPrefix(command, "AUTHENTICATE") && refused.Load() == 1 {
			tries.Add(1)
			return "TAG NO [AUTHENTICATIONFAILED] no\r\n"
		}
		return ""
	}}, mails...)
	var gate mailbox.Gate
	r.Dial = func(ctx context.Context) (Session, error) {
		return mailbox.Dial(ctx, mailbox.Config{
			Host: "127.0.0.1", Port: server.Port(), TLS: "none", Username: "user", Password: "secret", Folder: "INBOX",
			Gate: &gate,
		})
	}
	told := make(chan struct{}, 10)
	r.Alarm = func() { told <- struct{}{} }
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.until(t, func() bool { return len(server.Folder("INBOX")) == 0 })
	}()
	<-told
	if st := r.State(); !st.Refused || time.Until(st.NextAttempt) > 5*time.Second {
		t.Errorf("after a refusal: %+v, want it told, and another attempt within five seconds", st)
	}
	if _, err := mailbox.Dial(t.Context(), mailbox.Config{
		Host: "127.0.0.1", Port: server.Port(), TLS: "none", Username: "user", Password: "secret", Folder: "INBOX",
		Gate: &gate,
	}); !errors.Is(err, mailbox.ErrAuth) || tries.Load() != 1 {
		t.Errorf("another connection says %v after %d attempts, want the refusal without a second one",
			err, tries.Load())
	}
	gate.Open()
	r.Resume()
	<-told
	if st := r.State(); tries.Load() != 2 || time.Until(st.NextAttempt) < 5*time.Second {
		t.Errorf("after %d refusals: %+v, want the second at once, and a longer wait", tries.Load(), st)
	}
	refused.Store(0)
	gate.Open()
	r.Resume()
	<-done
	if st := r.State(); st.Refused || len(server.Folder("INBOX")) != 0 {
		t.Errorf("once it is accepted: %+v", st)
	}
}

// A message that has the UID of a recorded one is ordered all the same, once.
func TestUIDUsedAgain(t *testing.T) {
	mails := orderMails(t, 2)
	r, server := speaking(t, dialect.Dialect{}, mails[0])
	r.until(t, func() bool { return len(server.Folder("INBOX")) == 0 })
	for range 2 {
		server.Put("INBOX", dialect.Message{UID: 5, Raw: mails[1].Raw})
		r.until(t, func() bool { return len(server.Folder("INBOX")) == 0 })
	}
	status, err := r.store.Status(t.Context())
	if err != nil || status.Messages != 2 || status.Orders+status.Waiting != 2 {
		t.Errorf("recorded are %+v (%v), want two messages", status, err)
	}
}

// The files of a real server are put back to a snapshot: a message that gets the UID of an
// earlier one is ordered, and the earlier one is not ordered again.
func TestDovecotPutBackToASnapshot(t *testing.T) {
	need.Time(t)
	t.Parallel()
	mails := orderMails(t, 3)
	servers := mailtest.Start(t, mailtest.Options{NoExim: true})
	r := newRig(t, newBox())
	r.Folders = map[order.Folder]string{
		order.FolderProcessed: "Traitées", order.FolderRejected: "Rejetées", order.FolderAttention: "À traiter",
	}
	r.Dial = func(ctx context.Context) (Session, error) {
		return mailbox.Dial(ctx, mailbox.Config{
			Host: servers.Host, Port: servers.IMAPS, TLS: "implicit", RootCAs: servers.CA,
			Username: servers.User, Password: servers.Password, Folder: "INBOX",
		})
	}
	var keys []order.Key
	r.Recorded = func(in order.Intake, _ store.Receipt) { keys = append(keys, in.Message.Key) }
	take := func() {
		t.Helper()
		r.until(t, func() bool {
			st := r.State()
			return !st.LastCheck.IsZero() && st.Backlog == 0 && len(servers.List(servers.User, "INBOX")) == 0
		})
	}
	servers.Deliver(servers.User, mails[0].Raw)
	take()
	servers.StopDovecot()
	maildir := filepath.Join(servers.Dir, "mail", servers.User, "Maildir")
	snapshot := filepath.Join(t.TempDir(), "snapshot")
	if out, err := exec.CommandContext(t.Context(), "cp", "-a", maildir, snapshot).CombinedOutput(); err != nil {
		t.Fatalf("cp: %v %s", err, out)
	}
	servers.StartDovecot()
	servers.Deliver(servers.User, mails[1].Raw)
	take()
	servers.StopDovecot()
	if err := errors.Join(os.RemoveAll(maildir), os.Rename(snapshot, maildir)); err != nil {
		t.Fatal(err)
	}
	servers.StartDovecot()
	servers.Deliver(servers.User, mails[2].Raw)
	take()
	status, err := r.store.Status(t.Context())
	if err != nil || status.Messages != 3 || len(keys) != 3 {
		t.Fatalf("recorded are %+v (%v) under %v, want three messages", status, err, keys)
	}
	if keys[2].UID != keys[1].UID || keys[2].UIDValidity != keys[1].UIDValidity || keys[2].Header == "" {
		t.Errorf("the keys are %v, want the third with the UID of the second and its header's hash", keys)
	}
	events, err := r.store.Audit(t.Context(), 0, 100)
	if err != nil || !slices.ContainsFunc(events, func(e order.Event) bool { return e.Verb == "message.renumbered" }) {
		t.Errorf("the history says nothing of it: %v (%v)", events, err)
	}
}
