package storetest

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"sync"
	"testing"
	"time"

	"bdc/order"
	"bdc/store"
)

func backupTests() []test {
	return []test{
		{"opens and equals", testBackup},
		{"while others write", testBackupUnderWrites},
		{"tells of a full disk", testBackupFails},
		{"known once it is safe", testBackedUp},
		{"verified, with progress", testVerify},
		{"no trouble, and a probe that changes nothing", testProbe},
		{"everything survives a restart", testRestart},
	}
}

// contents is all that the contract lets one list, in one comparable value.
type contents struct {
	Status    store.Status
	Orders    []order.Order
	Cases     []order.Case
	Audit     []order.Event
	Replies   []store.Claimed
	Due       time.Time
	Registers map[string]string
}

func dump(t *testing.T, r *rig) contents {
	t.Helper()
	ctx := t.Context()
	c := contents{Status: r.status(), Audit: r.audited(0), Due: r.due(), Registers: make(map[string]string)}
	var err error
	if c.Orders, err = r.Orders(ctx, "", 1<<20); err != nil {
		t.Fatal(err)
	}
	if c.Cases, err = r.Cases(ctx, "", "", 1<<20); err != nil {
		t.Fatal(err)
	}
	for _, e := range c.Audit {
		if e.Verb != "reply.intended" {
			continue
		}
		reply, err := r.Reply(ctx, e.Reply)
		if err != nil {
			t.Fatal(err)
		}
		c.Replies = append(c.Replies, reply)
	}
	for _, name := range []string{"annuaire", "catalogue", "libraires"} {
		data, imported, err := r.Register(ctx, name)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		c.Registers[name] = fmt.Sprintf("%s %+v", data, imported)
	}
	return c
}

// wantSame compares field by field, so that a difference says where it is.
func wantSame(t *testing.T, got, want contents) {
	t.Helper()
	g, w := reflect.ValueOf(got), reflect.ValueOf(want)
	for i := range g.NumField() {
		wantEqual(t, g.Type().Field(i).Name, g.Field(i).Interface(), w.Field(i).Interface())
	}
}

// fill puts some of everything into a store.
func (r *rig) fill() {
	r.t.Helper()
	ctx := r.t.Context()
	if err := r.Keep(ctx, [][]byte{[]byte("a form"), []byte("another")}); err != nil {
		r.t.Fatal(err)
	}
	codes := r.opened(3)
	r.decide(order.Decision{Case: codes[1], Revision: 1, At: noon(), State: order.Closed, Note: "réglé"})
	ids := append(r.record(forms(11, "A", "B")).Replies, r.record(forms(12, "C")).Replies...)
	// No lease is left running: whether one outlives its process is the engine's choice.
	r.claim("a", noon(), 1)
	r.seal("a", store.Sealed{Reply: ids[0], Mail: []byte("bytes")})
	r.settle("a", store.Settlement{Reply: ids[0], Outcome: store.Sent, At: noon()})
	if err := r.Swap(ctx, "annuaire", []byte("schools"), order.Import{Entries: 1, At: noon()}); err != nil {
		r.t.Fatal(err)
	}
	r.mark(true, key(77))
}

// backup writes a backup to a file, and returns a rig that has it open.
func (r *rig) backup() *rig {
	r.t.Helper()
	restored := &rig{t: r.t, open: r.open, pass: r.pass, path: filepath.Join(r.t.TempDir(), "backup")}
	f, err := os.OpenFile(restored.path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		r.t.Fatal(err)
	}
	if err := errors.Join(r.Backup(r.t.Context(), f), f.Close()); err != nil {
		r.t.Fatal(err)
	}
	restored.Store = r.open(r.t, restored.path)
	r.t.Cleanup(restored.close)
	return restored
}

func testBackup(t *testing.T, r *rig) {
	r.fill()
	restored := r.backup()
	want := dump(t, r)
	want.Due = time.Time{} // a copy sends nothing
	wantSame(t, dump(t, restored), want)
	blob, err := restored.Blob(t.Context(), order.Sum([]byte("a form")))
	if err != nil || string(blob) != "a form" {
		t.Errorf("attachment: got %q and error %v, want %q", blob, err, "a form")
	}
	wantEqual(t, "marks", restored.recover(), map[order.Key]int{key(77): 1})
	// The copy leads its own life, once it is no copy any more, and the original does not notice.
	refused := restored.Record(t.Context(), store.Fence{}, []order.Intake{forms(20, "D")})[0]
	wantError(t, "order in the copy", refused.Err, store.ErrNotOwner)
	restored.takeOver(store.Takeover{})
	restored.must(restored.Listed(t.Context(), store.Listing{Actor: "claire", At: noon()}))
	wantEqual(t, "number in the copy", restored.record(forms(20, "D")).Numbers, []string{"CNS-2026-1000001"})
	wantEqual(t, "number in the original", r.record(forms(21, "E")).Numbers, []string{"CNS-2026-000004"})
}

func testBackupUnderWrites(t *testing.T, r *rig) {
	r.fill()
	var wg sync.WaitGroup
	done := make(chan struct{})
	defer func() {
		close(done)
		wg.Wait()
	}()
	for i := range 2 {
		wg.Go(func() {
			for n := uint32(1); ; n++ {
				uid := uint32(i)*100000 + 1000 + n
				if err := r.try(forms(uid, fmt.Sprint("R", uid))); err != nil {
					t.Errorf("record: %v", err)
					return
				}
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	for range 3 {
		before := r.status().Orders
		restored := r.backup()
		orders, err := restored.Orders(t.Context(), "", 1<<20)
		if err != nil {
			t.Error(err)
		}
		if len(orders) < before {
			t.Errorf("got %d orders in the backup, want the %d recorded before it at least", len(orders), before)
		}
		for i, o := range orders {
			if want := order.Number(2026, uint64(i)+1); o.Number != want {
				t.Fatalf("order %d of the backup: got %s, want %s", i, o.Number, want)
			}
		}
		if err := restored.Check(t.Context()); err != nil {
			t.Errorf("check of the backup: %v", err)
		}
	}
}

var errFull = errors.New("no space left")

// fullDisk takes a number of bytes, and no more.
type fullDisk struct{ left int }

func (d *fullDisk) Write(b []byte) (int, error) {
	if len(b) > d.left {
		return 0, errFull
	}
	d.left -= len(b)
	return len(b), nil
}

var _ io.Writer = (*fullDisk)(nil)

func testBackedUp(t *testing.T, r *rig) {
	if err := r.Backup(t.Context(), io.Discard); err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "before it is said to be safe", r.status().BackedUp, time.Time{})
	for _, at := range []time.Time{noon(), after(time.Hour)} {
		if err := r.BackedUp(t.Context(), at); err != nil {
			t.Fatal(err)
		}
	}
	r.die()
	wantEqual(t, "the last", r.status().BackedUp, after(time.Hour))
	events := r.audited(0)
	wantEqual(t, "audit", events[len(events)-1],
		order.Event{Seq: uint64(len(events)), At: after(time.Hour), Actor: "bdc", Verb: "store.backedup"})
}

func testVerify(t *testing.T, r *rig) {
	r.fill()
	var last, of int64
	err := r.Verify(t.Context(), store.Verification{
		Progress: func(done, total int64) {
			if done < last || done > total {
				t.Errorf("progress: got %d of %d after %d", done, total, last)
			}
			last, of = done, total
		},
		Fault: func(words string) { t.Errorf("got the fault %q, want none", words) },
	})
	if err != nil || last != of || of == 0 {
		t.Errorf("verified %d of %d octets, error %v, want all", last, of, err)
	}
}

func testProbe(t *testing.T, r *rig) {
	r.fill()
	before := dump(t, r)
	for range 3 {
		if err := r.Probe(t.Context()); err != nil {
			t.Errorf("probe: %v", err)
		}
	}
	wantEqual(t, "trouble", r.Trouble(), store.Trouble{})
	wantSame(t, dump(t, r), before)
}

func testBackupFails(t *testing.T, r *rig) {
	r.fill()
	for _, left := range []int{0, 10000} {
		if err := r.Backup(t.Context(), &fullDisk{left}); err == nil {
			t.Errorf("backup to a disk that takes %d bytes: got no error", left)
		}
	}
	r.record(forms(20, "D"))
}

func testRestart(t *testing.T, r *rig) {
	r.fill()
	before := dump(t, r)
	r.die()
	wantSame(t, dump(t, r), before)
}
