package mailbox

import (
	"errors"
	"sync"
	"time"
)

// Waits after a refused password: too many attempts would lock the account.
const (
	firstRefusal   = 5 * time.Second
	longestRefusal = 15 * time.Minute
)

// Gate keeps the connections of one account from signing in again too soon once the server has
// refused the credentials. It is safe for concurrent use. The zero Gate is open.
type Gate struct {
	mu       sync.Mutex
	refusals int // in a row
	closed   Closed
}

// Closed is the error of Dial while a Gate is closed, and when it closes.
type Closed struct {
	Err  error     // by which the server refused the credentials: it wraps ErrAuth
	Next time.Time // when it may be tried again
}

func (c *Closed) Error() string { return c.Err.Error() }
func (c *Closed) Unwrap() error { return c.Err }

// NextAttempt returns Next.
func (c *Closed) NextAttempt() time.Time { return c.Next }

// Open lets the next Dial try at once.
func (g *Gate) Open() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed.Next = time.Time{}
}

// ask returns an error while the gate is closed.
func (g *Gate) ask() error {
	if g == nil {
		return nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if !time.Now().Before(g.closed.Next) {
		return nil
	}
	c := g.closed
	return &c
}

// note is told how a sign-in ended. It closes the gate after a refusal: for five seconds, and
// twice as long after each further one, up to a quarter of an hour.
func (g *Gate) note(err error) error {
	if g == nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case err == nil:
		g.refusals, g.closed = 0, Closed{}
	case errors.Is(err, ErrAuth):
		wait := min(firstRefusal<<min(g.refusals, 10), longestRefusal)
		g.refusals++
		g.closed = Closed{err, time.Now().Add(wait)}
		c := g.closed
		return &c
	}
	return err
}
