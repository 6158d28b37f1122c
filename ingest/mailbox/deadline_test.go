package mailbox

import (
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"
)

// pair returns a watched connection and its peer.
func pair(t *testing.T) (*watched, net.Conn) {
	ours, theirs := net.Pipe()
	t.Cleanup(func() { ours.Close(); theirs.Close() })
	return &watched{Conn: ours, writing: time.Second}, theirs
}

func TestWatchedEndsAReadThatWaitsAlready(t *testing.T) {
	w, _ := pair(t)
	done := make(chan error, 1)
	go func() {
		_, err := w.Read(make([]byte, 1))
		done <- err
	}()
	select {
	case err := <-done:
		t.Fatalf("a read with nothing awaited ends with %v, want it to wait", err)
	case <-time.After(50 * time.Millisecond):
	}
	w.arm(10 * time.Millisecond)
	select {
	case err := <-done:
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("the read says %v, want %v", err, os.ErrDeadlineExceeded)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("the read hangs")
	}
}

func TestWatchedCountsSilenceOnly(t *testing.T) {
	t.Parallel()
	w, peer := pair(t)
	w.arm(2 * time.Second)
	go func() {
		tick := time.NewTicker(600 * time.Millisecond)
		defer tick.Stop()
		for range 5 {
			<-tick.C
			peer.Write([]byte("x"))
		}
	}()
	if _, err := io.ReadFull(w, make([]byte, 5)); err != nil {
		t.Errorf("a slow peer ends the connection: %v", err)
	}
}

func TestWatchedForgetsTheDeadlineWhenNothingIsAwaited(t *testing.T) {
	w, peer := pair(t)
	w.arm(20 * time.Millisecond)
	w.arm(0)
	time.AfterFunc(100*time.Millisecond, func() { peer.Write([]byte("x")) })
	if _, err := w.Read(make([]byte, 1)); err != nil {
		t.Errorf("the read says %v, want an octet", err)
	}
}

func TestWatchedIsOverAtTheFirstError(t *testing.T) {
	reason := errors.New("enough")
	for _, test := range []struct {
		name string
		end  func(*watched, net.Conn)
		want error
	}{
		{"by us", func(w *watched, _ net.Conn) { w.end(reason); w.end(io.EOF); w.Close() }, reason},
		{"by the peer", func(w *watched, peer net.Conn) { peer.Close(); w.Read(make([]byte, 1)) }, io.ErrUnexpectedEOF},
		{
			"by silence", func(w *watched, _ net.Conn) { w.arm(time.Millisecond); w.Read(make([]byte, 1)); w.arm(0) },
			os.ErrDeadlineExceeded,
		},
		{
			"by a write that nobody takes",
			func(w *watched, _ net.Conn) { w.writing = time.Millisecond; w.Write([]byte("x")) }, os.ErrDeadlineExceeded,
		},
	} {
		w, peer := pair(t)
		test.end(w, peer)
		_, readErr := w.Read(make([]byte, 1))
		_, writeErr := w.Write([]byte("x"))
		for call, err := range map[string]error{"Read": readErr, "Write": writeErr, "fault": w.fault()} {
			if !errors.Is(err, test.want) {
				t.Errorf("%s: %s says %v, want %v", test.name, call, err, test.want)
			}
		}
	}
}
