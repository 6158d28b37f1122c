package notify

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/emersion/go-smtp"
)

// sinkVar makes the test program a mail server that takes everything, so that
// a benchmark can tell the outbox's CPU from the server's.
const sinkVar = "BDC_TEST_SINK"

func TestMain(m *testing.M) {
	if os.Getenv(sinkVar) != "" {
		sink()
		return
	}
	os.Exit(m.Run())
}

// sink serves until its input ends: until the program that began it does.
func sink() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(l.Addr().(*net.TCPAddr).Port)
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return blackHole{}, nil }))
	server.Domain = "sink"
	go server.Serve(l)
	io.Copy(io.Discard, os.Stdin)
}

type blackHole struct{}

func (blackHole) Reset()                               {}
func (blackHole) Logout() error                        { return nil }
func (blackHole) Mail(string, *smtp.MailOptions) error { return nil }
func (blackHole) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (blackHole) Data(r io.Reader) error               { _, err := io.Copy(io.Discard, r); return err }

// startSink returns the port of a sink in a process of its own.
func startSink(t testing.TB) int {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), sinkVar+"=1")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("sink: %v", err)
		}
	})
	text, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	var port int
	if _, err := fmt.Sscan(strings.TrimSpace(text), &port); err != nil {
		t.Fatal(err)
	}
	return port
}
