package boltstore_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"bdc/order"
	"bdc/store"
	"bdc/store/boltstore"
)

// Variables that make the test binary a child of one of its tests.
const (
	envPath  = "BOLTSTORE_TEST_PATH"
	envRound = "BOLTSTORE_TEST_ROUND" // from 1; 0 only holds the file open
)

func TestMain(m *testing.M) {
	if path := os.Getenv(envPath); path != "" {
		if err := child(path, os.Getenv(envRound)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// startChild runs this binary as a child that works until it is killed, and
// returns what it prints.
func startChild(t *testing.T, ctx context.Context, path string, round int) (*exec.Cmd, io.Reader) {
	t.Helper()
	cmd := exec.CommandContext(ctx, os.Args[0])
	cmd.Env = append(os.Environ(), envPath+"="+path, envRound+"="+strconv.Itoa(round))
	cmd.Stderr = os.Stderr
	if _, err := cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, out
}

// child works on a store until it is killed, and acknowledges each effect on
// its standard output once the store has.
func child(path, round string) error {
	n, err := strconv.Atoi(round)
	if err != nil {
		return err
	}
	s, err := boltstore.Open(path, boltstore.Options{Create: true, Timeout: 10 * time.Second})
	if err != nil {
		return err
	}
	if n == 0 {
		fmt.Println("open")
		_, err := io.Copy(io.Discard, os.Stdin) // for as long as the parent keeps it open
		return err
	}
	if _, err := s.Recover(context.Background(), store.Fence{}); err != nil {
		return err
	}
	for uid := uint32(n * 100000); ; uid += 4 {
		// Claims of a child that was killed are taken over in the next round.
		if err := workOnce(s, uid, noon().Add(time.Duration(n)*time.Hour)); err != nil {
			return err
		}
	}
}

func workOnce(s *boltstore.Store, uid uint32, now time.Time) error {
	ctx := context.Background()
	keys := []order.Key{key(uid), key(uid + 1), key(uid + 2)}
	blob := fmt.Append(nil, "form ", uid)
	if err := errors.Join(s.Mark(ctx, store.Fence{}, keys, false), s.Keep(ctx, [][]byte{blob})); err != nil {
		return err
	}
	fmt.Println("kept", uid)
	intakes := []order.Intake{intake(uid), intake(uid + 1), intake(uid + 2)}
	code := fmt.Sprintf("D-%d", uid)
	intakes[1].Cases = []order.Case{{Code: code, State: order.Waiting, Message: key(uid + 1)}}
	for i, r := range s.Record(ctx, store.Fence{}, intakes) {
		if r.Err != nil {
			return r.Err
		}
		fmt.Println("number", r.Numbers[0], intakes[i].Orders[0].Reference)
	}
	o := intake(uid + 3).Orders[0]
	r, err := s.Decide(ctx, store.Fence{},
		order.Decision{Case: code, Revision: 1, At: now, State: order.Closed, Order: &o})
	if err != nil {
		return err
	}
	fmt.Println("number", r.Numbers[0], o.Reference)

	claims, err := s.Claim(ctx, store.Fence{Holder: "child"}, now, time.Minute, 8)
	if err != nil {
		return err
	}
	var mails []store.Sealed
	var settlements []store.Settlement
	for i, c := range claims {
		mails = append(mails, store.Sealed{Reply: c.ID, Mail: fmt.Appendf(nil, "mail %d of %d", c.ID, uid)})
		outcome := []store.Outcome{store.Sent, store.Sent, store.Later, store.Failed}[i%4]
		settlements = append(settlements,
			store.Settlement{Reply: c.ID, Outcome: outcome, At: now, Next: now.Add(30 * time.Minute)})
	}
	if err := s.Seal(ctx, "child", mails); err != nil {
		return err
	}
	for i, m := range mails {
		bytes := m.Mail
		if claims[i].Mail != nil {
			bytes = claims[i].Mail
		}
		fmt.Printf("sealed %d %s\n", m.Reply, bytes)
	}
	if err := s.Settle(ctx, "child", settlements); err != nil {
		return err
	}
	for _, st := range settlements {
		fmt.Println(st.Outcome, st.Reply)
	}
	return nil
}

// acknowledged is what children said that the store had taken.
type acknowledged struct {
	kept    []uint32
	numbers map[string]string // reference by number
	sealed  map[uint64]string // bytes by reply
	settled map[uint64]bool   // sent or failed
}

func (a *acknowledged) note(t *testing.T, line string) {
	t.Helper()
	verb, rest, _ := strings.Cut(line, " ")
	subject, value, _ := strings.Cut(rest, " ")
	id, _ := strconv.ParseUint(subject, 10, 64)
	switch verb {
	case "kept":
		a.kept = append(a.kept, uint32(id))
	case "number":
		if was, twice := a.numbers[subject]; twice {
			t.Errorf("%s was given to %s and to %s", subject, was, value)
		}
		a.numbers[subject] = value
	case "sealed":
		if was, twice := a.sealed[id]; twice && was != value {
			t.Errorf("reply %d was sealed as %q and as %q", id, was, value)
		}
		a.sealed[id] = value
	case "sent", "failed":
		if a.settled[id] {
			t.Errorf("reply %d was settled twice", id)
		}
		a.settled[id] = true
	case "later":
	default:
		t.Errorf("the child said %q", line)
	}
}

// verify holds a store against what was acknowledged.
func (a *acknowledged) verify(t *testing.T, s *boltstore.Store) {
	t.Helper()
	if err := s.Check(t.Context()); err != nil {
		t.Errorf("check: %v", err)
	}
	orders, err := s.Orders(t.Context(), "", 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	there := make(map[string]string)
	for i, o := range orders {
		there[o.Number] = o.Reference
		if want := order.Number(2026, uint64(i)+1); o.Number != want {
			t.Fatalf("order %d: got number %s, want %s", i, o.Number, want)
		}
	}
	for number, reference := range a.numbers {
		if there[number] != reference {
			t.Errorf("order %s: got reference %q, want %q", number, there[number], reference)
		}
	}
	for _, uid := range a.kept {
		want := fmt.Sprint("form ", uid)
		if got, err := s.Blob(t.Context(), order.Sum([]byte(want))); err != nil || string(got) != want {
			t.Errorf("attachment: got %q and error %v, want %q", got, err, want)
		}
	}
	for id, want := range a.sealed {
		if c, err := s.Reply(t.Context(), id); err != nil || string(c.Mail) != want {
			t.Errorf("reply %d: got mail %q and error %v, want %q", id, c.Mail, err, want)
		}
	}
}

// TestKill kills a process at random moments of its work, as a power cut or the
// kernel would, and holds what is left against what was acknowledged.
func TestKill(t *testing.T) {
	kills := 20
	if testing.Short() {
		kills = 5
	}
	path := filepath.Join(t.TempDir(), "bdc.db")
	said := &acknowledged{
		numbers: make(map[string]string), sealed: make(map[uint64]string),
		settled: make(map[uint64]bool),
	}
	for round := 1; round <= kills; round++ {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // against a child that hangs
		cmd, out := startChild(t, ctx, path, round)
		lines := bufio.NewScanner(out)
		left := 1 + rand.IntN(80)
		for left > 0 && lines.Scan() {
			said.note(t, lines.Text())
			left--
		}
		time.Sleep(time.Duration(rand.IntN(3000)) * time.Microsecond) // anywhere in the next verb
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		for lines.Scan() {
			said.note(t, lines.Text())
		}
		var exit *exec.ExitError
		if err := cmd.Wait(); !errors.As(err, &exit) || exit.Exited() {
			t.Fatalf("the child ended with %v, want it killed", err)
		}
		cancel()
		s := open(t, path)
		said.verify(t, s)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}

	s := open(t, path)
	defer s.Close()
	claims, err := s.Claim(t.Context(), store.Fence{Holder: "test"}, noon().Add(1000*time.Hour), time.Hour, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range claims {
		if said.settled[c.ID] {
			t.Errorf("reply %d is claimed, want it settled for good", c.ID)
		}
	}
	t.Logf("%d kills, %d numbers, %d mails, %d settled", kills, len(said.numbers), len(said.sealed), len(said.settled))
}

func TestOpenHeldByAnotherProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bdc.db")
	cmd, out := startChild(t, t.Context(), path, 0)
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "open\n" {
		t.Fatalf("the child said %q and ended with %v", line, err)
	}
	_, err := boltstore.Open(path, boltstore.Options{Timeout: 100 * time.Millisecond})
	if !errors.Is(err, store.ErrLocked) {
		t.Errorf("got error %v, want one that wraps ErrLocked", err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // "signal: killed"
	if err := open(t, path).Close(); err != nil {
		t.Error(err)
	}
}
