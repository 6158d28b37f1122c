package registry

import (
	"archive/tar"
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"bdc/order"
)

// maxFiles is the greatest number of files of one import. France has about a hundred
// departments, and some exports have one file for each.
const maxFiles = 200

// Pack writes files to w as one tar archive, which Unpack reads at the other end of a
// connection. It keeps only the base names of the paths. Where a file cannot be
// opened, the error wraps that of package os.
func Pack(w io.Writer, paths []string) error {
	archive := tar.NewWriter(w)
	for _, path := range paths {
		if err := packFile(archive, path); err != nil {
			return fmt.Errorf("pack %q: %w", path, err)
		}
	}
	return archive.Close()
}

func packFile(archive *tar.Writer, path string) (err error) {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	header := &tar.Header{Name: filepath.Base(path), Size: info.Size(), Mode: 0o600, Format: tar.FormatPAX}
	if err := archive.WriteHeader(header); err != nil {
		return err
	}
	_, err = io.Copy(archive, file)
	return err
}

// Unpack calls read for each file of an archive that Pack wrote, with the file's content
// and its name. If r is no such archive, Unpack calls read once, with all of r and with
// name. It returns the first error of read, or a *FileError where the archive ends too
// early or has too many files.
func Unpack(r io.Reader, name string, read func(r io.Reader, name string) error) error {
	const magicAt, magic = 257, "ustar"
	b := bufio.NewReader(r)
	if head, _ := b.Peek(magicAt + len(magic)); len(head) < magicAt+len(magic) || string(head[magicAt:]) != magic {
		return read(b, name)
	}
	archive := tar.NewReader(b)
	for n := 0; ; n++ {
		header, err := archive.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return &FileError{File: name, Reason: "l’envoi des fichiers s’est interrompu."}
		}
		if n == maxFiles {
			return &FileError{File: name, Reason: fmt.Sprintf("plus de %d fichiers.", maxFiles)}
		}
		if err := read(archive, header.Name); err != nil {
			return err
		}
	}
}

// Read reads the entries of a file, as ImportDirectory, ImportCatalogue or ImportAccounts
// does, and tells progress also by rows. progress may be nil.
func Read[E Entry](ctx context.Context, r io.Reader, name string, progress Progress) ([]E, order.Import, error) {
	var entries any
	var report order.Import
	var err error
	switch any(*new(E)).(type) {
	case order.School:
		entries, report, err = directoryIn(ctx, r, name, progress)
	case order.Title:
		entries, report, err = catalogueIn(ctx, r, name, progress)
	default:
		entries, report, err = accountsIn(ctx, r, name, progress)
	}
	return entries.([]E), report, err
}

// Join adds to the report of an import the report of the next of its files. Before the
// first file, report is the zero Import.
func Join(report *order.Import, next order.Import) {
	if report.Register == "" {
		*report = next
		return
	}
	report.Rows += next.Rows
	report.Entries += next.Entries
	report.SkippedN += next.SkippedN
	report.Skipped = append(report.Skipped, next.Skipped[:min(len(next.Skipped), maxReasons-len(report.Skipped))]...)
	report.DroppedN += next.DroppedN
	report.Dropped = append(report.Dropped, next.Dropped[:min(len(next.Dropped), maxReasons-len(report.Dropped))]...)
	sum := sha256.Sum256([]byte(report.SourceSum + next.SourceSum))
	report.SourceSum = order.Hash(hex.EncodeToString(sum[:]))
}

// Complete returns the entries that a register is to have after an import: the imported
// ones, and the old ones that the import does not replace. It may change imported.
//
// Directory: official exports often contain one kind of school only, such as the
// lycées. Such an import replaces the schools of that kind, and the others stay. An
// import with several kinds replaces the whole directory.
//
// Accounts: an import replaces all accounts, except that those which a person created
// stay. Addresses and domains that a person added are added again, and those that a
// person removed are removed again.
//
// Catalogue: an import replaces all titles.
func Complete[E Entry](old, imported []E) []E {
	if accounts, ok := any(imported).([]order.Account); ok {
		return any(keep(any(old).([]order.Account), accounts)).([]E)
	}
	schools, ok := any(imported).([]order.School)
	if !ok {
		return imported
	}
	kind := oneKind(schools)
	if kind == "" {
		return imported
	}
	for _, s := range any(old).([]order.School) {
		if s.Kind != kind {
			schools = append(schools, s)
		}
	}
	return any(schools).([]E)
}

// Replaced returns how many entries of a register an import replaces, by UAI, EAN or
// account number: all of them, but for what Complete says of a directory with one kind of
// school.
func Replaced[E Entry](old, imported []E) int {
	kind := ""
	if schools, ok := any(imported).([]order.School); ok {
		kind = oneKind(schools)
	}
	keys := make(map[string]bool, len(old))
	for i := range old {
		if s, ok := any(&old[i]).(*order.School); ok && kind != "" && s.Kind != kind {
			continue
		}
		key, _ := keyOf(&old[i])
		keys[key] = true
	}
	return len(keys)
}

// oneKind returns the kind that all the schools have, or "".
func oneKind(schools []order.School) string {
	if len(schools) == 0 {
		return ""
	}
	kind := schools[0].Kind
	if slices.ContainsFunc(schools, func(s order.School) bool { return s.Kind != kind }) {
		return ""
	}
	return kind
}
