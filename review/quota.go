package review

import (
	"net/netip"
	"sync"
	"time"
)

// quota lets each address do something several times at once, and then once in a
// while. It is kept in memory, and safe for concurrent use.
type quota struct {
	burst int           // how often at once
	every time.Duration // how soon one more

	mu    sync.Mutex
	spent map[string]time.Time // when each address will have all its turns again
}

// take takes a turn of an address, and returns zero; or how long it must wait for
// one. When too many addresses are known, those that are new share their turns.
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

// network is what one client has: an IPv4 address, or the 64 bits of an IPv6
// address that its provider gives out together (RFC 6177).
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
