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

// watched is a connection on which nothing waits for ever, beneath TLS. go-imap
// sets deadlines that suit no daemon (none while it waits for an answer) and
// goes on reading after an error: watched keeps its own and is over at the first
// error, whatever is asked of it afterwards.
type watched struct {
	net.Conn
	writing time.Duration // the longest that one write may take

	mu      sync.Mutex // guards what follows, and each read deadline with it
	silence time.Duration
	over    error
}

// arm sets the longest silence of the peer from now on; 0: none, since nothing
// is awaited. It applies to a read that is already waiting.
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
	// An error means that the connection is over, which the read will tell.
	w.Conn.SetReadDeadline(deadline)
}

// end closes the connection for a reason. Only the first counts.
func (w *watched) end(reason error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.over == nil {
		w.over = reason
		w.Conn.Close()
	}
}

// fault returns why the connection is over, nil while it is not.
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

// Close ends the connection.
func (w *watched) Close() error {
	w.end(net.ErrClosed)
	return nil
}

// SetDeadline and its kin do nothing: the deadlines are watched's own.
func (w *watched) SetDeadline(time.Time) error { return nil }

// SetReadDeadline does nothing.
func (w *watched) SetReadDeadline(time.Time) error { return nil }

// SetWriteDeadline does nothing.
func (w *watched) SetWriteDeadline(time.Time) error { return nil }
