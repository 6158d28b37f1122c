package notify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"bdc/store"
)

func TestOutageOfADay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		m := &mailer{dial: func() error {
			if time.Since(begun) < 24*time.Hour {
				return errors.New("connection refused")
			}
			return nil
		}}
		// A mail takes some time, so that no composition lags behind for want of a processor.
		m.send = func(context.Context, string, int, []byte) error { time.Sleep(time.Millisecond); return nil }
		s := newShelf()
		for i := range 1000 {
			s.add(begun.Add(time.Duration(i)*time.Millisecond-time.Hour), fmt.Sprintf("b%d@example.com", i))
		}
		o := newOutbox(s, m)
		o.Connections = 1
		start(t, o)
		after(24*time.Hour - time.Second)
		wantOutcomes(t, s, 0, 0, 1000)
		if got := m.tally().dials; got < 24*60 || got > 2*24*60+20 {
			t.Errorf("dialled %d times in a day, want once or twice a minute", got)
		}
		if n := s.committed()["claim"] + s.committed()["settle"]; n > 20 {
			t.Errorf("got %d commits during the outage, want those of its beginning only", n)
		}
		after(2 * time.Minute)
		wantOutcomes(t, s, 1000, 0, 0)
		got := m.deliveries()
		if len(got) != 1000 {
			t.Fatalf("got %d mails, want 1000", len(got))
		}
		for i, d := range got {
			var rank int
			fmt.Sscanf(d.to, "b%d@", &rank)
			if rank < i-2*batch || rank > i+2*batch { // compositions of those in hand end in any order
				t.Fatalf("mail %d was the reply of rank %d: want the oldest first", i, rank)
			}
		}
		if e := s.entry(1); e.Attempt > 3 {
			t.Errorf("the oldest reply had %d attempts, want the outage not to count", e.Attempt)
		}
	})
}

// What the server says before it knows the recipient condemns nobody.
func TestTroubleOfTheConnectionCondemnsNobody(t *testing.T) {
	tests := map[string]error{
		"MAIL 550": &Error{Step: Mail, Code: 550, Words: "sender not allowed"},
		"MAIL 421": &Error{Step: Mail, Code: 421, Words: "closing"},
		"RCPT 530": &Error{Step: Rcpt, Code: 530, Enhanced: "5.7.57", Words: "not authenticated"},
		"DATA 550 5.7.60": &Error{
			Step: Dot, Code: 550, Enhanced: "5.7.60",
			Words: "not allowed to send as this sender",
		},
		"connection is lost": &Error{Step: Mail, Words: "EOF"},
	}
	for name, fault := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begun := time.Now()
				var attempts atomic.Int32
				m := &mailer{send: func(context.Context, string, int, []byte) error {
					if time.Since(begun) < 5*24*time.Hour {
						attempts.Add(1)
						return fault
					}
					return nil
				}}
				s := newShelf()
				for i := range 100 {
					s.add(begun, fmt.Sprintf("b%d@example.com", i))
				}
				start(t, newOutbox(s, m))
				after(5 * 24 * time.Hour)
				if got := s.outcomes()[store.Failed]; got > 0 {
					t.Errorf("%d replies were given up", got)
				}
				if got := attempts.Load(); got > 2*(5*24*60*2+200) {
					t.Errorf("got %d attempts in 5 days, want some two a minute", got)
				}
				claims := 0
				for id := range uint64(100) {
					claims += s.entry(id + 1).Attempt
				}
				if got := int(attempts.Load()); claims > got+100 {
					t.Errorf("%d claims for %d attempts: want one reply tried at a time, and the others left alone",
						claims, got)
				}
				after(5 * time.Hour)
				wantOutcomes(t, s, 100, 0, 0)
			})
		})
	}
}

// A reply that the server answers with a demand to authenticate, while it takes
// all others, must not stop the outbox by being tried first each time.
func TestReplyThatCausesTroubleDoesNotStopTheOutbox(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &mailer{send: func(_ context.Context, to string, _ int, _ []byte) error {
			if to == "poison@example.com" {
				return &Error{Step: Rcpt, Code: 550, Enhanced: "5.7.60", Words: "no"}
			}
			return nil
		}}
		s := newShelf()
		poison := s.add(time.Now(), "poison@example.com")
		for i := range 50 {
			s.add(time.Now(), fmt.Sprintf("b%d@example.com", i))
		}
		start(t, newOutbox(s, m))
		after(10 * time.Second)
		wantOutcomes(t, s, 50, 0, 1)
		for range 4 * 24 {
			s.add(time.Now(), "b@example.com")
			after(time.Hour)
		}
		if got := s.entry(poison).outcome; got != store.Failed {
			t.Errorf("the poisoned reply is %q after 4 days, want it given up", got)
		}
	})
}

func TestDeadIdleConnectionIsReplacedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &mailer{send: func(_ context.Context, _ string, n int, _ []byte) error {
			if n == 2 {
				return &Error{Step: Mail, Words: "EOF"}
			}
			return nil
		}}
		s := newShelf()
		o := newOutbox(s, m)
		start(t, o)
		for range 2 {
			s.add(time.Now(), "b@example.com")
			o.Wake()
			after(5 * time.Second)
		}
		wantOutcomes(t, s, 2, 0, 0)
		if dials, sends := m.tally().dials,
			m.tries("b@example.com"); dials != 2 || sends != 3 || s.entry(2).Attempt != 1 {
			t.Errorf("got %d dials, %d sends, attempt %d; want 2, 3, 1", dials, sends, s.entry(2).Attempt)
		}
	})
}

func TestTroubleBackoff(t *testing.T) {
	now := time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)
	var tr trouble
	for i, most := range []time.Duration{1, 2, 4, 8, 16, 32, 60, 60} {
		most *= time.Second
		until := tr.hit(now, io.EOF)
		if d := until.Sub(now); d < most/2 || d > most {
			t.Errorf("wait %d is %v, want %v to %v", i, d, most/2, most)
		}
		if again := tr.hit(now, io.EOF); again != until {
			t.Errorf("wait %d: a second connection's failure changed it from %v to %v", i, until, again)
		}
		now = until
	}
	if troubled, _ := tr.state(); !troubled {
		t.Error("no trouble after failures")
	}
	if lasted := tr.clear(now); lasted < time.Minute {
		t.Errorf("the trouble lasted %v, want minutes", lasted)
	}
	if troubled, until := tr.state(); troubled || !until.IsZero() || tr.clear(now) != 0 {
		t.Error("trouble after it was cleared")
	}
}

func TestStoreTrouble(t *testing.T) {
	for _, verb := range []string{"claim", "seal", "settle"} {
		t.Run(verb, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, m := newShelf(), &mailer{}
				for i := range 100 {
					s.add(time.Now(), fmt.Sprintf("b%d@example.com", i))
				}
				failures := 0
				s.fault = func(v string) error {
					if v == verb && failures < 3 {
						failures++
						return errors.New("disk full")
					}
					return nil
				}
				start(t, newOutbox(s, m))
				after(time.Minute)
				wantOutcomes(t, s, 100, 0, 0)
				if got := len(m.deliveries()); got != 100 || failures != 3 {
					t.Errorf("got %d mails after %d failures, want 100 after 3", got, failures)
				}
			})
		})
	}
}

// The settlement of one reply that the store can't bear must not hold up the
// others for ever.
func TestUnbearableCaseHoldsUpNobodyForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &mailer{send: func(_ context.Context, to string, _ int, _ []byte) error {
			if strings.HasPrefix(to, "bad") {
				return errUnknown
			}
			return nil
		}}
		inner := newShelf()
		inner.add(time.Now(), "bad@example.com")
		for i := range 200 {
			inner.add(time.Now(), fmt.Sprintf("b%d@example.com", i))
		}
		start(t, newOutbox(caseless{inner}, m))
		after(10 * time.Minute)
		wantOutcomes(t, inner, 200, 0, 1)
	})
}

// caseless is a store that can't open cases.
type caseless struct{ *shelf }

func (c caseless) Settle(ctx context.Context, claimant string, settlements []store.Settlement) error {
	for _, s := range settlements {
		if s.Case != nil {
			return errors.New("no cases here")
		}
	}
	return c.shelf.Settle(ctx, claimant, settlements)
}
