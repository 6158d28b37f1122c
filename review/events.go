package review

import (
	"fmt"
	"net/http"
	"sync"
	"time"
)

// maxListeners is how many browsers may wait for events at once; those beyond
// are told to come again later.
const maxListeners = 500

// heartbeat is how often a silent stream says that it is alive, so that proxies and
// browsers keep it.
const heartbeat = 20 * time.Second

// broker tells browsers that something changed: no more than that, and of which
// case. Who is slow misses an event, and looks at everything at the next.
type broker struct {
	mu        sync.Mutex
	listeners map[chan string]bool
	closed    bool
}

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

func (b *broker) leave(events chan string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.listeners, events)
}

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

// close ends every stream.
func (b *broker) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	for l := range b.listeners {
		close(l)
		delete(b.listeners, l)
	}
}

// Quit ends the streams of events, for a server that shuts down.
func (c *Console) Quit() { c.broker.close() }

// events streams what changes (server-sent events), until the browser goes or
// the console stops.
func (c *Console) events(v *visit) error {
	events, ok := c.broker.listen()
	if !ok {
		v.w.Header().Set("Retry-After", "60")
		return refusal{
			http.StatusServiceUnavailable, "Trop de fenêtres ouvertes",
			"Actualisez la page pour voir ce qui a changé.",
		}
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
