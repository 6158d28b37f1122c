package review

import (
	"strings"
	"sync"
	"time"
)

// Sizes of the throttle.
const (
	freeTries  = 5                // failures of a name before the first wait
	freeShared = 20               // of an address, which a whole office may share
	firstWait  = 30 * time.Second // doubled with each further failure
	longestBan = 15 * time.Minute
	forgetTime = time.Hour // after the last failure
	maxTracked = 10_000
)

// Keys of a throttle begin with what they are.
const (
	byName    = "name "
	byAddress = "address "
)

// throttle makes whoever guesses passwords wait: by the name that is tried, and
// by the address that tries. It is kept in memory, and safe for concurrent use.
type throttle struct {
	mu    sync.Mutex
	tries map[string]tries
}

type tries struct {
	failures int
	last     time.Time
}

// wait is how long a key must wait yet; zero when it may try.
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

// fail counts a failure against each key.
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
