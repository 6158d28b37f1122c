package boltstore

import (
	"sync"

	"bdc/order"
)

// warmMost is how many replies are kept decoded: those that the outbox has not
// claimed yet, of the last few commits.
const warmMost = 256

// warm keeps replies from their commit to their first claim, which follows in a
// moment and need then not decode them: for one with thirty order lines that is as
// much work as to record it. It is a shortcut and no more: a reply that is not
// here is read from the file.
type warm struct {
	mu      sync.Mutex
	replies map[uint64]order.Reply
}

// keep is called once the reply is committed. Where there is no room another goes,
// whichever, so that none that is never claimed has its place for ever.
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

// take hands out a reply, once.
func (w *warm) take(id uint64) (order.Reply, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	r, ok := w.replies[id]
	delete(w.replies, id)
	return r, ok
}
