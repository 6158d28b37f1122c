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

	"bdc/cmd/bdc/control"
	"bdc/order"
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

// borrow loads the registers of another data file, for a daemon in shadow: its
// own has none.
func (r *registers) borrow(ctx context.Context, data string, log *slog.Logger) error {
	if client, err := control.Dial(ctx, control.SocketPath(data)); err == nil {
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
func (r *registers) replace(ctx context.Context, register, name, actor string, file io.Reader) (order.Import, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch register {
	case registry.Directory:
		return replace(ctx, r, name, actor, file, registry.ImportDirectory)
	case registry.Catalogue:
		return replace(ctx, r, name, actor, file, registry.ImportCatalogue)
	case registry.Accounts:
		return replace(ctx, r, name, actor, file, registry.ImportAccounts)
	}
	return order.Import{}, fmt.Errorf("no register %q", register)
}

// amend changes or creates an account, and uses it from then on. It returns nil,
// and changes nothing, where the account is so already.
func (r *registers) amend(ctx context.Context, e order.AccountEdit) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	data, imported, err := r.store.Register(ctx, registry.Accounts)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	var accounts []order.Account
	begun := err == nil
	if begun {
		if accounts, err = registry.Decode[order.Account](data); err != nil {
			return err
		}
	}
	accounts, detail, err := registry.Amend(accounts, e)
	if err != nil || detail == "" {
		return err
	}
	if !begun { // the first account, of a list that no file began
		imported = order.Import{Register: registry.Accounts, At: e.At, Actor: e.Actor, Revision: 1}
		if data, err = registry.Encode([]order.Account{}); err != nil {
			return err
		}
		if err = r.store.Swap(ctx, registry.Accounts, data, imported); err != nil {
			return err
		}
	}
	if data, err = registry.Encode(accounts); err != nil {
		return err
	}
	event := order.Event{At: e.At, Actor: e.Actor, Verb: "account.changed", Detail: detail}
	if e.New {
		event.Verb = "account.created"
	}
	if err := r.store.Amend(ctx, registry.Accounts, imported.Revision, data, event); err != nil {
		return err
	}
	r.current.Store(r.current.Load().WithAccounts(accounts))
	return nil
}

// importer reads the entries of a register's file.
type importer[E registry.Entry] func(ctx context.Context, r io.Reader, name string, progress func(done int64)) ([]E, order.Import, error)

func replace[E registry.Entry](ctx context.Context, r *registers, name, actor string, file io.Reader, read importer[E]) (order.Import, error) {
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
	report.At, report.File, report.Actor = time.Now().UTC(), name, actor
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
	return report, r.load(context.WithoutCancel(ctx), r.store) // imported: whoever asked may be gone
}
