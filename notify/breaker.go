package notify

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"bdc/store"
)

// breakerTime is the time in which the breaker counts; tellEvery is how often a case tells
// that one recipient gets too many.
const (
	breakerTime = time.Hour
	tellEvery   = 24 * time.Hour
)

// breaker counts the mails of the last hour, in all and to each recipient. If the first count
// reaches its limit, something has gone wrong that no rule of ours foresaw, and nothing is
// sent until a person has looked. If the second does, perhaps two programs answer each
// other: that recipient's mails wait until fewer have left within an hour, and nobody
// else's. Mails that were sent before Run count too. Mails to staff do not, since they tell
// of it. A breaker is safe for concurrent use.
type breaker struct {
	most, each int // mails an hour; 0 for any number

	mu      sync.Mutex
	counted bool            // count was called
	sent    []store.Sending // the mails of the last hour, oldest first
	to      map[string]int
	told    map[string]time.Time // of which recipients it was said that their limit was reached, and when
	tripped bool                 // a limit was reached: nothing is allowed any more
	paused  bool                 // the limit was reached, and the outbox is paused in the store
}

// ruling is what the breaker says of a mail that is about to be sent.
type ruling struct {
	allowed bool
	until   time.Time // if the recipient's limit is reached: when another mail may be allowed
	why     string    // for staff to read, when it is to be told; else ""
}

// rule counts a mail that is about to be sent, if it may be sent. When the limit in all is
// reached, nothing is allowed until the breaker is reset.
func (b *breaker) rule(to string, now time.Time) ruling {
	if b.most == 0 && b.each == 0 {
		return ruling{allowed: true}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	old := 0
	for ; old < len(b.sent) && !b.sent[old].At.After(now.Add(-breakerTime)); old++ {
		if b.to[b.sent[old].To]--; b.to[b.sent[old].To] == 0 {
			delete(b.to, b.sent[old].To)
		}
	}
	b.sent = b.sent[old:]
	switch {
	case b.tripped:
		return ruling{}
	case b.most > 0 && len(b.sent) >= b.most:
		b.tripped = true
		return ruling{why: fmt.Sprintf("%d e-mails sont partis en une heure", len(b.sent))}
	case b.each > 0 && b.to[to] >= b.each:
		oldest := slices.IndexFunc(b.sent, func(s store.Sending) bool { return s.To == to })
		r := ruling{until: b.sent[oldest].At.Add(breakerTime)}
		if at, told := b.told[to]; !told || now.Sub(at) >= tellEvery {
			r.why = fmt.Sprintf("%d e-mails sont partis en une heure vers cette adresse", b.to[to])
			maps.DeleteFunc(b.told, func(_ string, at time.Time) bool { return now.Sub(at) >= tellEvery })
			if b.told == nil {
				b.told = map[string]time.Time{}
			}
			b.told[to] = now
		}
		return r
	}
	b.add(store.Sending{At: now, To: to})
	return ruling{allowed: true}
}

func (b *breaker) add(s store.Sending) {
	if b.to == nil {
		b.to = map[string]int{}
	}
	b.sent = append(b.sent, s)
	b.to[s.To]++
}

// count counts mails that were sent before Run. Calls after the first do nothing.
func (b *breaker) count(sent []store.Sending) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.counted {
		return
	}
	b.counted = true
	for _, s := range sent {
		s.To = strings.ToLower(s.To)
		b.add(s)
	}
}

// isBlind reports whether count has not been called yet.
func (b *breaker) isBlind() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.most+b.each > 0 && !b.counted
}

// stored notes that the outbox is paused in the store.
func (b *breaker) stored() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.paused = true
}

// isPaused reports whether this breaker has paused the outbox in the store. If a reply that
// is no mail to staff can be claimed nevertheless, a person has resumed the outbox.
func (b *breaker) isPaused() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.paused
}

// reset begins to count anew.
func (b *breaker) reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sent, b.to, b.tripped, b.paused = nil, nil, false, false
}

// pause pauses the outbox in the store, so that it stays paused when the program is
// started anew.
func (r *run) pause(ctx context.Context, why string) {
	err := r.persist(ctx, "hold the outbox", func(ctx context.Context) error {
		return r.Store.PauseOutbox(ctx, store.Pause{At: r.clock(), Actor: "bdc", Reason: why})
	})
	if err == nil {
		r.breaker.stored()
	}
	r.log.Error("outbox held: nothing is sent until it is released (bdc outbox release)", "reason", why, "err", err)
}

// sendingsMost is how many earlier mails are read from the store at most, if only
// Outbox.HourlyEach is set.
const sendingsMost = 1_000_000

// recount makes the breaker count the mails that were sent within the last hour. It is
// called after a claim that gave a reply, which shows that the outbox is not paused. The
// store leaves out what was sent before the outbox was last resumed.
func (r *run) recount(ctx context.Context) error {
	return r.persist(ctx, "count what was sent", func(ctx context.Context) error {
		sent, err := r.Store.Sendings(ctx, r.clock().Add(-breakerTime), cmp.Or(r.breaker.most, sendingsMost))
		if err == nil {
			r.breaker.count(sent)
		}
		return err
	})
}
