package ownership

import (
	"sync"
	"time"
)

// State tells how the ownership fares.
type State struct {
	Looked    time.Time `json:"looked,omitzero"`    // when the mailbox was last asked; zero: not since the start
	Error     string    `json:"error"`              // why it can't be asked; "" if it was
	Refused   string    `json:"refused"`            // why the server keeps no deed; "" if it does
	Rewritten time.Time `json:"rewritten,omitzero"` // when a deed that somebody removed was last written again
}

type health struct {
	mu    sync.Mutex
	state State
}

func (h *health) update(change func(*State)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	change(&h.state)
}

// State returns how the ownership fares now. It may be called at any time.
func (k *Keeper) State() State {
	k.health.mu.Lock()
	defer k.health.mu.Unlock()
	return k.health.state
}
