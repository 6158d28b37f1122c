package boltstore_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"bdc/order"
	"bdc/store"
	"bdc/store/boltstore"
)

// bulky is an intake whose message is large.
func bulky(uid uint32) order.Intake {
	in := intake(uid)
	in.Message.Text = strings.Repeat("Bonjour, veuillez trouver notre commande. ", 20_000)
	return in
}

// wantTrouble has a store whose file can't be written: what is recorded is refused as
// trouble of the data file, which lasts, since its beginning, until as much can be written
// again. mend makes room; fill takes it again.
func wantTrouble(t *testing.T, s *boltstore.Store, mend func()) {
	t.Helper()
	ctx := t.Context()
	var r store.Receipt
	uid := uint32(100)
	for r.Err == nil && uid < 1000 { // until nothing fits any more
		r = s.Record(ctx, store.Fence{}, []order.Intake{bulky(uid)})[0]
		uid++
	}
	if !errors.Is(r.Err, store.ErrDataFile) || errors.Is(r.Err, store.ErrDamaged) {
		t.Fatalf("got error %v, want one that wraps ErrDataFile alone", r.Err)
	}
	began := s.Trouble()
	if began.IsZero() || began.Since.IsZero() || began.Damaged || began.Replaced {
		t.Fatalf("got %+v, want trouble of writing", began)
	}
	if err := s.Probe(ctx); !errors.Is(err, store.ErrDataFile) {
		t.Errorf("probe: got error %v, want one that wraps ErrDataFile", err)
	}
	_ = s.Mark(ctx, store.Fence{}, []order.Key{key(9)}, false) // a little may still fit
	if now := s.Trouble(); !now.Since.Equal(began.Since) {
		t.Errorf("got %+v, want the trouble that began at %v", now, began.Since)
	}
	before, err := s.Status(ctx)
	if err != nil {
		t.Errorf("to read is possible: got error %v", err)
	}
	mend()
	if err := s.Probe(ctx); err != nil || !s.Trouble().IsZero() {
		t.Errorf("mended: got error %v and %+v, want none", err, s.Trouble())
	}
	if r := s.Record(ctx, store.Fence{}, []order.Intake{bulky(uid - 1)})[0]; r.Err != nil ||
		fmt.Sprint(r.Numbers) != fmt.Sprint([]string{order.Number(2026, uint64(before.Orders)+1)}) {
		t.Errorf("mended: got %+v, want the next number after %d", r, before.Orders)
	}
	if err := s.Check(ctx); err != nil {
		t.Error(err)
	}
}

// TestFullDisk fills a disk of a few MiB, where a test may make one.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=3m"); err != nil {
		t.Skip("needs the right to mount a disk of a few MiB: ", err)
	}
	defer syscall.Unmount(dir, 0)
	s := open(t, filepath.Join(dir, "bdc.db"))
	defer s.Close()
	wantTrouble(t, s, func() {
		if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT, "size=64m"); err != nil {
			t.Fatal(err)
		}
	})
}

// TestFileSizeLimit has a disk that gives the file no more octets, by the limit of the
// process.
func TestFileSizeLimit(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "bdc.db"))
	defer s.Close()
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	set := func(octets uint64) {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: octets, Max: limit.Max}); err != nil {
			t.Fatal(err)
		}
	}
	set(20 << 20)
	defer set(limit.Cur)
	wantTrouble(t, s, func() { set(limit.Cur) })
}

// TestDiskBecomesReadOnly mounts the disk read-only, where a test may.
func TestDiskBecomesReadOnly(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=64m"); err != nil {
		t.Skip("needs the right to mount a disk of a few MiB: ", err)
	}
	defer syscall.Unmount(dir, 0)
	path := filepath.Join(dir, "bdc.db")
	if err := open(t, path).Close(); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Skip("needs the right to make a disk read-only: ", err)
	}
	s, err := boltstore.Open(path, boltstore.Options{})
	if err == nil {
		s.Close()
	}
	if !errors.Is(err, syscall.EROFS) || errors.Is(err, store.ErrDamaged) {
		t.Errorf("got error %v, want the system's, that the disk is read-only", err)
	}
	s, err = boltstore.Open(path, boltstore.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Check(t.Context()), s.Close()); err != nil {
		t.Errorf("to be read: got error %v", err)
	}
}

// TestFileLeavesItsPlace removes the file of an open store, or puts another in its place:
// nothing is recorded into what would be lost, only mails to staff go on, and what the file
// had is still there to be saved.
func TestFileLeavesItsPlace(t *testing.T) {
	for name, leave := range map[string]func(path string) error{
		"removed": os.Remove,
		"moved":   func(path string) error { return os.Rename(path, path+".old") },
		"replaced": func(path string) error {
			return errors.Join(os.WriteFile(path+".new", []byte("a backup"), 0o600), os.Rename(path+".new", path))
		},
	} {
		path := filepath.Join(t.TempDir(), "bdc.db")
		s := open(t, path)
		ctx := t.Context()
		if r := s.Record(ctx, store.Fence{}, []order.Intake{intake(1)})[0]; r.Err != nil {
			t.Fatal(r.Err)
		}
		if err := s.Probe(ctx); err != nil {
			t.Fatal(err)
		}
		if err := leave(path); err != nil {
			t.Fatal(err)
		}
		for what, err := range map[string]error{
			"record": s.Record(ctx, store.Fence{}, []order.Intake{intake(2)})[0].Err,
			"mark":   s.Mark(ctx, store.Fence{}, []order.Key{key(3)}, false),
			"probe":  s.Probe(ctx),
		} {
			if !errors.Is(err, store.ErrReplaced) || !errors.Is(err, store.ErrDataFile) {
				t.Errorf("%s: %s: got error %v, want one that wraps ErrReplaced and ErrDataFile", name, what, err)
			}
		}
		if trouble := s.Trouble(); !trouble.Replaced || trouble.Since.IsZero() {
			t.Errorf("%s: got %+v, want the trouble that it is not in its place", name, trouble)
		}
		alert := order.Reply{Kind: order.ReplyAlert, To: "claire@example.org", Alert: &order.Alert{}}
		if err := s.Notify(ctx, store.Notice{Name: "data"}, noon(), []order.Reply{alert}); err != nil {
			t.Errorf("%s: an alert: %v", name, err)
		}
		claims, err := s.Claim(ctx, store.Fence{Holder: "a"}, noon(), time.Minute, 9)
		if err != nil || len(claims) != 1 || claims[0].Kind != order.ReplyAlert {
			t.Errorf("%s: got claims %+v and error %v, want the alert alone", name, claims, err)
		}
		var saved bytes.Buffer
		if err := s.Rescue(ctx, &saved); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		_ = os.Remove(path)
		writeFile(t, path, saved.Bytes())
		again := open(t, path)
		if _, err := again.Order(ctx, "CNS-2026-000001"); err != nil {
			t.Errorf("%s: what was saved: %v", name, err)
		}
		if err := errors.Join(again.Check(ctx), again.Close()); err != nil {
			t.Errorf("%s: what was saved: %v", name, err)
		}
	}
}

// TestFileComesBack moves the file of an open store away and back.
func TestFileComesBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bdc.db")
	s := open(t, path)
	defer s.Close()
	if err := os.Rename(path, path+".old"); err != nil {
		t.Fatal(err)
	}
	if err := s.Probe(t.Context()); !errors.Is(err, store.ErrReplaced) {
		t.Errorf("got error %v, want ErrReplaced", err)
	}
	if err := os.Rename(path+".old", path); err != nil {
		t.Fatal(err)
	}
	if err := s.Probe(t.Context()); err != nil || !s.Trouble().IsZero() {
		t.Errorf("back: got error %v and %+v, want none", err, s.Trouble())
	}
	if r := s.Record(t.Context(), store.Fence{}, []order.Intake{intake(1)})[0]; r.Err != nil {
		t.Error(r.Err)
	}
}

// TestFileOverwritten copies another data file over the one of an open store, as cp does.
// Nothing is written into that: its pages are not those that the store knows.
func TestFileOverwritten(t *testing.T) {
	dir := t.TempDir()
	other := open(t, filepath.Join(dir, "other.db"))
	if r := other.Record(t.Context(), store.Fence{}, []order.Intake{intake(1)})[0]; r.Err != nil {
		t.Fatal(r.Err)
	}
	var copied bytes.Buffer
	if err := errors.Join(other.Backup(t.Context(), &copied), other.Close()); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "bdc.db")
	s := open(t, path)
	for uid := range uint32(5) {
		if r := s.Record(t.Context(), store.Fence{}, []order.Intake{intake(uid + 1)})[0]; r.Err != nil {
			t.Fatal(r.Err)
		}
	}
	writeFile(t, path, copied.Bytes()) // over it: the same inode
	for what, err := range map[string]error{
		"record": s.Record(t.Context(), store.Fence{}, []order.Intake{intake(9)})[0].Err,
		"notify": s.Notify(t.Context(), store.Notice{Name: "data"}, noon(), nil),
		"probe":  s.Probe(t.Context()),
	} {
		if !errors.Is(err, store.ErrDataFile) {
			t.Errorf("%s: got error %v, want one that wraps ErrDataFile", what, err)
		}
	}
	_ = s.Close()
	if left, err := os.ReadFile(path); err != nil || !bytes.Equal(left, copied.Bytes()) {
		t.Errorf("the file was written to (%v)", err)
	}
}

// TestDamageIsTold remembers that a part of the file could not be read.
func TestDamageIsTold(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bdc.db")
	data := filled(t, path)
	at := bytes.Index(data, []byte(`{"number":"CNS-2026-0000`))
	if at < 0 {
		t.Fatal("found no order")
	}
	page := os.Getpagesize()
	for at := 2 * page; at < len(data); at += page {
		if bytes.Contains(data[at:at+page], []byte(`{"number":"CNS-2026-0000`)) {
			copy(data[at:at+16], bytes.Repeat([]byte{0xfe}, 16))
		}
	}
	writeFile(t, path, data)
	s := open(t, path)
	defer s.Close()
	if !s.Trouble().IsZero() {
		t.Errorf("got %+v before anything was read", s.Trouble())
	}
	if _, err := s.Order(t.Context(), "CNS-2026-000003"); !errors.Is(err, store.ErrDataFile) {
		t.Errorf("got error %v, want one that wraps ErrDataFile", err)
	}
	if trouble := s.Trouble(); !trouble.Damaged || trouble.Since.IsZero() {
		t.Errorf("got %+v, want damage", trouble)
	}
	if err := s.Probe(t.Context()); err != nil {
		t.Errorf("probe: got error %v: the file can be written", err)
	}
}
