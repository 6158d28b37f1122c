package review

// Bounds of what is kept in memory about strangers.
const (
	maxName     = 64      // octets of a user's name that somebody types; the names of users are shorter
	maxLedger   = 1 << 20 // octets of a ledger
	entryOctets = 128     // what an entry of a ledger takes besides its key, at most
)

// ledger is a map whose keys strangers choose. It has no room for more than maxLedger
// octets. It is not safe for concurrent use.
type ledger[T any] struct {
	entries map[string]T
	octets  int
}

// put keeps a value, and reports whether there was room. Room is made by dropping the
// entries of which idle says that nothing is lost without them.
func (l *ledger[T]) put(key string, value T, idle func(T) bool) bool {
	if l.entries == nil {
		l.entries = map[string]T{}
	}
	if _, known := l.entries[key]; !known {
		size := len(key) + entryOctets
		if l.octets+size > maxLedger {
			for k, v := range l.entries {
				if idle(v) {
					l.drop(k)
				}
			}
		}
		if l.octets+size > maxLedger {
			return false
		}
		l.octets += size
	}
	l.entries[key] = value
	return true
}

// drop forgets a key.
func (l *ledger[T]) drop(key string) {
	if _, known := l.entries[key]; known {
		delete(l.entries, key)
		l.octets -= len(key) + entryOctets
	}
}
