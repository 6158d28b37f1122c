package staff

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"bdc/order"
	"bdc/store"
	"bdc/store/boltstore"
)

// openStore opens a data file that is sound when the test ends.
func openStore(t *testing.T, path string) *boltstore.Store {
	t.Helper()
	s, err := boltstore.Open(path, boltstore.Options{Create: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(s.Check(context.Background()), s.Close()); err != nil {
			t.Error(err)
		}
	})
	return s
}

func newStore(t *testing.T) *boltstore.Store {
	t.Helper()
	return openStore(t, filepath.Join(t.TempDir(), "bdc.db"))
}

// gauge is what a test lets break.
type gauge struct {
	mu      sync.Mutex
	reading Reading
}

func (g *gauge) set(c Condition) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.reading.Condition, g.reading.Words = c, "no route to host"
}

func (g *gauge) read(context.Context) ([]Reading, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return []Reading{g.reading}, nil
}

func newGauge(cause order.Cause) *gauge {
	return &gauge{reading: Reading{Cause: cause, Condition: Fine}}
}

// watch runs a watch until the returned function is called.
func watch(t *testing.T, s Store, g *gauge) (stop func()) {
	t.Helper()
	w := &Watch{
		Store: s, Read: g.read, At: &TimeOfDay{8, 0}, Digest: []string{"claire@example.org", "paul@example.org"},
		Alerts: []string{"admin@example.org"},
		Domain: "example.org", Hours: 72, Wake: func() {}, Clock: time.Now, Log: slog.New(slog.DiscardHandler),
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); w.Run(ctx) }()
	return func() { cancel(); <-ended }
}

// after lets simulated time pass.
func after(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// mails are the intents to staff, in their order.
func mails(t *testing.T, s *boltstore.Store) []order.Reply {
	t.Helper()
	var all []order.Reply
	events, err := s.Audit(t.Context(), 0, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		if e.Verb != "reply.intended" || !order.ReplyKind(e.Detail).ForStaff() {
			continue
		}
		r, err := s.Reply(t.Context(), e.Reply)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r.Reply)
	}
	return all
}

// said are the mails in short: when, to whom, what, and whether it is over.
func said(t *testing.T, s *boltstore.Store) []string {
	t.Helper()
	var all []string
	for _, m := range mails(t, s) {
		line := m.CreatedAt.In(order.Paris).Format("02 15:04") + " " + strings.TrimSuffix(m.To, "@example.org") + " " +
			string(m.Kind)
		if a := m.Alert; a != nil {
			line += " " + string(a.Cause) + " " + a.Begun.In(order.Paris).Format("15:04")
			if !a.Ended.IsZero() {
				line += "-" + a.Ended.In(order.Paris).Format("15:04")
			}
		}
		all = append(all, line)
	}
	return all
}

func wantSaid(t *testing.T, s *boltstore.Store, want ...string) {
	t.Helper()
	if got := said(t, s); !slices.Equal(got, want) {
		t.Errorf("staff were told\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// The simulated clock begins on 1 January 2000 at 01:00 in Paris.

func TestAlertAndItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, g := newStore(t), newGauge(order.CauseInbox)
		stop := watch(t, s, g)
		after(10 * time.Second)
		g.set(Broken)
		after(4 * time.Minute)
		wantSaid(t, s) // it may mend itself
		after(2 * time.Hour)
		wantSaid(t, s, "01 01:06 admin alert inbox 01:01")
		g.set(Fine)
		after(2 * time.Minute)
		stop()
		wantSaid(t, s, "01 01:06 admin alert inbox 01:01", "01 03:05 admin alert inbox 01:01-03:05")
		if got := mails(t, s)[0].Alert.Words; got != "no route to host" {
			t.Errorf("got the words %q", got)
		}
	})
}

// What breaks and mends all day is told once an hour at most, and never last that
// it is broken when it isn't.
func TestFlappingIsToldOnceAnHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, g := newStore(t), newGauge(order.CauseMoves)
		stop := watch(t, s, g)
		for range 24 * 60 / 15 {
			g.set(Broken)
			after(8 * time.Minute)
			g.set(Fine)
			after(7 * time.Minute)
		}
		after(2 * time.Hour)
		stop()
		var last time.Time
		told := 0
		for _, m := range mails(t, s) {
			if m.Kind != order.ReplyAlert {
				continue
			}
			told++
			if d := m.CreatedAt.Sub(last); d < time.Hour {
				t.Errorf("told at %v, %v after the last time", m.CreatedAt, d)
			}
			last = m.CreatedAt
			if told%2 == 0 == m.Alert.Ended.IsZero() {
				t.Errorf("alert %d ends at %v: want trouble and its end by turns", told, m.Alert.Ended)
			}
		}
		if told < 10 || told%2 != 0 {
			t.Errorf("told %d times in a day, want every hour or so, and its end at last", told)
		}
	})
}

// That nothing can be sent is told when it is over, from when to when.
func TestOutageOfTheOutboxIsToldAfterIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, g := newStore(t), newGauge(order.CauseOutbox)
		stop := watch(t, s, g)
		after(30*time.Minute + 10*time.Second)
		g.set(Broken)
		after(3 * time.Hour)
		stop()
		g.set(Unknown) // a restart, before anything was sent
		stop = watch(t, s, g)
		after(time.Hour)
		wantSaid(t, s)
		g.set(Fine)
		after(time.Minute)
		stop()
		wantSaid(t, s, "01 05:31 admin alert outbox 01:31-05:31")
	})
}

// A restart in the midst of trouble neither tells it again nor takes it for over.
func TestRestartTellsNothingAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "bdc.db")
		s, err := boltstore.Open(path, boltstore.Options{Create: true})
		if err != nil {
			t.Fatal(err)
		}
		g := newGauge(order.CauseInbox)
		g.set(Broken)
		stop := watch(t, s, g)
		after(10 * time.Minute)
		stop()
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		after(2 * time.Hour)

		s = openStore(t, path)
		g.set(Unknown)
		stop = watch(t, s, g)
		after(5 * time.Minute)
		g.set(Broken)
		after(2 * time.Hour)
		g.set(Fine)
		after(time.Minute)
		stop()
		wantSaid(t, s, "01 01:05 admin alert inbox 01:00", "01 05:16 admin alert inbox 01:00-05:16")
	})
}

// A store in trouble delays what is told, and loses nothing.
func TestStoreInTrouble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, g := newStore(t), newGauge(order.CausePause)
		g.set(Broken)
		faulty := &faultyStore{Store: s, faults: 2 * 30} // the alert and the digest's mark, each minute
		stop := watch(t, faulty, g)
		after(time.Hour)
		stop()
		wantSaid(t, s, "01 01:30 admin alert hold 01:00")
	})
}

// faultyStore fails the first times that it is to notify.
type faultyStore struct {
	Store
	faults int
}

func (f *faultyStore) Notify(ctx context.Context, n store.Notice, at time.Time, mails []order.Reply) error {
	if f.faults--; f.faults >= 0 {
		return errors.New("disk full")
	}
	return f.Store.Notify(ctx, n, at, mails)
}

// fullStore can't be written for a while.
type fullStore struct {
	Store
	until time.Time
}

func (f *fullStore) Notify(ctx context.Context, n store.Notice, at time.Time, mails []order.Reply) error {
	if time.Now().Before(f.until) {
		return fmt.Errorf("notify: %w: no space left on device", store.ErrDataFile)
	}
	return f.Store.Notify(ctx, n, at, mails)
}

// While the data file can't be written, no alert about it can be recorded. Staff get it once
// it can, though the trouble is over by then.
func TestTroubleOfTheDataFileIsToldAfterwards(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, g := newStore(t), newGauge(order.CauseData)
		began := time.Now()
		full := &fullStore{s, began.Add(time.Hour)}
		g.set(Broken)
		stop := watch(t, full, g)
		after(time.Hour - time.Second)
		wantSaid(t, s)
		g.set(Fine)
		after(time.Hour)
		stop()
		wantSaid(t, s, "01 02:00 admin alert data 01:00-02:00")
	})
}

// If it can be written again while something else is still wrong with it, such as damage,
// staff get the alert then.
func TestTroubleOfTheDataFileIsToldWhenItCanBe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, g := newStore(t), newGauge(order.CauseData)
		full := &fullStore{s, time.Now().Add(30 * time.Minute)}
		g.set(Broken)
		stop := watch(t, full, g)
		after(time.Hour)
		stop()
		wantSaid(t, s, "01 01:30 admin alert data 01:00")
	})
}

func TestDigestOnceADay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, g := newStore(t), newGauge(order.CauseInbox)
		var want []string
		stop := watch(t, s, g)
		after(time.Minute)
		// Started anew every 50 minutes, and for two days not at all.
		for range 3 * 24 * 60 / 50 {
			stop()
			stop = watch(t, s, g)
			after(50 * time.Minute)
		}
		stop()
		for day := range 3 {
			want = append(want, fmt.Sprintf("%02d 08:00 claire digest", day+1),
				fmt.Sprintf("%02d 08:00 paul digest", day+1))
		}
		wantSaid(t, s, want...)
		after(2 * 24 * time.Hour)
		stop = watch(t, s, g)
		after(time.Hour)
		stop()
		got := mails(t, s)
		if len(got) != 8 || got[6].CreatedAt.In(order.Paris).Day() != 6 {
			t.Fatalf("got %v, want one digest of both days at the start", said(t, s))
		}
		for i := 2; i < len(got); i += 2 {
			if from, until := got[i].Digest.From, got[i-2].Digest.Until; !from.Equal(until) {
				t.Errorf("digest %d begins at %v, and the one before ended at %v", i, from, until)
			}
		}
	})
}

func TestTimeOfDay(t *testing.T) {
	for _, test := range []struct{ name, at, after, want string }{
		{"later today", "08:00", "2026-11-21T07:59:59+01:00", "2026-11-21T08:00:00+01:00"},
		{"at that moment", "08:00", "2026-11-21T08:00:00+01:00", "2026-11-22T08:00:00+01:00"},
		{"into summer time", "08:00", "2026-03-28T08:00:00+01:00", "2026-03-29T08:00:00+02:00"},
		{"out of summer time", "08:00", "2026-10-24T08:00:00+02:00", "2026-10-25T08:00:00+01:00"},
		{"an hour left out", "02:30", "2026-03-29T00:00:00+01:00", "2026-03-29T03:30:00+02:00"},
		{"after it", "02:30", "2026-03-29T03:30:00+02:00", "2026-03-30T02:30:00+02:00"},
		{"an hour twice", "02:30", "2026-10-25T00:00:00+02:00", "2026-10-25T02:30:00+01:00"},
		{"after it", "02:30", "2026-10-25T02:30:00+01:00", "2026-10-26T02:30:00+01:00"},
		{"the year's end", "00:00", "2026-12-31T00:00:00+01:00", "2027-01-01T00:00:00+01:00"},
	} {
		d, err := ParseTimeOfDay(test.at)
		if err != nil {
			t.Fatal(err)
		}
		from, err := time.Parse(time.RFC3339, test.after)
		if err != nil {
			t.Fatal(err)
		}
		if got := d.After(from).Format(time.RFC3339); got != test.want {
			t.Errorf("%s: got %s, want %s", test.name, got, test.want)
		}
	}
	for _, text := range []string{"", "8h", "24:00", "08:60", "noon"} {
		if _, err := ParseTimeOfDay(text); err == nil {
			t.Errorf("%q was taken for a time", text)
		}
	}
}
