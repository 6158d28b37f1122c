package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"bdc/bench/need"
	"bdc/store"
)

// silencer stands between the daemon and a mail server. After the daemon has said a word, if it is
// set, no connection gets an answer any more.
type silencer struct {
	net.Listener
	server  string
	word    atomic.Pointer[string]
	stalled chan struct{} // closed then
	stall   context.CancelFunc
}

func newSilencer(t *testing.T, server string) *silencer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &silencer{Listener: l, server: server, stalled: make(chan struct{})}
	over, stall := context.WithCancel(context.Background())
	r.stall = stall
	context.AfterFunc(over, func() { close(r.stalled) })
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", r.server)
			if err != nil {
				client.Close()
				continue
			}
			go r.pass(server, client, true)
			go r.pass(client, server, false)
		}
	}()
	return r
}

// pass copies what one side says to the other.
func (r *silencer) pass(to, from net.Conn, asks bool) {
	defer to.Close()
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		if word := r.word.Load(); asks && word != nil && bytes.Contains(buf[:n], []byte(*word)) {
			r.stall()
		}
		select {
		case <-r.stalled:
			if !asks { // the server's words are lost, and the connection stays
				_, _ = io.Copy(io.Discard, from)
				time.Sleep(time.Minute)
				return
			}
		default:
		}
		if _, failed := to.Write(buf[:n]); failed != nil || err != nil {
			return
		}
	}
}

// marking reports whether a child process of the daemon marks a workbook.
func (s *siege) marking() bool {
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%[1]d/children", s.process.Pid))
	if err == nil && len(bytes.TrimSpace(children)) > 0 {
		return true
	}
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", s.process.Pid))
	return slices.ContainsFunc(tasks, func(file string) bool {
		children, err := os.ReadFile(file)
		return err == nil && len(bytes.TrimSpace(children)) > 0
	})
}

// stopUnderWay starts a daemon, tells it to stop while everything that takes long is under way,
// and returns how long that took: the SMTP server does not answer the final dot, the
// IMAP server is silent in the midst of an answer, workbooks are being marked, and pages of the
// console are open.
func stopUnderWay(t *testing.T) time.Duration {
	s := newSiege(t)
	inbox := newSilencer(t, s.world.IMAP.String())
	text, err := os.ReadFile(s.config)
	if err != nil {
		t.Fatal(err)
	}
	text = bytes.Replace(text, fmt.Appendf(nil, "port = %d", s.world.IMAP.Port),
		fmt.Appendf(nil, "port = %d", inbox.Addr().(*net.TCPAddr).Port), 1)
	if err := os.WriteFile(s.config, text, 0o600); err != nil {
		t.Fatal(err)
	}
	user := exec.Command(s.binary, "user", "add", "claire", "--password-stdin", "-c", s.config)
	user.Stdin = strings.NewReader("une phrase de passe\n")
	if out, err := user.CombinedOutput(); err != nil {
		t.Fatalf("user add: %v\n%s", err, out)
	}
	handed, release := make(chan struct{}), make(chan struct{})
	s.world.Replied = func([]byte) { // also the mails after the first have no answer
		select {
		case <-release:
		case handed <- struct{}{}:
			<-release
		}
	}
	defer close(release)

	cmd, wait := s.start()
	s.process = cmd.Process
	if !until(t, s.owned) {
		t.Fatal("the record never owns the inbox")
	}
	deliver := func(raw []byte) {
		t.Helper()
		if err := s.world.Deliver(raw); err != nil {
			t.Fatal(err)
		}
	}
	await := func(what string, c <-chan struct{}) {
		t.Helper()
		select {
		case <-c:
		case <-time.After(patience):
			t.Fatalf("never came to %s", what)
		}
	}
	deliver(orderMail("honnête", "BdC.xlsx", filledForm(t, "H-1")))
	await("a reply under way", handed)
	for i := range 3 {
		raw := orderMail(fmt.Sprint("lourd ", i), "BdC.xlsx", heavyForm(t, i))
		deliver(bytes.ReplaceAll(raw, []byte("bookseller@"), fmt.Appendf(nil, "heavy%d@", i)))
	}
	awaitStatus(t, s.data, "a form that goes back", func(st store.Status) bool { return st.Messages > 1 })
	if !until(t, s.marking) {
		t.Fatal("no workbook is ever marked")
	}
	resp, err := http.DefaultTransport.RoundTrip(s.signIn())
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	for range 5 {
		stream := s.stream(resp.Cookies())
		defer stream.Body.Close()
	}
	word := "UID FETCH"
	inbox.word.Store(&word)
	deliver(orderMail("muet", "BdC.xlsx", filledForm(t, "H-2")))
	await("an answer of the IMAP server that does not end", inbox.stalled)

	stopped := time.Now()
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if wait() {
		t.Error("the daemon was killed while it was to stop")
	}
	return time.Since(stopped)
}

// TestStopsSoon: SIGTERM is obeyed whatever is under way. BDC_TEST_SOAK=1 does so ten times, and
// then 5 s are a bound (make soak).
func TestStopsSoon(t *testing.T) {
	need.Time(t)
	soak, rounds := os.Getenv("BDC_TEST_SOAK") != "", 1
	if soak {
		rounds = 10
	}
	var took []time.Duration
	for range rounds {
		took = append(took, stopUnderWay(t).Round(10*time.Millisecond))
	}
	slices.Sort(took)
	t.Logf("stopped within %v (median) and %v (the worst of %d)", took[len(took)/2], took[len(took)-1], rounds)
	if soak && took[len(took)-1] > 5*time.Second {
		t.Errorf("got %v, want at most 5 s", took)
	}
}

// What does not end by itself is ended.
func TestEndInTime(t *testing.T) {
	for _, hangs := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			ctx, stop := context.WithCancel(t.Context())
			ended := make(chan struct{})
			done := endInTime(ctx, func() { close(ended) })
			time.Sleep(time.Hour)
			stop()
			if !hangs {
				time.Sleep(endTime - time.Millisecond)
				done()
			}
			time.Sleep(endTime)
			synctest.Wait()
			select {
			case <-ended:
				if !hangs {
					t.Error("ended, though it had ended in time")
				}
			default:
				if hangs {
					t.Error("a daemon that hangs is not ended")
				}
			}
			if hangs {
				done()
			}
		})
	}
}
