package notify

import (
	"math/rand/v2"
	"sync"
	"time"
)

// How long the outbox waits when no connection can be used.
const (
	troubleFirst = time.Second
	troubleMost  = time.Minute
)

// trouble says whether mail can be sent at all, and has the backoff of the whole outbox;
// each reply has its own besides. It is safe for concurrent use.
type trouble struct {
	mu    sync.Mutex
	since time.Time     // of the first failure; zero while all is well
	delay time.Duration // of the last wait
	until time.Time     // when to try again
	last  error
	clean time.Time // when the server last dealt with a reply
}

// hit notes a failure, and returns when to try again. Failures of several connections at
// once count as one.
func (t *trouble) hit(now time.Time, err error) time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last = err
	if t.since.IsZero() {
		t.since = now
	}
	if !now.Before(t.until) {
		t.delay = min(max(2*t.delay, troubleFirst), troubleMost)
		t.until = now.Add(t.delay/2 + rand.N(t.delay/2+1))
	}
	return t.until
}

// clear notes that the server has dealt with a reply. It returns how long that
// had been impossible, or zero when nothing was wrong.
func (t *trouble) clear(now time.Time) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.clean = now
	if t.since.IsZero() {
		return 0
	}
	lasted := max(now.Sub(t.since), 1)
	t.since, t.delay, t.until, t.last = time.Time{}, 0, time.Time{}, nil
	return lasted
}

// state returns whether there is trouble, and until when nothing is tried.
func (t *trouble) state() (troubled bool, until time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return !t.since.IsZero(), t.until
}

// State says how an outbox fares. A time is zero where there is none to tell.
type State struct {
	LastAnswer  time.Time `json:"last_answer"`  // when the server last dealt with a reply
	Error       string    `json:"error"`        // why nothing can be sent; "" once a reply was dealt with
	Since       time.Time `json:"since"`        // when that began; zero while Error is ""
	NextAttempt time.Time `json:"next_attempt"` // when it will try to connect again
}

// State returns how the outbox fares now. It may be called at any time and from any
// goroutine.
func (o *Outbox) State() State {
	t := &o.trouble
	t.mu.Lock()
	defer t.mu.Unlock()
	s := State{LastAnswer: t.clean, Since: t.since, NextAttempt: t.until}
	if t.last != nil {
		s.Error = t.last.Error()
	}
	return s
}
