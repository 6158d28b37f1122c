package main

import (
	"io"
	"net"
	"sync"
	"testing"
)

// wire is a connection to a server that a test can cut, or make swallow what is
// sent on it. It stands for one line: what is done to it is done to every
// connection that uses it.
type wire struct {
	port   int
	server string

	mu      sync.Mutex
	changed *sync.Cond
	state   wireState
	limit   int // of octets from the server on a connection, 0 for none
	dialled int
	ends    map[net.Conn]bool
}

type wireState int

const (
	passing    wireState = iota
	swallowing           // nothing comes through, and nobody is told
	severed              // no connection
)

// newWire lays a wire to a server on this machine.
func newWire(t *testing.T, server string) *wire {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{port: ln.Addr().(*net.TCPAddr).Port, server: server, ends: map[net.Conn]bool{}}
	w.changed = sync.NewCond(&w.mu)
	var pumps sync.WaitGroup
	pumps.Go(func() {
		for {
			client, err := ln.Accept()
			if err != nil {
				return
			}
			pumps.Go(func() { w.join(client) })
		}
	})
	t.Cleanup(func() { ln.Close(); w.set(severed); pumps.Wait() })
	return w
}

// set changes the wire. Severing it ends the connections that there are.
func (w *wire) set(s wireState) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.state = s
	w.changed.Broadcast()
	if s == severed {
		for c := range w.ends {
			c.Close()
		}
	}
}

// cutAfter makes each further connection end after so many octets of the
// server's.
func (w *wire) cutAfter(octets int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.limit = octets
}

func (w *wire) dials() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.dialled
}

// hold keeps an end until it is let go; not on a severed wire.
func (w *wire) hold(c net.Conn) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.state != severed {
		w.ends[c] = true
	}
	return w.state != severed
}

func (w *wire) release(c net.Conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.ends, c)
	c.Close()
}

// join carries one connection until either end closes it.
func (w *wire) join(client net.Conn) {
	w.mu.Lock()
	w.dialled++
	limit := w.limit
	w.mu.Unlock()
	defer w.release(client)
	server, err := net.Dial("tcp", w.server)
	if err != nil {
		return
	}
	defer w.release(server)
	if !w.hold(client) || !w.hold(server) {
		return
	}
	var both sync.WaitGroup
	both.Go(func() { w.carry(server, client, 0); server.Close(); client.Close() })
	w.carry(client, server, limit)
	client.Close()
	server.Close()
	both.Wait()
}

// carry copies what the wire lets through, and waits while it swallows.
func (w *wire) carry(to io.Writer, from io.Reader, limit int) {
	buf := make([]byte, 4096)
	for sent := 0; ; {
		n, err := from.Read(buf)
		w.mu.Lock()
		for w.state == swallowing {
			w.changed.Wait()
		}
		w.mu.Unlock()
		if limit > 0 && sent+n >= limit {
			to.Write(buf[:limit-sent])
			return
		}
		sent += n
		if _, werr := to.Write(buf[:n]); err != nil || werr != nil {
			return
		}
	}
}
