package mailbox_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"

	"bdc/ingest/mailbox"
	"bdc/ingest/mailtest"
	"bdc/order"
)

// headers returns what Headers delivers, by UID.
func headers(t *testing.T, s *mailbox.Session, keys []order.Key) map[uint32]order.Mail {
	t.Helper()
	mails := map[uint32]order.Mail{}
	_, err := s.Headers(t.Context(), keys, 0, func(m order.Mail) error {
		mails[m.Key.UID] = m
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return mails
}

func TestAnotherFolderIsOnlyRead(t *testing.T) {
	m := newMemory(t, imap.CapMove)
	when := time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC)
	m.deliver(t, when, message(1, "a"), message(2, strings.Repeat("b", 5000)))
	inbox := dial(t, m.config())
	if err := inbox.Move(t.Context(), pending(t, inbox), "Traitées"); err != nil {
		t.Fatal(err)
	}

	config := m.config()
	config.Folder, config.Examine = "Traitées", true
	s := dial(t, config)
	keys := pending(t, s)
	mails := headers(t, s, keys)
	if len(keys) != 2 || len(mails) != 2 {
		t.Fatalf("got %d messages and %d headers, want 2 of each", len(keys), len(mails))
	}
	for i, size := range []int{len(message(1, "a")), len(message(2, strings.Repeat("b", 5000)))} {
		got := mails[keys[i].UID]
		header, _, _ := bytes.Cut(message(i+1, ""), []byte("\r\n\r\n"))
		if want := string(header) + "\r\n\r\n"; string(got.Raw) != want || !got.TooLarge ||
			got.Size != int64(size) || !got.Received.Equal(when) || got.Key.Folder != "Traitées" {
			t.Errorf("message %d: got %+v, want its header %q, size %d and date", i+1, got, want, size)
		}
	}
	if err := s.Move(t.Context(), keys, "INBOX"); !errors.Is(err, mailbox.ErrReadOnly) {
		t.Errorf("moving out of a folder that is only read: got %v, want ErrReadOnly", err)
	}
}

func TestMissingFolderIsKnownByItsError(t *testing.T) {
	config := newMemory(t).config()
	config.Folder, config.Examine = "Traitées", true
	if err := refusal(t.Context(), t, config); !errors.Is(err, mailbox.ErrNoFolder) {
		t.Errorf("got %v, want ErrNoFolder", err)
	}
}

func TestDovecotAnotherFolderIsOnlyRead(t *testing.T) {
	t.Parallel()
	servers, config := dovecot(t, mailtest.Options{})
	servers.Deliver(servers.User, message(1, "x"))
	inbox := dial(t, config)
	if err := inbox.Move(t.Context(), pending(t, inbox), "Traitées"); err != nil {
		t.Fatal(err)
	}
	config.Folder, config.Examine = "Traitées", true
	s := dial(t, config)
	mails := headers(t, s, pending(t, s))
	if len(mails) != 1 {
		t.Fatalf("got %d headers, want 1", len(mails))
	}
	config.Folder = "Rejetées"
	if err := refusal(t.Context(), t, config); !errors.Is(err, mailbox.ErrNoFolder) {
		t.Errorf("a folder that is not there: got %v, want ErrNoFolder", err)
	}
}
