package mailbox_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"bdc/bench/need"
	"bdc/ingest/mailbox"
	"bdc/ingest/mailtest"
	"bdc/order"
)

func dovecot(t testing.TB, o mailtest.Options) (*mailtest.Servers, mailbox.Config) {
	t.Helper()
	o.NoExim = true
	s := mailtest.Start(t, o)
	return s, mailbox.Config{
		Host: s.Host, Port: s.IMAPS, TLS: "implicit", RootCAs: s.CA,
		Username: s.User, Password: s.Password, Folder: "INBOX", Inactivity: hang,
	}
}

func TestDovecotConnections(t *testing.T) {
	t.Parallel()
	servers, implicit := dovecot(t, mailtest.Options{})
	servers.Deliver(servers.User, message(1, "x"))
	starttls := implicit
	starttls.TLS, starttls.Port = "starttls", servers.IMAP
	plain := starttls
	plain.TLS = "none"
	name := starttls
	name.Host = "localhost"
	for kind, c := range map[string]mailbox.Config{
		"implicit": implicit, "starttls": starttls, "none": plain, "by name": name,
	} {
		s := dial(t, c)
		if got := len(fetch(t, s, pending(t, s), 1000)); got != 1 {
			t.Errorf("%s: %d messages fetched, want 1", kind, got)
		}
		if !s.Idles() {
			t.Errorf("%s: Dovecot is said to lack IDLE", kind)
		}
	}
	for _, c := range []mailbox.Config{implicit, starttls} {
		for _, test := range []struct {
			name   string
			change func(*mailbox.Config)
			want   error
		}{
			{"another authority", func(c *mailbox.Config) { c.RootCAs = x509.NewCertPool() }, mailbox.ErrTLS},
			{"the system's authorities", func(c *mailbox.Config) { c.RootCAs = nil }, mailbox.ErrTLS},
			{"another host's certificate", func(c *mailbox.Config) {
				c.Host = "imap.example.org"
				c.Dialer = func(ctx context.Context, network, _ string) (net.Conn, error) {
					return (&net.Dialer{}).DialContext(ctx, network,
						net.JoinHostPort("127.0.0.1", strconv.Itoa(c.Port)))
				}
			}, mailbox.ErrTLS},
			{"wrong password", func(c *mailbox.Config) { c.Password = "wrong" }, mailbox.ErrAuth},
		} {
			changed := c
			test.change(&changed)
			err := refusal(t.Context(), t, changed)
			if !errors.Is(err, test.want) {
				t.Errorf("%s, %s: Dial says %v, want %v", c.TLS, test.name, err, test.want)
			}
		}
	}
}

func TestDovecotManyMessages(t *testing.T) {
	need.Time(t)
	t.Parallel()
	servers, c := dovecot(t, mailtest.Options{})
	var want [][]byte
	for n := range 300 {
		want = append(want, message(n, strings.Repeat("Ligne de la commande\r\n", 50*n)))
	}
	servers.Deliver(servers.User, want...)
	s := dial(t, c)
	got := map[[32]byte]bool{}
	for _, m := range fetch(t, s, pending(t, s), 25<<20) {
		got[sha256.Sum256(m.Raw)] = true
	}
	for n, raw := range want {
		if !got[sha256.Sum256(raw)] {
			t.Errorf("message %d did not arrive as it was", n)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d different messages arrived, want %d", len(got), len(want))
	}
}

func TestDovecotLargeMessages(t *testing.T) {
	need.Time(t)
	t.Parallel()
	servers, c := dovecot(t, mailtest.Options{})
	const limit = 25 << 20
	line := strings.Repeat("0123456789abcde", 5) + "\r\n"
	whole := message(1, strings.Repeat(line, limit/len(line)-2))
	above := message(2, strings.Repeat(line, limit/len(line)+2))
	long := []byte("Subject: " + strings.Repeat("x", 300<<10) + "\r\n" + string(above))
	servers.Deliver(servers.User, whole, above, long)
	s := dial(t, c)
	mails := fetch(t, s, pending(t, s), limit)
	if len(mails) != 3 {
		t.Fatalf("%d messages delivered, want 3", len(mails))
	}
	if m := mails[0]; m.TooLarge || !bytes.Equal(m.Raw, whole) {
		t.Errorf("the message within the limit: too large %v, %d octets, want all %d",
			m.TooLarge, len(m.Raw), len(whole))
	}
	header := "From: bookseller@test.local\r\nSubject: order 2\r\n\r\n"
	if m := mails[1]; !m.TooLarge || string(m.Raw) != header || m.Size != int64(len(above)) {
		t.Errorf("the message above the limit: too large %v, size %d, %.100q, want %d and %q",
			m.TooLarge, m.Size, m.Raw, len(above), header)
	}
	if m := mails[2]; !m.TooLarge || len(m.Raw) != 256<<10 {
		t.Errorf("the message with a long header: too large %v, %d octets, want 256 KiB", m.TooLarge, len(m.Raw))
	}
}

func TestDovecotMoves(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		options mailtest.Options
	}{
		{"with MOVE", mailtest.Options{}},
		{"without MOVE", mailtest.Options{NoMove: true}},
		{"below INBOX", mailtest.Options{Namespace: "INBOX."}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.options.NoMove || test.options.Namespace != "" {
				need.Time(t)
			}
			servers, c := dovecot(t, test.options)
			for n := range 230 {
				servers.Deliver(servers.User, message(n, "x"))
			}
			s := dial(t, c)
			if err := s.Prepare(t.Context(), "Traitées", "À traiter", "BdC & Cie/2026"); err != nil {
				t.Fatal(err)
			}
			keys := pending(t, s)
			for folder, some := range map[string][]order.Key{
				"À traiter": keys[:120], "BdC & Cie/2026": keys[120:130], "Nouveau": keys[130:140],
			} {
				if err := s.Move(t.Context(), some, folder); err != nil {
					t.Fatal(err)
				}
				if got := len(servers.List(servers.User, folder)); got != len(some) {
					t.Errorf("%s holds %d messages, want %d", folder, got, len(some))
				}
			}
			// The maildir's own names show what Dovecot understood (RFC 3501, 5.1.3).
			for _, name := range []string{".Trait&AOk-es", ".&AMA- traiter", ".BdC &- Cie.2026"} {
				if _, err := os.Stat(filepath.Join(servers.Dir, "mail", servers.User, "Maildir", name)); err != nil {
					t.Errorf("a prepared folder is not as it should: %v", err)
				}
			}
			if err := s.Move(t.Context(), keys[:140], "Traitées"); err != nil {
				t.Errorf("moving what is gone says %v, want nothing", err)
			}
			if got := len(servers.List(servers.User, "Traitées")); got != 0 {
				t.Errorf("Traitées holds %d messages, want 0", got)
			}
			if got, want := uids(pending(t, s)), uids(keys[140:]); !slices.Equal(got, want) {
				t.Errorf("%d are still pending, want %d", len(got), len(want))
			}
			// A session that finds the folders there must not make others.
			again := dial(t, c)
			if err := again.Move(t.Context(), keys[140:150], "À traiter"); err != nil {
				t.Fatal(err)
			}
			if got := len(servers.List(servers.User, "À traiter")); got != 130 {
				t.Errorf("À traiter holds %d messages, want 130", got)
			}
		})
	}
}

func TestDovecotVanishedMessage(t *testing.T) {
	t.Parallel()
	servers, c := dovecot(t, mailtest.Options{})
	servers.Deliver(servers.User, message(1, "x"), message(2, "x"), message(3, "x"))
	s, other := dial(t, c), dial(t, c)
	keys := pending(t, s)
	if err := other.Move(t.Context(), keys[1:2], "Ailleurs"); err != nil {
		t.Fatal(err)
	}
	var got []uint32
	for _, m := range fetch(t, s, keys, 1000) {
		got = append(got, m.Key.UID)
	}
	if want := []uint32{1, 3}; !slices.Equal(got, want) {
		t.Errorf("UIDs %v are delivered, want %v", got, want)
	}
	if err := s.Move(t.Context(), keys, "Traitées"); err != nil {
		t.Errorf("Move says %v, want nothing", err)
	}
	if got := len(servers.List(servers.User, "Traitées")); got != 2 {
		t.Errorf("Traitées holds %d messages, want 2", got)
	}
}

func TestDovecotOldMailIsLeftAlone(t *testing.T) {
	t.Parallel()
	servers, c := dovecot(t, mailtest.Options{})
	since := time.Date(2026, 11, 20, 23, 0, 0, 0, time.UTC) // the 21st in Paris
	for n, after := range []time.Duration{-1000 * time.Hour, -time.Hour, -time.Second, 0, time.Hour, 100 * time.Hour} {
		servers.DeliverAt(since.Add(after), servers.User, message(n, "x"))
	}
	everything := pending(t, dial(t, c))
	c.Since = since
	s := dial(t, c)
	if got := len(pending(t, s)); got != 3 {
		t.Errorf("%d messages are pending, want 3", got)
	}
	for _, m := range fetch(t, s, everything, 1000) {
		if m.Received.Before(since) {
			t.Errorf("a message of %s is delivered, want none before %s", m.Received, since)
		}
	}
}

func TestDovecotWakesWait(t *testing.T) {
	t.Parallel()
	servers, c := dovecot(t, mailtest.Options{})
	s := dial(t, c)
	for n := range 5 {
		if got := len(pending(t, s)); got != n {
			t.Fatalf("%d are pending, want %d", got, n)
		}
		delivered := make(chan struct{})
		go func() {
			defer close(delivered)
			if err := servers.Instance.Deliver(servers.User, message(n, "x")); err != nil {
				t.Error(err)
			}
		}()
		within(t, "Wait", func() {
			if err := s.Wait(t.Context(), time.Hour); err != nil {
				t.Error(err)
			}
		})
		<-delivered
	}
	if err := s.Wait(t.Context(), time.Millisecond); err != nil {
		t.Errorf("a Wait without news says %v, want nothing", err)
	}
}

func TestStoppedDovecotIsNoticedDuringIdle(t *testing.T) {
	need.Time(t)
	t.Parallel()
	for name, stop := range map[string]func(*mailtest.Instance) error{
		"frozen": (*mailtest.Instance).FreezeDovecot,
		"killed": (*mailtest.Instance).KillDovecot,
	} {
		servers, c := dovecot(t, mailtest.Options{})
		c.Inactivity = 3 * time.Second
		s := dial(t, c)
		pending(t, s)
		// A first Wait shows that IDLE works; the server stops during the second.
		if err := s.Wait(t.Context(), time.Millisecond); err != nil {
			t.Fatal(err)
		}
		stopped := make(chan error, 1)
		time.AfterFunc(200*time.Millisecond, func() { stopped <- stop(servers.Instance) })
		within(t, "Wait", func() {
			if err := s.Wait(t.Context(), time.Second); err == nil {
				t.Errorf("%s: Wait says nothing, want an error", name)
			}
		})
		if err := <-stopped; err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCloseDoesNotWaitForAStoppedServer(t *testing.T) {
	need.Time(t)
	t.Parallel()
	servers, c := dovecot(t, mailtest.Options{})
	c.Inactivity = time.Hour
	dial(t, c)
	servers.FreezeDovecot()
}

func TestCancelledContextEndsEveryCall(t *testing.T) {
	t.Parallel()
	servers, c := dovecot(t, mailtest.Options{})
	for n := range 30 { // more than could be on its way when the first is cancelled
		servers.Deliver(servers.User, message(n, strings.Repeat("x", 1<<20)))
	}
	for name, call := range map[string]func(context.Context, context.CancelFunc, *mailbox.Session, []order.Key) error{
		"Fetch": func(ctx context.Context, cancel context.CancelFunc, s *mailbox.Session, keys []order.Key) error {
			_, err := s.Fetch(ctx, keys, 2<<20, 0, admitAll, func(order.Mail) error {
				cancel()
				return nil
			})
			return err
		},
		"Fetch whose caller waits": func(
			ctx context.Context, cancel context.CancelFunc, s *mailbox.Session, keys []order.Key,
		) error {
			_, err := s.Fetch(ctx, keys, 2<<20, 0, func(int64) error {
				cancel()
				<-ctx.Done()
				return ctx.Err()
			}, func(order.Mail) error { return nil })
			return err
		},
		"Wait": func(ctx context.Context, cancel context.CancelFunc, s *mailbox.Session, _ []order.Key) error {
			time.AfterFunc(50*time.Millisecond, cancel)
			return s.Wait(ctx, time.Hour)
		},
		"Pending": func(ctx context.Context, cancel context.CancelFunc, s *mailbox.Session, _ []order.Key) error {
			servers.FreezeDovecot()
			defer servers.ThawDovecot()
			time.AfterFunc(50*time.Millisecond, cancel)
			_, err := s.Pending(ctx)
			return err
		},
		"Move": func(ctx context.Context, cancel context.CancelFunc, s *mailbox.Session, keys []order.Key) error {
			servers.FreezeDovecot()
			defer servers.ThawDovecot()
			time.AfterFunc(50*time.Millisecond, cancel)
			return s.Move(ctx, keys, "Traitées")
		},
	} {
		s := dial(t, c)
		keys := pending(t, s)
		ctx, cancel := context.WithCancel(t.Context())
		within(t, name, func() {
			if err := call(ctx, cancel, s, keys); !errors.Is(err, context.Canceled) {
				t.Errorf("%s says %v, want %v", name, err, context.Canceled)
			}
		})
		cancel()
	}
}
