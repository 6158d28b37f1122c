package notify

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"bdc/order"
	"bdc/store"
)

// Too many mails within an hour hold the outbox. Nothing is lost: once a person
// has released it, it goes on where it stood.
func TestBreakerHoldsTheOutbox(t *testing.T) {
	tests := []struct {
		name       string
		most, each int
		recipients int
		sent       int // before the hold
		why        string
	}{
		{"in all", 100, 0, 200, 100, "100 e-mails sont partis en une heure"},
		{"not reached", 200, 200, 1, 200, ""},
		{"unbounded", 0, 0, 1, 200, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, m := newShelf(), &mailer{}
				for i := range 200 {
					s.add(time.Now(), fmt.Sprintf("B%d@example.com", i%test.recipients))
				}
				o := newOutbox(s, m)
				o.Hourly, o.HourlyEach = test.most, test.each
				stop := start(t, o)
				after(30 * time.Minute)
				wantOutcomes(t, s, test.sent, 0, 200-test.sent)
				if got := s.release(); got != test.why {
					t.Errorf("held because %q, want %q", got, test.why)
				}
				// Released each time that it holds again, it sends all, each once.
				for range 20 {
					after(2 * time.Minute)
					s.release()
				}
				wantOutcomes(t, s, 200, 0, 0)
				if got := len(m.deliveries()); got != 200 {
					t.Errorf("got %d mails, want 200", got)
				}
				stop()
			})
		})
	}
}

// What was sent more than an hour ago counts no more.
func TestBreakerForgets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, m := newShelf(), &mailer{}
		o := newOutbox(s, m)
		o.Hourly, o.HourlyEach = 30, 25
		stop := start(t, o)
		for range 10 {
			for range 20 {
				s.add(time.Now(), "a@example.com")
			}
			o.Wake()
			after(breakerTime + time.Second)
		}
		wantOutcomes(t, s, 200, 0, 0)
		if why := s.release(); why != "" {
			t.Errorf("held because %q, want it not held", why)
		}
		stop()
	})
}

// A store in trouble does not make the breaker let go.
func TestBreakerHoldsWithoutTheStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, m := newShelf(), &mailer{}
		s.fault = func(verb string) error {
			if verb == "hold" {
				return errLost
			}
			return nil
		}
		for range 100 {
			s.add(time.Now(), "a@example.com")
		}
		o := newOutbox(s, m)
		o.Hourly = 10
		stop := start(t, o)
		after(20 * time.Minute)
		if got := len(m.deliveries()); got != 10 {
			t.Errorf("got %d mails, want 10", got)
		}
		stop()
	})
}

// What was sent before a restart counts, and what was sent before a release does not.
func TestBreakerCountsAcrossRestarts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		begin := func() (m *mailer, stop func()) {
			m = &mailer{}
			o := newOutbox(s, m)
			o.Hourly = 20
			return m, start(t, o)
		}
		send := func(n int) {
			for range n {
				s.add(time.Now(), "a@example.com")
			}
		}
		send(15)
		m, stop := begin()
		after(10 * time.Minute)
		stop()
		if got := len(m.deliveries()); got != 15 {
			t.Fatalf("before the restart: got %d mails, want 15", got)
		}
		send(15)
		m, stop = begin()
		after(10 * time.Minute)
		stop()
		if got := len(m.deliveries()); got != 5 {
			t.Errorf("after it: got %d mails, want 5 that make it 20", got)
		}
		m, stop = begin()
		after(time.Minute)
		if why, want := s.release(), "20 e-mails sont partis en une heure"; why != want {
			t.Errorf("held because %q, want %q", why, want)
		}
		after(10 * time.Minute)
		stop()
		if got := len(m.deliveries()); got != 10 {
			t.Errorf("after the release: got %d mails, want the other 10", got)
		}
		send(20)
		after(breakerTime)
		m, stop = begin()
		after(10 * time.Minute)
		stop()
		if got := len(m.deliveries()); got != 20 {
			t.Errorf("an hour later: got %d mails, want 20", got)
		}
	})
}

// Mails to staff neither count nor are held: they tell of the hold.
func TestBreakerSparesStaff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, m := newShelf(), &mailer{}
		toStaff := func(n int) {
			for range n {
				id := s.add(time.Now(), "claire@example.org")
				s.mu.Lock()
				s.replies[id-1].Kind = order.ReplyAlert
				s.mu.Unlock()
			}
		}
		toStaff(20)
		for range 20 {
			s.add(time.Now(), "b@example.com")
		}
		o := newOutbox(s, m)
		o.Hourly = 10
		stop := start(t, o)
		after(time.Minute)
		wantOutcomes(t, s, 30, 0, 10)
		toStaff(20)
		after(2 * time.Minute)
		wantOutcomes(t, s, 50, 0, 10)
		if why, want := s.release(), "10 e-mails sont partis en une heure"; why != want {
			t.Errorf("held because %q, want %q", why, want)
		}
		after(2 * time.Minute)
		wantOutcomes(t, s, 60, 0, 0)
		stop()
	})
}

// A recipient to whom too many mails have left within an hour waits, and nobody else does. A
// case tells of it, once.
func TestManyToOneRecipient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, m := newShelf(), &mailer{}
		for range 50 {
			s.add(time.Now(), "Loop@example.com")
		}
		o := newOutbox(s, m)
		o.HourlyEach = 20
		start(t, o)
		after(time.Minute)
		wantOutcomes(t, s, 20, 0, 30)
		other := s.add(time.Now(), "b@example.com")
		o.Wake()
		after(time.Second)
		if got := s.entry(other).outcome; got != store.Sent {
			t.Errorf("the reply to another recipient: got %q, want it sent", got)
		}
		if why := s.release(); why != "" {
			t.Errorf("the outbox is paused because %q, want it to go on", why)
		}
		after(5 * time.Hour)
		wantOutcomes(t, s, 51, 0, 0)
		cases := 0
		for id := range uint64(51) {
			e := s.entry(id + 1)
			if e.Attempt != 1 {
				t.Errorf("reply %d: got %d attempts, want those alone in which it was sent", e.ID, e.Attempt)
			}
			for _, settled := range e.history {
				if c := settled.Case; c != nil {
					cases++
					if want := "20 e-mails sont partis en une heure vers cette adresse (Loop@example.com)"; c.Reason !=
						ReasonMany || !strings.HasPrefix(c.Note, want) {
						t.Errorf("got the case %+v, want one that says %q", c, want)
					}
				}
			}
		}
		if cases != 1 {
			t.Errorf("got %d cases, want one that day", cases)
		}
	})
}

// Replies that take long to compose hold up no other recipient's, however many there are;
// those to one recipient leave in their order.
func TestSlowRepliesHoldUpNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, m := newShelf(), &mailer{}
		o := newOutbox(s, m)
		o.Lease = time.Hour
		o.Slow = func(r order.Reply) bool { return r.Kind == order.ReplyReport }
		composing, turn := make(chan uint64, 500), make(chan struct{})
		o.Composer = writer(func(ctx context.Context, r order.Reply) (Letter, error) {
			if r.Kind == order.ReplyReport {
				composing <- r.ID
				select {
				case <-turn:
				case <-ctx.Done():
					return Letter{}, ctx.Err()
				}
			}
			return Letter{Subject: "x", Text: "y"}, nil
		})
		for i := range 100 {
			id := s.add(time.Now(), fmt.Sprintf("slow%d@example.com", i%2))
			s.replies[id-1].Kind = order.ReplyReport
		}
		behind := s.add(time.Now(), "slow0@example.com")
		stop := start(t, o)
		synctest.Wait()
		quick := s.add(time.Now(), "quick@example.com")
		o.Wake()
		after(time.Second)
		if got := s.entry(quick).outcome; got != store.Sent {
			t.Errorf("the reply to another: got %q, want it sent", got)
		}
		if got := s.entry(behind).outcome; got == store.Sent {
			t.Error("a reply was sent before the older ones to the same recipient")
		}
		for range 30 {
			turn <- struct{}{}
		}
		after(8 * time.Minute)
		for range 70 {
			turn <- struct{}{}
		}
		after(time.Minute)
		wantOutcomes(t, s, 102, 0, 0)
		next := map[string]uint64{}
		for _, d := range m.deliveries() {
			var id uint64
			_, text, _ := strings.Cut(d.mail, "Message-ID: <D-234679.")
			fmt.Sscanf(text, "%d@", &id)
			if id < next[d.to] {
				t.Errorf("%s got reply %d after reply %d", d.to, id, next[d.to])
			}
			next[d.to] = id
		}
		if got := m.tally(); len(m.deliveries()) != 102 || got.open > 4 {
			t.Errorf("got %d mails, want each once", len(m.deliveries()))
		}
		for range 2 * slowMost {
			id := s.add(time.Now(), "slow0@example.com")
			s.replies[id-1].Kind = order.ReplyReport
		}
		o.Wake()
		after(time.Second)
		alert := s.add(time.Now(), "staff@example.com")
		s.replies[alert-1].Kind = order.ReplyAlert
		o.Wake()
		after(3 * time.Second)
		if got := s.entry(alert).outcome; got != store.Sent {
			t.Errorf("a mail to staff while %d replies take long: got %q, want it sent", 2*slowMost, got)
		}
		stop() // does not wait for what takes long
	})
}
