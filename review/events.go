package review

import (
	"fmt"
	"net/http"
	"sync"
	"time"
)

// How many pages may listen for events at once: in all, of a user, and from an address,
// which a whole office may share. Further ones are refused with the header Retry-After.
const (
	maxListeners    = 500
	maxUserStreams  = 20
	maxPlaceStreams = 100
)

// heartbeat is how often a comment is sent on a silent stream, so that proxies and
// browsers do not close it.
const heartbeat = 20 * time.Second

// broker passes on to the open pages the code of each case that changed, or "" if
// anything may have changed. A page that is slow to read misses events. It is safe for
// concurrent use.
type broker struct {
	mu        sync.Mutex
	listeners map[chan string]bool
	closed    bool
}

// listen returns a channel of codes that is closed when the broker is. ok is false if
// too many listen already or the broker is closed.
func (b *broker) listen() (events chan string, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed || len(b.listeners) >= maxListeners {
		return nil, false
	}
	if b.listeners == nil {
		b.listeners = map[chan string]bool{}
	}
	events = make(chan string, 8)
	b.listeners[events] = true
	return events, true
}

// leave ends what listen began.
func (b *broker) leave(events chan string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.listeners, events)
}

// tell sends a code to all listeners, without waiting for any.
func (b *broker) tell(event string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for l := range b.listeners {
		select {
		case l <- event:
		default:
		}
	}
}

// close closes the channels of all listeners, and lets nobody listen any more.
func (b *broker) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	for l := range b.listeners {
		close(l)
		delete(b.listeners, l)
	}
}

// Quit ends the event streams of all open pages, which would otherwise keep an
// http.Server from shutting down. Further streams are refused.
func (c *Console) Quit() { c.broker.close() }

// events streams the codes of changed cases as server-sent events, until the browser
// closes the connection or Quit is called.
func (c *Console) events(v *visit) error {
	many := refusal{
		http.StatusServiceUnavailable, "Trop de fenêtres ouvertes",
		"Actualisez la page pour voir ce qui a changé.",
	}
	leave, ok := c.streams.enter(bound{"user " + v.user.Name, maxUserStreams},
		bound{"address " + network(c.client(v.r)), maxPlaceStreams})
	if !ok {
		return v.later(time.Minute, many)
	}
	defer leave()
	events, ok := c.broker.listen()
	if !ok {
		return v.later(time.Minute, many)
	}
	defer c.broker.leave(events)
	flow := http.NewResponseController(v.w)
	v.w.Header().Set("Content-Type", "text/event-stream")
	send := func(text string) error {
		if err := flow.SetWriteDeadline(time.Now().Add(heartbeat)); err != nil {
			return err
		}
		if _, err := fmt.Fprint(v.w, text); err != nil {
			return err
		}
		return flow.Flush()
	}
	tick := time.NewTicker(heartbeat)
	defer tick.Stop()
	err := send("retry: 3000\n\n")
	for err == nil {
		select {
		case <-v.r.Context().Done():
			return nil
		case event, open := <-events:
			if !open {
				return nil
			}
			err = send("data: " + event + "\n\n")
		case <-tick.C:
			err = send(": \n\n")
		}
	}
	return nil // the browser is gone: nobody to tell
}
