package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"bdc/bench/need"
	"bdc/ingest/mailtest"
	"bdc/order"
	"bdc/store/boltstore"
)

// kills is how many random moments the daemon is killed at: a sample, or as many
// as BDC_TEST_KILLS says (make soak).
func kills(t *testing.T) int {
	t.Helper()
	text := os.Getenv("BDC_TEST_KILLS")
	if text == "" {
		return 12
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("BDC_TEST_KILLS: %v", err)
	}
	return n
}

// victim is the real binary, built with the steps at which it kills itself.
type victim struct {
	t      *testing.T
	binary string
	config string
	data   string
}

func newVictim(t *testing.T, s *mailtest.Servers) *victim {
	t.Helper()
	binary, err := crashBinary()
	if err != nil {
		t.Fatal(err)
	}
	config := writeConfig(t, s, "implicit")
	return &victim{t: t, binary: binary, config: config, data: filepath.Join(filepath.Dir(config), "bdc.db")}
}

// shared is what tests make once: the folder of the binary that kills itself.
var shared struct{ crash string }

var crashBinary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "bdc-crash")
	if err != nil {
		return "", err
	}
	shared.crash = dir
	binary := filepath.Join(dir, "bdc")
	if out, err := exec.Command("go", "build", "-tags", "crash", "-o", binary, ".").CombinedOutput(); err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return binary, nil
})

// start runs the daemon. The returned function waits for its end and reports
// whether it was killed.
func (v *victim) start(environ ...string) (cmd *exec.Cmd, wait func() (killed bool)) {
	v.t.Helper()
	cmd = exec.Command(v.binary, "serve", "-c", v.config)
	cmd.Env = append(os.Environ(), environ...)
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		v.t.Fatal(err)
	}
	hang := time.AfterFunc(patience, func() { _ = cmd.Process.Signal(syscall.SIGQUIT) })
	return cmd, func() bool {
		err := cmd.Wait()
		hang.Stop()
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			if status := exit.Sys().(syscall.WaitStatus); status.Signaled() && status.Signal() == syscall.SIGKILL {
				return true
			}
		}
		if err != nil {
			v.t.Fatalf("the daemon ended with %v:\n%s", err, said.String())
		}
		return false
	}
}

// finish runs the daemon until the store holds n messages and every reply is
// sent, waits for the inbox to be empty, and stops it cleanly.
func (v *victim) finish(s *mailtest.Servers, n int) {
	v.t.Helper()
	cmd, wait := v.start()
	awaitStatus(v.t, v.data, fmt.Sprintf("%d messages settled", n), settledMessages(n))
	if !until(v.t, func() bool { return len(s.List(s.User, "INBOX")) == 0 }) {
		v.t.Fatal("the inbox is never empty")
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		v.t.Fatal(err)
	}
	if wait() {
		v.t.Error("the daemon was killed while it was to stop")
	}
}

// load is a mix of messages and what must come of them.
type load struct {
	raw                          [][]byte
	good, wrong, question, total int
	answered                     map[string]bool // subjects that an answer is due to
}

func newLoad(t *testing.T, n int) *load {
	t.Helper()
	l := &load{answered: map[string]bool{}, total: n}
	for i := range n {
		subject := fmt.Sprintf("message %03d", i)
		switch i % 5 {
		case 3:
			l.question++
			l.raw = append(l.raw, plainMail(subject))
			continue
		case 4:
			l.wrong++
			data := filledForm(t, "W-"+strconv.Itoa(i))
			l.raw = append(l.raw, orderMail(subject, "BdC.xlsx", data[:len(data)-100]))
		default:
			l.good++
			l.raw = append(l.raw, orderMail(subject, "BdC.xlsx", filledForm(t, "R-"+strconv.Itoa(i))))
		}
		l.answered[subject] = true
	}
	return l
}

// verify checks everything that a crash must not change.
func (l *load) verify(t *testing.T, s *mailtest.Servers, data string) {
	t.Helper()
	for folder, want := range map[string]int{
		"INBOX": 0, "Traitées": l.good, "Rejetées": l.wrong,
		"À traiter": l.question,
	} {
		if got := len(s.List(s.User, folder)); got != want {
			t.Errorf("%d messages in %s, want %d", got, folder, want)
		}
	}
	db, err := boltstore.Open(data, boltstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	ctx := context.Background()
	if err := db.Check(ctx); err != nil {
		t.Errorf("the store is inconsistent: %v", err)
	}
	references := map[string]int{}
	count := 0
	for after := ""; ; {
		list, err := db.Orders(ctx, after, 100)
		if err != nil {
			t.Fatal(err)
		}
		if len(list) == 0 {
			break
		}
		for _, o := range list {
			count++
			references[o.Reference]++
			after = o.Number
			if want := order.Number(order.Year(time.Now()), uint64(count)); o.Number != want {
				t.Errorf("order %d has number %s, want %s", count, o.Number, want)
			}
		}
	}
	if count != l.good || len(references) != l.good {
		t.Errorf("%d orders with %d references, want %d of each", count, len(references), l.good)
	}
	for after := ""; ; {
		list, err := db.Cases(ctx, "", after, 100)
		if err != nil {
			t.Fatal(err)
		}
		if len(list) == 0 {
			break
		}
		for _, c := range list {
			after = c.Code
			if c.Reason == "message.poison" {
				t.Errorf("message %q was condemned", c.Subject)
			}
		}
	}
	verifyReplies(t, s, l.answered)
}

// verifyReplies checks that each message that is due an answer has one, and that
// its repeats are the same bytes, but for what servers on the way added on top.
func verifyReplies(t *testing.T, s *mailtest.Servers, answered map[string]bool) {
	t.Helper()
	bodies := map[string][]byte{}
	missing := map[string]bool{}
	for subject := range answered {
		missing[subject] = true
	}
	for _, raw := range s.Await(s.Peer, "INBOX", len(answered)) {
		at := bytes.Index(raw, []byte("\nDate: "))
		id := headerLine(raw, "Message-ID: ")
		if at < 0 || id == "" {
			t.Fatalf("a reply without a date or id:\n%s", raw)
		}
		if first, again := bodies[id]; again && !bytes.Equal(first, ours(raw)) {
			t.Errorf("the repeats of reply %s differ", id)
		}
		bodies[id] = ours(raw)
		for subject := range missing {
			if headerLine(raw, "In-Reply-To: ") == "<"+strings.ReplaceAll(subject, " ", ".")+"@test.local>" {
				delete(missing, subject)
			}
		}
	}
	if len(missing) > 0 {
		t.Errorf("no answer to %d messages, such as %v", len(missing), missing)
	}
	if len(bodies) != len(answered) {
		t.Errorf("%d different replies, want %d", len(bodies), len(answered))
	}
}

// ours is a mail without the trace headers of the servers that carried it.
func ours(raw []byte) []byte {
	trace := []string{"Return-path:", "Envelope-to:", "Delivery-date:", "Received:", "Delivered-To:", "Return-Path:"}
	for {
		line, rest, ok := bytes.Cut(raw, []byte("\n"))
		isTrace := len(line) > 0 && (line[0] == ' ' || line[0] == '\t')
		for _, name := range trace {
			isTrace = isTrace || bytes.HasPrefix(line, []byte(name))
		}
		if !ok || !isTrace {
			return raw
		}
		raw = rest
	}
}

func headerLine(raw []byte, name string) string {
	for line := range bytes.Lines(raw) {
		text := strings.TrimRight(string(line), "\r\n")
		if text == "" {
			break
		}
		if value, ok := strings.CutPrefix(text, name); ok {
			return value
		}
	}
	return ""
}

// TestCrashAtEachStep kills the daemon as each step of the way of a message ends
// (docs/architecture.md), the first time and a later one where there is one.
// With -short it does so at two steps, the first time.
func TestCrashAtEachStep(t *testing.T) {
	l := newLoad(t, 40) // more than one commit
	for _, at := range []struct {
		step   int // see crash.go
		counts []int
	}{
		{1, []int{1, 7}},
		{2, []int{1}},
		{4, []int{1, 6}},
		{5, []int{1, 9}},
		{6, []int{1, 2}},
		{7, []int{1, 2}},
		{81, []int{1}},
		{82, []int{1}},
		{83, []int{1, 5}},
		{84, []int{1}},
	} {
		for i, count := range at.counts {
			step := at.step
			if (i > 0 || step != 5 && step != 83) && testing.Short() {
				continue
			}
			t.Run(fmt.Sprintf("step %d, time %d", step, count), func(t *testing.T) {
				t.Parallel()
				s := mailtest.Start(t, mailtest.Options{})
				v := newVictim(t, s)
				s.Deliver(s.User, l.raw...)
				_, wait := v.start("BDC_TEST_CRASH_STEP="+strconv.Itoa(step),
					"BDC_TEST_CRASH_COUNT="+strconv.Itoa(count))
				if !wait() {
					t.Fatal("the daemon was not killed")
				}
				v.finish(s, l.total)
				l.verify(t, s, v.data)
			})
		}
	}
}

// TestCrashAtRandom kills the daemon at random moments over 300 messages.
func TestCrashAtRandom(t *testing.T) {
	need.Time(t)
	t.Parallel()
	s := mailtest.Start(t, mailtest.Options{})
	v := newVictim(t, s)
	mails := 300
	if need.Race {
		mails = 120
	}
	l := newLoad(t, mails)
	n := kills(t)
	r := rand.New(rand.NewPCG(2026, 11))
	for i := range n {
		if i%max(1, n/10) == 0 { // the mail comes in ten waves, so that every kill meets some
			wave := i / max(1, n/10)
			s.Deliver(s.User, l.raw[min(wave*mails/10, mails):min((wave+1)*mails/10, mails)]...)
		}
		cmd, wait := v.start()
		moment := time.AfterFunc(time.Duration(r.IntN(400))*time.Millisecond, func() { _ = cmd.Process.Kill() })
		if !wait() {
			t.Fatal("the daemon ended by itself")
		}
		moment.Stop()
	}
	v.finish(s, l.total)
	l.verify(t, s, v.data)
}

// TestPoison sets a form that kills the process aside once it has killed it
// three times alone, while the others go through.
func TestPoison(t *testing.T) {
	need.Time(t)
	t.Parallel()
	s := mailtest.Start(t, mailtest.Options{})
	v := newVictim(t, s)
	l := newLoad(t, 10)
	// poisonAccount of crash.go
	bad := orderMail("the killer", "BdC.xlsx", formOf(t, map[string]string{order.FieldAccount: "06660666"}))
	s.Deliver(s.User, append(append(l.raw[:5:5], bad), l.raw[5:]...)...)
	deaths := 0
	for {
		cmd, wait := v.start()
		ctx, ended := context.WithCancel(t.Context())
		var watch sync.WaitGroup
		watch.Go(func() { // a daemon that survives is stopped once the killer is set aside
			for ctx.Err() == nil {
				out, err := exec.CommandContext(ctx, v.binary, "cases", "list", "-c", v.config).Output()
				if err == nil && bytes.Contains(out, []byte("message.poison")) {
					_ = cmd.Process.Signal(syscall.SIGTERM)
					return
				}
			}
		})
		killed := wait()
		ended()
		watch.Wait()
		if !killed {
			break
		}
		if deaths++; deaths > 10 {
			t.Fatal("the message kills for ever")
		}
	}
	if deaths != 4 { // once among others, which counts against none, and three times alone
		t.Errorf("the program died %d times, want 4", deaths)
	}
	l.question++ // the killer is for people
	v.finish(s, l.total+1)
	for folder, want := range map[string]int{"INBOX": 0, "Traitées": l.good, "À traiter": l.question} {
		if got := len(s.List(s.User, folder)); got != want {
			t.Errorf("%d messages in %s, want %d", got, folder, want)
		}
	}
	verifyReplies(t, s, l.answered)
}
