package restore_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bdc/cmd/bdc/control"
	"bdc/cmd/bdc/restore"
	"bdc/order"
	"bdc/store"
	"bdc/store/boltstore"
)

func noon() time.Time { return time.Date(2026, 11, 30, 11, 0, 0, 0, time.UTC) }

// site is a data file with three orders, and a copy of it as it had two.
type site struct {
	t          *testing.T
	data, copy string
}

func newSite(t *testing.T) *site {
	t.Helper()
	dir := t.TempDir()
	s := &site{t, filepath.Join(dir, "bdc.db"), filepath.Join(dir, "copy.db")}
	db := s.open(s.data)
	s.order(db, 1)
	s.order(db, 2)
	file, err := os.Create(s.copy)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Backup(t.Context(), file), file.Close()); err != nil {
		t.Fatal(err)
	}
	s.order(db, 3)
	s.close(db)
	return s
}

func (s *site) open(path string) *boltstore.Store {
	s.t.Helper()
	db, err := boltstore.Open(path, boltstore.Options{Create: true, Clock: noon})
	if err != nil {
		s.t.Fatal(err)
	}
	return db
}

func (s *site) close(db *boltstore.Store) {
	s.t.Helper()
	if err := db.Close(); err != nil {
		s.t.Fatal(err)
	}
}

// order records a message with an order.
func (s *site) order(db *boltstore.Store, uid uint32) {
	s.t.Helper()
	o := order.Order{Status: order.Received, Reference: fmt.Sprint("R-", uid), Account: "01002001"}
	receipt := db.Record(s.t.Context(), store.Fence{}, []order.Intake{{
		Message: order.Message{
			Key:       order.Key{Account: "a", Folder: "INBOX", UIDValidity: 1, UID: uid},
			MessageID: fmt.Sprintf("<%d@test.local>", uid), ReceivedAt: noon(),
		},
		At: noon(), Folder: order.FolderProcessed, Orders: []order.Order{o}, Past: order.NoPast(0),
	}})[0]
	if receipt.Err != nil {
		s.t.Fatal(receipt.Err)
	}
}

// restore restores the site's copy, and returns what was said.
func (s *site) restore() (said string, err error) {
	s.t.Helper()
	return s.restoreFrom(s.copy)
}

func (s *site) restoreFrom(file string) (said string, err error) {
	s.t.Helper()
	var out bytes.Buffer
	err = restore.Run(s.t.Context(), restore.Request{Copy: file, Data: s.data, Actor: "claire", Clock: noon, Out: &out})
	return out.String(), err
}

// kept are the files that were replaced.
func (s *site) kept() []string {
	s.t.Helper()
	names, err := filepath.Glob(s.data + ".replaced-*")
	if err != nil {
		s.t.Fatal(err)
	}
	return names
}

func (s *site) read(path string) []byte {
	s.t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		s.t.Fatal(err)
	}
	return data
}

// verify checks that the copy is in place, whole, taken over and with a count of restores.
func (s *site) verify(restores uint64) {
	s.t.Helper()
	db := s.open(s.data)
	defer s.close(db)
	ctx := context.Background()
	owned, err := db.Ownership(ctx)
	if err != nil || owned.Doubt != store.Restored || owned.Restores != restores || !owned.CopiedAt.Equal(noon()) {
		s.t.Errorf("got %+v, %v, want restored, for the %dth time, from a copy of noon", owned, err, restores)
	}
	if st, err := db.Status(ctx); err != nil || st.Messages != 2 {
		s.t.Errorf("got %+v, %v, want the copy's two messages", st, err)
	}
	if err := db.Check(ctx); err != nil {
		s.t.Error(err)
	}
	if info, err := os.Stat(s.data); err != nil || info.Mode().Perm() != 0o600 {
		s.t.Errorf("got mode %v, %v, want 0600", info.Mode(), err)
	}
	if left, _ := filepath.Glob(s.data + ".restoring*"); len(left) > 0 {
		s.t.Errorf("left behind: %v", left)
	}
}

func TestRestore(t *testing.T) {
	s := newSite(t)
	before := s.read(s.data)
	said, err := s.restore()
	if err != nil {
		t.Fatal(err)
	}
	s.verify(1)
	kept := s.data + ".replaced-2026-11-30T11-00-00"
	if !bytes.Equal(s.read(kept), before) {
		t.Error("the file that was there is not kept as it was")
	}
	for _, want := range []string{kept, "CNS-2026-1000001", "2 orders", "À reprendre", "next: start the daemon"} {
		if !strings.Contains(said, want) {
			t.Errorf("it does not say %q:\n%s", want, said)
		}
	}

	// The same copy once more: numbers go on above those that were given since.
	if _, err := s.restore(); err != nil {
		t.Fatal(err)
	}
	s.verify(2)
	if got := s.kept(); len(got) != 2 {
		t.Errorf("got %v, want each replaced file under a name of its own", got)
	}
	// Also an order of which the copy knows nothing counts no restores twice.
	if _, err := s.restoreFrom(kept); err != nil {
		t.Fatal(err)
	}
	if facts, err := boltstore.Peek(s.data); err != nil || facts.Restores != 3 || facts.Orders != 3 {
		t.Errorf("after the first file was put back: got %+v, %v, want 3 restores and 3 orders", facts, err)
	}
}

// TestRestoreOverWhatIsLeft: the file in the place may be anything, or nothing.
func TestRestoreOverWhatIsLeft(t *testing.T) {
	for _, tt := range []struct {
		name  string
		spoil func(s *site) error
		kept  int
	}{
		{"nothing", func(s *site) error { return os.Remove(s.data) }, 0},
		{"0 bytes", func(s *site) error { return os.Truncate(s.data, 0) }, 1},
		{"a file cut short", func(s *site) error { return os.Truncate(s.data, 9000) }, 1},
		{"another file", func(s *site) error { return os.WriteFile(s.data, []byte("bdc"), 0o600) }, 1},
		{"what a killed restore left", func(s *site) error {
			return os.WriteFile(s.data+".restoring", []byte("half"), 0o600)
		}, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newSite(t)
			if err := tt.spoil(s); err != nil {
				t.Fatal(err)
			}
			if said, err := s.restore(); err != nil {
				t.Fatalf("%v\n%s", err, said)
			}
			s.verify(1)
			if got := s.kept(); len(got) != tt.kept {
				t.Errorf("got kept %v, want %d files", got, tt.kept)
			}
		})
	}
}

// TestRestoreRefuses says why, and changes nothing.
func TestRestoreRefuses(t *testing.T) {
	for _, tt := range []struct {
		name, want string
		spoil      func(s *site) (file string, end func())
	}{
		{"what is no backup", "not a whole copy", func(s *site) (string, func()) {
			s.write(s.copy, []byte("PK\x03\x04 a workbook"))
			return s.copy, nil
		}},
		{"an empty file", "0 bytes", func(s *site) (string, func()) { s.write(s.copy, nil); return s.copy, nil }},
		{"a copy cut short", "not a whole copy", func(s *site) (string, func()) {
			data := s.read(s.copy)
			s.write(s.copy, data[:len(data)/2])
			return s.copy, nil
		}},
		{"a copy with faults", "has faults", func(s *site) (string, func()) {
			s.write(s.copy, bytes.ReplaceAll(s.read(s.copy), []byte(`"number":"CNS-2026-000002"`),
				[]byte(`"number":"CNS-2026-000009"`)))
			return s.copy, nil
		}},
		{"no file", "no such file", func(s *site) (string, func()) { return s.copy + ".none", nil }},
		{"the data file itself", "is the data file itself", func(s *site) (string, func()) { return s.data, nil }},
		{"while somebody has the data file open", "stop the daemon first", func(s *site) (string, func()) {
			db := s.open(s.data)
			return s.copy, func() { s.close(db) }
		}},
		{"while a daemon answers for a file that is gone", "stop the daemon first", func(s *site) (string, func()) {
			l, err := control.Listen(s.t.Context(), control.SocketPath(s.data))
			if err != nil {
				s.t.Fatal(err)
			}
			return s.copy, func() { l.Close() }
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newSite(t)
			before := s.read(s.data)
			file, end := tt.spoil(s)
			said, err := s.restoreFrom(file)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error that says %q\n%s", err, tt.want, said)
			}
			if end != nil {
				end()
			}
			if !bytes.Equal(s.read(s.data), before) {
				t.Error("the data file was changed")
			}
			if left, _ := filepath.Glob(s.data + ".re*"); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

func (s *site) write(path string, data []byte) {
	s.t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		s.t.Fatal(err)
	}
}
