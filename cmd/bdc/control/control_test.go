package control_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"bdc/cmd/bdc/control"
	"bdc/order"
	"bdc/store"
	"bdc/store/boltstore"
)

// faulty is a store whose backups break off, and that has as many orders as a test
// says.
type faulty struct {
	store.Store
	orders int
}

func (faulty) Backup(_ context.Context, w io.Writer) error {
	_, err := w.Write(bytes.Repeat([]byte("x"), 1<<20))
	return errors.Join(err, errors.New("the disk is gone"))
}

func (f faulty) Orders(_ context.Context, after string, limit int) ([]order.Order, error) {
	var page []order.Order
	for n := range f.orders {
		if number := fmt.Sprintf("CNS-2026-%06d", n+1); number > after && len(page) < limit {
			page = append(page, order.Order{Number: number})
		}
	}
	return page, nil
}

// clients calls f with a client in this process and with one over a socket.
func clients(t *testing.T, s *control.Server, f func(t *testing.T, c *control.Client)) {
	t.Helper()
	s.Log = slog.New(slog.NewTextHandler(t.Output(), nil))
	closed := func(t *testing.T, c *control.Client) {
		if err := c.Close(); err != nil {
			t.Errorf("Close: got %v, want nil", err)
		}
	}
	t.Run("local", func(t *testing.T) {
		c := control.Local(s)
		defer closed(t, c)
		f(t, c)
	})
	t.Run("socket", func(t *testing.T) {
		path := control.SocketPath(filepath.Join(t.TempDir(), "bdc.db"))
		l, err := control.Listen(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		server := http.Server{Handler: s.Handler()}
		var serving sync.WaitGroup
		defer serving.Wait()
		serving.Go(func() { _ = server.Serve(l) }) // ends with Close
		defer server.Close()
		c, err := control.Dial(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		defer closed(t, c)
		f(t, c)
	})
}

func open(t *testing.T) *boltstore.Store {
	t.Helper()
	s, err := boltstore.Open(filepath.Join(t.TempDir(), "bdc.db"), boltstore.Options{Create: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(s.Check(context.Background()), s.Close()); err != nil {
			t.Error(err)
		}
	})
	return s
}

// What is not there is store.ErrNotFound on either side of the socket, and any other
// refusal is told in the words of the server.
func TestErrors(t *testing.T) {
	refusing := func(context.Context, control.ImportRequest, io.Reader) (order.Preview, error) {
		return order.Preview{}, errors.New("fichier « autre.csv » : aucune colonne « UAI »")
	}
	s := &control.Server{Store: open(t), Import: refusing}
	clients(t, s, func(t *testing.T, c *control.Client) {
		ctx := t.Context()
		_, noOrder := c.Order(ctx, "CNS-2026-000001")
		_, noCase := c.Case(ctx, "D-AAAAAA")
		_, noBlob := c.Blob(ctx, "00")
		_, _, noRegister := c.Register(ctx, "annuaire")
		_, noMessage := c.Message(ctx, order.Key{UID: 1})
		for name, err := range map[string]error{
			"order": noOrder, "case": noCase, "attachment": noBlob, "register": noRegister, "message": noMessage,
		} {
			if !errors.Is(err, store.ErrNotFound) || err.Error() == store.ErrNotFound.Error() {
				t.Errorf("%s: got error %v, want store.ErrNotFound with the words of the store", name, err)
			}
		}
		if err := c.Health(ctx, &struct{}{}); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("health without a daemon: got error %v, want store.ErrNotFound", err)
		}
		ask := control.ImportRequest{Register: "annuaire", Name: "autre.csv"}
		if _, err := c.Import(ctx, ask, strings.NewReader(strings.Repeat("x", 1<<20))); err == nil ||
			err.Error() != "fichier « autre.csv » : aucune colonne « UAI »" {
			t.Errorf("a refused import: got error %v, want its words alone", err)
		}
	})
}

// A pause is in the store when the call returns, and gone when the intake or the
// outbox is resumed.
func TestPauses(t *testing.T) {
	s := open(t)
	clients(t, &control.Server{Store: s}, func(t *testing.T, c *control.Client) {
		ctx := t.Context()
		if err := errors.Join(c.PauseOutbox(ctx, "too many & too late"), c.PauseIntake(ctx, "new rules")); err != nil {
			t.Errorf("pause: got error %v, want nil", err)
		}
		status, err := c.Status(ctx)
		if err != nil || status.OutboxPause.Reason != "too many & too late" ||
			status.IntakePause.Reason != "new rules" || status.OutboxPause.Actor != "bdc" {
			t.Errorf("paused: got %+v, error %v, want both paused with their reasons", status, err)
		}
		if err := errors.Join(c.ResumeOutbox(ctx), c.ResumeIntake(ctx)); err != nil {
			t.Errorf("resume: got error %v, want nil", err)
		}
		if status, err := c.Status(ctx); err != nil || !status.OutboxPause.IsZero() || !status.IntakePause.IsZero() {
			t.Errorf("resumed: got %+v, error %v, want nothing paused", status, err)
		}
	})
}

// A list longer than a page is read whole, and no entry twice.
func TestPages(t *testing.T) {
	for _, n := range []int{0, 1, 500, 501, 1200} {
		clients(t, &control.Server{Store: faulty{orders: n}}, func(t *testing.T, c *control.Client) {
			seen := map[string]bool{}
			for o, err := range c.Orders(t.Context()) {
				if err != nil {
					t.Fatal(err)
				}
				if seen[o.Number] {
					t.Fatalf("%d orders: got %s twice", n, o.Number)
				}
				seen[o.Number] = true
			}
			if len(seen) != n {
				t.Errorf("got %d orders, want %d", len(seen), n)
			}
		})
	}
}

// A backup that breaks off is an error at the client, however much of it came.
func TestBackupBreaksOff(t *testing.T) {
	clients(t, &control.Server{Store: faulty{}}, func(t *testing.T, c *control.Client) {
		var got bytes.Buffer
		if err := c.Backup(t.Context(), &got); err == nil {
			t.Errorf("got %d octets and no error, want an error", got.Len())
		}
	})
	s := open(t)
	clients(t, &control.Server{Store: s}, func(t *testing.T, c *control.Client) {
		var got bytes.Buffer
		if err := c.Backup(t.Context(), &got); err != nil || got.Len() == 0 {
			t.Errorf("got %d octets and error %v, want a copy", got.Len(), err)
		}
		before := time.Now().Add(-time.Minute)
		if err := c.BackedUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		if status, err := c.Status(t.Context()); err != nil || status.BackedUp.Before(before) {
			t.Errorf("got the last backup at %v, error %v, want now", status.BackedUp, err)
		}
	})
}

// The socket is for its owner alone, whatever the umask, and replaces the one that a
// daemon left when it died.
func TestListen(t *testing.T) {
	path := control.SocketPath(filepath.Join(t.TempDir(), "bdc.db"))
	if _, err := control.Dial(t.Context(), path); err == nil {
		t.Error("nobody listens: got a client, want an error")
	}
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	l, err := control.Listen(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 || info.Mode().Type() != os.ModeSocket {
		t.Errorf("got mode %v, error %v, want a socket of mode 0600", info.Mode(), err)
	}
}

// What is held of a person is found and erased on either side of the socket, page by page.
func TestPeople(t *testing.T) {
	const address = "lou+bdc@example.org" // an address that has to be escaped on its way
	s := open(t)
	clients(t, &control.Server{Store: s}, func(t *testing.T, c *control.Client) {
		ctx, now := t.Context(), time.Now().UTC()
		in := order.Intake{At: now, Message: order.Message{
			Key: order.Key{Account: t.Name(), Folder: "INBOX", UIDValidity: 1, UID: 1}, From: address, Text: "Bonjour",
		}}
		if r := s.Record(ctx, store.Fence{}, []order.Intake{in}); r[0].Err != nil {
			t.Fatal(r[0].Err)
		}
		held, err := c.Holdings(ctx, address, "")
		if err != nil || len(held.List) != 1 || held.List[0].Kind != store.KindMessage || held.Next != "" {
			t.Fatalf("got %+v, error %v, want the message alone", held, err)
		}
		e := store.Erasure{Address: address, Actor: "bdc", At: now}
		done, err := c.Erase(ctx, store.KindMessage, e)
		if err != nil || done != (store.Erased{Count: 1}) {
			t.Errorf("got %+v, error %v, want one erased", done, err)
		}
		if held, err = c.Holdings(ctx, address, ""); err != nil || len(held.List) != 0 {
			t.Errorf("then: got %+v, error %v, want nothing", held, err)
		}
		if _, err := c.Erase(ctx, store.KindUser, e); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("users: got error %v, want store.ErrNotFound", err)
		}
		if _, err := c.Mail(ctx, 7); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("a mail that is not there: got error %v, want store.ErrNotFound", err)
		}
	})
}

// A backup and a claim raise the generation of the record, where a daemon runs.
func TestOwnership(t *testing.T) {
	s := open(t)
	raised := 0
	clients(t, &control.Server{Store: s, Raise: func() { raised++ }}, func(t *testing.T, c *control.Client) {
		ctx, before := t.Context(), raised
		o, err := c.Ownership(ctx)
		if err != nil || len(o.Record) != 32 {
			t.Errorf("Ownership: got %+v, error %v, want a record's identity", o, err)
		}
		claimed, err := c.Claim(ctx)
		if err != nil || claimed.Doubt != store.Restored || claimed.Restores != o.Restores+1 ||
			claimed.Record != o.Record {
			t.Errorf("Claim: got %+v, error %v, want one more restore than %+v", claimed, err, o)
		}
		if err := c.BackedUp(ctx); err != nil || raised != before+2 {
			t.Errorf("BackedUp: got error %v, and %d raises, want 2", err, raised-before)
		}
	})
	clients(t, &control.Server{Store: s}, func(t *testing.T, c *control.Client) {
		if _, err := c.Claim(t.Context()); err != nil {
			t.Errorf("Claim without a daemon: got error %v, want nil", err)
		}
	})
}
