package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"bdc/ingest"
	"bdc/ingest/mime"
	"bdc/notify"
	"bdc/order"
	"bdc/sheet"
	"bdc/sheet/form"
	"bdc/store"
	"bdc/store/boltstore"
	"bdc/templates"
	"bdc/validate"
	"bdc/validate/registry"
)

// station is a daemon without its servers: an inbox and an outbox on one store,
// and the mailbox that the inbox watches.
type station struct {
	address string
	store   *boltstore.Store
	inbox   *ingest.Inbox
	outbox  *notify.Outbox

	mu      sync.Mutex
	mails   map[uint32]order.Mail
	last    uint32
	answers map[string]int // replies sent, by the Message-ID that they answer
}

// deliver puts a mail into the station's mailbox.
func (s *station) deliver(raw []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last++
	key := order.Key{Account: s.address, Folder: "INBOX", UIDValidity: 1, UID: s.last}
	s.mails[s.last] = order.Mail{Key: key, Received: time.Now(), Size: int64(len(raw)), Raw: raw}
}

// The station is its own session of its mailbox.
func (s *station) Prepare(context.Context, ...string) error { return nil }
func (s *station) Idles() bool                              { return false }
func (s *station) Close() error                             { return nil }

func (s *station) Pending(context.Context) ([]order.Key, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var keys []order.Key
	for _, m := range s.mails {
		keys = append(keys, m.Key)
	}
	slices.SortFunc(keys, func(a, b order.Key) int { return int(a.UID) - int(b.UID) })
	return keys, nil
}

func (s *station) Fetch(_ context.Context, keys []order.Key, _ int64, _ time.Duration,
	admit func(int64) error, deliver func(order.Mail) error,
) ([]order.Lost, error) {
	for _, k := range keys {
		s.mu.Lock()
		m, ok := s.mails[k.UID]
		s.mu.Unlock()
		if !ok {
			continue
		}
		if err := admit(m.Size); err != nil {
			return nil, err
		}
		if err := deliver(m); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

func (s *station) Headers(ctx context.Context, keys []order.Key, patience time.Duration,
	deliver func(order.Mail) error,
) ([]order.Lost, error) {
	return s.Fetch(ctx, keys, 0, patience, func(int64) error { return nil }, deliver)
}

func (s *station) Move(_ context.Context, keys []order.Key, _ string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range keys {
		delete(s.mails, k.UID)
	}
	return nil
}

func (s *station) Wait(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
	return ctx.Err()
}

// relay carries a station's replies to the other one.
type relay struct {
	from, to *station
	change   func([]byte) []byte // what happens to them on the way
}

var inReplyTo = regexp.MustCompile(`(?mi)^In-Reply-To: (<[^>]*>)`)

func (w relay) Dial(context.Context) (notify.Conn, error) { return w, nil }
func (w relay) Close() error                              { return nil }

func (w relay) Send(_ context.Context, _, to string, mail []byte) error {
	w.from.mu.Lock()
	answered := ""
	if m := inReplyTo.FindSubmatch(mail); m != nil {
		answered = string(m[1])
	}
	w.from.answers[answered]++
	w.from.mu.Unlock()
	if to != w.to.address {
		return fmt.Errorf("a reply to %q, which is nobody here", to)
	}
	w.to.deliver(w.change(bytes.Clone(mail)))
	return nil
}

// mirror answers with the workbook that it got, as if a person had sent it.
type mirror struct {
	workbook []byte
	varies   bool // it has other words in each mail
}

func (m mirror) Compose(_ context.Context, r order.Reply) (notify.Letter, error) {
	words := "Bonjour"
	if m.varies {
		words += fmt.Sprint(" ", r.ID)
	}
	return notify.Letter{
		Subject: "Commande", Text: words, HTML: "<p>" + words + "</p>",
		Attachments: []notify.Attachment{{Name: "BdC.xlsx", Type: "application/octet-stream", Data: m.workbook}},
	}, nil
}

// hourlyEach is how many mails a station sends to the other one within an hour.
const hourlyEach = 3

// TestTwoDaemonsMailEachOther: for a day, two of our own have nobody to talk to
// but each other. Each message is answered at most once, and the conversation
// ends, however much of what would tell them is lost on the way, and though each mail has
// new words.
func TestTwoDaemonsMailEachOther(t *testing.T) {
	strip := func(names string) func([]byte) []byte {
		re := regexp.MustCompile(`(?mi)^(?:` + names + `):[^\n]*\n(?:[ \t][^\n]*\n)*`)
		return func(mail []byte) []byte {
			header, body, _ := bytes.Cut(mail, []byte("\r\n\r\n"))
			return append(append(re.ReplaceAll(append(header, "\r\n"...), nil), "\r\n"...), body...)
		}
	}
	tests := []struct {
		name   string
		change func([]byte) []byte
		varies bool
		want   int // replies of both together
	}{
		{"as sent", func(m []byte) []byte { return m }, true, 1},
		{
			"through a gateway that hides what is automatic", strip("Auto-Submitted|X-Auto-Response-Suppress"), true,
			4,
		},
		{
			"through one that hides the thread too",
			strip("Auto-Submitted|X-Auto-Response-Suppress|References|In-Reply-To"), true,
			4,
		},
		{
			"the same words each time", strip("Auto-Submitted|X-Auto-Response-Suppress|References|In-Reply-To"), false,
			4,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				wrong := wrongForm(t)
				a, b := newStation(t, "orders@a.example", mirror{wrong, test.varies}),
					newStation(t, "orders@b.example", mirror{wrong, test.varies})
				a.outbox.Sender, b.outbox.Sender = relay{a, b, test.change}, relay{b, a, test.change}
				a.deliver(bytes.Replace(orderMail("Commande", "BdC.xlsx", wrong), []byte("bookseller@test.local"),
					[]byte(b.address), 1))

				ctx, cancel := context.WithTimeout(t.Context(), 24*time.Hour)
				defer cancel()
				var running sync.WaitGroup
				for _, s := range []*station{a, b} {
					running.Go(func() {
						if err := s.inbox.Run(ctx); err != nil {
							t.Error(err)
						}
					})
					running.Go(func() {
						if err := s.outbox.Run(ctx); err != nil {
							t.Error(err)
						}
					})
				}
				running.Wait()

				replies := 0
				for _, s := range []*station{a, b} {
					for id, n := range s.answers {
						replies += n
						if n > 1 {
							t.Errorf("%s answered the message %s %d times, want at most once", s.address, id, n)
						}
					}
					status, err := s.store.Status(context.Background())
					if err != nil {
						t.Fatal(err)
					}
					if why := status.OutboxPause.Reason; why != "" {
						t.Errorf("the outbox of %s is held because %q", s.address, why)
					}
				}
				if replies != test.want {
					t.Errorf("got %d replies in a day, want %d", replies, test.want)
				}
			})
		})
	}
}

// wrongForm is an order that is sent back.
func wrongForm(t *testing.T) []byte {
	t.Helper()
	return formOf(t, map[string]string{order.FieldBookseller: "Librairie d’essai", order.FieldUAI: "0990011A"})
}

// formOf is the blank form with a few of its fields filled in.
func formOf(t *testing.T, values map[string]string) []byte {
	t.Helper()
	definition, err := templates.Form()
	if err != nil {
		t.Fatal(err)
	}
	data, err := form.Fill(definition, values, nil)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func newStation(t *testing.T, address string, answers mirror) *station {
	t.Helper()
	record, err := boltstore.Open(filepath.Join(t.TempDir(), "bdc.db"), boltstore.Options{Create: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(record.Check(context.Background()), record.Close()); err != nil {
			t.Error(err)
		}
	})
	form, err := templates.Form()
	if err != nil {
		t.Fatal(err)
	}
	_, domain, _ := bytes.Cut([]byte(address), []byte("@"))
	none := registry.New(nil, nil, nil)
	s := &station{address: address, store: record, mails: map[uint32]order.Mail{}, answers: map[string]int{}}
	log := slog.New(slog.DiscardHandler)
	s.outbox = &notify.Outbox{
		Store: record, Composer: answers, From: address, Envelope: address,
		Fence: store.Fence{Holder: "bdc"}, Hourly: 1000, HourlyEach: hourlyEach, Log: log,
	}
	s.inbox = &ingest.Inbox{
		Dial: func(context.Context) (ingest.Session, error) { return s, nil }, Store: record,
		Examiner: &ingest.Examiner{
			Form: form, Registry: func() validate.Registry { return none }, AnySender: true,
			OwnAddresses: []string{address}, Domain: string(domain),
			Sheet: sheet.DefaultLimits(), Mime: mime.DefaultLimits(),
		},
		Folders: map[order.Folder]string{
			order.FolderProcessed: "p", order.FolderRejected: "r",
			order.FolderAttention: "a",
		},
		Poll: time.Minute, Workers: 1, Clock: time.Now, Log: log,
	}
	return s
}
