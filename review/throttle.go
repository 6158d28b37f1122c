package review

import (
	"strings"
	"sync"
	"time"
)

// Bounds of the throttle.
const (
	freeTries  = 5                // failures of a name before the first wait
	freeShared = 20               // failures of an address, which a whole office may share, before the first wait
	firstWait  = 30 * time.Second // doubles with each further failure
	longestBan = 15 * time.Minute // the longest wait
	forgetTime = time.Hour        // failures are forgotten so long after the last
	maxTracked = 10_000           // above so many keys, those that need not wait are forgotten
)

// Prefixes of a throttle's keys: a key is a user's name or an IP address.
const (
	byName    = "name "
	byAddress = "address "
)

// throttle slows down whoever guesses passwords: after too many failures, the name
// that was tried and the address from which it was tried have to wait. It is kept in
// memory only, and is safe for concurrent use.
type throttle struct {
	mu    sync.Mutex
	tries map[string]tries
}

// tries are the failures of a key.
type tries struct {
	failures int
	last     time.Time
}

// wait is how long the keys still have to wait before the next try: the longest of
// their waits, or zero.
func (t *throttle) wait(now time.Time, keys ...string) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	var longest time.Duration
	for _, key := range keys {
		tried := t.tries[key]
		over := tried.failures - freeTries
		if strings.HasPrefix(key, byAddress) {
			over = tried.failures - freeShared
		}
		if over < 0 {
			continue
		}
		ban := min(firstWait<<min(over, 10), longestBan)
		longest = max(longest, tried.last.Add(ban).Sub(now))
	}
	return longest
}

// fail counts a failure of each key.
func (t *throttle) fail(now time.Time, keys ...string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.tries == nil {
		t.tries = map[string]tries{}
	}
	if len(t.tries) > maxTracked {
		for key, tried := range t.tries {
			if now.Sub(tried.last) > forgetTime || tried.failures < freeTries {
				delete(t.tries, key)
			}
		}
	}
	for _, key := range keys {
		tried := t.tries[key]
		if now.Sub(tried.last) > forgetTime {
			tried.failures = 0
		}
		t.tries[key] = tries{tried.failures + 1, now}
	}
}

// clear forgets the failures of a key.
func (t *throttle) clear(key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.tries, key)
}
