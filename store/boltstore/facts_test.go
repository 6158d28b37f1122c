package boltstore_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"bdc/store/boltstore"
)

// The facts of a file are read without changing it, whatever its format.
func TestFactsChangeNothing(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "bdc.db")
	for _, tt := range []struct {
		file   string
		format uint64
		want   boltstore.Facts
	}{
		{"testdata/v1.db", 1, boltstore.Facts{Orders: 3, Messages: 2}},
		{"testdata/v2.db", 2, boltstore.Facts{Orders: 3, Messages: 2}},
	} {
		data, err := os.ReadFile(tt.file)
		if err != nil {
			t.Fatal(err)
		}
		writeFile(t, path, data)
		s, err := boltstore.Open(path, boltstore.Options{ReadOnly: true})
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.Facts(t.Context())
		if err != nil {
			t.Errorf("%s: %v", tt.file, err)
		}
		if got.Format != tt.format || got.Orders != tt.want.Orders || got.Messages != tt.want.Messages ||
			got.Size != int64(len(data)) ||
			!got.Begun.Equal(noon()) || !got.BackedUp.Equal(noon()) || got.Record != "" {
			t.Errorf("%s: got %+v", tt.file, got)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		after, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(after, data) {
			t.Errorf("%s: the file was changed (%v)", tt.file, err)
		}
	}
	wantFiles(t, dir, "bdc.db")
}

// A new file has an identity, and a copy says that it is one.
func TestFactsOfACopy(t *testing.T) {
	s := opened(t)
	if err := s.BackedUp(t.Context(), noon().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	var copied bytes.Buffer
	if err := s.Backup(t.Context(), &copied); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "copy.db")
	writeFile(t, path, copied.Bytes())
	c, err := boltstore.Open(path, boltstore.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	original, err := s.Facts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.Facts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if original.Copy || len(original.Record) != 32 || original.Format != boltstore.Format {
		t.Errorf("of the original, got %+v", original)
	}
	if !got.Copy || got.Record != original.Record || !got.BackedUp.Equal(noon().Add(time.Hour)) {
		t.Errorf("of the copy, got %+v", got)
	}
}
