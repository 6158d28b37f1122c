package main

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bdc/cmd/bdc/demo"
	"bdc/order"
	"bdc/store"
	"bdc/store/boltstore"
)

const (
	noAccounts  = "N° de compte;Nom;E-mails;Domaines;Adresse;Code postal;Ville;Actif\n"
	ourAccount  = "01002001;Librairie d’essai;bookseller@test.local;;;;;oui\n"
	elsewhere   = "01002001;Librairie d’essai;autre@test.local;;;;;oui\n"
	otherSeller = "7654321;Une autre;contact@autre.test;;;;;oui\n"
)

// office is a data file, and the configuration beside it.
type office struct {
	t      *testing.T
	dir    string
	config string
	mails  uint32
}

func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{t: t, dir: t.TempDir()}
	o.config = filepath.Join(o.dir, "bdc.toml")
	text := `data = "bdc.db"
[mailbox]
host = "imap.test.local"
username = "u"
password = "p"
since = "2026-01-01"
[smtp]
host = "smtp.test.local"
from = "numeriquelibraires@test.local"
`
	if err := os.WriteFile(o.config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return o
}

// accounts imports the booksellers' register.
func (o *office) accounts(rows ...string) string {
	o.t.Helper()
	path := filepath.Join(o.dir, "libraires.csv")
	if err := os.WriteFile(path, []byte(noAccounts+strings.Join(rows, "")), 0o600); err != nil {
		o.t.Fatal(err)
	}
	return want(o.t, "import", "libraires", path, "-c", o.config, "--force")
}

// open opens the data file until the test says so.
func (o *office) open() *boltstore.Store {
	o.t.Helper()
	s, err := boltstore.Open(filepath.Join(o.dir, "bdc.db"), boltstore.Options{Create: true})
	if err != nil {
		o.t.Fatal(err)
	}
	return s
}

func (o *office) close(s *boltstore.Store) {
	o.t.Helper()
	if err := s.Check(o.t.Context()); err != nil {
		o.t.Error(err)
	}
	if err := s.Close(); err != nil {
		o.t.Error(err)
	}
}

// receive takes an order in as the daemon would, and returns its case's code.
func (o *office) receive(reference string) (code string) {
	o.t.Helper()
	x, err := newExaminer(o.t.Context(), env{stderr: os.Stderr}, o.config)
	if err != nil {
		o.t.Fatal(err)
	}
	s := o.open()
	defer o.close(s)
	o.mails++
	raw := orderMail("order "+reference, "BdC.xlsx", filledForm(o.t, reference))
	exam := x.Open(order.Mail{
		Key:      order.Key{Account: "a", Folder: "INBOX", UIDValidity: 1, UID: o.mails},
		Received: time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC), Size: int64(len(raw)), Raw: raw,
	})
	past, err := s.Past(o.t.Context(), exam.Query)
	if err != nil {
		o.t.Fatal(err)
	}
	if err := s.Keep(o.t.Context(), exam.Blobs); err != nil {
		o.t.Fatal(err)
	}
	in := x.Judge(exam, past, exam.Message.ReceivedAt)
	if r := s.Record(o.t.Context(), store.Fence{}, []order.Intake{in})[0]; r.Err != nil {
		o.t.Fatal(r.Err)
	}
	if len(in.Cases) == 0 {
		return ""
	}
	return in.Cases[0].Code
}

// TestReplay: what the registers of today would change is told, form by form,
// and nothing is.
func TestReplay(t *testing.T) {
	o := newOffice(t)
	o.accounts(elsewhere)
	held := o.receive("R-1") // of an address that nobody registered
	o.accounts(otherSeller)  // neither is the account known now
	if held == "" {
		t.Fatal("the order was not held")
	}
	before := o.dump()
	code, stdout, stderr := call(t, "replay", "-c", o.config)
	for _, part := range []string{
		held + " » BdC.xlsx: held, now held", "- hold     bookseller.sender.unregistered",
		"+ hold     bookseller.account.unknown", "1 forms examined, 1 would change",
	} {
		if !strings.Contains(stdout, part) {
			t.Errorf("replay does not say %q:\n%s%s", part, stdout, stderr)
		}
	}
	if code != exitFound {
		t.Errorf("exit code %d, want 1", code)
	}
	if after := o.dump(); after != before {
		t.Errorf("the record was changed from\n%s\nto\n%s", before, after)
	}
	if said := want(t, "replay", "--since", "2026-11-22", "-c", o.config); !strings.Contains(said,
		"0 forms examined, 0 would change") {
		t.Errorf("since the day after: %q", said)
	}
}

// dump is all that the record says of orders and cases, and how much it holds.
func (o *office) dump() string {
	o.t.Helper()
	s := o.open()
	defer o.close(s)
	cases, err := s.Cases(o.t.Context(), "", "", 100)
	if err != nil {
		o.t.Fatal(err)
	}
	orders, err := s.Orders(o.t.Context(), "", 100)
	if err != nil {
		o.t.Fatal(err)
	}
	events, err := s.Audit(o.t.Context(), 0, 1000)
	if err != nil {
		o.t.Fatal(err)
	}
	text, err := json.Marshal([]any{cases, orders, events})
	if err != nil {
		o.t.Fatal(err)
	}
	return string(text)
}

// TestReplayOrder: an order accepted as it came is examined from its own form,
// and by the rules of today.
func TestReplayOrder(t *testing.T) {
	o := newOffice(t)
	o.accounts(ourAccount)
	if code := o.receive("R-1"); code != "" {
		t.Fatalf("the order was not accepted: case %s", code)
	}
	if said := want(t, "replay", "-c", o.config); !strings.Contains(said, "1 forms examined, 0 would change") {
		t.Errorf("with nothing changed: %q", said)
	}
	o.accounts(otherSeller)
	_, stdout, stderr := call(t, "replay", "--json", "-c", o.config)
	lines := bufio.NewScanner(strings.NewReader(stdout))
	var got []replayed
	for lines.Scan() {
		var r replayed
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		got = append(got, r)
	}
	if len(got) != 1 || got[0].Order != "CNS-2026-000001" || got[0].Before != order.Accepted ||
		got[0].After != order.Held {
		t.Errorf("got %+v, want the order, accepted and now held\n%s", got, stderr)
	}
}

// TestWaitingAccepted: an order that waited for its bookseller goes through when
// the bookseller is registered; one that a person has refused does not.
func TestWaitingAccepted(t *testing.T) {
	o := newOffice(t)
	o.accounts(elsewhere)
	unregistered, refused := o.receive("R-1"), o.receive("R-2")
	o.accounts(otherSeller)
	unknown := o.receive("R-3")
	s := o.open()
	for _, kind := range []order.ActKind{order.ActRefuse, order.ActReopen} {
		c, err := s.Case(t.Context(), refused)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Decide(t.Context(), store.Fence{}, order.Decision{
			Case: refused, Revision: c.Revision, Actor: "claire",
			At: time.Now(), Kind: kind, State: order.Waiting,
		}); err != nil {
			t.Fatal(err)
		}
	}
	o.close(s)
	if said := o.accounts(otherSeller, elsewhere); strings.Contains(said, "accepted") {
		t.Errorf("with another address: %q", said)
	}
	if said := o.accounts(otherSeller, ourAccount); !strings.Contains(said, "2 waiting orders accepted") {
		t.Errorf("with the address: %q", said)
	}
	if said := o.accounts(otherSeller, ourAccount); strings.Contains(said, "accepted") {
		t.Errorf("a second time: %q", said)
	}
	s = o.open()
	defer o.close(s)
	for code, state := range map[string]order.State{
		unregistered: order.Closed, unknown: order.Closed,
		refused: order.Waiting,
	} {
		c, err := s.Case(t.Context(), code)
		if err != nil {
			t.Fatal(err)
		}
		if c.State != state {
			t.Errorf("case %s is %s, want %s", code, c.State, state)
		}
		if state != order.Closed {
			continue
		}
		act := c.Acts[len(c.Acts)-1]
		if act.Kind != order.ActAccept || act.Actor != "bdc" || act.Text == "" || len(c.Orders) != 1 {
			t.Errorf("case %s: the last act is %+v, with orders %v", code, act, c.Orders)
		}
		reply, err := s.Reply(t.Context(), act.Reply)
		if err != nil {
			t.Fatal(err)
		}
		if reply.Kind != order.ReplyAck || reply.To != "bookseller@test.local" ||
			reply.Results[0].Number != c.Orders[0] || len(reply.Results[0].Lines) != 2 {
			t.Errorf("case %s: the reply is %+v", code, reply.Reply)
		}
	}
}

// TestWaitingServed: the running daemon accepts what waited for its bookseller,
// and sends the answers at once.
func TestWaitingServed(t *testing.T) {
	_, config := demoInbox(t)
	dir := filepath.Dir(config)
	o := &office{t: t, dir: dir, config: config}
	o.accounts(otherSeller)
	stop := startDaemon(t, config, false)
	defer stop()
	data := filepath.Join(dir, "bdc.db")
	awaitStatus(t, data, "the samples settled", settledMessages(14))
	if said := want(t, "orders", "list", "-c", config); strings.Contains(said, "CNS-") {
		t.Fatalf("ordered by unknown booksellers:\n%s", said)
	}
	accounts, err := demo.Register("libraires")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "libraires.csv")
	if err := os.WriteFile(path, accounts, 0o600); err != nil {
		t.Fatal(err)
	}
	said := want(t, "import", "libraires", path, "-c", config, "--force")
	if !strings.Contains(said, "waiting orders accepted") {
		t.Errorf("the import said %q", said)
	}
	awaitStatus(t, data, "the waiting orders acknowledged",
		func(s store.Status) bool { return s.Orders > 0 && s.Unsent == 0 })
}
