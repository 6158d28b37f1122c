package ingest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"bdc/order"
	"bdc/store"
	"bdc/store/boltstore"
)

// shelves are the folders of a mailbox, by name, that a listing reads.
type shelves struct {
	folders map[string][]order.Mail
	since   []time.Time
	fails   string // reading this folder breaks off after its first message
}

func (s *shelves) open(_ context.Context, folder string, since time.Time) (FolderReader, error) {
	s.since = append(s.since, since)
	mails, there := s.folders[folder]
	if !there {
		return nil, nil
	}
	return &shelf{mails, folder == s.fails}, nil
}

// put lays a mail into a folder, as the message with a UID.
func (s *shelves) put(folder string, m order.Mail) {
	m.Key = order.Key{Account: "a", Folder: folder, UIDValidity: 1, UID: uint32(len(s.folders[folder]) + 1)}
	s.folders[folder] = append(s.folders[folder], m)
}

type shelf struct {
	mails []order.Mail
	fails bool
}

func (s *shelf) Close() error { return nil }

func (s *shelf) Pending(context.Context) ([]order.Key, error) {
	var keys []order.Key
	for _, m := range s.mails {
		keys = append(keys, m.Key)
	}
	return keys, nil
}

func (s *shelf) Fetch(_ context.Context, keys []order.Key, _ int64, _ time.Duration,
	admit func(int64) error, deliver func(order.Mail) error,
) ([]order.Lost, error) {
	for _, m := range s.mails {
		if slices.Contains(keys, m.Key) {
			if s.fails && m.Key.UID > 1 {
				return nil, errLost
			}
			if err := errors.Join(admit(m.Size), deliver(m)); err != nil {
				return nil, err
			}
		}
	}
	return nil, nil
}

func (s *shelf) Headers(_ context.Context, keys []order.Key, _ time.Duration,
	deliver func(order.Mail) error,
) ([]order.Lost, error) {
	for _, m := range s.mails {
		if slices.Contains(keys, m.Key) {
			header, _, _ := bytes.Cut(m.Raw, []byte("\r\n\r\n"))
			m.Raw, m.TooLarge = append(bytes.Clone(header), "\r\n\r\n"...), true
			if err := deliver(m); err != nil {
				return nil, err
			}
		}
	}
	return nil, nil
}

// copyOf is the copy of a reply of ours.
func copyOf(id, inReplyTo, told string) order.Mail {
	raw := fmt.Appendf(nil, "From: <%s>\r\nTo: <jean@librairie.test>\r\nMessage-ID: %s\r\nIn-Reply-To: %s\r\n"+
		"Date: Sat, 21 Nov 2026 10:00:00 +0100\r\nSubject: Re: Commande\r\n%s: %s\r\n\r\nBonjour\r\n",
		"orders@test.local", id, inReplyTo, order.ResultsField, told)
	return order.Mail{Received: time.Now(), Size: int64(len(raw)), Raw: raw}
}

// aftermath is a record that was restored from a copy: the copy has the first three of
// eight messages, of which all but the last one, in the inbox, were dealt with since.
func aftermath(t *testing.T, mails []order.Mail) (*rig, *shelves) {
	t.Helper()
	before := newRig(t, newBox(mails[:3]...))
	before.run(t, time.Minute)
	path := filepath.Join(t.TempDir(), "copy.db")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(before.store.Backup(t.Context(), file), file.Close()); err != nil {
		t.Fatal(err)
	}
	s, err := boltstore.Open(path, boltstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(s.Check(context.Background()), s.Close()); err != nil {
			t.Error(err)
		}
	})
	at := time.Now()
	if err := s.TakeOver(t.Context(), store.Takeover{Restores: 1, CopiedAt: at, Actor: "claire", At: at}); err != nil {
		t.Fatal(err)
	}
	r := newRig(t, newBox(mails[6:8]...))
	r.store, r.Store = s, s
	boxes := &shelves{folders: map[string][]order.Mail{}}
	for i, folder := range []string{"processed", "processed", "processed", "processed", "rejected", "attention"} {
		boxes.put(folder, mails[i])
	}
	boxes.folders["INBOX"] = mails[6:8]
	boxes.put("sent", copyOf("<r4@cns.test>", messageID(mails[3]), "ack CNS-2026-000004"))
	boxes.put("sent", copyOf("<r5@cns.test>", messageID(mails[4]), "report D-7K2Q9F"))
	boxes.put("sent", copyOf("<r7@cns.test>", messageID(mails[6]), "ack CNS-2026-000005"))
	boxes.put("sent", copyOf("<letter@cns.test>", messageID(mails[0]), "letter D-9K2Q9F"))
	r.Listing = &Listing{
		Store: s, Open: boxes.open, Inbox: "INBOX", Sent: func(context.Context) (string, error) { return "sent", nil },
	}
	return r, boxes
}

func messageID(m order.Mail) string {
	_, rest, _ := strings.Cut(string(m.Raw), "Message-ID: ")
	id, _, _ := strings.Cut(rest, "\r\n")
	return id
}

// takeUps are the cases « À reprendre », by the Message-ID of their message.
func takeUps(t *testing.T, s *boltstore.Store) map[string]order.Case {
	t.Helper()
	list, err := s.Cases(t.Context(), "", "", 100)
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string]order.Case{}
	for _, c := range list {
		if c.Reason != order.ReasonTakeUp {
			continue
		}
		m, err := s.Message(t.Context(), c.Message)
		if err != nil {
			t.Fatal(err)
		}
		if _, twice := cases[m.MessageID]; twice {
			t.Errorf("two cases about %s", m.MessageID)
		}
		cases[m.MessageID] = c
	}
	return cases
}

// TestListingAfterARestore: what was dealt with since the copy was made becomes a case each,
// with what was told; what is known does not, and what is new is taken in as ever, under
// a number above all that were given.
func TestListingAfterARestore(t *testing.T) {
	mails := orderMails(t, 8)
	synctest.Test(t, func(t *testing.T) {
		r, boxes := aftermath(t, mails)
		r.run(t, time.Minute)
		cases := takeUps(t, r.store)
		if len(cases) != 4 {
			t.Errorf("got %d cases to take up, want 4", len(cases))
		}
		for i, want := range map[int]order.TakeUp{
			3: {Folder: order.FolderProcessed, Told: []order.Told{{Kind: order.ReplyAck, Number: "CNS-2026-000004"}}},
			4: {Folder: order.FolderRejected, Told: []order.Told{{Kind: order.ReplyReport, Case: "D-7K2Q9F"}}},
			5: {Folder: order.FolderAttention},
			6: {Folder: order.FolderAttention, Told: []order.Told{{Kind: order.ReplyAck, Number: "CNS-2026-000005"}}},
		} {
			c := cases[messageID(mails[i])]
			if c.TakeUp == nil || c.TakeUp.Folder != want.Folder || !slices.Equal(c.TakeUp.Told, want.Told) {
				t.Errorf("message %d: got %+v, want %+v", i+1, c.TakeUp, want)
				continue
			}
			if a := c.Attempts[0]; a.Order == nil || a.Findings[0].Args["number"] != want.Number() {
				t.Errorf("message %d: got %+v, want its order and number %q", i+1, a.Findings, want.Number())
			}
		}
		if c := cases[messageID(mails[4])]; c.Code != "D-7K2Q9F" {
			t.Errorf("got the code %s, want the former one, D-7K2Q9F", c.Code)
		}
		orders, err := r.store.Orders(t.Context(), "CNS-2000-000003", 9) // the bubble's year
		if err != nil || len(orders) != 1 || orders[0].Number != "CNS-2000-1000001" {
			t.Errorf("got orders %+v, %v, want the one new message's, above the first million", orders, err)
		}
		if got := len(r.box.folders["attention"]); got != 1 || len(r.box.mails) != 0 {
			t.Errorf("%d messages of the inbox went to attention and %d are left, want 1 and 0", got, len(r.box.mails))
		}
		if since := boxes.since[0]; since.IsZero() || time.Since(since) < 30*24*time.Hour {
			t.Errorf("the folders are read from %v on, want a month before the copy", since)
		}
		lost, _, err := r.store.Events(t.Context(), store.EventFilter{Verb: store.VerbLost}, 0, 9)
		if err != nil || len(lost) != 1 || lost[0].Case != "D-9K2Q9F" {
			t.Errorf("got lost replies %+v, %v, want the letter alone", lost, err)
		}
	})
}

// TestListingThatBreaksOff: what is recorded by then is passed over, and no order gets a
// number before the listing is done.
func TestListingThatBreaksOff(t *testing.T) {
	mails := orderMails(t, 8)
	synctest.Test(t, func(t *testing.T) {
		r, boxes := aftermath(t, mails)
		boxes.put("rejected", mails[5])
		boxes.fails = "rejected"
		r.Retry = func(int) time.Duration { return time.Hour }
		r.run(t, time.Minute)
		if got := len(takeUps(t, r.store)); got != 2 {
			t.Errorf("before it broke off: got %d cases, want 2", got)
		}
		owned, err := r.store.Ownership(t.Context())
		if err != nil || owned.Doubt != store.Restored || r.orders(t) != 3 {
			t.Errorf("got %+v and %d orders, want the doubt and no new order", owned, r.orders(t))
		}
		boxes.fails = ""
		for range 2 {
			r.run(t, time.Minute)
			if got := len(takeUps(t, r.store)); got != 4 || r.orders(t) != 4 {
				t.Errorf("got %d cases and %d orders, want 4 and 4", got, r.orders(t))
			}
		}
	})
}

// TestListingRaisesNumbers: numbers that copies of replies tell are never given again, nor
// any of their million; what nobody can have given is not believed.
func TestListingRaisesNumbers(t *testing.T) {
	for _, tt := range []struct {
		name, told, from string
		want             uint64
	}{
		{"below", "ack CNS-2026-000099", "orders@test.local", 1},
		{"of a later million", "ack CNS-2026-4000012, held", "orders@test.local", 5},
		{"out of all bounds", "ack CNS-2026-999999999999", "orders@test.local", 1},
		{"from another", "ack CNS-2026-4000012", "jean@librairie.test", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			mails := orderMails(t, 8)
			synctest.Test(t, func(t *testing.T) {
				r, boxes := aftermath(t, mails)
				reply := copyOf("<r9@cns.test>", "<other@librairie.test>", tt.told)
				reply.Raw = bytes.Replace(reply.Raw, []byte("orders@test.local"), []byte(tt.from), 1)
				boxes.put("sent", reply)
				r.run(t, time.Minute)
				if owned, err := r.store.Ownership(t.Context()); err != nil || owned.Restores != tt.want {
					t.Errorf("got %d restores, %v, want %d", owned.Restores, err, tt.want)
				}
			})
		})
	}
}

// TestTakeUpOfSeveralForms: each form has its case, with what was told of it.
func TestTakeUpOfSeveralForms(t *testing.T) {
	told := [][]order.Told{
		{{Kind: order.ReplyAck, Number: "CNS-2026-000007"}, {Kind: order.ReplyHeld, Case: "D-7K2Q9F"}},
		{{Kind: order.ReplyAck, Number: "CNS-2026-000009", Case: "D-7K2Q9F"}},
	}
	got := toldOfForms(2, told)
	first, second := &order.TakeUp{Told: got[0]}, &order.TakeUp{Told: got[1]}
	if first.Number() != "CNS-2026-000007" || second.Number() != "CNS-2026-000009" || len(got[0])+len(got[1]) != 3 {
		t.Errorf("got %+v", got)
	}
	if got := toldOfForms(1, told); len(got[0]) != 3 {
		t.Errorf("of a message with one form now: got %+v, want all that was told", got)
	}
}
