package review

import (
	"net/netip"
	"sync"
	"time"
)

// quota limits how often each IP address may do something (a token bucket). It is kept
// in memory only, and is safe for concurrent use.
type quota struct {
	burst int           // how often an address may do it at once
	every time.Duration // after which it may do it once more

	mu    sync.Mutex
	spent map[string]time.Time // when each address will have its whole burst again
}

// take counts one use by an address and returns zero, or returns how long the address
// has to wait until it is allowed. When maxTracked addresses are known, all others
// share one quota.
func (q *quota) take(now time.Time, address string) time.Duration {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.spent == nil {
		q.spent = map[string]time.Time{}
	}
	key := network(address)
	if _, known := q.spent[key]; !known && len(q.spent) >= maxTracked {
		for k, until := range q.spent {
			if !until.After(now) {
				delete(q.spent, k)
			}
		}
		if len(q.spent) >= maxTracked {
			key = ""
		}
	}
	until := q.spent[key]
	if until.Before(now) {
		until = now
	}
	until = until.Add(q.every)
	if wait := until.Sub(now) - time.Duration(q.burst)*q.every; wait > 0 {
		return wait
	}
	q.spent[key] = until
	return 0
}

// network is the key under which an address is counted: an IPv4 address itself, and
// the first 64 bits of an IPv6 address, because one client has all addresses that
// share them (RFC 6177).
func network(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil || a.Unmap().Is4() {
		return address
	}
	p, err := a.WithZone("").Prefix(64)
	if err != nil {
		return address
	}
	return p.String()
}
