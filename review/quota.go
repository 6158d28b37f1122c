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
	spent ledger[time.Time] // when each address will have its whole burst again
}

// take counts one use by an address and returns zero, or returns how long the address
// has to wait until it is allowed. When so many addresses are known that there is no room
// for another, all others share one quota.
func (q *quota) take(now time.Time, address string) time.Duration {
	q.mu.Lock()
	defer q.mu.Unlock()
	key := network(address)
	idle := func(until time.Time) bool { return !until.After(now) }
	if _, known := q.spent.entries[key]; !known && !q.spent.put(key, now, idle) {
		key = ""
	}
	until := q.spent.entries[key]
	if until.Before(now) {
		until = now
	}
	until = until.Add(q.every)
	if wait := until.Sub(now) - time.Duration(q.burst)*q.every; wait > 0 {
		return wait
	}
	q.spent.entries[key] = until
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
