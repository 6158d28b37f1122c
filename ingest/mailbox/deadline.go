package mailbox

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// watched is the TCP connection to the mail server, on which every read and write
// has a deadline. TLS, where there is any, runs on top of it.
//
// It exists because go-imap's own deadlines don't suit a daemon: go-imap sets none
// while it waits for an answer, and it goes on reading after an error. So watched
// ignores the deadlines that it is asked to set and applies its own. The first
// error, or the first call of end, closes the connection for good: from then on
// every Read and Write returns that error.
type watched struct {
	net.Conn
	writing time.Duration // how long one write may take

	mu      sync.Mutex    // guards the fields below and the setting of read deadlines
	silence time.Duration // how long a read may wait; 0 for as long as it likes
	over    error         // why the connection is closed; nil while it is open
}

// arm sets how long the server may be silent from now on: a read that waits longer
// ends the connection. 0 lifts the limit, for the times when no answer is awaited.
// A read that is already waiting gets the new limit too.
func (w *watched) arm(silence time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.silence = silence
	w.setReadDeadline()
}

func (w *watched) setReadDeadline() {
	var deadline time.Time
	if w.silence > 0 {
		deadline = time.Now().Add(w.silence)
	}
	// This fails only on a closed connection, and then the read fails as well.
	w.Conn.SetReadDeadline(deadline)
}

// end closes the connection and keeps reason as the error of all later reads and
// writes. On a connection that has ended already it does nothing.
func (w *watched) end(reason error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.over == nil {
		w.over = reason
		w.Conn.Close()
	}
}

// fault returns why the connection ended, or nil while it is open.
func (w *watched) fault() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.over
}

func (w *watched) Read(p []byte) (int, error) {
	w.mu.Lock()
	over, silence := w.over, w.silence
	if over == nil && silence > 0 {
		w.setReadDeadline()
	}
	w.mu.Unlock()
	if over != nil {
		return 0, over
	}
	n, err := w.Conn.Read(p)
	switch {
	case err == nil:
		return n, nil
	case errors.Is(err, io.EOF):
		err = fmt.Errorf("the mail server closed the connection: %w", io.ErrUnexpectedEOF)
	case errors.Is(err, os.ErrDeadlineExceeded):
		err = fmt.Errorf("the mail server is silent: %w", err)
	}
	w.end(err)
	return n, w.fault()
}

func (w *watched) Write(p []byte) (int, error) {
	if err := w.fault(); err != nil {
		return 0, err
	}
	w.Conn.SetWriteDeadline(time.Now().Add(w.writing))
	n, err := w.Conn.Write(p)
	if err != nil {
		w.end(fmt.Errorf("write to the mail server: %w", err))
		return n, w.fault()
	}
	return n, nil
}

// Close ends the connection with net.ErrClosed as the reason.
func (w *watched) Close() error {
	w.end(net.ErrClosed)
	return nil
}

// SetDeadline does nothing: watched sets its own deadlines.
func (w *watched) SetDeadline(time.Time) error { return nil }

// SetReadDeadline does nothing: watched sets its own deadlines.
func (w *watched) SetReadDeadline(time.Time) error { return nil }

// SetWriteDeadline does nothing: watched sets its own deadlines.
func (w *watched) SetWriteDeadline(time.Time) error { return nil }
