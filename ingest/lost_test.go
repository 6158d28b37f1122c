package ingest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"bdc/ingest/mailtest/dialect"
)

// What is sent in the place of a message, or nothing, is not the message. It is tried three
// times within ten seconds, and then is a case that says what is known, while the others are
// taken in; it stays in the inbox. Once it is sent, it is ordered.
func TestUnfetchedMessages(t *testing.T) {
	mails := orderMails(t, 2)
	const bad = 5 // the UID of the first message
	instead := func(content string) func(*dialect.Server, dialect.Message) string {
		return func(s *dialect.Server, m dialect.Message) string {
			return fmt.Sprintf("* 1 FETCH (UID %d BODY[] {%d}\r\n%s)\r\nTAG OK\r\n", m.UID, len(content), content)
		}
	}
	for name, answer := range map[string]func(*dialect.Server, dialect.Message) string{
		// https://github.com/jstedfast/MailKit/issues/358
		"refused": func(*dialect.Server, dialect.Message) string { return "TAG NO FETCH Server error\r\n" },
		// https://github.com/jstedfast/MailKit/issues/908
		"left out": func(*dialect.Server, dialect.Message) string { return "TAG OK FETCH completed.\r\n" },
		// https://github.com/Webklex/php-imap/issues/510
		"empty": instead(""),
		"NIL":   func(*dialect.Server, dialect.Message) string { return "* 1 FETCH (UID 5 BODY[] NIL)\r\nTAG OK\r\n" },
		"text":  instead("Internal server error, try again later"),
		// https://github.com/OfflineIMAP/offlineimap/issues/62
		"Exchange's own mail": instead("MIME-Version: 1.0\r\nFrom: Microsoft Exchange Server 2010\r\n" +
			"Subject: Retrieval using the IMAP4 protocol failed for the following\r\n" +
			" message: 20004\r\n\r\nThe server\r\n"),
		"another's": func(_ *dialect.Server, m dialect.Message) string {
			return fmt.Sprintf("* 2 FETCH (UID 6 BODY[] {%d}\r\n%s)\r\nTAG OK\r\n", len(m.Raw), m.Raw)
		},
		// https://github.com/jstedfast/MailKit/issues/954
		"a wrong length": func(_ *dialect.Server, m dialect.Message) string {
			return fmt.Sprintf("* 1 FETCH (UID 5 BODY[] {%d}\r\n%s)\r\nTAG OK\r\n", len(m.Raw)/2, m.Raw)
		},
		"the end":  func(*dialect.Server, dialect.Message) string { return "* 1 FETCH (UID 5 BODY[] {4000}\r\nHANGUP" },
		"silence":  func(*dialect.Server, dialect.Message) string { return "* OK wait\r\n" },
		"a flood":  instead(strings.Repeat("x", 1<<16)),
		"one line": func(*dialect.Server, dialect.Message) string { return "* " + strings.Repeat("x", 1<<17) },
		"deep list": func(*dialect.Server, dialect.Message) string {
			return "* 1 FETCH " + strings.Repeat("(", 9999) + "\r\nTAG OK\r\n"
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var healed atomic.Bool
			d := dialect.Dialect{Name: name, Answer: func(s *dialect.Server, command string) string {
				words := strings.Fields(command)
				if healed.Load() || !strings.HasPrefix(command, "UID FETCH") ||
					!strings.Contains(command, "BODY.PEEK[]") {
					return ""
				}
				if in := "," + strings.ReplaceAll(words[2], ":", ",") + ","; !strings.Contains(in, ",5,") {
					return ""
				}
				s.Once("tried")
				return answer(s, s.Folder("INBOX")[0])
			}}
			r, server := speaking(t, d, mails[0], mails[1])
			told := make(chan time.Time, 10)
			began := time.Now()
			r.Alarm = func() { told <- time.Now() }
			r.until(t, func() bool { return len(told) > 0 && len(server.Folder("INBOX")) == 1 })
			if took := time.Since(began); took > 14*time.Second {
				t.Errorf("it took %v, want three tries within ten seconds", took)
			}
			cases, err := r.store.Cases(t.Context(), "", "", 10)
			if err != nil || len(cases) != 1 || cases[0].Reason != codeUnfetched || cases[0].Message.UID != bad {
				t.Fatalf("the cases are %+v (%v), want one about the message", cases, err)
			}
			m, err := r.store.Message(t.Context(), cases[0].Message)
			if err != nil || m.Subject != "Commande" || m.From != "shop@test.local" {
				t.Errorf("of the message is known %+v (%v), want its header", m, err)
			}
			if st := r.State(); st.LeftAlone != 1 || r.orders(t) != 1 {
				t.Errorf("%d orders and %+v, want one order and one message left alone", r.orders(t), st)
			}

			// Another run does not make another case of it, and takes it in once it is sent.
			healed.Store(true)
			r.until(t, func() bool { return len(server.Folder("INBOX")) == 0 })
			if st := r.State(); st.LeftAlone != 0 || len(server.Folder("INBOX")) != 0 {
				t.Errorf("once it is sent %d are left and %+v, want none", len(server.Folder("INBOX")), st)
			}
		})
	}
}

// A server that can't be reached after it has ended the connection over a message is left
// alone longer and longer, as any other is.
func TestConnectsLessOftenAfterALoss(t *testing.T) {
	d := dialect.Dialect{Name: "the end", Answer: func(_ *dialect.Server, command string) string {
		if strings.HasPrefix(command, "UID FETCH") && strings.Contains(command, "BODY.PEEK[]") {
			return "* 1 FETCH (UID 5 BODY[] {4000}\r\nHANGUP"
		}
		return ""
	}}
	r, _ := speaking(t, d, orderMails(t, 1)[0])
	dial, dials := r.Dial, 0
	r.Dial = func(ctx context.Context) (Session, error) {
		if dials++; dials > 1 {
			return nil, errors.New("no route to the server")
		}
		return dial(ctx)
	}
	var most atomic.Int64
	r.Retry = func(attempt int) time.Duration {
		most.Store(max(most.Load(), int64(attempt)))
		return time.Millisecond
	}
	r.until(t, func() bool { return most.Load() >= 3 })
	if most.Load() < 3 {
		t.Errorf("the waits are those after %d failures in a row, want more with each", most.Load()+1)
	}
}

// A message over which the server falls silent, in the midst of 40, is tried three times within
// ten seconds. All others are taken in before that is over, and nothing is charged to them. Staff
// are told at once.
func TestSilenceIsChargedToOneMessage(t *testing.T) {
	mails := orderMails(t, 40)
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newBox(mails...))
		r.box.mute = 20
		var told time.Duration
		var log bytes.Buffer
		r.Log = slog.New(slog.NewTextHandler(&log, nil))
		began, orders := time.Now(), 0
		r.Alarm = func() { told, orders = time.Since(began), r.orders(t) }
		r.run(t, time.Minute)
		if told == 0 || told > 10*time.Second || orders != 39 {
			t.Errorf("staff were told after %v, with %d orders taken in: want 10 s at most, and 39", told, orders)
		}
		cases, err := r.store.Cases(t.Context(), "", "", 10)
		if err != nil || len(cases) != 1 || cases[0].Message.UID != 20 {
			t.Errorf("the cases are %+v (%v), want one about the message", cases, err)
		}
		if charged := strings.Count(log.String(), "message not fetched"); charged != 2 ||
			strings.Count(log.String(), `"message not fetched" uid=20`) != 2 {
			t.Errorf("got %d losses charged, want those two that were the message's for sure:\n%s", charged,
				log.String())
		}
		if got := r.box.dials; got != 4 {
			t.Errorf("got %d connections, want one for each loss, and one that stays", got)
		}
		if st := r.State(); st.LeftAlone != 1 || len(r.losses) != 1 {
			t.Errorf("got the state %+v and %d losses, want one message left alone", st, len(r.losses))
		}
	})
}
