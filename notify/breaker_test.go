package notify

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"
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
		{"in all", 100, 0, 200, 100, "100 mails were sent within an hour"},
		{"to one address", 1000, 20, 1, 20, "20 mails were sent to one address within an hour"},
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
		o.Hourly, o.HourlyEach = 30, 20
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
		o.HourlyEach = 10
		stop := start(t, o)
		after(20 * time.Minute)
		if got := len(m.deliveries()); got != 10 {
			t.Errorf("got %d mails, want 10", got)
		}
		stop()
	})
}
