package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"bdc/cmd/bdc/control"
	"bdc/cmd/bdc/daemon"
	"bdc/ingest/mailtest"
	"bdc/ingest/ownership"
	"bdc/order"
	"bdc/store"
	"bdc/store/boltstore"
)

// server is a daemon whose end a test waits for.
type server struct {
	t      *testing.T
	daemon *daemon.Daemon
	data   string
	stop   context.CancelFunc
	ended  chan struct{}
	err    error // of Run, once ended is closed
}

// begin starts a daemon. The test waits for its end if nobody did before.
func begin(t *testing.T, config string) *server {
	t.Helper()
	cfg, err := loadConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(&testLog{t: t}, nil))
	d, err := daemon.New(t.Context(), cfg, daemon.Options{Log: log})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	s := &server{t: t, daemon: d, data: cfg.Data, stop: cancel, ended: make(chan struct{})}
	go func() {
		defer close(s.ended)
		s.err = errors.Join(d.Run(ctx), d.Store.Check(context.Background()), d.Close())
	}()
	t.Cleanup(func() { s.end() })
	return s
}

// end stops the daemon if it runs, and returns the error by which it ended.
func (s *server) end() error {
	s.stop()
	<-s.ended
	return s.err
}

// doubt returns the record's doubt.
func (s *server) doubt() store.Doubt {
	o, err := s.daemon.Store.Ownership(context.Background())
	if err != nil {
		s.t.Errorf("Ownership: %v", err)
	}
	return o.Doubt
}

// decided waits until it is certain whether the daemon owns the inbox, or until it has
// ended because it does not.
func (s *server) decided() (owns bool) {
	s.t.Helper()
	if !until(s.t, func() bool {
		select {
		case <-s.ended:
			return true
		default:
			return s.doubt() != store.Unasked
		}
	}) {
		s.t.Fatal("the mailbox is never asked")
	}
	select {
	case <-s.ended:
		return false
	default:
		return s.doubt() == store.NoDoubt
	}
}

// copyFile is cp.
func copyFile(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, data, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// orders delivers so many orders, with subjects that begin with a word.
func orders(t *testing.T, s *mailtest.Servers, word string, n int, subjects map[string]bool) {
	t.Helper()
	for i := range n {
		subject := word + " " + strconv.Itoa(i)
		subjects[subject] = true
		s.Deliver(s.User, orderMail(subject, "BdC.xlsx", filledForm(t, subject)))
	}
}

// acknowledged waits for the answers to all subjects, and verifies that each has one, and
// that no order number was given twice. It returns the numbers.
func acknowledged(t *testing.T, s *mailtest.Servers, subjects map[string]bool) map[string]string {
	t.Helper()
	got, numbers := map[string]int{}, map[string]string{}
	for _, raw := range s.Await(s.Peer, "INBOX", len(subjects)) {
		answered := headerLine(raw, "In-Reply-To: ")
		got[answered]++
		for _, told := range order.ParseTold(headerLine(raw, order.ResultsField+": ")) {
			if other, twice := numbers[told.Number]; twice || told.Number == "" {
				t.Errorf("number %q answers both %s and %s", told.Number, other, answered)
			}
			numbers[told.Number] = answered
		}
	}
	for subject := range subjects {
		if id := "<" + strings.ReplaceAll(subject, " ", ".") + "@test.local>"; got[id] != 1 {
			t.Errorf("%q has %d answers, want 1", subject, got[id])
		}
	}
	return numbers
}

// A copy of the data file by cp waits while the file itself is served; once a person claims
// the inbox for it, the other daemon ends, and no mail is acknowledged twice.
func TestCopiedFileWaitsUntilItClaims(t *testing.T) {
	for _, options := range []mailtest.Options{{}, {NoMove: true}} {
		s := mailtest.Start(t, options)
		config, other := writeConfig(t, s, "implicit"), writeConfig(t, s, "implicit")
		subjects := map[string]bool{}
		orders(t, s, "before", 2, subjects)
		one := begin(t, config)
		awaitStatus(t, one.data, "two orders settled", settledMessages(2))
		if err := one.end(); err != nil {
			t.Fatalf("the first daemon: %v", err)
		}
		copyFile(t, one.data, filepath.Join(filepath.Dir(other), "bdc.db"))

		one = begin(t, config)
		if !one.decided() {
			t.Fatalf("the record does not own its inbox: %s", one.doubt())
		}
		two := begin(t, other)
		if two.decided() || two.doubt() != store.Behind {
			t.Errorf("the copy has the doubt %q, want %q", two.doubt(), store.Behind)
		}
		orders(t, s, "meanwhile", 3, subjects)
		awaitStatus(t, one.data, "five orders settled", settledMessages(5))
		if status, err := two.daemon.Store.Status(t.Context()); err != nil || status.Messages != 2 {
			t.Errorf("the copy has %d messages, %v, want the 2 of before", status.Messages, err)
		}

		client, err := control.Dial(t.Context(), control.SocketPath(two.data))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := client.Claim(t.Context()); err != nil {
			t.Fatal(err)
		}
		client.Close()
		if !until(t, func() bool { return two.doubt() == store.NoDoubt }) {
			t.Fatalf("the claim never ends: %s", two.doubt())
		}
		orders(t, s, "after", 3, subjects)
		// It knows the three of meanwhile as cases to take up.
		awaitStatus(t, two.data, "three more orders settled", settledMessages(8))
		// The first daemon meets its end before it records another order.
		if !until(t, func() bool {
			one.daemon.Owner.Wake()
			select {
			case <-one.ended:
				return true
			default:
				return false
			}
		}) {
			t.Fatal("the daemon whose inbox was claimed works on")
		}
		if err := one.end(); !errors.Is(err, ownership.ErrLost) {
			t.Errorf("the daemon whose inbox was claimed ends with %v, want %v", err, ownership.ErrLost)
		}
		numbers := acknowledged(t, s, subjects)
		if !strings.Contains(fmt.Sprint(numbers), fmt.Sprintf("CNS-%d-1000001", order.Year(one.daemon.Owner.Clock()))) {
			t.Errorf("the numbers are %v, want those after the claim above a million", numbers)
		}
		if err := two.end(); err != nil {
			t.Errorf("the daemon that claimed the inbox: %v", err)
		}
	}
}

// Two daemons start at the same time on one inbox: with two new data files, or a file and
// its copy. Exactly one works, and no mail is acknowledged twice.
func TestOneOfTwoDaemonsWorks(t *testing.T) {
	for _, copied := range []bool{false, true} {
		t.Run(fmt.Sprintf("copied %t", copied), func(t *testing.T) {
			s := mailtest.Start(t, mailtest.Options{})
			configs := []string{writeConfig(t, s, "implicit"), writeConfig(t, s, "implicit")}
			subjects := map[string]bool{}
			if copied {
				one := begin(t, configs[0])
				if !one.decided() {
					t.Fatal("the record does not own its inbox")
				}
				if err := one.end(); err != nil {
					t.Fatal(err)
				}
				copyFile(t, one.data, filepath.Join(filepath.Dir(configs[1]), "bdc.db"))
			} else {
				for _, config := range configs { // since serve begins no record where there is another
					db, err := boltstore.Open(filepath.Join(filepath.Dir(config), "bdc.db"),
						boltstore.Options{Create: true})
					if err != nil {
						t.Fatal(err)
					}
					if err := db.Close(); err != nil {
						t.Fatal(err)
					}
				}
			}
			orders(t, s, "first", 4, subjects)
			var both [2]*server
			for i, config := range configs {
				both[i] = begin(t, config)
			}
			both[0].decided()
			both[1].decided()
			orders(t, s, "second", 4, subjects)
			acknowledged(t, s, subjects)
			working := 0
			for _, b := range both {
				if b.decided() {
					working++
				} else if err := b.end(); err != nil && !errors.Is(err, ownership.ErrLost) {
					t.Errorf("the daemon that does not work: %v", err)
				}
			}
			if working != 1 {
				t.Errorf("%d daemons work, want 1", working)
			}
			if n := len(s.List(s.User, "bdc")); n != 1 {
				t.Errorf("%d messages say whose the inbox is, want 1", n)
			}
		})
	}
}

// A backup raises the generation, so that the copy, and each file from before it, is behind.
func TestBackupRaisesTheGeneration(t *testing.T) {
	s := mailtest.Start(t, mailtest.Options{NoExim: true})
	config := writeConfig(t, s, "implicit")
	one := begin(t, config)
	if !one.decided() {
		t.Fatal("the record does not own its inbox")
	}
	before := s.List(s.User, "bdc")
	file := filepath.Join(t.TempDir(), "copy.db")
	if code, said, _ := call(t, "backup", file, "-c", config); code != exitOK {
		t.Fatalf("backup: exit code %d and\n%s", code, said)
	}
	if !until(t, func() bool {
		after := s.List(s.User, "bdc")
		return len(after) == 1 && !bytes.Equal(after[0], before[0])
	}) {
		t.Error("the message that says whose the inbox is stays the same")
	}
	if err := one.end(); err != nil {
		t.Error(err)
	}

	// The copy in the place of the file knows that it is one.
	if err := os.Rename(file, one.data); err != nil {
		t.Fatal(err)
	}
	if one = begin(t, config); one.decided() || one.doubt() != store.Copied {
		t.Errorf("the copy has the doubt %q, want %q", one.doubt(), store.Copied)
	}
	code, said, _ := call(t, "status", "-c", config)
	if code != exitFound || !strings.Contains(said, "nothing is sent: this data file is a copy") {
		t.Errorf("status: exit code %d and\n%s", code, said)
	}
}

// Whatever becomes of the folder of the deed, the inbox is served.
func TestDeedIsTampered(t *testing.T) {
	s := mailtest.Start(t, mailtest.Options{})
	config := writeConfig(t, s, "implicit")
	one := begin(t, config)
	one.decided()
	if n := len(s.List(s.User, "bdc")); n != 1 {
		t.Errorf("%d messages say whose the inbox is, want 1", n)
	}
	s.DeleteFolder(s.User, "bdc")
	subjects := map[string]bool{}
	orders(t, s, "deleted", 2, subjects)
	acknowledged(t, s, subjects)
	if n := len(s.List(s.User, "bdc")); n != 1 || one.daemon.Owner.State().Rewritten.IsZero() {
		t.Errorf("%d messages say whose the inbox is, want 1 that was written again; the state is %+v", n,
			one.daemon.Owner.State())
	}
	if err := one.end(); err != nil {
		t.Errorf("the first daemon: %v", err)
	}

	// The server takes no further message in the folder.
	rights := filepath.Join(s.Dir, "acl")
	if err := os.WriteFile(rights, []byte("bdc owner lr\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	s.Configure("plugin {\n  acl = vfile:" + rights + "\n}\nprotocol imap {\n  mail_plugins = acl\n}\n")
	one = begin(t, config)
	if !one.decided() {
		t.Errorf("the doubt is %q, want none", one.doubt())
	}
	orders(t, s, "refused", 2, subjects)
	acknowledged(t, s, subjects)
	if got := one.daemon.Owner.State().Refused; got == "" {
		t.Errorf("the state is %+v, want that the server refuses", one.daemon.Owner.State())
	}
	var said strings.Builder
	if err := runStatus(t.Context(), env{stdout: &said, stderr: io.Discard}, config, false); err != nil {
		t.Errorf("status: got %v, want that all is well", err)
	}
	if !strings.Contains(said.String(), "WARNING the mail server keeps no message of ours") {
		t.Errorf("status does not warn:\n%s", said.String())
	}
	if err := one.end(); err != nil {
		t.Errorf("the second daemon: %v", err)
	}
}

// TestCrashWithinARaise kills the daemon as each step of a raise ends, twice, and starts it
// again at once. With -short it does so at one step.
func TestCrashWithinARaise(t *testing.T) {
	l := newLoad(t, 10)
	for _, step := range []int{91, 92, 93, 94} {
		if testing.Short() && step != 92 {
			continue
		}
		t.Run(fmt.Sprintf("step %d", step), func(t *testing.T) {
			t.Parallel()
			s := mailtest.Start(t, mailtest.Options{})
			v := newVictim(t, s)
			s.Deliver(s.User, l.raw[:5]...)
			v.finish(s, 5)
			for range 2 {
				_, wait := v.start("BDC_TEST_CRASH_STEP=" + strconv.Itoa(step))
				if !wait() {
					t.Fatal("the daemon was not killed")
				}
			}
			s.Deliver(s.User, l.raw[5:]...)
			v.finish(s, l.total)
			l.verify(t, s, v.data)
			if n := len(s.List(s.User, "bdc")); n != 1 {
				t.Errorf("%d messages say whose the inbox is, want 1", n)
			}
		})
	}
}
