package registry

import (
	"archive/tar"
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"bdc/order"
)

// maxFiles is how many files one import may consist of: more than a file for
// each department.
const maxFiles = 200

// Pack writes files as one stream, a tar archive, which Unpack reads at the other end
// of a connection. An error of opening a file wraps that of package os.
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

// Unpack calls read with each file of a stream that Pack wrote, under its own name. A
// stream that is no such archive is taken for a single file, and read is called with
// it under name. Unpack returns the first error of read, or a *FileError where the
// stream ends too early or has too many files.
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

// Join adds to report what next says: the report of another file of the same import.
// The report of an import may be zero before its first file.
func Join(report *order.Import, next order.Import) {
	if report.Register == "" {
		*report = next
		return
	}
	report.Rows += next.Rows
	report.Entries += next.Entries
	report.SkippedN += next.SkippedN
	report.Skipped = append(report.Skipped, next.Skipped[:min(len(next.Skipped), maxReasons-len(report.Skipped))]...)
	sum := sha256.Sum256([]byte(report.SourceSum + next.SourceSum))
	report.SourceSum = order.Hash(hex.EncodeToString(sum[:]))
}

// Complete returns the entries that a register has after an import: the imported ones,
// and those of the old ones that the imported file does not speak of.
//
// An official export of the directory may hold one kind of school, such as the lycées:
// it replaces the schools of that kind, and the others stay. One of several kinds
// replaces the whole directory. Accounts keep the addresses and domains that a person
// added, stay without those that a person removed, and accounts that a person created
// stay. Of a catalogue nothing old stays.
func Complete[E Entry](old, imported []E) []E {
	if accounts, ok := any(imported).([]order.Account); ok {
		return any(keep(any(old).([]order.Account), accounts)).([]E)
	}
	schools, ok := any(imported).([]order.School)
	if !ok || len(schools) == 0 {
		return imported
	}
	kind := schools[0].Kind
	for i := range schools {
		if schools[i].Kind != kind || kind == "" {
			return imported
		}
	}
	for _, s := range any(old).([]order.School) {
		if s.Kind != kind {
			schools = append(schools, s)
		}
	}
	return any(schools).([]E)
}
