package review

import (
	"sync"
	"time"
)

// Bounds of the throttle.
const (
	freeTries  = 5                // failures with a user's name from one address, before the first wait
	freeShared = 20               // failures of an address, which a whole office may share, before the first wait
	firstWait  = 30 * time.Second // doubles with each further failure
	longestBan = 15 * time.Minute // the longest wait
	flightWait = time.Second      // the wait if as many tries as are free are being checked
	forgetTime = time.Hour        // failures are forgotten so long after the last
)

// guess is what a try of a password counts for.
type guess struct {
	key  string
	free int  // failures before the first wait
	own  bool // a right password forgets the failures
}

// guesses are what a try of a user's password from an address counts for: nobody can lock
// a user out from elsewhere. From a device on which the user has signed in before, it
// counts for that device alone, which is "" for any other: so nobody who shares the
// address can lock the user out either.
func guesses(name, address, device string) []guess {
	if device != "" {
		return []guess{{"device " + device, freeTries, true}}
	}
	return []guess{
		{"name " + name + " " + address, freeTries, true},
		{"address " + address, freeShared, false},
	}
}

// throttle slows down whoever guesses passwords. A try is counted before the password is
// checked, so that many tries at once are as slow as one after the other. The throttle is
// kept in memory only, and is safe for concurrent use.
type throttle struct {
	mu    sync.Mutex
	tries ledger[tries]
}

// tries are the tries that were counted under a key.
type tries struct {
	failures int
	last     time.Time // the last failure
	checking int       // tries of which it isn't known yet whether they fail
}

// idle reports whether it would make no difference to forget the tries.
func (t tries) idle(now time.Time) bool {
	return t.checking == 0 && now.Sub(t.last) > longestBan
}

// wait is how long to wait before another try, of which free may fail.
func (t tries) wait(now time.Time, free int) time.Duration {
	if over := t.failures - free; over >= 0 {
		if left := t.last.Add(min(firstWait<<min(over, 10), longestBan)).Sub(now); left > 0 {
			return left
		}
	}
	if t.checking >= max(free-t.failures, 1) {
		return flightWait
	}
	return 0
}

// begin counts a try and returns zero, or returns how long to wait until it is allowed.
// After zero, the caller calls end.
func (t *throttle) begin(now time.Time, guessed []guess) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	var longest time.Duration
	for _, g := range guessed {
		longest = max(longest, t.known(now, g).wait(now, g.free))
	}
	if longest > 0 {
		return longest
	}
	for i, g := range guessed {
		if !t.keep(now, g) {
			t.settle(now, guessed[:i], unknown)
			return flightWait
		}
	}
	return 0
}

// keep counts a try that is being checked, and reports whether there was room. Under a siege
// from thousands of addresses, what is known of others is forgotten: nobody is locked out by
// strangers.
func (t *throttle) keep(now time.Time, g guess) bool {
	tried := t.known(now, g)
	tried.checking++
	return t.tries.put(g.key, tried, func(t tries) bool { return t.idle(now) }) ||
		t.tries.put(g.key, tried, func(t tries) bool { return t.checking == 0 })
}

// known is what is known of a key. Failures are forgotten after a time.
func (t *throttle) known(now time.Time, g guess) tries {
	tried := t.tries.entries[g.key]
	if now.Sub(tried.last) > forgetTime {
		tried.failures = 0
	}
	return tried
}

// outcome says how a try ended.
type outcome int

const (
	unknown outcome = iota // the password was not checked
	wrong
	right
)

// end notes how a try ended.
func (t *throttle) end(now time.Time, guessed []guess, o outcome) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.settle(now, guessed, o)
}

func (t *throttle) settle(now time.Time, guessed []guess, o outcome) {
	for _, g := range guessed {
		tried := t.tries.entries[g.key]
		tried.checking--
		switch {
		case o == wrong:
			tried.failures, tried.last = tried.failures+1, now
		case o == right && g.own:
			tried.failures = 0
		}
		t.tries.entries[g.key] = tried
		if tried.checking == 0 && tried.failures == 0 {
			t.tries.drop(g.key)
		}
	}
}
