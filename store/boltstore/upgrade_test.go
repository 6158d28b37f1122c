package boltstore_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"bdc/order"
	"bdc/store"
	"bdc/store/boltstore"
	"bdc/store/storetest"
)

// older makes a file of an earlier format of one that is closed.
func older(t *testing.T, path string, version byte) {
	t.Helper()
	edit(t, path, func(tx *bolt.Tx) error {
		meta := tx.Bucket([]byte("meta"))
		err := errors.Join(
			tx.DeleteBucket([]byte("headers")), tx.Bucket([]byte("orders")).SetSequence(0),
			meta.Delete([]byte("identity")), meta.Delete([]byte("copy")),
			meta.Put([]byte("format"), []byte{0, 0, 0, 0, 0, 0, 0, version}),
		)
		if version == 1 {
			err = errors.Join(err,
				tx.DeleteBucket([]byte("order_sketches")), tx.DeleteBucket([]byte("case_sketches")),
				tx.DeleteBucket([]byte("answers")), tx.Bucket([]byte("intakes")).SetSequence(0),
			)
		}
		return err
	})
}

// TestUpgrade makes a file of an earlier format of one of several blocks of orders, and
// opens it.
func TestUpgrade(t *testing.T) {
	const orders = 150
	for version := byte(1); version <= 2; version++ {
		path := filepath.Join(t.TempDir(), "bdc.db")
		s := open(t, path)
		if err := errors.Join(
			storetest.Season(t.Context(), s, orders, intake(1).Orders[0], noon(), noon().Add(time.Hour)), s.Close(),
		); err != nil {
			t.Fatal(err)
		}
		older(t, path, version)
		s = open(t, path)
		defer s.Close()
		if err := s.Check(t.Context()); err != nil {
			t.Errorf("format %d: %v", version, err)
		}
		st, err := s.Status(t.Context())
		if err != nil || st.Messages != orders || st.Orders != orders {
			t.Errorf("format %d: got %d messages and %d orders (%v), want %d", version, st.Messages, st.Orders, err,
				orders)
		}
		rows, err := s.OrderRows(t.Context(), store.OrderFilter{Words: "r-77"}, "", 9)
		if err != nil || len(rows) != 1 {
			t.Errorf("format %d: got %d orders (%v), want one", version, len(rows), err)
		}
	}
}

// TestUpgradeNamesTheLast: the index by identity named the first order of each in earlier
// formats.
func TestUpgradeNamesTheLast(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bdc.db")
	s := open(t, path)
	in := []order.Intake{intake(1), intake(2)}
	in[1].Orders[0], in[1].Query = in[0].Orders[0], order.Query{}
	for i := range in {
		in[i].Query, in[i].Past = order.Query{}, order.Past{}
	}
	for _, r := range s.Record(t.Context(), store.Fence{}, in) {
		if r.Err != nil {
			t.Fatal(r.Err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	older(t, path, 2)
	edit(t, path, func(tx *bolt.Tx) error {
		return tx.Bucket([]byte("identities")).Put([]byte(in[0].Orders[0].Identity()), []byte("CNS-2026-000001"))
	})
	s = open(t, path)
	defer s.Close()
	past, err := s.Past(t.Context(), order.Query{Forms: []order.QueryForm{{Identity: in[0].Orders[0].Identity()}}})
	if err := errors.Join(err, s.Check(t.Context())); err != nil || past.Forms[0].Same != "CNS-2026-000002" {
		t.Errorf("got %q and the error %v, want the second order", past.Forms[0].Same, err)
	}
}

// TestUpgradeFolds finds what format 2 folded in its own way: its row had another dash.
func TestUpgradeFolds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bdc.db")
	s := open(t, path)
	in := intake(1)
	in.Orders[0].Establishment = "Lycée Saint–Exupéry"
	if r := s.Record(t.Context(), store.Fence{}, []order.Intake{in, intake(2)})[0]; r.Err != nil {
		t.Fatal(r.Err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	older(t, path, 2)
	edit(t, path, func(tx *bolt.Tx) error { // as format 2 had it
		rows := tx.Bucket([]byte("order_rows"))
		key, row := rows.Cursor().First()
		was := bytes.Replace(row, []byte("saint-exupery"), []byte("saint=exupery"), 1)
		if bytes.Equal(was, row) {
			return errors.New("the row has no such school")
		}
		return rows.Put(bytes.Clone(key), was)
	})
	s = open(t, path)
	defer s.Close()
	rows, err := s.OrderRows(t.Context(), store.OrderFilter{Words: "saint-exupery"}, "", 9)
	if err := errors.Join(err, s.Check(t.Context())); err != nil || len(rows) != 1 {
		t.Errorf("got %d orders and error %v, want one", len(rows), err)
	}
}

// TestUpgradeKeepsCopies keeps each earlier file beside, and says where.
func TestUpgradeKeepsCopies(t *testing.T) {
	frozen, err := os.ReadFile("testdata/v2.db")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "bdc.db")
	writeFile(t, path+".format2.partial", []byte("of a start that was killed"))
	for _, kept := range []string{path + ".format2", path + ".format2-2", path + ".format2-3"} {
		writeFile(t, path, frozen)
		var log bytes.Buffer
		s, err := boltstore.Open(path, boltstore.Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if got, err := os.ReadFile(kept); err != nil || !bytes.Equal(withoutMetaPages(got), withoutMetaPages(frozen)) {
			t.Errorf("%s: got %d bytes and error %v, want the file as it was", kept, len(got), err)
		}
		wantPrivate(t, kept)
		if !strings.Contains(log.String(), "copy="+kept) || !strings.Contains(log.String(), "format=2") {
			t.Errorf("got the log %q, want it to name the copy %s", &log, kept)
		}
		log.Reset()
		s, err = boltstore.Open(path, boltstore.Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
		if err := errors.Join(err, s.Close()); err != nil || log.Len() > 0 {
			t.Errorf("opened again: got error %v and the log %q, want none", err, &log)
		}
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 4 {
		t.Errorf("got %v and error %v, want the file and its three copies", entries, err)
	}
	s := open(t, path+".format2") // it is a data file like any other
	if err := errors.Join(s.Check(t.Context()), s.Close()); err != nil {
		t.Error(err)
	}
}

// withoutMetaPages is what a copy shares with its original: bbolt counts the copy's
// transactions anew.
func withoutMetaPages(data []byte) []byte { return data[min(2*os.Getpagesize(), len(data)):] }

// TestUpgradeWithoutRoom leaves the file alone where no copy can be kept.
func TestUpgradeWithoutRoom(t *testing.T) {
	frozen, err := os.ReadFile("testdata/v2.db")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "bdc.db")
	writeFile(t, path, frozen)
	if err := os.Mkdir(path+".format2.partial", 0o700); err != nil {
		t.Fatal(err)
	}
	if s, err := boltstore.Open(path, boltstore.Options{}); err == nil {
		s.Close()
		t.Error("got no error, want one: no copy can be kept")
	}
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, frozen) {
		t.Errorf("got %d bytes and error %v, want the file as it was", len(got), err)
	}
}

// TestBackupSaysItIsACopy backs up files of few and of many pages, and copies of copies:
// each copy differs from its original in the copy mark alone.
func TestBackupSaysItIsACopy(t *testing.T) {
	for _, intakes := range []uint32{0, 1, 40, 300} {
		path := filepath.Join(t.TempDir(), "bdc.db")
		s := open(t, path)
		if err := s.Keep(t.Context(), [][]byte{bytes.Repeat([]byte{'x'}, int(intakes)*10000)}); err != nil {
			t.Fatal(err)
		}
		for uid := range intakes {
			if r := s.Record(t.Context(), store.Fence{}, []order.Intake{intake(uid + 1)})[0]; r.Err != nil {
				t.Fatal(r.Err)
			}
		}
		wantMark(t, fmt.Sprintf("%d intakes", intakes), s, path, '0')
		for generation := range 3 {
			next := fmt.Sprintf("%s.%d", path, generation)
			s = open(t, path)
			var copied bytes.Buffer
			if err := s.Backup(t.Context(), &copied); err != nil {
				t.Fatal(err)
			}
			writeFile(t, next, copied.Bytes())
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			was, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			changed := changes(withoutMetaPages(was), withoutMetaPages(copied.Bytes()))
			if generation > 0 && changed != "" || generation == 0 && strings.Trim(changed, "01") != "" {
				t.Errorf("%d intakes, copy %d: got the changes %q, want 01, and none in a copy of a copy", intakes,
					generation+1, changed)
			}
			path = next
			wantMark(t, fmt.Sprintf("%d intakes, copy %d", intakes, generation+1), open(t, path), path, '1')
		}
	}
}

// changes returns the bytes in which two texts differ: that of a, that of b, and so on.
func changes(a, b []byte) string {
	var changed []byte
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			changed = append(changed, a[i], b[i])
		}
	}
	return string(changed)
}

// wantMark checks and closes a store, and looks at the last byte of its copy mark.
func wantMark(t *testing.T, name string, s *boltstore.Store, path string, want byte) {
	t.Helper()
	if err := errors.Join(s.Check(t.Context()), s.Close()); err != nil {
		t.Errorf("%s: %v", name, err)
	}
	edit(t, path, func(tx *bolt.Tx) error {
		if mark := tx.Bucket([]byte("meta")).Get([]byte("copy")); len(mark) != 17 || mark[16] != want {
			t.Errorf("%s: got the copy mark %q, want its last byte to be %q", name, mark, want)
		}
		return nil
	})
}
