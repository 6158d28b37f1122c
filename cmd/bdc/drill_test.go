package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"bdc/bench/need"
	"bdc/cmd/bdc/control"
	"bdc/cmd/bdc/demo"
	"bdc/ingest/mailbox"
	"bdc/order"
	"bdc/store"
	"bdc/store/boltstore"
)

// drill is a daemon that people keep killing and restoring, and what it did.
type drill struct {
	*victim
	world   *demo.World
	random  *rand.Rand
	mailbox mailbox.Config
	copies  []string // what bdc backup wrote, oldest first

	kills, backups, restores, lostFiles, lostDeeds int
}

func newDrill(t *testing.T) *drill {
	t.Helper()
	binary, err := crashBinary()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	replies := filepath.Join(dir, "replies")
	if err := os.Mkdir(replies, 0o700); err != nil {
		t.Fatal(err)
	}
	world, err := demo.NewWorld(replies)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := world.Close(); err != nil {
			t.Error(err)
		}
	})
	config := filepath.Join(dir, "bdc.toml")
	text := fmt.Sprintf(`
[mailbox]
host = "127.0.0.1"
port = %d
tls = "none"
username = %[2]q
password = %[3]q
since = "2026-01-01"
poll = "1s"
[smtp]
host = "127.0.0.1"
port = %[4]d
tls = "none"
username = %[2]q
password = %[3]q
from = %[2]q
hourly = 0
hourly_each = 0
[accept]
senders = "any"
[console]
listen = ""
`, world.IMAP.Port, demo.User, demo.Password, world.SMTP.Port)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return &drill{
		victim: &victim{t: t, binary: binary, config: config, data: filepath.Join(dir, "bdc.db")},
		world:  world, random: rand.New(rand.NewPCG(2026, 11)),
		mailbox: mailbox.Config{
			Host: "127.0.0.1", Port: world.IMAP.Port, TLS: "none", Username: demo.User, Password: demo.Password,
			Folder: "INBOX",
		},
	}
}

// bdc runs a subcommand, which must succeed.
func (d *drill) bdc(args ...string) string {
	d.t.Helper()
	out, err := exec.Command(d.binary, append(args, "-c", d.config)...).CombinedOutput()
	if err != nil {
		d.t.Fatalf("bdc %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// round runs the daemon and kills it, sometimes after a backup: at any moment after its
// start, or in the seconds after it has emptied the inbox, in which it answers and keeps
// copies of its replies.
func (d *drill) round(backup bool) {
	d.t.Helper()
	cmd, wait := d.start()
	if backup {
		awaitStatus(d.t, d.data, "an answer", func(store.Status) bool { return true })
		time.Sleep(time.Duration(d.random.IntN(300)) * time.Millisecond)
		file := filepath.Join(filepath.Dir(d.data), fmt.Sprintf("copy-%03d.db", len(d.copies)))
		d.bdc("backup", file)
		d.copies = append(d.copies, file)
		d.backups++
	}
	most := 1500
	if d.random.IntN(3) > 0 {
		if !until(d.t, func() bool { return d.inbox() == 0 }) {
			d.t.Fatalf("the inbox is never empty: %d messages\n%s", d.inbox(), d.bdc("status"))
		}
		most = 3000
	}
	time.Sleep(time.Duration(d.random.IntN(most)) * time.Millisecond)
	_ = cmd.Process.Kill()
	if !wait() {
		d.t.Fatal("the daemon ended by itself")
	}
	d.kills++
}

// restore puts one of the copies back, as tired people do: an old one, the same one twice,
// after they lost the data file, what the mailbox says of it, or both.
func (d *drill) restore() {
	d.t.Helper()
	file := d.copies[d.random.IntN(len(d.copies))]
	lost := d.random.IntN(4)
	if lost&1 != 0 {
		if err := os.Remove(d.data); err != nil {
			d.t.Fatal(err)
		}
		d.lostFiles++
	}
	if lost&2 != 0 {
		d.loseDeed()
	}
	for range 1 + d.random.IntN(2) {
		d.bdc("restore", file)
		d.restores++
	}
}

// loseDeed removes the messages by which the mailbox knows the record.
func (d *drill) loseDeed() {
	d.t.Helper()
	config := d.mailbox
	config.Folder = "bdc"
	shelf, err := mailbox.DialShelf(d.t.Context(), config, "")
	if err != nil {
		d.t.Fatal(err)
	}
	defer shelf.Close()
	kept, err := shelf.Read(d.t.Context())
	if err != nil {
		d.t.Fatal(err)
	}
	var uids []uint32
	for _, k := range kept {
		uids = append(uids, k.UID)
	}
	if err := shelf.Remove(d.t.Context(), uids); err != nil {
		d.t.Fatal(err)
	}
	d.lostDeeds++
}

// settle runs the daemon until nothing is left to do, and stops it.
func (d *drill) settle() {
	d.t.Helper()
	cmd, wait := d.start()
	if !until(d.t, d.owned) {
		d.t.Fatalf("the record never owns the inbox\n%s", d.bdc("status"))
	}
	if !until(d.t, func() bool { return d.inbox() == 0 }) {
		d.t.Fatalf("the inbox is never empty: %d messages\n%s", d.inbox(), d.bdc("status"))
	}
	awaitStatus(d.t, d.data, "no reply that waits", func(s store.Status) bool { return s.Unsent == 0 })
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		d.t.Fatal(err)
	}
	if wait() {
		d.t.Error("the daemon was killed while it was to stop")
	}
}

// owned asks the daemon whether the record owns the inbox without a doubt.
func (d *drill) owned() bool {
	client, err := control.Dial(d.t.Context(), control.SocketPath(d.data))
	if err != nil {
		return false
	}
	defer client.Close()
	o, err := client.Ownership(d.t.Context())
	return err == nil && o.Doubt == store.NoDoubt
}

// inbox counts the messages in the inbox.
func (d *drill) inbox() int {
	d.t.Helper()
	s, err := mailbox.Dial(d.t.Context(), d.mailbox)
	if err != nil {
		d.t.Fatal(err)
	}
	defer s.Close()
	keys, err := s.Pending(d.t.Context())
	if err != nil {
		d.t.Fatal(err)
	}
	return len(keys)
}

// acknowledged reads the acknowledgements that left: to which messages each number was
// given.
func (d *drill) acknowledged() map[string][]string {
	d.t.Helper()
	files, err := filepath.Glob(filepath.Join(d.world.Replies, "*.eml"))
	if err != nil {
		d.t.Fatal(err)
	}
	given := map[string][]string{}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			d.t.Fatal(err)
		}
		m, err := mail.ReadMessage(bytes.NewReader(raw))
		if err != nil {
			d.t.Fatal(err)
		}
		for _, told := range order.ParseTold(m.Header.Get(order.ResultsField)) {
			to := m.Header.Get("In-Reply-To")
			if told.Kind == order.ReplyAck && !slices.Contains(given[told.Number], to) {
				given[told.Number] = append(given[told.Number], to)
			}
		}
	}
	return given
}

// remains is what people find in the record at the end.
type remains struct {
	orders  map[string]string // number → Message-ID
	ordered map[string]bool   // Message-IDs of orders
	cases   map[string]bool   // Message-IDs of cases
	taken   int               // orders that were taken up under their former numbers
}

// look reads the record, and first takes up each message as it was, if its number is known.
func (d *drill) look() remains {
	d.t.Helper()
	ctx := context.Background()
	db, err := boltstore.Open(d.data, boltstore.Options{})
	if err != nil {
		d.t.Fatal(err)
	}
	defer db.Close()
	f := remains{orders: map[string]string{}, ordered: map[string]bool{}, cases: map[string]bool{}}
	for after := ""; ; {
		list, err := db.Cases(ctx, "", after, 100)
		if err != nil {
			d.t.Fatal(err)
		}
		if len(list) == 0 {
			break
		}
		for _, c := range list {
			after = c.Code
			m, err := db.Message(ctx, c.Message)
			if err != nil {
				d.t.Fatal(err)
			}
			f.cases[m.MessageID] = true
			if d.takeUp(db, c) {
				f.taken++
			}
		}
	}
	for after := ""; ; {
		list, err := db.Orders(ctx, after, 100)
		if err != nil {
			d.t.Fatal(err)
		}
		if len(list) == 0 {
			break
		}
		for _, o := range list {
			after = o.Number
			f.orders[o.Number], f.ordered[o.MessageID] = o.MessageID, true
		}
	}
	if err := db.Check(ctx); err != nil {
		d.t.Errorf("the store is inconsistent: %v", err)
	}
	return f
}

// takeUp records the order of a case « À reprendre » under the number that was told, and
// reports whether it did.
func (d *drill) takeUp(db *boltstore.Store, c order.Case) bool {
	d.t.Helper()
	a := c.Attempts[len(c.Attempts)-1]
	if c.State == order.Closed || c.TakeUp.Number() == "" || a.Order == nil {
		return false
	}
	o := *a.Order
	o.Number, o.Status, o.Verdict = c.TakeUp.Number(), order.Received, order.Accepted
	_, err := db.Decide(context.Background(), store.Fence{}, order.Decision{
		Case: c.Code, Revision: c.Revision, Actor: "claire", At: time.Now(), Kind: order.ActTakeUp,
		State: order.Closed, Order: &o,
	})
	if errors.Is(err, store.ErrNumber) {
		if there, err := db.Order(context.Background(), o.Number); err != nil || there.MessageID != o.MessageID {
			d.t.Errorf("case %s can't be taken up under %s: %v, %+v", c.Code, o.Number, err, there.MessageID)
		}
		return false
	}
	if err != nil {
		d.t.Errorf("take up case %s: %v", c.Code, err)
	}
	return err == nil
}

// TestDrillOfRestores kills the daemon, writes copies and puts them back, at random, while
// orders come. At the end, no number has been given to two orders by an acknowledgement that
// left, and each order that was acknowledged is in the record, or in a case. BDC_TEST_SOAK=1
// does so over 2,000 orders (make soak).
func TestDrillOfRestores(t *testing.T) {
	need.Time(t)
	t.Parallel()
	orders, rounds := 90, 9
	if need.Race {
		orders, rounds = 36, 6
	}
	if os.Getenv("BDC_TEST_SOAK") != "" {
		orders, rounds = 2000, 45
	}
	d := newDrill(t)
	delivered := map[string]bool{}
	for i := range rounds {
		for j := i * orders / rounds; j < (i+1)*orders/rounds; j++ {
			subject := fmt.Sprintf("order %04d", j)
			form := filledForm(t, fmt.Sprintf("R-%04d", j))
			if err := d.world.Deliver(orderMail(subject, "BdC.xlsx", form)); err != nil {
				t.Fatal(err)
			}
			delivered["<"+strings.ReplaceAll(subject, " ", ".")+"@test.local>"] = true
		}
		if i%3 == 2 {
			d.restore()
		}
		d.round(i%3 == 0)
	}
	d.settle()

	given, f := d.acknowledged(), d.look()
	twice, lost, renumbered := 0, 0, map[string]int{}
	for number, to := range given {
		if len(to) > 1 {
			twice++
			t.Errorf("%s was given to %s", number, strings.Join(to, " and to "))
		}
		for _, id := range to {
			if renumbered[id]++; !f.ordered[id] && !f.cases[id] {
				lost++
				t.Errorf("%s, acknowledged as %s, is in no order and no case", id, number)
			}
		}
		if id, there := f.orders[number]; there && !slices.Contains(to, id) {
			t.Errorf("%s is the order of %s in the record, and was given to %v", number, id, to)
		}
	}
	for id := range delivered {
		if !f.ordered[id] && !f.cases[id] {
			t.Errorf("%s is in no order and no case", id)
		}
	}
	several := 0
	for _, n := range renumbered {
		if n > 1 {
			several++
		}
	}
	t.Logf("%d orders, %d kills, %d backups, %d restores (%d with the data file lost, %d with the mailbox's message): "+
		"%d numbers told, %d twice, %d acknowledged orders lost; %d orders in the record, %d of them taken up; "+
		"%d messages were told more than one number",
		orders, d.kills, d.backups, d.restores, d.lostFiles, d.lostDeeds,
		len(given), twice, lost, len(f.orders), f.taken, several)
}
