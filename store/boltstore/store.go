// Package boltstore keeps everything in one bbolt file: the default engine of
// the contract in package store.
//
// One process at a time has the file open, behind a lock. Each verb is one
// transaction; writers take turns, readers never wait for them. A commit is two
// fdatasyncs, so what many callers want recorded is best given to one call.
// docs/store-format.md describes the file bucket by bucket.
//
// What it adds to the contract:
//
//   - The number of an order comes from a counter of its year that is stored in
//     the same transaction, so no crash can give a number twice.
//   - All that an intake, a decision or a settlement causes bears its one
//     moment: a case's times, a reply's, and the audit's.
//   - A case is as old as its recording: lists go by that.
//   - Attachments, composed mails and registers are written once, under rising
//     keys. Overwriting large values in place, while a reader holds the old
//     ones, would make the file grow for ever.
//   - A read transaction lasts as long as it takes to copy its values out, but
//     for Backup and Check: while they last, the pages that writers free are not
//     used again, and the file grows by as much. Check also holds up writers
//     during its first, shorter half, and no reader.
//   - A panic of bbolt over a damaged page becomes an error wrapping
//     store.ErrDamaged. The transaction it struck has no effect.
package boltstore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
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

// Options of Open. The zero value serves.
type Options struct {
	// Timeout is how long to wait for another process to give up the file. Zero
	// means one second.
	Timeout time.Duration

	// Clock says when attachments came; nil means time.Now.
	Clock func() time.Time
}

// mapSize is the address space taken for the file from the start. Growing
// beyond it makes bbolt map the file anew, for which a writer has to wait until
// no read transaction is open.
const mapSize = 1 << 30

// Store is an open data file. It is safe for concurrent use.
type Store struct {
	db    *bolt.DB
	clock func() time.Time
	warm  warm
}

var _ store.Store = (*Store)(nil)

// errNothing ends a write transaction that turned out to have nothing to write.
var errNothing = errors.New("nothing to write")

// Open opens the data file, and creates it where there is none or an empty one.
// Whatever its mode was, it becomes 0600.
//
// The error wraps store.ErrLocked when another process, or another Store of
// this one, has the file open; store.ErrDamaged when it cannot be read as a
// data file, and store.ErrFormat when a later version of the program wrote it.
// In both of the latter cases nothing in the file was changed. After a
// store.ErrDamaged the file may stay locked until the process ends.
//
// Opening ends the leases of all claimed replies: their claimants had the file
// open, and are gone.
func Open(path string, o Options) (*Store, error) {
	if o.Timeout == 0 {
		o.Timeout = time.Second
	}
	db, err := openFile(path, o.Timeout)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	s := &Store{db: db, clock: o.Clock}
	if s.clock == nil {
		s.clock = time.Now
	}
	if err := s.vacate(); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: end the leases: %w", path, err), db.Close())
	}
	return s, nil
}

func openFile(path string, timeout time.Duration) (db *bolt.DB, err error) {
	// A page that a truncated file no longer has is a fault of the mapped
	// memory, and it ends the program unless it is made a panic.
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	var file *os.File
	defer func() {
		if r := recover(); r != nil {
			err = errors.Join(fmt.Errorf("%w: %v", store.ErrDamaged, r), file.Close())
		}
	}()
	db, err = bolt.Open(path, 0o600, &bolt.Options{
		Timeout:         timeout,
		InitialMmapSize: mapSize,
		OpenFile: func(name string, flag int, mode os.FileMode) (f *os.File, err error) {
			if file, err = os.OpenFile(name, flag, mode); err != nil {
				return nil, err
			}
			return file, file.Chmod(mode)
		},
	})
	if err != nil {
		return nil, openError(err)
	}
	if err := errors.Join(prepare(db, file), syncDir(filepath.Dir(path))); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// openError translates what bolt.Open returns. Some of its errors about the
// file's content are plain texts, so whatever the system did not say is taken
// for one.
func openError(err error) error {
	var path *fs.PathError
	var errno syscall.Errno
	switch {
	case errors.Is(err, berrors.ErrTimeout):
		return store.ErrLocked
	case errors.Is(err, berrors.ErrVersionMismatch):
		return fmt.Errorf("%w: %w", store.ErrFormat, err)
	case errors.As(err, &path), errors.As(err, &errno):
		return err
	}
	return fmt.Errorf("%w: %w", store.ErrDamaged, err)
}

// syncDir makes a new file's name durable: bbolt syncs only what is in it.
func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// Close gives the file back.
func (s *Store) Close() error { return s.db.Close() }

// Backup writes the data file as it is at one moment. The copy needs no repair
// and no journal: Open opens it.
func (s *Store) Backup(ctx context.Context, w io.Writer) error {
	err := s.view(ctx, func(tx *bolt.Tx) error {
		_, err := tx.WriteTo(w)
		return err
	})
	if err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	return nil
}

// BackedUp writes the moment, which Status reads.
func (s *Store) BackedUp(ctx context.Context, at time.Time) error {
	err := s.update(ctx, func(tx *bolt.Tx) error {
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
	defer recoverDamage(&err)
	return s.db.View(f)
}

// update runs f in a write transaction and commits it, unless f returns an
// error. f may return errNothing for "no need to commit".
func (s *Store) update(ctx context.Context, f func(*bolt.Tx) error) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	defer recoverDamage(&err)
	if err := s.db.Update(f); !errors.Is(err, errNothing) {
		return err
	}
	return nil
}

// recoverDamage makes an error of the panic by which bbolt says that a page is
// not what it should be: a text. Any other panic is ours, and goes on.
func recoverDamage(err *error) {
	switch r := recover().(type) {
	case nil:
	case string:
		*err = fmt.Errorf("%w: %s", store.ErrDamaged, r)
	default:
		panic(r)
	}
}
