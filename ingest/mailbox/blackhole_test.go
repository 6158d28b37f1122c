package mailbox_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"bdc/bench/need"
	"bdc/ingest/mailbox"
	"bdc/ingest/mailtest"
	"bdc/order"
)

// blackHole is a network that swallows packets: it passes on the first octets that the
// server sends and drops all later ones. It never closes a connection.
type blackHole struct {
	mu   sync.Mutex
	left int           // octets that may still pass
	full chan struct{} // closed once octets were dropped
}

// pass takes n octets that the server sent, and returns how many of them may pass: all
// or none.
func (b *blackHole) pass(n int) (allowed int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.left -= n; b.left >= 0 {
		return n
	}
	select {
	case <-b.full:
	default:
		close(b.full)
	}
	return 0
}

// dialer returns a dialer for Config whose connections go through the black hole.
func (b *blackHole) dialer(t *testing.T) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		server, err := (&net.Dialer{}).DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		ours, theirs := net.Pipe()
		t.Cleanup(func() { server.Close(); theirs.Close() })
		go io.Copy(server, theirs)
		go func() {
			buf := make([]byte, 4096)
			for {
				n, err := server.Read(buf)
				if err != nil {
					return
				}
				if n = b.pass(n); n > 0 {
					theirs.Write(buf[:n])
				}
			}
		}()
		return ours, nil
	}
}

func TestBlackHoleIsNoticed(t *testing.T) {
	need.Time(t)
	servers, c := dovecot(t, mailtest.Options{})
	for n := range 20 {
		servers.Deliver(servers.User, message(n, strings.Repeat("x", 50_000)))
	}
	c.Inactivity = 3 * time.Second
	for _, left := range []int{0, 500, 3_000, 5_000, 100_000, 900_000} {
		t.Run(fmt.Sprintf("after %d octets", left), func(t *testing.T) {
			t.Parallel() // since each waits for the silence to be noticed
			hole := &blackHole{left: left, full: make(chan struct{})}
			c := c
			c.Dialer = hole.dialer(t)
			var err error
			within(t, "the session", func() { err = fetchAll(t, c) })
			if err == nil {
				t.Error("no error, want that the server is silent")
			}
			if errors.Is(err, mailbox.ErrTLS) || errors.Is(err, mailbox.ErrAuth) {
				t.Errorf("%v, want an error that may pass", err)
			}
			within(t, "what should fill the hole", func() { <-hole.full })
		})
	}
}

// fetchAll opens a session, fetches all that is pending, and closes it.
func fetchAll(t *testing.T, c mailbox.Config) error {
	s, err := mailbox.Dial(t.Context(), c)
	if err != nil {
		return err
	}
	defer s.Close()
	keys, err := s.Pending(t.Context())
	if err != nil {
		return err
	}
	_, err = s.Fetch(t.Context(), keys, 1<<20, 0, admitAll, func(m order.Mail) error {
		if int64(len(m.Raw)) != m.Size {
			t.Errorf("%d octets of %d are delivered", len(m.Raw), m.Size)
		}
		return nil
	})
	return err
}
