package notify

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"bdc/order"
	"bdc/store"
)

// mortal is a store that a crash takes away: nothing reaches it any more.
type mortal struct {
	*shelf
	dead atomic.Bool
}

var errDead = errors.New("the program is dead")

func (m *mortal) Seal(ctx context.Context, claimant string, mails []store.Sealed) error {
	if m.dead.Load() {
		return errDead
	}
	return m.shelf.Seal(ctx, claimant, mails)
}

func (m *mortal) Settle(ctx context.Context, claimant string, settlements []store.Settlement) error {
	if m.dead.Load() {
		return errDead
	}
	return m.shelf.Settle(ctx, claimant, settlements)
}

func TestRestartAfterACrashBetweenSteps(t *testing.T) {
	tests := map[string]struct {
		die      func(life *mortal, o *Outbox, m *mailer) // sets what kills it
		sealed   bool                                     // bytes are stored at death
		repeated bool                                     // the mail goes out twice
	}{
		"while composing": {
			func(life *mortal, o *Outbox, _ *mailer) {
				o.Composer = writer(func(ctx context.Context, r order.Reply) (Letter, error) {
					life.dead.Store(true)
					return writer(nil).Compose(ctx, r)
				})
			}, false, false,
		},
		"between sealing and sending": {
			func(life *mortal, _ *Outbox, m *mailer) {
				m.send = func(ctx context.Context, _ string, _ int, _ []byte) error {
					life.dead.Store(true)
					return errLost
				}
			}, true, false,
		},
		"between sending and settling": {
			func(life *mortal, _ *Outbox, m *mailer) {
				m.send = func(context.Context, string, int, []byte) error {
					life.dead.Store(true)
					return nil
				}
			}, true, true,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newShelf()
				s.add(time.Now(), "b@example.com")
				life, first := &mortal{shelf: s}, &mailer{}
				o := newOutbox(life, first)
				test.die(life, o, first)
				stop := start(t, o)
				after(time.Second)
				stop()
				if got := s.entry(1); (got.Mail != nil) != test.sealed || len(got.history) != 0 {
					t.Fatalf("at death: sealed %v, %d settlements; want %v and none", got.Mail != nil, len(got.history),
						test.sealed)
				}
				sealed := string(s.entry(1).Mail)

				second := &mailer{}
				o = newOutbox(s, second)
				o.Fence.Holder = "b"
				start(t, o)
				after(time.Second)
				if got := len(second.deliveries()); got != 0 {
					t.Fatalf("the second outbox sent %d mails while the lease of the first ran", got)
				}
				after(5 * time.Minute)
				wantOutcomes(t, s, 1, 0, 0)
				got := second.deliveries()
				if len(got) != 1 {
					t.Fatalf("the second outbox sent %d mails, want 1", len(got))
				}
				if test.sealed && got[0].mail != sealed {
					t.Error("the second outbox sent other bytes than those sealed")
				}
				if before := first.deliveries(); (len(before) == 1) != test.repeated ||
					test.repeated && before[0].mail != got[0].mail {
					t.Errorf("the first outbox sent %d mails, want repeated %v and the same bytes", len(before),
						test.repeated)
				}
			})
		})
	}
}

func TestTwoOutboxesOnOneStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		m := &mailer{send: func(context.Context, string, int,
			[]byte,
		) error {
			time.Sleep(2 * time.Millisecond)
			return nil
		}}
		for i := range 500 {
			s.add(time.Now(), fmt.Sprintf("b%d@example.com", i))
		}
		for _, name := range []string{"a", "b"} {
			o := newOutbox(s, m)
			o.Fence.Holder = name
			start(t, o)
		}
		after(5 * time.Second)
		wantOutcomes(t, s, 500, 0, 0)
		if got := len(m.deliveries()); got != 500 {
			t.Errorf("got %d mails for 500 replies", got)
		}
		if got := m.tally().busiest; got != 8 {
			t.Errorf("at most %d mails were sent at once, want both outboxes busy: 8", got)
		}
	})
}

// An outbox that composed for longer than its lease finds its reply taken over.
func TestLateClaimantSendsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, m := newShelf(), &mailer{}
		s.add(time.Now(), "slow@example.com")
		late := newOutbox(s, m)
		late.Lease = 20 * time.Second
		late.Composer = writer(func(ctx context.Context, r order.Reply) (Letter, error) {
			time.Sleep(30 * time.Second)
			return writer(nil).Compose(ctx, r)
		})
		start(t, late)
		after(time.Second)
		s.add(time.Now(), "other@example.com")
		prompt := newOutbox(s, m)
		prompt.Fence.Holder = "b"
		start(t, prompt)
		after(2 * time.Minute)
		wantOutcomes(t, s, 2, 0, 0)
		if got := len(m.deliveries()); got != 2 {
			t.Errorf("got %d mails for 2 replies", got)
		}
	})
}

// A reply in hand whose lease is nearly over is left alone: another outbox may
// be about to take it.
func TestMailIsNotSentWhenItsLeaseMayEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		m := &mailer{send: func(_ context.Context, _ string, _ int,
			_ []byte,
		) error {
			time.Sleep(time.Second)
			return nil
		}}
		for range 20 { // one recipient: one after the other
			s.add(time.Now(), "b@example.com")
		}
		for _, name := range []string{"a", "b"} {
			o := newOutbox(s, m)
			o.Fence.Holder, o.Lease = name, 10*time.Second
			start(t, o)
		}
		after(10 * time.Minute)
		wantOutcomes(t, s, 20, 0, 0)
		if got := len(m.deliveries()); got != 20 {
			t.Errorf("got %d mails for 20 replies", got)
		}
		if s.entry(20).Attempt == 1 {
			t.Error("the last reply was sent under its first lease")
		}
	})
}

func TestStopping(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		var sends atomic.Int32
		m := &mailer{send: func(ctx context.Context, _ string, _ int, _ []byte) error {
			wait := 2 * time.Second
			if sends.Add(1) == 2 {
				wait = time.Minute
			}
			select {
			case <-time.After(wait):
				return nil
			case <-ctx.Done():
				return &Error{Step: Dot, Words: "cut", Err: ctx.Err()}
			}
		}}
		for i := range 40 {
			s.add(time.Now(), fmt.Sprintf("b%d@example.com", i))
		}
		stop := start(t, newOutbox(s, m))
		after(time.Second)
		begun := time.Now()
		stop()
		if d := time.Since(begun); d < drainTime || d > drainTime+2*time.Second {
			t.Errorf("stopping took %v, want the %v that a hanging mail is given", d, drainTime)
		}
		wantOutcomes(t, s, 3, 0, 37)
		if got := m.tally().open; got != 0 {
			t.Errorf("%d connections are open after Run", got)
		}
		for id := range uint64(40) {
			if e := s.entry(id + 1); !e.settled() && e.due.After(time.Now()) {
				t.Errorf("reply %d is due at %v, after the stop at %v: it was not put back", e.ID, e.due, time.Now())
			}
		}
	})
}

// Whatever hangs, an outbox ends soon: a server that never answers the final dot, replies that
// take long to compose, and a data file that takes nothing any more.
func TestStoppingIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		m := &mailer{send: func(ctx context.Context, _ string, _ int, _ []byte) error {
			<-ctx.Done()
			return &Error{Step: Dot, Words: "cut", Err: ctx.Err()}
		}}
		for i := range 100 {
			id := s.add(time.Now(), fmt.Sprintf("b%d@example.com", i))
			switch i % 3 {
			case 0:
				s.replies[id-1].Kind = order.ReplyReport
			case 1:
				s.replies[id-1].Kind = order.ReplyAlert
			}
		}
		o := newOutbox(s, m)
		o.Slow = func(r order.Reply) bool { return r.Kind == order.ReplyReport }
		o.Composer = writer(func(ctx context.Context, r order.Reply) (Letter, error) {
			if r.Kind == order.ReplyReport {
				<-ctx.Done()
				return Letter{}, ctx.Err()
			}
			return Letter{Subject: "x", Text: "y"}, nil
		})
		stop := start(t, o)
		after(time.Second)
		s.mu.Lock()
		s.fault = func(verb string) error { return errors.New("the disk is gone: " + verb) }
		s.mu.Unlock()
		begun := time.Now()
		stop()
		if took := time.Since(begun); took > drainTime+lastTime {
			t.Errorf("stopping took %v, want at most %v", took, drainTime+lastTime)
		}
	})
}

// An outbox whose own lease ended while it composed claims the reply again. The
// bytes that were sealed are sent, once, and not those of another composition.
func TestOwnLeaseEndsWhileComposing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, m := newShelf(), &mailer{}
		s.add(time.Now(), "slow@example.com")
		o := newOutbox(s, m)
		o.Lease = 20 * time.Second
		var compositions atomic.Int32
		o.Composer = writer(func(context.Context, order.Reply) (Letter, error) {
			n := compositions.Add(1)
			time.Sleep(30 * time.Second)
			return Letter{Subject: "Commande", Text: fmt.Sprint("composition ", n)}, nil
		})
		start(t, o)
		after(5 * time.Minute)
		wantOutcomes(t, s, 1, 0, 0)
		got := m.deliveries()
		if len(got) != 1 || got[0].mail != string(s.entry(1).Mail) || compositions.Load() != 1 {
			t.Errorf("got %d mails of %d compositions, want the sealed bytes once", len(got), compositions.Load())
		}
	})
}

// A reply taken over by another between claim and seal is left to it; those
// sealed in the same commit go out.
func TestReplyTakenOverIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, m := newShelf(), &mailer{}
		for i := range 20 {
			s.add(time.Now(), fmt.Sprintf("b%d@example.com", i))
		}
		o := newOutbox(s, m)
		o.Composer = writer(func(ctx context.Context, r order.Reply) (Letter, error) {
			s.mu.Lock()
			s.replies[4].claimant = "another"
			s.mu.Unlock()
			return writer(nil).Compose(ctx, r)
		})
		start(t, o)
		after(time.Minute)
		wantOutcomes(t, s, 19, 0, 1)
		if got := m.tries("b4@example.com"); got != 0 {
			t.Errorf("the other's reply was sent %d times", got)
		}
	})
}
