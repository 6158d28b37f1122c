// Package turn says when work that takes long may be done: with little of it at a time while
// quick work waits, and on all cores where none does. So nobody who sends what takes long
// holds up the others.
package turn

import (
	"context"
	"slices"
	"sync"
)

// Gate gives turns to work that takes long, in the order in which it is asked for them. It
// is safe for concurrent use.
type Gate struct {
	most int

	mu      sync.Mutex
	running int             // turns that are taken
	quick   int             // quick work that is there
	waiting []chan struct{} // who waits for a turn, the longest first; closed to give one
}

// New returns a gate that gives so many turns at a time while there is no quick work, and
// one while there is.
func New(most int) *Gate { return &Gate{most: max(most, 1)} }

// Quick says that quick work is there, until done is called.
func (g *Gate) Quick() (done func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.quick++
	return func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.quick--
		g.next()
	}
}

// Take waits for a turn. The caller calls leave after the work. The error is that of ctx.
func (g *Gate) Take(ctx context.Context) (leave func(), err error) {
	mine := make(chan struct{})
	g.mu.Lock()
	g.waiting = append(g.waiting, mine)
	g.next()
	g.mu.Unlock()
	select {
	case <-mine:
		return g.leave, nil
	case <-ctx.Done():
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	i := slices.Index(g.waiting, mine)
	if i < 0 { // it was given meanwhile
		g.running--
	} else {
		g.waiting = slices.Delete(g.waiting, i, i+1)
	}
	g.next()
	return nil, ctx.Err()
}

func (g *Gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.running--
	g.next()
}

// next gives the turns that there are.
func (g *Gate) next() {
	for len(g.waiting) > 0 && (g.running == 0 || g.running < g.most && g.quick == 0) {
		close(g.waiting[0])
		g.waiting = g.waiting[1:]
		g.running++
	}
}
