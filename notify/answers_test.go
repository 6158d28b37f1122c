package notify

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"bdc/store"
)

var update = flag.Bool("update", false, "rewrite the table of docs/outbox.md")

// meeting is what a server does at a verb.
type meeting struct{ verb, answer string }

// answers are what a server may do, at each verb.
var answers = []meeting{
	{"greeting", "421 4.3.2 busy"},
	{"greeting", "554 5.3.2 no service"},
	{"greeting", "HTTP/1.1 400 Bad Request"},
	{"greeting", "hang"},
	{"greeting", "cut"},
	{"EHLO", "hang"},
	{"EHLO", "cut"},
	{"STARTTLS", "454 4.7.0 TLS not available"},
	{"STARTTLS", "220 go, and no handshake"},
	{"STARTTLS", "hang"},
	{"STARTTLS", "cut"},
	{"AUTH", "454 4.7.0 temporary authentication failure"},
	{"AUTH", "535 5.7.8 wrong"},
	{"AUTH", "550 5.7.30 basic authentication is not supported"},
	{"AUTH", "hang"},
	{"AUTH", "cut"},
	{"MAIL", "421 4.3.2 closing"},
	{"MAIL", "450 4.7.1 slow down"},
	{"MAIL", "452 4.3.1 no space"},
	{"MAIL", "530 5.7.57 not authenticated"},
	{"MAIL", "550 5.7.60 not your sender"},
	{"MAIL", "550 5.7.30 basic authentication is not supported"},
	{"MAIL", "hang"},
	{"MAIL", "cut"},
	{"RCPT", "421 4.7.0 later"},
	{"RCPT", "450 4.2.0 greylisted"},
	{"RCPT", "451 4.3.0 local error"},
	{"RCPT", "452 4.2.2 mailbox full"},
	{"RCPT", "454 4.7.1 relay access denied"},
	{"RCPT", "530 must issue STARTTLS first"},
	{"RCPT", "535 5.7.8 authenticate first"},
	{"RCPT", "550 5.7.30 basic authentication is not supported"},
	{"RCPT", "550 5.1.1 unknown"},
	{"RCPT", "550 no such user"},
	{"RCPT", "550 4.4.7 undecided"},
	{"RCPT", "552 5.2.2 over quota"},
	{"RCPT", "554 5.7.1 refused"},
	{"RCPT", "hang"},
	{"RCPT", "cut"},
	{"DATA", "421 4.3.2 closing"},
	{"DATA", "451 4.3.0 local error"},
	{"DATA", "554 5.5.1 no valid recipients"},
	{"DATA", "hang"},
	{"DATA", "cut"},
	{"body", "cut"}, // before the final dot is read
	{".", "421 4.3.2 closing"},
	{".", "450 4.7.1 slow down"},
	{".", "452 4.3.1 no space"},
	{".", "550 5.7.1 spam"},
	{".", "552 5.3.4 too big"},
	{".", "554-5.6.0 bad\r\n554 5.6.0 content"},
	{".", "hang"},
	{".", "cut"},
	{"RSET", "hang"}, // before the next mail on the same connection
	{"RSET", "cut"},
	{"QUIT", "hang"},
	{"QUIT", "cut"},
}

// TestAnswers has a real connection meet each answer, and the outbox live with
// what the connection made of it. What it does is the table of docs/outbox.md.
// With -short, servers that say nothing, for which a test waits, are left out but
// for one, and each row of the others has to be in the table.
func TestAnswers(t *testing.T) {
	answers := answers
	if testing.Short() {
		answers = slices.DeleteFunc(slices.Clone(answers), func(a meeting) bool {
			return a.answer == "hang" && a.verb != "greeting"
		})
	}
	faults := make([]error, len(answers))
	t.Run("met", func(t *testing.T) { // ends after all of its parallel tests
		for i, a := range answers {
			t.Run(a.verb+" "+a.answer, func(t *testing.T) {
				t.Parallel()
				faults[i] = meet(t, a.verb, a.answer)
			})
		}
	})
	var table strings.Builder
	table.WriteString("| at | the server | tried again | other replies | staff see |\n|---|---|---|---|---|\n")
	for i, a := range answers {
		cells := []string{verbWords(a.verb), answerWords(a.answer)}
		cells = append(cells, observe(t, a.answer, faults[i], a.verb == "RSET")...)
		row := "| " + strings.Join(cells, " | ") + " |"
		if n := utf8.RuneCountInString(row); n > 120 {
			t.Errorf("the row has %d columns, want at most 120: %s", n, row)
		}
		table.WriteString(row + "\n")
	}
	page, err := os.ReadFile("../docs/outbox.md")
	if err != nil {
		t.Fatal(err)
	}
	head, rest, found := strings.Cut(string(page), tableBegins)
	_, tail, ended := strings.Cut(rest, tableEnds)
	if !found || !ended {
		t.Fatalf("docs/outbox.md has no %q and %q", tableBegins, tableEnds)
	}
	if testing.Short() {
		told, _, _ := strings.Cut(rest, tableEnds)
		for row := range strings.Lines(table.String()) {
			if !strings.Contains(told, row) {
				t.Errorf("the table of docs/outbox.md lacks the row %s", row)
			}
		}
		return
	}
	want := head + tableBegins + table.String() + tableEnds + tail
	if *update {
		if err := os.WriteFile("../docs/outbox.md", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if want != string(page) {
		t.Errorf("docs/outbox.md is not what the outbox does (-update makes it so):\n%s", table.String())
	}
}

const (
	tableBegins = "<!-- made by go test ./notify -run TestAnswers -update -->\n"
	tableEnds   = "<!-- end -->\n"
)

func verbWords(verb string) string {
	switch verb {
	case "body":
		return "before the final dot"
	case ".":
		return "after the final dot"
	case "greeting":
		return verb
	}
	return "`" + verb + "`"
}

func answerWords(answer string) string {
	switch answer {
	case "hang":
		return "says nothing"
	case "cut":
		return "ends the connection"
	}
	return "`" + strings.ReplaceAll(answer, "\r\n", " / ") + "`"
}

// meet sends a mail to a server that gives an answer, two where it takes a second
// to be asked. It returns what went wrong with the last.
func meet(t *testing.T, verb, answer string) error {
	s := script{verb: strings.TrimSuffix(answer, ", and no handshake")}
	if verb == "RSET" {
		s["RCPT"] = "550 5.1.1 unknown"
	}
	server := s.serve(t)
	if verb == "STARTTLS" {
		server.TLS = TLSStart
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*server.Timeout)
	defer cancel()
	c, err := server.Dial(ctx)
	if err != nil {
		return judged(t, err)
	}
	defer c.Close()
	send := func() error {
		return c.Send(ctx, "orders@example.org", "b@example.com", []byte("Subject: a\r\n\r\nb\r\n"))
	}
	if err = send(); verb == "RSET" {
		err = send()
	}
	if err == nil && verb != "QUIT" {
		t.Fatal("got no error")
	}
	return judged(t, err)
}

// judged holds an error to what all of them promise.
func judged(t *testing.T, err error) error {
	t.Helper()
	e, ok := errors.AsType[*Error](err)
	if err != nil && !ok {
		t.Fatalf("got %v, want an *Error", err)
	}
	if ok && e.lost() != (e.Code == 0 || e.Code == 421) {
		t.Errorf("lost() is %v with code %d", e.lost(), e.Code)
	}
	return err
}

// observe runs an outbox for four days with the fault that an answer of the server
// became. It returns three cells of the table: when the reply was tried again, what
// happened meanwhile to other replies, and what staff saw. If used is set, the fault
// arises only once, on a connection that has carried a mail before.
func observe(t *testing.T, answer string, fault error, used bool) (cells []string) {
	t.Helper()
	e, _ := errors.AsType[*Error](fault)
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		var mu sync.Mutex // of tries, while the outbox runs
		var tries []time.Duration
		var dials atomic.Int32
		m := &mailer{}
		switch {
		case e == nil:
		case e.Step == Connect:
			m.dial = func() error { dials.Add(1); return fault }
		default:
			m.send = func(_ context.Context, to string, _ int, _ []byte) error {
				mu.Lock()
				defer mu.Unlock()
				// What comes before RCPT is the same for every reply, and so is a
				// demand to authenticate.
				if !used && e.Fault() == Connection || to == "b@example.com" && !(used && len(tries) > 0) {
					tries = append(tries, time.Since(begun).Round(time.Second))
					return fault
				}
				return nil
			}
		}
		s := newShelf()
		if used {
			s.add(begun, "a@example.com")
		}
		id := s.add(begun, "b@example.com")
		other := s.add(begun, "c@example.com")
		o := newOutbox(s, m)
		o.Connections = 1
		stop := start(t, o)
		after(10 * time.Minute)
		soon, others, state := s.entry(id), s.entry(other).outcome, o.State()
		mu.Lock()
		early := len(tries) + int(dials.Load())
		mu.Unlock()
		after(4 * 24 * time.Hour)
		late := s.entry(id)
		stop()

		leave := map[bool]string{true: "leave", false: "wait"}[others == store.Sent]
		// said names what staff are told. The prefix is what must stand before the
		// server's own words.
		said := func(prefix, words string) string {
			switch {
			case words == "":
				t.Error("no words say what happened")
			case e.Code == 0 && e.Step == Dot &&
				strings.HasSuffix(words, " (after the final dot: the mail may have been taken)"):
				return "the loss, maybe taken"
			case e.Code == 0: // in the words of the system
				return "the loss"
			case words == prefix+answer:
				return "its words"
			}
			return "`" + words + "`"
		}
		switch {
		case soon.outcome == store.Sent && len(tries) > 0:
			cells = []string{"at once, over another connection", leave, "nothing"}
		case soon.outcome == store.Sent:
			cells = []string{"–", leave, "nothing: it was taken"}
		case soon.outcome == store.Failed:
			if len(soon.history) != 1 || soon.history[0].Case == nil ||
				!strings.Contains(soon.history[0].Case.Note, soon.history[0].Words) {
				t.Errorf("given up after %d attempts with case %+v", len(soon.history), soon.history[0].Case)
			}
			cells = []string{"never", leave, "a case: " + said("", soon.history[0].Words)}
		case late.outcome == store.Failed:
			last := late.history[len(late.history)-1]
			if last.Case == nil || !strings.Contains(last.Case.Note, last.Words) {
				t.Errorf("given up with case %+v", last.Case)
			}
			if got := fmt.Sprint(tries[:4]); got != "[0s 1m0s 3m0s 7m0s]" && e.Fault() == Temporary {
				t.Errorf("tried after %s", got)
			}
			if got := last.At.Sub(begun); got < patience ||
				len(late.history) != attemptsMost && e.Fault() == Temporary {
				t.Errorf("given up after %v and %d attempts", got, len(late.history))
			}
			cells = []string{"each", leave, "after 3 days a case: " + said("", last.Words)}
		default:
			again := "all"
			if e.Step != Connect && e.Step != Mail { // each reply's own backoff counts besides
				again = "all, and each"
			}
			if most := map[bool]int{true: 8, false: 60}[e.Step == Rcpt]; early < 4 || early > most ||
				early < 10 && e.Step != Rcpt || state.Error == "" || state.Since.Sub(begun) > time.Second {
				t.Errorf("tried %d times in 10 min, and the state is %+v", early, state)
			}
			cells = []string{again, leave, "in the status: " + said(string(e.Step)+": ", state.Error)}
		}
	})
	return cells
}
