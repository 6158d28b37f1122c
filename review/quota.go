package review

import (
	"net/netip"
	"sync"
	"time"
)

// meter lets each address do something several times at once, and then once in a
// while. It is kept in memory, and safe for concurrent use.
type meter struct {
	burst int           // how often at once
	every time.Duration // how soon one more

	mu    sync.Mutex
	spent map[string]time.Time // when each address will have all its turns again
}

// take takes a turn of an address, and returns zero; or how long it must wait for
// one. When too many addresses are known, those that are new share their turns.
func (m *meter) take(now time.Time, address string) time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.spent == nil {
		m.spent = map[string]time.Time{}
	}
	key := network(address)
	if _, known := m.spent[key]; !known && len(m.spent) >= maxTracked {
		for k, until := range m.spent {
			if !until.After(now) {
				delete(m.spent, k)
			}
		}
		if len(m.spent) >= maxTracked {
			key = ""
		}
	}
	until := m.spent[key]
	if until.Before(now) {
		until = now
	}
	until = until.Add(m.every)
	if wait := until.Sub(now) - time.Duration(m.burst)*m.every; wait > 0 {
		return wait
	}
	m.spent[key] = until
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
