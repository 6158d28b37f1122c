package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"bdc/ingest"
	"bdc/order"
	"bdc/review"
	"bdc/store"
	"bdc/store/boltstore"
	"bdc/validate"
	"bdc/validate/registry"
)

// registers holds the directory, catalogue and accounts that forms are checked
// against: loaded from the store, and swapped whole by an import.
type registers struct {
	store   store.Store
	current atomic.Pointer[registry.Registry]
	mu      sync.Mutex // one import at a time
}

// load reads the registers from a store, or from the daemon that holds it.
func (r *registers) load(ctx context.Context, from registry.Source) error {
	loaded, err := registry.Load(ctx, from, store.ErrNotFound)
	if err != nil {
		return err
	}
	r.current.Store(loaded)
	return nil
}

// snapshot is the registers as they are now.
func (r *registers) snapshot() validate.Registry { return r.current.Load() }

// search looks for schools in the directory as it is now.
func (r *registers) search(words string, limit int) []order.School {
	return r.current.Load().SearchSchools(words, limit)
}

// borrow loads the registers of another data file, for a daemon in shadow: its
// own has none.
func (r *registers) borrow(ctx context.Context, data string, log *slog.Logger) error {
	if client, err := review.Dial(ctx, socketPath(data)); err == nil {
		return errors.Join(r.load(ctx, client), client.Close())
	}
	if _, err := os.Stat(data); errors.Is(err, fs.ErrNotExist) {
		log.Warn("no registers: nothing was imported into the data file yet")
		return nil
	}
	s, err := boltstore.Open(data, boltstore.Options{})
	if err != nil {
		return err
	}
	return errors.Join(r.load(ctx, s), s.Close())
}

// replace imports a file, or several as registry.Pack sends them, into a register,
// and uses it from then on. A bad file changes nothing.
func (r *registers) replace(ctx context.Context, register, name string, file io.Reader) (order.Import, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch register {
	case registry.Directory:
		return replace(ctx, r, name, file, registry.ImportDirectory)
	case registry.Catalogue:
		return replace(ctx, r, name, file, registry.ImportCatalogue)
	case registry.Accounts:
		return replace(ctx, r, name, file, registry.ImportAccounts)
	}
	return order.Import{}, fmt.Errorf("no register %q", register)
}

// replaceAndExamine is replace, and after the accounts also looks again at the
// orders that waited for them. What waits still when that fails is said; the
// import stands.
func (r *registers) replaceAndExamine(w *ingest.Waiting, accepted func()) func(context.Context, string, string, io.Reader) (order.Import, error) {
	return func(ctx context.Context, register, name string, file io.Reader) (order.Import, error) {
		report, err := r.replace(ctx, register, name, file)
		if err != nil || register != registry.Accounts {
			return report, err
		}
		if report.Accepted, err = w.Again(ctx); err != nil {
			err = fmt.Errorf("imported, but the orders that wait were not all examined again: %w", err)
		}
		if report.Accepted > 0 {
			accepted()
		}
		return report, err
	}
}

// importer reads the entries of a register's file.
type importer[E registry.Entry] func(ctx context.Context, r io.Reader, name string, progress func(done int64)) ([]E, order.Import, error)

func replace[E registry.Entry](ctx context.Context, r *registers, name string, file io.Reader, read importer[E]) (order.Import, error) {
	var entries []E
	var report order.Import
	err := registry.Unpack(file, name, func(file io.Reader, name string) error {
		more, next, err := read(ctx, file, name, nil)
		if err != nil {
			return err
		}
		entries = append(entries, more...)
		registry.Join(&report, next)
		return nil
	})
	if err != nil {
		return order.Import{}, err
	}
	report.At = time.Now().UTC()
	before, _, err := r.store.Register(ctx, report.Register)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return report, err
	}
	var old []E
	if err == nil {
		if old, err = registry.Decode[E](before); err != nil {
			return report, err
		}
	}
	entries = registry.Complete(old, entries)
	report.Entries = len(entries)
	if err := registry.Diff(old, entries, &report); err != nil {
		return report, err
	}
	data, err := registry.Encode(entries)
	if err != nil {
		return report, err
	}
	if err := r.store.Swap(ctx, report.Register, data, report); err != nil {
		return report, err
	}
	return report, r.load(ctx, r.store)
}
