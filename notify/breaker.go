package notify

import (
	"context"
	"fmt"
	"sync"
	"time"

	"bdc/store"
)

// breakerTime is the time in which the breaker counts.
const breakerTime = time.Hour

// breaker counts the mails of the last hour, in all and to each recipient. Past
// either limit something has gone wrong that no rule of ours foresaw, such as
// two programs answering each other, and nothing is sent until a person has
// looked. It counts from the start of Run. It is safe for concurrent use.
type breaker struct {
	most, each int // mails an hour; 0 for any number

	mu      sync.Mutex
	sent    []sending // of the last hour, oldest first
	to      map[string]int
	tripped bool // nothing is allowed any more
	held    bool // and the store knows
}

// sending is one mail.
type sending struct {
	at time.Time
	to string
}

// allow counts a mail that is about to be sent, and reports whether it may be.
// The first time that it may not, it says why; from then on it allows nothing,
// until it is reset.
func (b *breaker) allow(to string, now time.Time) (why string, ok bool) {
	if b.most == 0 && b.each == 0 {
		return "", true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	old := 0
	for ; old < len(b.sent) && !b.sent[old].at.After(now.Add(-breakerTime)); old++ {
		if b.to[b.sent[old].to]--; b.to[b.sent[old].to] == 0 {
			delete(b.to, b.sent[old].to)
		}
	}
	b.sent = b.sent[old:]
	switch {
	case b.tripped:
		return "", false
	case b.most > 0 && len(b.sent) >= b.most:
		b.tripped = true
		return fmt.Sprintf("%d mails were sent within an hour", len(b.sent)), false
	case b.each > 0 && b.to[to] >= b.each:
		b.tripped = true
		return fmt.Sprintf("%d mails were sent to one address within an hour", b.to[to]), false
	}
	if b.to == nil {
		b.to = map[string]int{}
	}
	b.sent = append(b.sent, sending{now, to})
	b.to[to]++
	return "", true
}

// stored notes that the store knows of the hold.
func (b *breaker) stored() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.held = true
}

// isHeld reports whether claims can only come from an outbox that was released.
func (b *breaker) isHeld() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.held
}

// reset begins to count anew.
func (b *breaker) reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sent, b.to, b.tripped, b.held = nil, nil, false, false
}

// hold stops the outbox in the store, so that it stays stopped when the program
// is started anew.
func (r *run) hold(ctx context.Context, why string) {
	err := r.persist(ctx, "hold the outbox", func(ctx context.Context) error {
		return r.Store.HoldOutbox(ctx, store.Hold{At: r.clock(), Actor: "bdc", Reason: why})
	})
	if err == nil {
		r.breaker.stored()
	}
	r.log.Error("outbox held: nothing is sent until it is released (bdc outbox release)", "reason", why, "error", err)
}
