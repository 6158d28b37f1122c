package notify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"bdc/order"
	"bdc/store"
)

var (
	errBusy    = &Error{Step: Rcpt, Code: 451, Enhanced: "4.3.0", Words: "try later"}
	errUnknown = &Error{Step: Rcpt, Code: 550, Enhanced: "5.1.1", Words: "<nobody@example.com> unknown"}
	errLost    = &Error{Step: Data, Words: "EOF"}
)

// newOutbox is an outbox with everything set that has no default.
func newOutbox(s Store, m *mailer) *Outbox {
	return &Outbox{
		Store: s, Composer: writer(nil), Sender: m, From: "CNS <orders@example.org>",
		Envelope: "bounces@example.org", Fence: store.Fence{Holder: "a"},
	}
}

// start runs an outbox until stop is called, which waits for its end.
func start(t *testing.T, o *Outbox) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- o.Run(ctx) }()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			if err := <-ended; err != nil {
				t.Errorf("Run returned %v, want nil", err)
			}
		})
	}
	t.Cleanup(stop)
	return stop
}

// after lets simulated time pass.
func after(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func wantOutcomes(t *testing.T, s *shelf, sent, failed, later int) {
	t.Helper()
	got := s.outcomes()
	if got[store.Sent] != sent || got[store.Failed] != failed || got[store.Later]+got[""] != later {
		t.Errorf("got %v, want %d sent, %d failed, %d unsettled", got, sent, failed, later)
	}
}

func TestRepliesAreSentOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, m := newShelf(), &mailer{send: func(context.Context, string, int,
			[]byte,
		) error {
			time.Sleep(3 * time.Millisecond)
			return nil
		}}
		for i := range 400 {
			s.add(time.Now(), fmt.Sprintf("b%d@example.com", i%50))
		}
		stop := start(t, newOutbox(s, m))
		after(2 * time.Second)

		wantOutcomes(t, s, 400, 0, 0)
		got := m.deliveries()
		if len(got) != 400 {
			t.Fatalf("got %d mails, want 400", len(got))
		}
		next := map[string]int{}
		for _, d := range got {
			var r, nth int
			fmt.Sscanf(d.to, "b%d@", &r)
			id := r + 50*next[d.to] + 1
			if want := fmt.Sprintf("Message-ID: <D-234679.%d@example.org>\r\n", id); !strings.Contains(d.mail, want) {
				t.Fatalf("mail %d to %s is not that of reply %d: out of order", nth, d.to, id)
			}
			next[d.to]++
			if d.from != "bounces@example.org" {
				t.Fatalf("envelope sender %q", d.from)
			}
		}
		if got := m.tally(); got.busiest != 4 || got.dials != 4 {
			t.Errorf("got %d mails at once over %d connections, want 4 and 4", got.busiest, got.dials)
		}
		for verb, n := range s.committed() {
			if n > 100 {
				t.Errorf("got %d commits of %s for 400 replies", n, verb)
			}
		}
		after(idleMost)
		if got := m.tally().open; got != 0 {
			t.Errorf("%d connections are open %v after the last mail", got, idleMost)
		}
		stop()
	})
}

func TestWakeSendsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, m := newShelf(), &mailer{}
		o := newOutbox(s, m)
		o.Wake() // before Run: harmless
		start(t, o)
		after(10 * time.Second)
		s.add(time.Now(), "b@example.com")
		o.Wake()
		after(100 * time.Millisecond)
		wantOutcomes(t, s, 1, 0, 0)
	})
}

func TestRepliesAreFoundWithoutWake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, m := newShelf(), &mailer{}
		start(t, newOutbox(s, m))
		after(10 * time.Second)
		s.add(time.Now(), "b@example.com")
		after(pollTime)
		wantOutcomes(t, s, 1, 0, 0)
	})
}

func TestTemporaryFailureIsRepeatedWithTheSameBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mails []string
		var times []time.Duration
		begun := time.Now()
		m := &mailer{send: func(_ context.Context, _ string, n int, mail []byte) error {
			mails, times = append(mails, string(mail)), append(times, time.Since(begun).Truncate(time.Minute))
			switch n {
			case 1:
				return errBusy
			case 2:
				return errLost
			case 3:
				return context.DeadlineExceeded
			}
			return nil
		}}
		s := newShelf()
		s.add(time.Now(), "b@example.com")
		start(t, newOutbox(s, m))
		after(time.Hour)
		wantOutcomes(t, s, 1, 0, 0)
		if want := []time.Duration{0, time.Minute, 3 * time.Minute, 7 * time.Minute}; !slices.Equal(times, want) {
			t.Errorf("attempts at %v, want %v", times, want)
		}
		if len(slices.Compact(mails)) != 1 {
			t.Error("the attempts sent different bytes")
		}
		if got := s.entry(1); got.history[0].Words != "451 4.3.0 try later" {
			t.Errorf("settled with %q", got.history[0].Words)
		}
	})
}

func TestReplyIsGivenUpAfterThreeDays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		m := &mailer{send: func(_ context.Context, to string, _ int, _ []byte) error {
			if to == "bad@example.com" {
				return errBusy
			}
			return nil
		}}
		s := newShelf()
		bad := s.add(begun, "bad@example.com")
		o := newOutbox(s, m)
		start(t, o)
		for range 73 { // others go through all the while
			s.add(time.Now(), "good@example.com")
			after(time.Hour)
		}
		wantOutcomes(t, s, 73, 1, 0)
		got := s.entry(bad)
		last := got.history[len(got.history)-1]
		if d := last.At.Sub(begun); d < patience || len(got.history) != attemptsMost {
			t.Errorf("given up after %v and %d attempts, want %v and %d", d, len(got.history), patience, attemptsMost)
		}
	})
}

func TestReplyOfDaysAgoIsNotGivenUpAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &mailer{send: func(_ context.Context, _ string, n int, _ []byte) error {
			if n < 10 {
				return errBusy
			}
			return nil
		}}
		s := newShelf()
		s.add(time.Now().Add(-10*24*time.Hour), "b@example.com")
		start(t, newOutbox(s, m))
		after(24 * time.Hour)
		wantOutcomes(t, s, 1, 0, 0)
	})
}

func TestManyRestartsDoNotCondemnAReply(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &mailer{send: func(context.Context, string, int, []byte) error { return errBusy }}
		s := newShelf()
		s.add(time.Now(), "b@example.com")
		s.replies[0].Attempt, s.replies[0].Mail = 2*attemptsMost, []byte("sealed")
		start(t, newOutbox(s, m))
		after(patience - time.Hour)
		wantOutcomes(t, s, 0, 0, 1)
		after(5 * time.Hour)
		wantOutcomes(t, s, 0, 1, 0)
	})
}

func TestPermanentFailureOpensACase(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		m := &mailer{send: func(_ context.Context, to string, _ int, _ []byte) error {
			if to == "nobody@example.com" {
				return errUnknown
			}
			return nil
		}}
		s := newShelf()
		for range 3 {
			s.add(time.Now(), "b@example.com")
		}
		id := s.add(time.Now(), "nobody@example.com")
		uai, err := order.ParseUAI("0750001A")
		if err != nil {
			uai = order.UAI{}
		}
		s.replies[id-1].Results = []order.Result{
			{Kind: order.ReplyAck, Number: "CNS-2026-000001", UAI: uai, Reference: "R1", Case: "D-7K2Q9F"},
		}
		o := newOutbox(s, m)
		o.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelInfo}))
		stop := start(t, o)
		after(time.Second)
		stop()

		wantOutcomes(t, s, 3, 1, 0)
		got := s.entry(id)
		if len(got.history) != 1 {
			t.Fatalf("got %d attempts, want 1", len(got.history))
		}
		c := got.history[0].Case
		if c == nil {
			t.Fatal("no case was opened")
		}
		if c.Reason != ReasonFailed || c.State != order.Waiting || !strings.HasPrefix(c.Code, "D-") ||
			c.Message != got.Message ||
			c.From != "nobody@example.com" || c.UAI != uai || c.Reference != "R1" ||
			!slices.Equal(c.Orders, []string{"CNS-2026-000001"}) {
			t.Errorf("got case %+v", c)
		}
		const note = "La réponse destinée à nobody@example.com n’a pas pu être remise. Erreur : 550 5.1.1 " +
			"<nobody@example.com> unknown\nDossier concerné : D-7K2Q9F"
		if c.Note != note {
			t.Errorf("got note %q, want %q", c.Note, note)
		}
		if !strings.Contains(log.String(), "reply given up") || !strings.Contains(log.String(), "smtp_code=550") {
			t.Errorf("the log does not tell:\n%s", &log)
		}
		if strings.Contains(log.String(), "@") {
			t.Errorf("the log has an address:\n%s", &log)
		}
	})
}

// A reply is given up with a case whose code is taken: another code is drawn until one
// is free. Trouble of the store in between is no reason to draw one.
func TestTakenCaseCodeIsDrawnAgain(t *testing.T) {
	full := errors.New("disk full")
	for _, test := range []struct {
		name   string
		faults []error
		drawn  []bool // whether the code after each fault is another
	}{
		{"two codes are taken", []error{store.ErrStale, store.ErrStale}, []bool{true, true}},
		{"trouble, then a taken code", []error{full, store.ErrStale}, []bool{false, true}},
		{"a taken code, then trouble", []error{store.ErrStale, full}, []bool{true, false}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := &mailer{send: func(context.Context, string, int, []byte) error { return errUnknown }}
				s := &taken{shelf: newShelf(), faults: test.faults}
				id := s.add(time.Now(), "b@example.com")
				var log bytes.Buffer
				o := newOutbox(s, m)
				o.Log = slog.New(slog.NewTextHandler(&log, nil))
				stop := start(t, o)
				after(time.Minute)
				stop()
				wantOutcomes(t, s.shelf, 0, 1, 0)
				if len(s.codes) != 1+len(test.drawn) {
					t.Fatalf("got codes %q, want %d attempts to settle", s.codes, 1+len(test.drawn))
				}
				for i, drawn := range test.drawn {
					if got := s.codes[i+1] != s.codes[i]; got != drawn {
						t.Errorf("got codes %q: another after fault %d is %v, want %v", s.codes, i, got, drawn)
					}
				}
				last := s.codes[len(s.codes)-1]
				if c := s.entry(id).history[0].Case; c == nil || c.Code != last {
					t.Errorf("settled with case %+v, want the code %s", c, last)
				}
				if !strings.Contains(log.String(), "case="+last) {
					t.Errorf("the log does not tell the code %s of the case:\n%s", last, &log)
				}
			})
		})
	}
}

// taken is a store that answers the first settlements with a case by some faults, and
// notes the codes of the cases.
type taken struct {
	*shelf
	faults []error
	codes  []string
}

func (s *taken) Settle(ctx context.Context, claimant string, settlements []store.Settlement) error {
	if c := settlements[0].Case; c != nil {
		s.codes = append(s.codes, c.Code)
		if len(s.faults) > 0 {
			fault := s.faults[0]
			s.faults = s.faults[1:]
			return fmt.Errorf("settle: %w", fault)
		}
	}
	return s.shelf.Settle(ctx, claimant, settlements)
}

func TestBadRecipientHoldsUpNobodyElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &mailer{send: func(ctx context.Context, to string, _ int, _ []byte) error {
			if to == "slow@example.com" {
				<-ctx.Done()
				return &Error{Step: Rcpt, Words: "timeout"}
			}
			return nil
		}}
		s := newShelf()
		for i := range 100 {
			to := fmt.Sprintf("b%d@example.com", i)
			if i%10 == 0 {
				to = "slow@example.com"
			}
			s.add(time.Now(), to)
		}
		start(t, newOutbox(s, m))
		after(time.Second)
		wantOutcomes(t, s, 90, 0, 10)
		after(5 * time.Minute)
		if got := m.tries("slow@example.com"); got != 2 {
			t.Errorf(
				"the slow recipient was tried %d times in 5 min, want 2: "+
					"the mails behind the first are put off untried", got)
		}
	})
}

func TestSlowCompositionHoldsUpNobodyElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, m := newShelf(), &mailer{}
		slow := s.add(time.Now(), "slow@example.com")
		for i := range 200 {
			s.add(time.Now(), fmt.Sprintf("b%d@example.com", i))
		}
		o := newOutbox(s, m)
		o.Composer = writer(func(ctx context.Context, r order.Reply) (Letter, error) {
			if r.ID == slow {
				time.Sleep(10 * time.Second)
			}
			return writer(nil).Compose(ctx, r)
		})
		start(t, o)
		after(time.Second)
		wantOutcomes(t, s, 200, 0, 1)
		after(10 * time.Second)
		wantOutcomes(t, s, 201, 0, 0)
	})
}

func TestComposerFailures(t *testing.T) {
	tests := map[string]struct {
		to       string
		compose  writer
		attempts int // until the reply is sent or given up
		sent     bool
	}{
		"an error that goes away": {"b@example.com", failing(2, func() error { return errors.New("disk") }), 3, true},
		"an error that stays": {
			"b@example.com", failing(99, func() error { return errors.New("disk") }),
			compositionMost, false,
		},
		"a panic": {
			"b@example.com", failing(99, func() error { panic("poison") }), compositionMost,
			false,
		},
		"no address": {"no address", nil, 1, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, m := newShelf(), &mailer{}
				s.add(time.Now(), test.to)
				o := newOutbox(s, m)
				o.Composer = test.compose
				start(t, o)
				after(time.Hour)
				got := s.entry(1)
				if len(got.history) != test.attempts || (got.outcome == store.Sent) != test.sent || !got.settled() {
					t.Errorf("got %s after %d attempts, want sent=%v after %d", got.outcome, len(got.history),
						test.sent, test.attempts)
				}
				if !test.sent && got.history[len(got.history)-1].Case == nil {
					t.Error("no case was opened")
				}
			})
		})
	}
}

func failing(times int, fail func() error) writer {
	var n atomic.Int32
	return func(ctx context.Context, r order.Reply) (Letter, error) {
		if int(n.Add(1)) <= times {
			return Letter{}, fail()
		}
		return writer(nil).Compose(ctx, r)
	}
}

// A reply whose composition kills the program is claimed at each start, and
// never sealed.
func TestReplyThatKillsItsComposerIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, m := newShelf(), &mailer{}
		s.add(time.Now(), "b@example.com")
		s.replies[0].Attempt = attemptsMost
		o := newOutbox(s, m)
		o.Composer = writer(func(context.Context, order.Reply) (Letter, error) {
			t.Error("composed once more")
			return Letter{}, nil
		})
		start(t, o)
		after(time.Second)
		wantOutcomes(t, s, 0, 1, 0)
	})
}

func TestRunRefusesWhatCannotWork(t *testing.T) {
	tests := map[string]func(*Outbox){
		"no sender":             func(o *Outbox) { o.From = "" },
		"envelope is a command": func(o *Outbox) { o.Envelope = "a@b> NOTIFY=NEVER" },
		"no claimant":           func(o *Outbox) { o.Fence.Holder = "" },
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			o := newOutbox(newShelf(), &mailer{})
			change(o)
			if err := o.Run(t.Context()); err == nil {
				t.Error("got no error")
			}
		})
	}
}

// Of a reply that was sent a copy is yet to be made, where copies are kept; of a mail to
// staff, or of a reply that was not sent, none.
func TestCopiesAreAskedFor(t *testing.T) {
	for _, copies := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			s, m := newShelf(), &mailer{send: func(_ context.Context, to string, _ int, _ []byte) error {
				if to == "nobody@example.com" {
					return errUnknown
				}
				return nil
			}}
			for _, to := range []string{"a@example.com", "nobody@example.com", "staff@example.com"} {
				s.add(time.Now(), to)
			}
			s.replies[2].Kind = order.ReplyDigest
			o := newOutbox(s, m)
			o.Copies = copies
			stop := start(t, o)
			after(time.Second)
			wantOutcomes(t, s, 2, 1, 0)
			stop()
			for i, want := range []bool{copies, false, false} {
				if got := s.replies[i].history[0].Unfiled; got != want {
					t.Errorf("copies %t: reply %d asks for one: %t, want %t", copies, i+1, got, want)
				}
			}
		})
	}
}

// disagreeing is a store that says a reply is due, and gives none.
type disagreeing struct {
	*shelf
	claims int
	stop   func()
}

func (d *disagreeing) Claim(context.Context, store.Fence, time.Time, time.Duration, int) ([]store.Claimed, error) {
	if d.claims++; d.claims > 100 {
		d.stop()
	}
	return nil, nil
}

func TestOutboxDoesNotSpinOnWhatIsDueAndNotGiven(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		s := &disagreeing{shelf: newShelf(), stop: cancel}
		s.add(time.Now(), "b@example.com")
		if err := newOutbox(s, &mailer{}).Run(ctx); err != nil {
			t.Error(err)
		}
		if s.claims > 61 || s.claims < 50 {
			t.Errorf("claimed %d times in a minute, want once a second", s.claims)
		}
	})
}

func TestOutboxEndsWhenItsLeaseIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, m := newShelf(), &mailer{send: func(context.Context, string, int, []byte) error {
			time.Sleep(time.Second)
			return nil
		}}
		for i := range 40 {
			s.add(time.Now(), fmt.Sprintf("b%d@example.com", i))
		}
		claims := 0
		s.fault = func(verb string) error {
			if verb == "claim" {
				if claims++; claims > 1 {
					return fmt.Errorf("claim: %w", store.ErrFenced)
				}
			}
			return nil
		}
		ended := make(chan error, 1)
		go func() { ended <- newOutbox(s, m).Run(t.Context()) }()
		select {
		case err := <-ended:
			if !errors.Is(err, store.ErrFenced) {
				t.Errorf("got error %v, want one that wraps ErrFenced", err)
			}
		case <-time.After(time.Minute):
			t.Fatal("it still runs")
		}
		// What was claimed before is settled: sent, or put back for whoever has taken over.
		sent := s.outcomes()[store.Sent]
		if got := len(m.deliveries()); got != sent {
			t.Errorf("got %d mails and %d settled as sent", got, sent)
		}
		for id := range uint64(batch) {
			if e := s.entry(id + 1); e.claimant != "" {
				t.Errorf("reply %d is still claimed", id+1)
			}
		}
	})
}
