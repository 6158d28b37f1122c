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

// Pack writes files as one stream, for Unpack on the other end of a connection:
// a tar archive. An error of opening a file wraps the os package's.
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
	if err := archive.WriteHeader(&tar.Header{Name: filepath.Base(path), Size: info.Size(), Mode: 0o600, Format: tar.FormatPAX}); err != nil {
		return err
	}
	_, err = io.Copy(archive, file)
	return err
}

// Unpack calls read with each file of a stream that Pack wrote, or with the one
// file that a stream is, under name.
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

// Join adds the report of another file of the same import to a report, which may
// be the zero one.
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

// Complete adds to what was imported what it does not speak of. A directory of
// one kind of school, as the official exports come, replaces the schools of that
// kind, and leaves the others as they were; accounts keep the addresses and domains
// that people registered, and stay without those that they struck off, and those
// that people created stay; anything else replaces the register.
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
