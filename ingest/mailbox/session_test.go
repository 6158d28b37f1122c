package mailbox_test

import (
	"bytes"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"

	"bdc/ingest/mailbox"
	"bdc/order"
)

// hang is a time after which a call is taken to hang. No test waits for it unless it
// fails.
const hang = 30 * time.Second

func message(n int, body string) []byte {
	return fmt.Appendf(nil, "From: bookseller@test.local\r\nSubject: order %d\r\n\r\n%s\r\n", n, body)
}

// dial opens a session and closes it at the end of the test, which fails if the
// session leaves a goroutine behind.
func dial(t *testing.T, c mailbox.Config) *mailbox.Session {
	t.Helper()
	before := clients()
	s, err := mailbox.Dial(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		within(t, "Close", func() { s.Close() })
		for end := time.Now().Add(hang); clients() > before; runtime.Gosched() {
			if time.Now().After(end) {
				t.Fatalf("%d goroutines after Close, want %d as before Dial\n%s", clients(), before, stacks())
			}
		}
	})
	return s
}

// clients counts the goroutines that work for sessions. It does not count those of
// servers, because the in-memory server leaves some behind.
func clients() int {
	return bytes.Count(stacks(), []byte("/imapclient.")) + bytes.Count(stacks(), []byte("mailbox.(*Session)"))
}

// within fails the test when f hangs.
func within(t *testing.T, what string, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { f(); close(done) }()
	select {
	case <-done:
	case <-time.After(hang):
		t.Fatalf("%s hangs\n%s", what, stacks())
	}
}

func stacks() []byte {
	buf := make([]byte, 1<<16)
	return buf[:runtime.Stack(buf, true)]
}

func pending(t *testing.T, s *mailbox.Session) []order.Key {
	t.Helper()
	keys, err := s.Pending(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func uids(keys []order.Key) []uint32 {
	list := []uint32{}
	for _, k := range keys {
		list = append(list, k.UID)
	}
	return list
}

func admitAll(int64) error { return nil }

// fetch returns what Fetch delivers, in the order of the UIDs.
func fetch(t *testing.T, s *mailbox.Session, keys []order.Key, limit int64) []order.Mail {
	t.Helper()
	var mails []order.Mail
	_, err := s.Fetch(t.Context(), keys, limit, 0, admitAll, func(m order.Mail) error {
		mails = append(mails, m)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(mails, func(a, b order.Mail) int { return strings.Compare(a.Key.String(), b.Key.String()) })
	return mails
}

func TestFetchDeliversMessagesAsTheyAre(t *testing.T) {
	m := newMemory(t)
	when := time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC)
	m.deliver(t, when, message(1, "a"), message(2, strings.Repeat("b", 5000)), message(3, "c"))
	s := dial(t, m.config())

	keys := pending(t, s)
	if got, want := uids(keys), []uint32{1, 2, 3}; !slices.Equal(got, want) {
		t.Fatalf("pending UIDs are %v, want %v", got, want)
	}
	if got, want := keys[0].Account, "user@127.0.0.1"; got != want {
		t.Errorf("the account is %q, want %q", got, want)
	}
	var admitted []int64
	var mails []order.Mail
	_, err := s.Fetch(t.Context(), keys, 1000, 0, func(size int64) error {
		admitted = append(admitted, size)
		return nil
	}, func(mail order.Mail) error {
		mails = append(mails, mail)
		if len(admitted) != len(mails) {
			t.Errorf("message %d comes after %d admissions, want as many", len(mails), len(admitted))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(mails, func(a, b order.Mail) int { return int(a.Key.UID) - int(b.Key.UID) })
	header := []byte("From: bookseller@test.local\r\nSubject: order 2\r\n\r\n")
	want := []order.Mail{
		{Key: keys[0], Received: when, Size: int64(len(message(1, "a"))), Raw: message(1, "a")},
		{Key: keys[1], Received: when, Size: int64(len(header)) + 5002, Raw: header, TooLarge: true},
		{Key: keys[2], Received: when, Size: int64(len(message(3, "c"))), Raw: message(3, "c")},
	}
	if len(mails) != len(want) {
		t.Fatalf("%d messages delivered, want %d", len(mails), len(want))
	}
	for i, got := range mails {
		if got.Key != want[i].Key || !got.Received.Equal(want[i].Received) || got.Size != want[i].Size ||
			got.TooLarge != want[i].TooLarge || !bytes.Equal(got.Raw, want[i].Raw) {
			t.Errorf("message %d is %+v, want %+v", i+1, got, want[i])
		}
		if cap(got.Raw) > len(got.Raw) && !got.TooLarge {
			t.Errorf("message %d occupies %d octets, want %d", i+1, cap(got.Raw), len(got.Raw))
		}
	}
}

func TestNothingOlderThanSinceIsTouched(t *testing.T) {
	since := time.Date(2026, 11, 21, 0, 0, 0, 0, time.FixedZone("Paris", 3600))
	tests := []struct {
		name string
		when time.Time
		want bool
	}{
		{"a year before", since.AddDate(-1, 0, 0), false},
		{"a second before", since.Add(-time.Second), false},
		{
			"a second before, told in a zone where it is the day itself",
			since.Add(-time.Second).In(time.FixedZone("Auckland", 13*3600)), false,
		},
		{"at that very time", since, true},
		{
			"at that time, told in a zone where it is the day before", since.In(time.FixedZone("Honolulu", -10*3600)),
			true,
		},
		{"a week later", since.AddDate(0, 0, 7), true},
	}
	m := newMemory(t)
	for i, test := range tests {
		m.deliver(t, test.when, message(i+1, test.name))
	}
	config := m.config()
	all := dial(t, config)
	everything := pending(t, all)
	config.Since = since
	s := dial(t, config)
	keys := uids(pending(t, s))
	mails := fetch(t, s, everything, 1000)
	for i, test := range tests {
		uid := uint32(i + 1)
		if got := slices.Contains(keys, uid); got != test.want {
			t.Errorf("%s: pending is %v, want %v", test.name, got, test.want)
		}
		delivered := slices.ContainsFunc(mails, func(m order.Mail) bool { return m.Key.UID == uid })
		if delivered != test.want {
			t.Errorf("%s: delivered is %v, want %v", test.name, delivered, test.want)
		}
	}
	if got := uids(everything); len(got) != len(tests) {
		t.Errorf("without a date, %d are pending, want all %d", len(got), len(tests))
	}
}

func TestMoveByEachMeans(t *testing.T) {
	for _, test := range []struct {
		name string
		caps []imap.Cap
		want error
	}{
		{"MOVE", []imap.Cap{imap.CapMove}, nil},
		{"MOVE and UIDPLUS", []imap.Cap{imap.CapMove, imap.CapUIDPlus}, nil},
		{"UIDPLUS", []imap.Cap{imap.CapUIDPlus}, nil},
		{"IMAP4rev2", []imap.Cap{imap.CapIMAP4rev2}, nil},
		{"neither", nil, mailbox.ErrCannotMove},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := newMemory(t, test.caps...)
			for n := range 250 {
				m.deliver(t, time.Now(), message(n, "x"))
			}
			s := dial(t, m.config())
			keys := pending(t, s)
			moved := append(keys[:220:220], order.Key{
				Account: keys[0].Account, Folder: "INBOX", UIDValidity: keys[0].UIDValidity, UID: 9999,
			})
			err := s.Move(t.Context(), moved, "À traiter")
			if !errors.Is(err, test.want) {
				t.Fatalf("Move says %v, want %v", err, test.want)
			}
			wantThere, wantHere := 220, 30
			if test.want != nil {
				wantThere, wantHere = -1, 250
			}
			if got := m.count("À traiter"); got != wantThere {
				t.Errorf("the target holds %d messages, want %d", got, wantThere)
			}
			if got := m.count("INBOX"); got != wantHere {
				t.Errorf("the inbox holds %d messages, want %d", got, wantHere)
			}
			if test.want != nil {
				return
			}
			if err := s.Move(t.Context(), moved, "À traiter"); err != nil {
				t.Errorf("moving the same again says %v, want nothing", err)
			}
			if got := m.count("À traiter"); got != wantThere {
				t.Errorf("the target holds %d messages after moving again, want %d", got, wantThere)
			}
		})
	}
}

func TestMoveCreatesAFolderThatWasDeleted(t *testing.T) {
	for _, c := range []imap.Cap{imap.CapMove, imap.CapUIDPlus} {
		m := newMemory(t, c)
		m.deliver(t, time.Now(), message(1, "x"))
		s := dial(t, m.config())
		if err := s.Prepare(t.Context(), "Traitées", "INBOX"); err != nil {
			t.Fatal(err)
		}
		if got := m.count("Traitées"); got != 0 {
			t.Errorf("%s: the prepared folder holds %d messages, want 0", c, got)
		}
		if err := m.user.Delete("Traitées"); err != nil {
			t.Fatal(err)
		}
		if err := s.Move(t.Context(), pending(t, s), "Traitées"); err != nil {
			t.Fatalf("%s: %v", c, err)
		}
		if got := m.count("Traitées"); got != 1 {
			t.Errorf("%s: the folder holds %d messages, want 1", c, got)
		}
	}
}

func TestFolderWithDecomposedAccentsIsTheSame(t *testing.T) {
	const decomposed = "A\u0300 traiter"
	m := newMemory(t, imap.CapMove)
	if err := m.user.Create(decomposed, nil); err != nil {
		t.Fatal(err)
	}
	m.deliver(t, time.Now(), message(1, "x"))
	s := dial(t, m.config())
	if err := s.Move(t.Context(), pending(t, s), "À traiter"); err != nil {
		t.Fatal(err)
	}
	if got := m.count(decomposed); got != 1 {
		t.Errorf("the folder holds %d messages, want 1", got)
	}
	if got := m.count("À traiter"); got != -1 {
		t.Errorf("a second folder was created, holding %d messages", got)
	}
}

func TestKeysOfAnotherMailboxAreStale(t *testing.T) {
	m := newMemory(t, imap.CapMove)
	m.deliver(t, time.Now(), message(1, "x"))
	s := dial(t, m.config())
	key := pending(t, s)[0]
	for name, change := range map[string]func(*order.Key){
		"account":     func(k *order.Key) { k.Account = "other@127.0.0.1" },
		"folder":      func(k *order.Key) { k.Folder = "Archives" },
		"UIDVALIDITY": func(k *order.Key) { k.UIDValidity++ },
	} {
		stale := key
		change(&stale)
		keys := []order.Key{key, stale}
		if err := s.Move(t.Context(), keys, "Traitées"); !errors.Is(err, mailbox.ErrStale) {
			t.Errorf("another %s: Move says %v, want %v", name, err, mailbox.ErrStale)
		}
		_, err := s.Fetch(t.Context(), keys, 1000, 0, admitAll,
			func(order.Mail) error { return errors.New("delivered") })
		if !errors.Is(err, mailbox.ErrStale) {
			t.Errorf("another %s: Fetch says %v, want %v", name, err, mailbox.ErrStale)
		}
	}
	if got := m.count("INBOX"); got != 1 {
		t.Errorf("the inbox holds %d messages, want 1", got)
	}
}

func TestDialRefusals(t *testing.T) {
	m := newMemory(t)
	for _, test := range []struct {
		name   string
		change func(*mailbox.Config)
		want   error
	}{
		{"wrong password", func(c *mailbox.Config) { c.Password = "wrong" }, mailbox.ErrAuth},
		{"unknown user", func(c *mailbox.Config) { c.Username = "nobody" }, mailbox.ErrAuth},
		{"no TLS beyond loopback", func(c *mailbox.Config) { c.Host = "imap.example.org" }, mailbox.ErrTLS},
		{"unknown kind of TLS", func(c *mailbox.Config) { c.TLS = "maybe" }, mailbox.ErrTLS},
		{"STARTTLS that the server lacks", func(c *mailbox.Config) { c.TLS = "starttls" }, mailbox.ErrTLS},
		{"TLS where there is none", func(c *mailbox.Config) { c.TLS = "implicit" }, mailbox.ErrTLS},
		{"folder that does not exist", func(c *mailbox.Config) { c.Folder = "Commandes" }, nil},
		{"nobody there", func(c *mailbox.Config) { c.Port = 1 }, nil},
	} {
		c := m.config()
		test.change(&c)
		err := refusal(t.Context(), t, c)
		if err == nil {
			t.Errorf("%s: Dial succeeds, want an error", test.name)
			continue
		}
		if test.want != nil && !errors.Is(err, test.want) {
			t.Errorf("%s: Dial says %v, want %v", test.name, err, test.want)
		}
		if test.want == nil && (errors.Is(err, mailbox.ErrAuth) || errors.Is(err, mailbox.ErrTLS)) {
			t.Errorf("%s: Dial says %v, want an error that may pass", test.name, err)
		}
		if strings.Contains(err.Error(), "wrong") {
			t.Errorf("%s: the error %q tells the password", test.name, err)
		}
	}
}

func TestErrorsOfTheCallerEndFetch(t *testing.T) {
	m := newMemory(t)
	for n := range 300 {
		m.deliver(t, time.Now(), message(n, strings.Repeat("x", 5000)))
	}
	stop := errors.New("enough")
	fail := func(int64) error { return stop }
	for name, call := range map[string]func(*mailbox.Session, []order.Key) error{
		"admit": func(s *mailbox.Session, keys []order.Key) error {
			_, err := s.Fetch(t.Context(), keys, 1e6, 0, fail, func(order.Mail) error { return nil })
			return err
		},
		"deliver": func(s *mailbox.Session, keys []order.Key) error {
			_, err := s.Fetch(t.Context(), keys, 1e6, 0, admitAll, func(order.Mail) error { return stop })
			return err
		},
	} {
		s := dial(t, m.config())
		keys := pending(t, s)
		within(t, "Fetch", func() {
			if err := call(s, keys); !errors.Is(err, stop) {
				t.Errorf("%s: Fetch says %v, want %v", name, err, stop)
			}
		})
		if _, err := s.Pending(t.Context()); err == nil {
			t.Errorf("%s: the session goes on, want it to be over", name)
		}
	}
}

func TestArrivalWakesWait(t *testing.T) {
	m := newMemory(t)
	s := dial(t, m.config())
	for n := range 50 {
		pending(t, s)
		go m.deliver(t, time.Now(), message(n, "x"))
		within(t, "Wait", func() {
			if err := s.Wait(t.Context(), time.Hour); err != nil {
				t.Error(err)
			}
		})
		if got := len(pending(t, s)); got != n+1 {
			t.Fatalf("%d are pending after arrival %d, want %d", got, n+1, n+1)
		}
	}
}

func TestArrivalAfterTheSearchWakesTheNextWait(t *testing.T) {
	m := newMemory(t, imap.CapMove)
	m.deliver(t, time.Now(), message(1, "x"))
	s := dial(t, m.config())
	keys := pending(t, s)
	m.deliver(t, time.Now(), message(2, "x"))
	if err := s.Move(t.Context(), keys, "Traitées"); err != nil { // its answer tells of the second
		t.Fatal(err)
	}
	within(t, "Wait", func() {
		if err := s.Wait(t.Context(), time.Hour); err != nil {
			t.Error(err)
		}
	})
}
