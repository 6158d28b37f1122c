package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/mail"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"bdc/cmd/bdc/config"
	"bdc/cmd/bdc/control"
	"bdc/cmd/bdc/daemon"
	"bdc/cmd/bdc/health"
	"bdc/ingest"
	"bdc/ingest/mailbox"
	"bdc/ingest/mailtest"
	"bdc/order"
	"bdc/store"
)

// footprint counts what a connection that was forgotten would leave behind.
type footprint struct{ goroutines, descriptors int }

func measure(t *testing.T) footprint {
	t.Helper()
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skipf("counts descriptors in /proc: %v", err)
	}
	return footprint{runtime.NumGoroutine(), len(open)}
}

// settle waits until no more is left behind than there was.
func (before footprint) settle(t *testing.T, what string) {
	t.Helper()
	var now footprint
	gone := until(t, func() bool {
		now = measure(t)
		return now.goroutines <= before.goroutines && now.descriptors <= before.descriptors
	})
	if !gone {
		buf := make([]byte, 1<<20)
		t.Errorf("%s: %+v, want at most %+v\n%s", what, now, before, buf[:runtime.Stack(buf, true)])
	}
}

// hasty makes a daemon notice and retry within a test's time.
func hasty(cfg config.Config) func(*daemon.Daemon) {
	return func(d *daemon.Daemon) {
		d.Inbox.Idle, d.Inbox.Rest = time.Second, 100*time.Millisecond
		d.Inbox.Retry = func(int) time.Duration { return 50 * time.Millisecond }
		c := daemon.MailboxConfig(cfg.Mailbox, d.Tokens, d.Log)
		c.Inactivity = time.Second
		d.Inbox.Dial = func(ctx context.Context) (ingest.Session, error) {
			c.RootCAs = cfg.Mailbox.Roots()
			s, err := mailbox.Dial(ctx, c)
			if err != nil {
				return nil, err
			}
			return s, nil
		}
	}
}

// healthOf asks a daemon how it fares.
func healthOf(t *testing.T, data string) (h health.Health, err error) {
	t.Helper()
	client, err := control.Dial(t.Context(), control.SocketPath(data))
	if err != nil {
		return h, err
	}
	defer client.Close()
	return h, client.Health(t.Context(), &h)
}

// awaitInbox waits until the daemon says of its inbox what is wanted.
func awaitInbox(t *testing.T, data, what string, wanted func(ingest.State) bool) {
	t.Helper()
	var h health.Health
	var err error
	come := until(t, func() bool {
		h, err = healthOf(t, data)
		return err == nil && wanted(*h.Inbox)
	})
	if !come {
		t.Fatalf("the inbox never came to %s; at last %+v (%v)", what, h.Inbox, err)
	}
}

func connected(s ingest.State) bool { return s.Connected && s.Error == "" }

func failing(words string) func(ingest.State) bool {
	return func(s ingest.State) bool { return strings.Contains(s.Error, words) }
}

// atRest says that every message of the folder is recorded and moved. No count alone
// says so: the store shows a message as recorded from the moment when the transaction
// is written, while the inbox, which waits until the disk has it, still counts that
// message in its backlog, and not yet among those to be moved. A message over which the
// connection failed three times is recorded as a case, and is left alone in the folder
// until it can be fetched.
func atRest(s ingest.State) bool {
	return connected(s) && s.Backlog == 0 && s.Unmoved == 0 && s.LeftAlone == 0 && s.MoveError == ""
}

// TestFaults takes a daemon through all that befalls a mail server, a message
// before and one after each. Every message is then recorded, moved and answered
// once, and nothing is left behind.
func TestFaults(t *testing.T) {
	s := mailtest.Start(t, mailtest.Options{})
	line := newWire(t, net.JoinHostPort(s.Host, strconv.Itoa(s.IMAPS)))
	config := writeConfig(t, s, "implicit")
	dir := filepath.Dir(config)
	data, ca := filepath.Join(dir, "bdc.db"), filepath.Join(dir, "ca.pem")
	text, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := os.ReadFile(s.CAFile)
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(string(text), fmt.Sprintf("port = %d", s.IMAPS), fmt.Sprintf("port = %d", line.port), 1)
	changed = strings.Replace(changed, s.CAFile, ca, 1)
	for path, content := range map[string]string{config: changed, ca: string(certificate)} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cfg, err := loadConfig(config)
	if err != nil {
		t.Fatal(err)
	}

	sent := 0
	deliver := func() {
		sent++
		s.Deliver(s.User, orderMail(fmt.Sprintf("order %d", sent), "BdC.xlsx",
			filledFor(t, fmt.Sprintf("R-%d", sent), school(sent))))
	}
	before := measure(t)
	stop := launch(t, config, false, &testLog{t: t}, hasty(cfg))
	deliver()
	awaitStatus(t, data, "the first message settled", settledMessages(1))

	for i, fault := range []struct {
		name   string
		strike func()
		seen   func(ingest.State) bool // that the daemon says of it
		mend   func()
	}{
		{"stopped", s.StopDovecot, failing("mail server closed"), s.StartDovecot},
		{"killed", s.KillDovecot, failing("mail server closed"), s.StartDovecot},
		{"frozen", s.FreezeDovecot, failing("silent"), s.ThawDovecot},
		{"black hole", func() { line.set(swallowing) }, failing("silent"), func() { line.set(passing) }},
		{"cable cut", func() { line.set(severed) }, failing("closed the connection"), func() { line.set(passing) }},
		{"another certificate", func() { certificate = s.Recertify() }, failing("certificate"), func() {
			if err := os.WriteFile(ca, certificate, 0o600); err != nil {
				t.Fatal(err)
			}
		}},
		{
			"another password", func() { s.SetPassword("another") }, failing("refuses the credentials"),
			func() { s.SetPassword(s.Password) },
		},
		{
			"read only", func() { s.Configure(readOnlyInbox(t, s)) },
			func(st ingest.State) bool { return strings.Contains(st.MoveError, "read the folder only") },
			func() { s.Configure("") },
		},
		{"folder deleted", func() { s.DeleteFolder(s.User, "Traitées") }, connected, func() {}},
		{"UIDVALIDITY reset", func() { s.StopDovecot(); s.Renumber(s.User); s.StartDovecot() }, connected, func() {}},
		{"no MTA", s.KillExim, connected, s.StartExim},
	} {
		if (i < 2 || i > 4) && testing.Short() {
			continue // where a server was stopped, a reply may wait in the queue of Exim
		}
		deliver()
		fault.strike()
		deliver()
		awaitInbox(t, data, fault.name, fault.seen)
		fault.mend()
		awaitInbox(t, data, "the end of: "+fault.name, connected)
	}
	status := awaitStatus(t, data, "all messages settled", settledMessages(sent))
	awaitInbox(t, data, "rest", atRest)
	stop()
	if want := (store.Status{Messages: sent, Orders: sent}); status != want {
		t.Errorf("the store holds %+v, want %+v", status, want)
	}
	if here := len(s.List(s.User, "INBOX")); here != 0 {
		t.Errorf("%d messages are left in the inbox, want 0", here)
	}
	// A reply that the dying MTA had taken may come twice, under one Message-ID.
	replies := map[string]map[string]bool{}
	until(t, func() bool {
		for _, raw := range s.List(s.Peer, "INBOX") {
			m, err := mail.ReadMessage(bytes.NewReader(raw))
			if err != nil {
				t.Fatal(err)
			}
			to := m.Header.Get("In-Reply-To")
			if replies[to] == nil {
				replies[to] = map[string]bool{}
			}
			replies[to][m.Header.Get("Message-ID")] = true
		}
		return len(replies) == sent
	})
	for n := 1; n <= sent; n++ {
		if got := len(replies[fmt.Sprintf("<order.%d@test.local>", n)]); got != 1 {
			t.Errorf("order %d has %d replies, want one", n, got)
		}
	}
	line.set(severed) // what the wire holds is none of the daemon's
	before.settle(t, "after all faults")
}

// school is a UAI for each number: orders for different schools resemble no other.
func school(n int) string {
	n += 990_100
	return fmt.Sprintf("%07d%c", n, "ABCDEFGHJKLMNPRSTUVWXYZ"[n%23])
}

func readOnlyInbox(t *testing.T, s *mailtest.Servers) string {
	t.Helper()
	rights := filepath.Join(s.Dir, "rights")
	if err := os.WriteFile(rights, []byte("INBOX owner lr\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return "mail_plugins = acl\nplugin {\n  acl = vfile:" + rights + "\n}\n"
}

// TestReconnections cuts the connection at every point of its life, time and
// again. Nothing is left behind, and what arrives meanwhile is recorded once.
// BDC_TEST_SOAK=1 makes it 10,000 times.
func TestReconnections(t *testing.T) {
	times := 500
	if testing.Short() {
		times = 200
	}
	if os.Getenv("BDC_TEST_SOAK") != "" {
		times = 10_000
	}
	const mails = 25
	world, config := demoServers(t)
	line := newWire(t, world.IMAP.String())
	cfg, err := loadConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Mailbox.Port = line.port
	data := filepath.Join(filepath.Dir(config), "bdc.db")
	before := measure(t)
	stop := launch(t, config, false, io.Discard, func(d *daemon.Daemon) {
		hasty(cfg)(d)
		// Hardly a wait, so that the octets flow until the wire is cut.
		d.Inbox.Idle, d.Inbox.Rest = time.Millisecond, time.Millisecond
		d.Inbox.Retry = func(int) time.Duration { return 0 }
	})
	sent := 0
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for dials := 0; dials < times; dials = line.dials() {
		line.cutAfter(1 + dials*41%1500) // from the greeting to the second search or so
		if sent < mails && sent < dials*mails/times+1 {
			sent++
			if err := world.Deliver(plainMail(fmt.Sprintf("question %d", sent))); err != nil {
				t.Fatal(err)
			}
		}
		<-tick.C
	}
	line.cutAfter(0)
	line.set(severed)
	line.set(passing)
	status := awaitStatus(t, data, "all messages settled", settledMessages(sent))
	awaitInbox(t, data, "rest", atRest)
	stop()
	if status.Messages < sent { // one that could not be fetched is recorded as such, and again once it came
		t.Errorf("%d messages are recorded, want %d at least", status.Messages, sent)
	}
	line.set(severed) // what the wire holds is none of the daemon's
	before.settle(t, fmt.Sprintf("after %d connections", line.dials()))
	c := daemon.MailboxConfig(cfg.Mailbox, nil, nil)
	c.Port, c.Folder = world.IMAP.Port, cfg.Mailbox.Attention
	s, err := mailbox.Dial(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	keys, err := s.Pending(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	// A server may still be moving for a session that was cut when the next one
	// moves the same message: it is then in the folder twice, each time whole.
	moved := map[string]bool{}
	_, err = s.Fetch(t.Context(), keys, 1<<20, 0, func(int64) error { return nil }, func(m order.Mail) error {
		moved[string(m.Raw)] = true
		return nil
	})
	if err != nil || len(moved) != sent {
		t.Errorf("%d different messages were moved (%v), want %d", len(moved), err, sent)
	}
	if len(keys) > sent {
		t.Logf("%d messages were moved twice", len(keys)-sent)
	}
}
