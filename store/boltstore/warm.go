package boltstore

import (
	"sync"

	"bdc/order"
)

// warmMost is how many replies are kept in memory at most.
const warmMost = 256

// warm keeps replies in memory from their commit until their first claim, which usually
// follows at once and then need not decode them. To decode a reply with thirty order lines
// takes as long as to record it. A reply that is not in warm is read from the file.
type warm struct {
	mu      sync.Mutex
	replies map[uint64]order.Reply
}

// keep is called once the reply is committed. If warm is full, any other reply is dropped,
// so that replies which are never claimed do not stay for ever.
func (w *warm) keep(r order.Reply) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.replies == nil {
		w.replies = make(map[uint64]order.Reply)
	}
	for id := range w.replies {
		if len(w.replies) < warmMost {
			break
		}
		delete(w.replies, id)
	}
	w.replies[r.ID] = r
}

// take removes a reply and returns it, and whether it was there.
func (w *warm) take(id uint64) (order.Reply, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	r, ok := w.replies[id]
	delete(w.replies, id)
	return r, ok
}
