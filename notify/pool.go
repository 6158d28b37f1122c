package notify

import (
	"context"
	"sync"
	"time"
)

// idleMost is how long a connection is kept after its last mail. Servers limit how many
// connections are open, and close idle ones after some minutes.
const idleMost = 10 * time.Second

// pool keeps the connections that are open and not in use. It is safe for
// concurrent use.
type pool struct {
	sender Sender
	clock  func() time.Time

	mu   sync.Mutex
	idle []parked // the longest idle first
}

type parked struct {
	conn  Conn
	since time.Time
}

// take returns the connection used last, or a new one.
func (p *pool) take(ctx context.Context) (c Conn, used bool, err error) {
	p.mu.Lock()
	if last := len(p.idle) - 1; last >= 0 {
		c = p.idle[last].conn
		p.idle = p.idle[:last]
	}
	p.mu.Unlock()
	if c != nil {
		return c, true, nil
	}
	c, err = p.sender.Dial(ctx)
	return c, false, err
}

// put keeps a connection that can carry another mail.
func (p *pool) put(c Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idle = append(p.idle, parked{c, p.clock()})
}

// tidy closes the connections that have been idle for longer than most. It returns when
// the next of the others will have been; zero if there is none.
func (p *pool) tidy(most time.Duration) time.Time {
	p.mu.Lock()
	var old []parked
	for len(p.idle) > 0 && p.clock().Sub(p.idle[0].since) >= most {
		old = append(old, p.idle[0])
		p.idle = p.idle[1:]
	}
	var next time.Time
	if len(p.idle) > 0 {
		next = p.idle[0].since.Add(most)
	}
	p.mu.Unlock()

	var closing sync.WaitGroup
	for _, c := range old {
		closing.Go(func() { _ = c.conn.Close() }) // an error changes nothing: the server has answered each mail
	}
	closing.Wait()
	return next
}
