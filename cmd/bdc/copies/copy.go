// Package copies makes copies of the data file, and looks after the file itself.
//
// Write makes one copy, for bdc backup; Regular makes one now and then, for the daemon. Both
// verify what they have written before it gets its name, so that at a copy's name there is a
// whole and sound copy or what was there before. A Keeper notices that the data file can't be
// written, or is no longer in its place, and saves what would be lost then.
package copies

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"bdc/cmd/bdc/control"
	"bdc/store"
	"bdc/store/boltstore"
)

// Source is what copies are made of: a store, or the daemon that has it open.
type Source interface {
	Backup(ctx context.Context, w io.Writer) error
}

// partial is how the names of copies begin and end that are being written.
const (
	partialBegin = ".bdc-copy-"
	partialEnd   = ".partial"
)

// Write makes a copy of the data file at data: at the path file, of mode 0600, verified, whole
// or not at all. It replaces an earlier copy, and refuses to replace anything else: the data
// file itself under whatever name, a file that a program has open, and every file that is not
// marked as a copy. It removes what an earlier Write left in the folder when it was killed.
func Write(ctx context.Context, source Source, data, file string) error {
	if to, err := filepath.EvalSymlinks(file); err == nil {
		file = to // the copy goes where a link leads
	}
	if err := replaceable(ctx, data, file); err != nil {
		return err
	}
	folder := filepath.Dir(file)
	Clean(folder)
	part, err := written(ctx, source, folder)
	if err != nil {
		return err
	}
	defer part.discard()
	if err := replaceable(ctx, data, file); err != nil { // it took its time
		return err
	}
	if err := os.Rename(part.file.Name(), file); err != nil {
		return err
	}
	return syncFolder(folder)
}

// Send writes a copy to w, after it was verified in a temporary file.
func Send(ctx context.Context, source Source, w io.Writer) error {
	folder := os.TempDir()
	Clean(folder)
	part, err := written(ctx, source, folder)
	if err != nil {
		return err
	}
	defer part.discard()
	if _, err := part.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	_, err = io.Copy(w, part.file)
	return err
}

// replaceable returns an error if a copy must not be put at a path.
func replaceable(ctx context.Context, data, file string) error {
	there, err := os.Lstat(file)
	if errors.Is(err, fs.ErrNotExist) {
		if same(file, data) {
			return fmt.Errorf("%s is the data file's own place: name another file", file)
		}
		return nil
	}
	if err != nil {
		return err
	}
	if ours, err := os.Stat(data); err == nil && os.SameFile(there, ours) || same(file, data) {
		return fmt.Errorf("%s is the data file itself: name another file", file)
	}
	if !there.Mode().IsRegular() {
		return fmt.Errorf("%s is no file: name one", file)
	}
	if client, err := control.Dial(ctx, control.SocketPath(file)); err == nil {
		err := fmt.Errorf("%s is the data file of a daemon that runs: name another file", file)
		return errors.Join(err, client.Close())
	}
	switch copied, err := isCopy(ctx, file); {
	case errors.Is(err, store.ErrLocked):
		return fmt.Errorf("%s is in use by another process: name another file", file)
	case err != nil || !copied:
		return fmt.Errorf("%s is there, and is no copy that bdc backup wrote: remove it, or name another file", file)
	}
	return nil
}

// same reports whether two paths are of one place, whether or not there is a file.
func same(a, b string) bool {
	fa, err1 := os.Stat(filepath.Dir(a))
	fb, err2 := os.Stat(filepath.Dir(b))
	return err1 == nil && err2 == nil && os.SameFile(fa, fb) && filepath.Base(a) == filepath.Base(b)
}

// isCopy reports whether a file says of itself that Backup wrote it.
func isCopy(ctx context.Context, file string) (copied bool, err error) {
	s, err := boltstore.Open(file, boltstore.Options{ReadOnly: true})
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return s.Copied(ctx)
}

// partialFile is a copy that is being written.
type partialFile struct{ file *os.File }

// discard closes the file, and removes it where it did not get another name.
func (p partialFile) discard() {
	_ = os.Remove(p.file.Name()) // gone where all went well
	_ = p.file.Close()           // it was written and synced before
}

// written writes a copy into a folder under a name of its own, and verifies it. The caller
// discards it.
func written(ctx context.Context, source Source, folder string) (_ partialFile, err error) {
	file, err := os.CreateTemp(folder, partialBegin+"*"+partialEnd)
	if err != nil {
		return partialFile{}, err
	}
	part := partialFile{file}
	defer func() {
		if err != nil {
			part.discard()
		}
	}()
	if err := share(file); err != nil { // Clean leaves it alone
		return part, err
	}
	w := bufio.NewWriterSize(file, 1<<20)
	if err := errors.Join(source.Backup(ctx, w), w.Flush(), file.Sync()); err != nil {
		return part, err
	}
	return part, sound(ctx, file.Name())
}

// mostTold is how many faults of a copy an error tells.
const mostTold = 3

// sound returns an error if a copy is not sound.
func sound(ctx context.Context, file string) (err error) {
	s, err := boltstore.Open(file, boltstore.Options{ReadOnly: true})
	if err != nil {
		return fmt.Errorf("the copy can't be read: %w", err)
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	var faults []string
	v := store.Verification{Fault: func(words string) { faults = append(faults, words) }}
	if err := s.Verify(ctx, v); err != nil {
		return fmt.Errorf("the copy can't be verified: %w", err)
	}
	if n := len(faults); n > 0 {
		return fmt.Errorf("%w, and so would be the copy, which is not kept: %d faults, which bdc verify lists: %s",
			store.ErrDamaged, n, strings.Join(faults[:min(n, mostTold)], "; "))
	}
	return nil
}

// Clean removes from a folder the copies that were being written when their program was
// killed. It leaves alone what still is.
func Clean(folder string) {
	names, _ := filepath.Glob(filepath.Join(folder, partialBegin+"*"+partialEnd)) // fails for no such pattern
	for _, name := range names {
		file, err := os.OpenFile(name, os.O_RDWR, 0)
		if err != nil {
			continue // another's, or gone
		}
		if abandoned(file) {
			_ = os.Remove(name)
		}
		_ = file.Close()
	}
}

// syncFolder makes the names in a folder durable.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
