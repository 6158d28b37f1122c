package people_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"bdc/cmd/bdc/control"
	"bdc/cmd/bdc/people"
	"bdc/order"
	"bdc/store"
	"bdc/store/boltstore"
	"bdc/validate/registry"
)

const address = "lou@example.org"

// record is a record in which the person wrote two mails: one became an order, which is
// opened and acknowledged, the other an open case. Somebody else wrote, too. The person may
// order for an account.
func record(t *testing.T) (*control.Client, *boltstore.Store, []byte) {
	t.Helper()
	s, err := boltstore.Open(filepath.Join(t.TempDir(), "bdc.db"), boltstore.Options{Create: true})
	if err != nil {
		t.Fatal(err)
	}
	c := control.Local(&control.Server{Store: s, Log: slog.New(slog.DiscardHandler)})
	t.Cleanup(func() {
		if err := errors.Join(c.Close(), s.Check(context.Background()), s.Close()); err != nil {
			t.Error(err)
		}
	})
	ctx, now := t.Context(), time.Now().UTC()
	workbook := []byte("a workbook")
	if err := s.Keep(ctx, [][]byte{workbook}); err != nil {
		t.Fatal(err)
	}
	var intakes []order.Intake
	for i, from := range []string{address, "LOU@EXAMPLE.ORG", "milou@example.org"} {
		m := order.Message{
			Key: order.Key{Account: "a", Folder: "INBOX", UIDValidity: 1, UID: uint32(i + 1)}, From: from,
			FromName: "Lou", Subject: "Commande", Text: "Bonjour",
		}
		in := order.Intake{Message: m, At: now, Folder: order.FolderProcessed}
		switch i {
		case 0:
			in.Message.Parts = []order.Part{{
				Name: "../bon.xlsx", Type: "xlsx", Size: len(workbook), Hash: order.Sum(workbook),
			}}
			in.Orders = []order.Order{{
				Status: order.Received, From: from, ReceivedAt: now, Message: &m.Key, Workbook: order.Sum(workbook),
				Fields: map[string]string{order.FieldContactMail: from}, Establishment: "Lycée d’Exemple",
			}}
			in.Replies = []order.Reply{{
				Kind: order.ReplyAck, To: from, Message: m.Key, MessageID: "<1@cns.example>",
				Results: []order.Result{{Kind: order.ReplyAck, Order: 0}},
			}}
		case 1:
			in.Cases = []order.Case{{Code: "D-222222", State: order.Waiting, Message: m.Key, From: from}}
		}
		intakes = append(intakes, in)
	}
	for _, r := range s.Record(ctx, store.Fence{}, intakes) {
		if r.Err != nil {
			t.Fatal(r.Err)
		}
	}
	send(t, s, now)
	accounts, err := registry.Encode([]order.Account{
		{Number: "01234567", Name: "Librairie", Emails: []string{address}},
		{Number: "07654321", Name: "Autre", Emails: []string{"autre@example.org"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Swap(ctx, "libraires", accounts, order.Import{Register: "libraires", At: now}); err != nil {
		t.Fatal(err)
	}
	return c, s, workbook
}

// send sends the reply and opens the order.
func send(t *testing.T, s *boltstore.Store, now time.Time) {
	t.Helper()
	ctx := t.Context()
	claims, err := s.Claim(ctx, store.Fence{Holder: "t"}, now.Add(time.Minute), time.Minute, 9)
	if err != nil || len(claims) != 1 {
		t.Fatalf("claim: %d replies, error %v", len(claims), err)
	}
	id := claims[0].ID
	_, first := s.Advance(ctx, "CNS-"+now.In(order.Paris).Format("2006")+"-000001", order.Received,
		order.Step{Status: order.Checked, At: now})
	_, second := s.Advance(ctx, "CNS-"+now.In(order.Paris).Format("2006")+"-000001", order.Checked,
		order.Step{Status: order.Opened, At: now})
	err = errors.Join(
		s.Seal(ctx, "t", []store.Sealed{{Reply: id, Mail: []byte("To: " + address + "\r\n\r\nBonjour")}}),
		s.Settle(ctx, "t", []store.Settlement{{Reply: id, Outcome: store.Sent, At: now}}), first, second)
	if err != nil {
		t.Fatal(err)
	}
}

// An export has each kind as JSON, the attachments and the mails, in a folder or zip file
// that is new and that nobody else may read.
func TestExport(t *testing.T) {
	c, _, workbook := record(t)
	want := []string{
		"LISEZMOI.txt", "cases.json", "files/" + string(order.Sum(workbook)) + ".xlsx", "libraires.json",
		"mails/1.eml", "messages.json", "orders.json", "replies.json",
	}
	for _, name := range []string{"lou", "lou.zip"} {
		path := filepath.Join(t.TempDir(), name)
		counts, files, err := people.Export(t.Context(), c, "Lou@Example.org", path)
		if err != nil || files != 2 || len(counts) != 5 {
			t.Fatalf("%s: got %+v, %d files, error %v, want five kinds and two files", name, counts, files, err)
		}
		var root fs.FS = os.DirFS(path)
		if strings.HasSuffix(name, ".zip") {
			z, err := zip.OpenReader(path)
			if err != nil {
				t.Fatal(err)
			}
			defer z.Close()
			root = z
		}
		var got []string
		err = fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				got = append(got, name)
			}
			return err
		})
		if slices.Sort(got); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: got %q, error %v, want %q", name, got, err, want)
		}
		var messages []order.Message
		data := read(t, root, "messages.json")
		if err := json.Unmarshal(data, &messages); err != nil || len(messages) != 2 ||
			bytes.Contains(data, []byte("milou")) {
			t.Errorf("%s: got the messages %s, error %v, want the person's two", name, data, err)
		}
		if !bytes.Equal(read(t, root, want[2]), workbook) ||
			!bytes.Contains(read(t, root, "mails/1.eml"), []byte("Bonjour")) {
			t.Errorf("%s: a file has other bytes", name)
		}
		if accounts := read(t, root, "libraires.json"); !bytes.Contains(accounts, []byte("01234567")) ||
			bytes.Contains(accounts, []byte("07654321")) {
			t.Errorf("%s: got the accounts %s, want one", name, accounts)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: got mode %v, error %v, want none for others", name, info.Mode(), err)
		}
		if _, _, err := people.Export(t.Context(), c, address, path); !errors.Is(err, fs.ErrExist) {
			t.Errorf("%s again: got error %v, want fs.ErrExist", name, err)
		}
		if _, err := os.Stat(path); err != nil {
			t.Errorf("%s again: what was there is gone: %v", name, err)
		}
	}
}

func read(t *testing.T, root fs.FS, name string) []byte {
	t.Helper()
	f, err := root.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// An erasure takes all but the open case with its message, and the account in the register;
// what stays is said with its reason.
func TestErase(t *testing.T) {
	c, s, workbook := record(t)
	counts, err := people.Survey(t.Context(), c, address)
	if n := people.Erasable(counts); err != nil || n != 3 {
		t.Fatalf("got %d erasable of %+v, error %v, want the message, the reply and the order", n, counts, err)
	}
	erased, err := people.Erase(t.Context(), c, address, time.Now().UTC())
	if err != nil || len(erased) != 3 {
		t.Fatalf("got %+v, error %v, want three kinds", erased, err)
	}
	if counts, err = people.Survey(t.Context(), c, address); err != nil || people.Erasable(counts) != 0 {
		t.Errorf("left: got %+v, error %v, want nothing that could be erased", counts, err)
	}
	var out strings.Builder
	if err := people.Print(&out, counts); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		"messages   1      1 of an open case\n", "cases      1      1 of an open case (D-222222)\n",
		"libraires  1      1 of a register: ", "(01234567)",
	} {
		if !strings.Contains(out.String(), line) {
			t.Errorf("got\n%s\nwant a line %q", &out, line)
		}
	}
	if _, err := s.Blob(t.Context(), order.Sum(workbook)); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the file: got error %v, want store.ErrNotFound", err)
	}
	if counts, err := people.Survey(t.Context(), c, "milou@example.org"); err != nil || people.Erasable(counts) != 1 {
		t.Errorf("the other: got %+v, error %v, want the message as it was", counts, err)
	}
}

func TestNobody(t *testing.T) {
	c, _, _ := record(t)
	counts, err := people.Survey(t.Context(), c, "nobody@example.org")
	if err != nil || len(counts) != 0 {
		t.Errorf("got %+v, error %v, want nothing", counts, err)
	}
}
