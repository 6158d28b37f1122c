package boltstore_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"bdc/order"
	"bdc/store"
	"bdc/store/boltstore"
)

// filled writes a store of some size to a file, and returns what is in the
// file, cut after its last page.
func filled(t *testing.T, path string) []byte {
	t.Helper()
	s := open(t, path)
	var intakes []order.Intake
	for uid := range uint32(40) {
		intakes = append(intakes, intake(uid+1))
	}
	for _, r := range s.Record(t.Context(), store.Fence{}, intakes) {
		if r.Err != nil {
			t.Fatal(r.Err)
		}
	}
	var copied bytes.Buffer
	if err := errors.Join(s.Backup(t.Context(), &copied), s.Close()); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data[:copied.Len()]
}

// wantRefused opens a file with that content, and wants the error and the
// content left alone.
func wantRefused(t *testing.T, name string, content []byte, want error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bdc.db")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := boltstore.Open(path, boltstore.Options{Create: true})
	if err == nil {
		s.Close()
	}
	if !errors.Is(err, want) {
		t.Errorf("%s: got error %v, want one that wraps %q", name, err, want)
	}
	if err != nil && !strings.Contains(err.Error(), path) {
		t.Errorf("%s: got error %q, want it to name the file", name, err)
	}
	left, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(left, content) {
		t.Errorf("%s: the file was changed", name)
	}
}

func TestOpenTruncated(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bdc.db")
	data := filled(t, path)
	page := os.Getpagesize()
	sizes := []int{1, 100, page - 1, page, page + 1, 2*page - 1, 2 * page, len(data) - 1}
	for size := 3 * page; size < len(data); size += max(page, len(data)/40/page*page) {
		sizes = append(sizes, size)
	}
	for _, size := range sizes {
		wantRefused(t, fmt.Sprintf("cut to %d of %d bytes", size, len(data)), data[:size], store.ErrDamaged)
	}

	// Whatever is beyond the last page is room to grow.
	if err := os.Truncate(path, int64(len(data))); err != nil {
		t.Fatal(err)
	}
	s := open(t, path)
	if err := errors.Join(s.Check(t.Context()), s.Close()); err != nil {
		t.Errorf("cut after the last page: %v", err)
	}
}

func TestOpenGarbage(t *testing.T) {
	data := filled(t, filepath.Join(t.TempDir(), "bdc.db"))
	page := os.Getpagesize()
	noise := bytes.Repeat([]byte("not a data file\n"), len(data)/16+1)
	overwritten := func(from, to int) []byte {
		spoilt := bytes.Clone(data)
		copy(spoilt[from:to], noise)
		return spoilt
	}
	tests := []struct {
		name    string
		content []byte
	}{
		{"a byte", []byte("x")},
		{"a line", noise[:16]},
		{"more than a page of text", noise[:5000]},
		{"two pages of text", noise[:2*page]},
		{"a long text", noise},
		{"zeros", make([]byte, 1<<20)},
		{"both meta pages overwritten", overwritten(0, 2*page)},
		{"all but the meta pages overwritten", overwritten(2*page, len(data))},
		{"all but the meta pages zero", append(bytes.Clone(data[:2*page]), make([]byte, len(data)-2*page)...)},
	}
	for _, tt := range tests {
		wantRefused(t, tt.name, tt.content, store.ErrDamaged)
	}
}

// edit changes a data file behind the store's back.
func edit(t *testing.T, path string, f func(tx *bolt.Tx) error) {
	t.Helper()
	db, err := bolt.Open(path, 0o600, &bolt.Options{Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Update(f), db.Close()); err != nil {
		t.Fatal(err)
	}
}

func TestOpenOtherFormats(t *testing.T) {
	tests := []struct {
		name string
		edit func(tx *bolt.Tx) error
		want error
	}{
		{"a later format", func(tx *bolt.Tx) error {
			return tx.Bucket([]byte("meta")).Put([]byte("format"), []byte{0, 0, 0, 0, 0, 0, 0, 4})
		}, store.ErrFormat},
		{"no format", func(tx *bolt.Tx) error {
			return tx.Bucket([]byte("meta")).Delete([]byte("format"))
		}, store.ErrDamaged},
		{"another program's", func(tx *bolt.Tx) error {
			return tx.DeleteBucket([]byte("meta"))
		}, store.ErrDamaged},
		{"a bucket short", func(tx *bolt.Tx) error {
			return tx.DeleteBucket([]byte("outbox"))
		}, store.ErrDamaged},
	}
	for _, tt := range tests {
		path := filepath.Join(t.TempDir(), "bdc.db")
		filled(t, path)
		edit(t, path, tt.edit)
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		wantRefused(t, tt.name, content, tt.want)
	}
}

// An empty file is no new record, even where one may begin: what was in it is lost.
func TestOpenEmptyFile(t *testing.T) {
	wantRefused(t, "no bytes", nil, store.ErrDamaged)
	empty := filepath.Join(t.TempDir(), "empty.db")
	db, err := bolt.Open(empty, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(empty)
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	wantRefused(t, "a file of bbolt with nothing in it", content, store.ErrDamaged)
}

// Open makes no file unless it is told to.
func TestOpenMissing(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "bdc.db")
	s, err := boltstore.Open(path, boltstore.Options{})
	if !errors.Is(err, store.ErrMissing) || !strings.Contains(err.Error(), path) {
		t.Errorf("got store %v and error %v, want one that wraps ErrMissing and names the file", s, err)
	}
	wantFiles(t, dir)
	if err := open(t, path).Close(); err != nil {
		t.Fatal(err)
	}
	wantFiles(t, dir, "bdc.db")
	wantPrivate(t, path)
	s, err = boltstore.Open(path, boltstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Check(t.Context()), s.Close()); err != nil {
		t.Error(err)
	}
}

// Several processes, or goroutines, that make one file make one.
func TestCreateAtOnce(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "bdc.db")
	var all sync.WaitGroup
	made := make(chan error, 8)
	for range cap(made) {
		all.Go(func() {
			s, err := boltstore.Open(path, boltstore.Options{Create: true, Timeout: time.Minute})
			if err != nil {
				made <- err
				return
			}
			r := s.Record(t.Context(), store.Fence{}, []order.Intake{intake(1)})[0]
			if errors.Is(r.Err, store.ErrSeen) {
				r.Err = nil
			}
			made <- errors.Join(r.Err, s.Close())
		})
	}
	all.Wait()
	close(made)
	for err := range made {
		if err != nil {
			t.Error(err)
		}
	}
	wantFiles(t, dir, "bdc.db")
	s, err := boltstore.Open(path, boltstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if st, err := s.Status(t.Context()); err != nil || st.Orders != 1 {
		t.Errorf("got %d orders (%v), want the one that each recorded", st.Orders, err)
	}
}

func wantFiles(t *testing.T, dir string, want ...string) {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range list {
		got = append(got, f.Name())
	}
	if !slices.Equal(got, want) {
		t.Errorf("got the files %v, want %v", got, want)
	}
}

func TestOpenMode(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bdc.db")
	for _, mode := range []fs.FileMode{0, 0o644, 0o666} {
		if mode != 0 {
			if err := os.Chmod(path, mode); err != nil {
				t.Fatal(err)
			}
		}
		s := open(t, path)
		wantPrivate(t, path)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func wantPrivate(t *testing.T, path string) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode() != 0o600 {
		t.Errorf("mode: got %v, want -rw-------", info.Mode())
	}
}

func TestOpenUnusablePath(t *testing.T) {
	dir := t.TempDir()
	for name, path := range map[string]string{
		"no such folder": filepath.Join(dir, "none", "bdc.db"),
		"a folder":       dir,
	} {
		s, err := boltstore.Open(path, boltstore.Options{Create: true})
		if err == nil {
			s.Close()
			t.Errorf("%s: got no error", name)
		}
		for _, sentinel := range []error{store.ErrDamaged, store.ErrLocked, store.ErrFormat} {
			if errors.Is(err, sentinel) {
				t.Errorf("%s: got error %v, want it not to wrap %q", name, err, sentinel)
			}
		}
	}
}

func TestOpenLocked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bdc.db")
	first := open(t, path)
	_, err := boltstore.Open(path, boltstore.Options{Timeout: 100 * time.Millisecond})
	if !errors.Is(err, store.ErrLocked) {
		t.Errorf("got error %v, want one that wraps ErrLocked", err)
	}

	opened := make(chan error)
	go func() {
		s, err := boltstore.Open(path, boltstore.Options{Timeout: time.Minute})
		if err == nil {
			err = s.Close()
		}
		opened <- err
	}()
	if err := first.Close(); err != nil {
		t.Error(err)
	}
	if err := <-opened; err != nil {
		t.Errorf("after the first gave it up: %v", err)
	}
}

// TestDamagedPage reads and checks a file with a page that is not what it says.
func TestDamagedPage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bdc.db")
	data := filled(t, path)
	page := os.Getpagesize()
	spoilt := 0
	for at := 2 * page; at < len(data); at += page {
		// A leaf that holds orders, not the index entries that name them.
		if bytes.Contains(data[at:at+page], []byte(`{"number":"CNS-2026-0000`)) {
			copy(data[at:at+16], bytes.Repeat([]byte{0xfe}, 16))
			spoilt++
		}
	}
	if spoilt == 0 {
		t.Fatal("found no page of orders to damage")
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	s := open(t, path)
	defer s.Close()
	verbs := map[string]func() error{
		"Orders": func() error { _, err := s.Orders(t.Context(), "", 100); return err },
		"Record": func() error { return s.Record(t.Context(), store.Fence{}, []order.Intake{intake(99)})[0].Err },
		"Check":  func() error { return s.Check(t.Context()) },
	}
	for name, verb := range verbs {
		if err := verb(); !errors.Is(err, store.ErrDamaged) {
			t.Errorf("%s: got error %v, want one that wraps ErrDamaged", name, err)
		}
	}
	if _, err := s.Seen(t.Context(), []order.Key{key(1)}); err != nil {
		t.Errorf("Seen: got error %v, want none: its pages are sound", err)
	}
}
