// Package boltstore is the default engine of the contract in package store: it keeps
// everything in one file, by bbolt.
//
// Only one process at a time has the file open; a lock keeps others out. Each method is
// one transaction. Writers wait for one another; readers never wait for writers. A commit
// takes two fdatasyncs, so it pays to record many intakes by one call of Record, and many
// settlements by one call of Settle. docs/store-format.md describes the file bucket by
// bucket.
//
// What the engine promises beyond the contract:
//
//   - The number of an order comes from a counter of its year, which is stored in the
//     same transaction as the order. So no number is given twice, even after a crash.
//   - Everything that an intake, a decision or a settlement causes is recorded with the
//     same moment: the At of the intake, decision or settlement.
//   - Lists of cases are in the order in which the cases were recorded.
//   - Attachments, composed mails and registers are never overwritten. Each is written
//     under a new key, higher than all before it. If large values were overwritten in
//     place while readers still use the old ones, the file would grow for ever.
//   - A read transaction lasts only until its values are copied, except in Backup and
//     Check. While one of these runs, pages that writers free cannot be used again, and
//     the file grows by as much. During the first and shorter half of Check, writers wait.
//   - If bbolt panics because a page is damaged, the method returns an error that wraps
//     store.ErrDamaged, and its transaction has no effect.
package boltstore

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"syscall"
	"time"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"bdc/order"
	"bdc/store"
)

// Options are those of Open. The zero value is good for use.
type Options struct {
	// Create makes the data file if there is none: a new record begins. It replaces no file,
	// not even an empty one.
	Create bool

	// Timeout is how long to wait until another process closes the file; 0 means one
	// second.
	Timeout time.Duration

	// Clock returns the current time, by which leases end and which Keep notes for each
	// attachment; nil means time.Now.
	Clock func() time.Time

	// ReadOnly opens the file to be read, and changes nothing in it. A file of an earlier
	// format is not brought up to date, and what is damaged in it is left for Verify to find:
	// only Verify, Check, Backup, Facts, Register and Close may be called; Register only if
	// Facts had no error. Others may have it open likewise.
	ReadOnly bool

	// Log is told if Open brings a file of an earlier format up to date; nil means that
	// nobody is told.
	Log *slog.Logger
}

// mapSize is the address space taken for the file from the start. Growing
// beyond it makes bbolt map the file anew, for which a writer has to wait until
// no read transaction is open.
const mapSize = 1 << 30

// Store is an open data file: a store.Store. It is safe for concurrent use, and whoever
// opened it closes it.
type Store struct {
	db      *bolt.DB
	clock   func() time.Time
	opening string // tells what was leased since the file was opened from what was leased before
	warm    warm

	file      *os.File    // the db's
	opened    os.FileInfo // of file
	condition condition
}

var _ store.Store = (*Store)(nil)

// errNothing ends a write transaction that turned out to have nothing to write.
var errNothing = errors.New("nothing to write")

// Open opens the data file, and sets its mode to 0600.
//
// The error wraps store.ErrMissing if there is no file at the path, unless Options.Create
// is set; store.ErrLocked if another process, or another Store of this process, has the
// file open; store.ErrDamaged if the file is no data file that can be read, as one of 0
// bytes is; and store.ErrFormat if a later version of the program wrote it. In all these
// cases nothing in the file was changed. After store.ErrDamaged, the file may stay locked
// until the process ends.
//
// Open brings a file of an earlier format up to date. It keeps a copy of the file as it was
// beside it, such as bdc.db.format2, of mode 0600. If it cannot, it changes nothing.
//
// Only one process has the file open, so those that had it open before no longer run. All
// replies that they had claimed can be claimed at once, and their leases can be taken at
// once.
func Open(path string, o Options) (*Store, error) {
	if o.Timeout == 0 {
		o.Timeout = time.Second
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	db, file, err := openFile(path, o, false)
	if errors.Is(err, fs.ErrNotExist) {
		if o.Create {
			return made(path, o)
		}
		err = fmt.Errorf("%w: %w", store.ErrMissing, err)
	}
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	s := &Store{db: db, file: file, clock: o.Clock, opening: rand.Text()}
	if s.clock == nil {
		s.clock = time.Now
	}
	if s.opened, err = file.Stat(); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), db.Close())
	}
	if o.ReadOnly {
		return s, nil
	}
	if err := s.vacate(); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: end the leases: %w", path, err), db.Close())
	}
	return s, nil
}

// made makes the data file and opens it.
func made(path string, o Options) (*Store, error) {
	if err := create(path); err != nil && !errors.Is(err, fs.ErrExist) { // another process may have made it now
		return nil, fmt.Errorf("create %s: %w", path, err)
	}
	o.Create = false
	return Open(path, o)
}

// create makes a data file under a name of its own, the path with ".new-" and random
// characters behind it, and gives it its real name once its content is durable. So a crash
// leaves a whole data file at the path, or nothing. The error wraps fs.ErrExist if there is
// anything at the path, which is left as it is.
func create(path string) (err error) {
	fresh := path + ".new-" + rand.Text()
	db, _, err := openFile(fresh, Options{Timeout: time.Second}, true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(fresh)) }()
	if err := db.Close(); err != nil {
		return err
	}
	if err := os.Link(fresh, path); err != nil { // unlike a renaming, it replaces nothing
		return err
	}
	return syncDir(filepath.Dir(path))
}

// openFile opens a bbolt file as a data file. If fresh is true, it makes the file, and
// there must be none; else the file must be there.
func openFile(path string, o Options, fresh bool) (db *bolt.DB, file *os.File, err error) {
	// A page that a truncated file no longer has is a fault of the mapped
	// memory, and it ends the program unless it is made a panic.
	defer onFault()()
	defer func() {
		if r := recover(); r != nil {
			err = errors.Join(fmt.Errorf("%w: %v", store.ErrDamaged, r), file.Close())
		}
	}()
	options := &bolt.Options{
		Timeout:         o.Timeout,
		InitialMmapSize: mapSize,
		ReadOnly:        o.ReadOnly,
		OpenFile: func(name string, flag int, mode os.FileMode) (f *os.File, err error) {
			if flag |= os.O_EXCL; !fresh {
				flag &^= os.O_CREATE | os.O_EXCL
			}
			if file, err = os.OpenFile(name, flag, mode); err != nil {
				return nil, err
			}
			err = usable(file, fresh)
			if !o.ReadOnly {
				err = errors.Join(file.Chmod(mode), err)
			}
			if err != nil {
				return nil, errors.Join(err, file.Close())
			}
			return file, nil
		},
	}
	if o.ReadOnly {
		options.InitialMmapSize = 0
	}
	if db, err = bolt.Open(path, 0o600, options); err != nil {
		return nil, nil, openError(err)
	}
	if o.ReadOnly {
		err = readable(db, file)
	} else {
		err = errors.Join(prepare(db, file, fresh, o.Log), syncDir(filepath.Dir(path)))
	}
	if err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return db, file, nil
}

// usable refuses a file of 0 bytes that is not fresh: bbolt would begin a new record in it.
func usable(file *os.File, fresh bool) error {
	info, err := file.Stat()
	if err == nil && info.Size() == 0 && !fresh {
		err = errEmpty
	}
	return err
}

// errEmpty says that nothing was ever written to a file, or all of it was lost.
var errEmpty = fmt.Errorf("%w: it is empty (0 bytes); put a copy in its place, or remove it to begin a new record",
	store.ErrDamaged)

// openError translates an error of bolt.Open into one of the contract. Some of bbolt's
// errors about damage have no type. So every error that does not come from the operating
// system is taken for damage.
func openError(err error) error {
	var path *fs.PathError
	var errno syscall.Errno
	switch {
	case errors.Is(err, store.ErrDamaged):
		return err
	case errors.Is(err, berrors.ErrTimeout):
		return store.ErrLocked
	case errors.Is(err, berrors.ErrVersionMismatch):
		return fmt.Errorf("%w: %w", store.ErrFormat, err)
	case errors.As(err, &path), errors.As(err, &errno):
		return err
	}
	return fmt.Errorf("%w: %w", store.ErrDamaged, err)
}

// syncDir makes the name of a new file durable. bbolt makes only its content durable.
func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// Close closes the file and releases its lock.
func (s *Store) Close() error { return s.db.Close() }

// Backup writes a copy of the data file as it is at one moment, except that the copy says
// that it is one. Open opens the copy as it is, without any repair. A file without a copy
// mark, which only Options.ReadOnly opens, is of an earlier format, or damaged: its copy is
// as it is.
func (s *Store) Backup(ctx context.Context, w io.Writer) error {
	err := s.view(ctx, func(tx *bolt.Tx) error {
		mark, err := copyMark(tx)
		if err != nil && s.db.IsReadOnly() {
			_, err = tx.WriteTo(w)
			return err
		}
		if err != nil {
			return err
		}
		m := marker{w: w, random: mark[:copyMarkSize-1]}
		if _, err := tx.WriteTo(&m); err != nil {
			return err
		}
		return m.flush()
	})
	if err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	return nil
}

// BackedUp stores the moment of a backup, which Status returns.
func (s *Store) BackedUp(ctx context.Context, at time.Time) error {
	err := s.updateAway(ctx, func(tx *bolt.Tx) error {
		if err := save(bucket(tx, bucketMeta), []byte(keyBackup), at); err != nil {
			return err
		}
		return audit(tx, order.Event{At: at, Actor: actor, Verb: "store.backedup"})
	})
	if err != nil {
		return fmt.Errorf("note a backup: %w", err)
	}
	return nil
}

// view runs f in a read transaction. Nothing that f gets from the transaction
// outlives it: values are copied or decoded.
func (s *Store) view(ctx context.Context, f func(*bolt.Tx) error) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	defer func() { s.damaged(err) }()
	defer onFault()()
	defer recoverDamage(&err)
	return s.db.View(f)
}

// update runs f in a write transaction and commits it, unless f returns an
// error. f may return errNothing for "no need to commit". It writes nothing while the file is
// not in its place.
func (s *Store) update(ctx context.Context, f func(*bolt.Tx) error) (err error) {
	if err := s.present(); err != nil {
		return err
	}
	return s.updateAway(ctx, f)
}

// updateAway is update for what goes on even while the file is not in its place: mails to
// staff, who are told of it by these.
func (s *Store) updateAway(ctx context.Context, f func(*bolt.Tx) error) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	defer func() { s.damaged(err) }()
	defer onFault()()
	defer recoverDamage(&err)
	var begun *bolt.Tx
	var refused error // by f
	err = s.db.Update(func(tx *bolt.Tx) error {
		begun = tx
		if refused = s.overwritten(tx); refused == nil {
			refused = f(tx)
		}
		return refused
	})
	switch {
	case errors.Is(refused, errNothing):
		return nil
	case refused != nil:
		return refused
	case err != nil:
		err = fmt.Errorf("%w: %w", store.ErrDataFile, err)
	}
	octets := int64(0)
	if begun != nil {
		stats := begun.Stats()
		octets = stats.GetPageAlloc()
	}
	s.committed(octets, err)
	return err
}

// recoverDamage turns a panic of bbolt into an error that wraps store.ErrDamaged. bbolt
// panics with a text when a page is not what it should be. The runtime panics with an
// address where the mapped file can't be read, because the disk does not give it or because
// somebody has cut it; onFault asks it to. Any other panic is a mistake of ours, and goes on.
func recoverDamage(err *error) {
	switch r := recover().(type) {
	case nil:
	case string:
		*err = fmt.Errorf("%w: %s", store.ErrDamaged, r)
	case interface{ Addr() uintptr }:
		*err = fmt.Errorf("%w: a part of it can't be read: %v", store.ErrDamaged, r)
	default:
		panic(r)
	}
}

// onFault makes a fault of the mapped memory a panic of this goroutine, and not the end of
// the program. It returns what undoes that.
func onFault() (undo func()) {
	before := debug.SetPanicOnFault(true)
	return func() { debug.SetPanicOnFault(before) }
}
