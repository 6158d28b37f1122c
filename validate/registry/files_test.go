package registry

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bdc/order"
)

// unpacked is what Unpack reads, file by file.
func unpacked(r io.Reader, name string) (files []string, err error) {
	err = Unpack(r, name, func(r io.Reader, name string) error {
		data, err := io.ReadAll(r)
		files = append(files, name+"="+string(data))
		return err
	})
	return files, err
}

func TestPackUnpack(t *testing.T) {
	dir := t.TempDir()
	var paths, want []string
	for i, text := range []string{header + turgot, "", strings.Repeat("é;", 100_000)} {
		name := fmt.Sprintf("annuaire %d.csv", i)
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		paths, want = append(paths, filepath.Join(dir, name)), append(want, name+"="+text)
	}
	var packed bytes.Buffer
	if err := Pack(&packed, paths); err != nil {
		t.Fatal(err)
	}
	data := packed.Bytes()
	got, err := unpacked(bytes.NewReader(data), "envoi")
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %d files and error %v, want the three", len(got), err)
	}
	var refused *FileError
	if _, err := unpacked(bytes.NewReader(data[:len(data)-100_000]), "envoi"); err == nil {
		t.Error("a stream that broke off: got no error")
	}
	if _, err := unpacked(bytes.NewReader(append(slices.Clone(data[:257]), "ustar and no more"...)),
		"envoi"); !errors.As(err, &refused) {
		t.Errorf("a stream that is no archive: got %v, want a FileError", err)
	}
	if err := Pack(io.Discard, []string{filepath.Join(dir, "absent.csv")}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: got %v, want os.ErrNotExist", err)
	}
}

func TestUnpackOneFile(t *testing.T) {
	for _, text := range []string{"", "UAI;Nom", header + turgot, strings.Repeat("x", 1000)} {
		got, err := unpacked(strings.NewReader(text), "annuaire.csv")
		if want := "annuaire.csv=" + text; err != nil || len(got) != 1 || got[0] != want {
			t.Errorf("got %q and error %v, want %q", got, err, want)
		}
	}
}

func TestJoin(t *testing.T) {
	var report order.Import
	for i := range 3 {
		Join(&report, order.Import{
			Register: Directory, Rows: 100, Entries: 60, SkippedN: 40,
			Skipped: make([]string, 40), SourceSum: order.Hash(fmt.Sprint(i)),
		})
	}
	if report.Register != Directory || report.Rows != 300 || report.Entries != 180 || report.SkippedN != 120 ||
		len(report.Skipped) != maxReasons || len(report.SourceSum) != 64 {
		t.Errorf("got %+v, want the sums of three, and %d reasons", report, maxReasons)
	}
}

func TestComplete(t *testing.T) {
	old := []order.School{
		{Name: "lycée A", Kind: "Lycée"},
		{Name: "lycée B", Kind: "Lycée"},
		{Name: "collège C", Kind: "Collège"},
		{Name: "sans type"},
	}
	for _, tt := range []struct {
		name     string
		imported []order.School
		want     string
	}{
		{"of one kind", []order.School{{Name: "lycée D", Kind: "Lycée"}}, "lycée D, collège C, sans type"},
		{
			"of another kind",
			[]order.School{{Name: "école E", Kind: "École"}},
			"école E, lycée A, lycée B, collège C, sans type",
		},
		{
			"of several kinds",
			[]order.School{{Name: "lycée D", Kind: "Lycée"}, {Name: "école E", Kind: "École"}},
			"lycée D, école E",
		},
		{"that names no kind", []order.School{{Name: "F"}, {Name: "G"}}, "F, G"},
	} {
		var names []string
		for _, s := range Complete(old, tt.imported) {
			names = append(names, s.Name)
		}
		if got := strings.Join(names, ", "); got != tt.want {
			t.Errorf("a directory %s: got %s, want %s", tt.name, got, tt.want)
		}
	}
	if got := Complete([]order.Account{{Number: "1"}}, []order.Account{{Number: "2"}}); len(got) != 1 {
		t.Errorf("accounts: got %v, want the imported one only", got)
	}
}
