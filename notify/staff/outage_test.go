package staff

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"bdc/notify"
	"bdc/order"
	"bdc/store"
	"bdc/store/boltstore"
)

// server takes mail but for the day of its outage.
type server struct {
	from, until time.Time
	mu          sync.Mutex
	taken       []string
}

func (s *server) Dial(context.Context) (notify.Conn, error) {
	if now := time.Now(); !now.Before(s.from) && now.Before(s.until) {
		return nil, errors.New("connection refused")
	}
	return s, nil
}

func (s *server) Send(_ context.Context, _, to string, mail []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, subject, _ := strings.Cut(string(mail), "Subject: ")
	subject, _, _ = strings.Cut(subject, "\r\n")
	s.taken = append(s.taken, strings.TrimSuffix(to, "@example.org")+": "+subject)
	return nil
}

func (s *server) Close() error { return nil }

// plain composes mails that say what they are.
type plain struct{}

func (plain) Compose(_ context.Context, r order.Reply) (notify.Letter, error) {
	subject := string(r.Kind)
	if a := r.Alert; a != nil {
		subject += fmt.Sprintf(" %s for %v", a.Cause, a.Ended.Sub(a.Begun).Round(time.Hour))
	}
	return notify.Letter{Subject: subject, Text: "…"}, nil
}

// Outbox and watch through a day without a mail server, with a restart in it: the
// day's digest and all replies leave after it, once each, and an alert says from
// when to when nothing could.
func TestStaffAreToldOfADaysOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "bdc.db")
		mx := &server{from: time.Now().Add(2 * time.Hour), until: time.Now().Add(26 * time.Hour)} // from 3:00 on
		begin := func() (*boltstore.Store, func()) {
			s, err := boltstore.Open(path, boltstore.Options{Create: true})
			if err != nil {
				t.Fatal(err)
			}
			o := &notify.Outbox{
				Store: s, Composer: plain{}, Sender: mx, From: "orders@example.org", Fence: store.Fence{Holder: "bdc"},
			}
			w := &Watch{
				Store: s, At: &TimeOfDay{8, 0}, Digest: []string{"claire@example.org"},
				Alerts: []string{"admin@example.org"}, Domain: "example.org", Wake: o.Wake,
				Clock: time.Now, Log: slog.New(slog.DiscardHandler), Read: func(context.Context) ([]Reading, error) {
					st, r := o.State(), Reading{Cause: order.CauseOutbox}
					switch {
					case st.Error != "":
						r.Condition, r.Since, r.Words = Broken, st.Since, st.Error
					case !st.LastAnswer.IsZero():
						r.Condition = Fine
					}
					return []Reading{r}, nil
				},
			}
			ctx, cancel := context.WithCancel(t.Context())
			var running sync.WaitGroup
			running.Go(func() { w.Run(ctx) })
			running.Go(func() {
				if err := o.Run(ctx); err != nil {
					t.Error(err)
				}
			})
			return s, func() {
				cancel()
				running.Wait()
				if err := errors.Join(s.Check(t.Context()), s.Close()); err != nil {
					t.Error(err)
				}
			}
		}
		s, stop := begin()
		after(3 * time.Hour)
		if err := s.Notify(t.Context(), store.Notice{Name: "x"}, time.Now().UTC(),
			[]order.Reply{{
				Kind: order.ReplyHeld, To: "bookseller@example.org",
				MessageID: "<a@example.org>",
			}}); err != nil {
			t.Fatal(err)
		}
		after(10 * time.Hour)
		stop()
		_, stop = begin()
		after(15 * time.Hour)
		stop()
		slices.Sort(mx.taken) // several at a time
		want := []string{"admin: alert outbox for 23h0m0s", "bookseller: held", "claire: digest"}
		if !slices.Equal(mx.taken, want) {
			t.Errorf("got %q, want %q", mx.taken, want)
		}
	})
}
