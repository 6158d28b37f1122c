// Package registers keeps the directory of schools, the catalogue and the
// booksellers' accounts, which forms are checked against.
//
// Registers hold all three in memory, as they were last read from the store. An
// import replaces a register as a whole, and a person's edit changes or creates one
// account; each is one transaction of the store, and forms are checked against the
// result from then on, without a restart. A file or an edit that is refused changes
// nothing.
//
// Orders wait for a person when their sender or account is not registered. After
// each change of the accounts those orders are examined again. If that fails, the
// change of the accounts stands all the same, and the error wraps ErrUnfinished.
package registers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"bdc/order"
	"bdc/store"
	"bdc/validate"
	"bdc/validate/registry"
)

// ErrUnfinished says that an import or an edit is recorded and in use, but that not
// all the orders that waited for it could be examined again.
var ErrUnfinished = errors.New("not all waiting orders were examined again")

// Registers are the directory, the catalogue and the accounts in use. Their methods
// may be called concurrently; imports and edits wait for one another.
type Registers struct {
	// Again examines once more the orders that wait for an account, and returns how many
	// of them were accepted. Import and Amend call it after each change of the accounts,
	// unless it is nil. Set it before the first call of either.
	Again func(ctx context.Context) (accepted int, err error)

	store   store.Registers
	current atomic.Pointer[registry.Registry]
	change  sync.Mutex // held by whoever imports or edits
}

// New returns registers that are empty until Load. s records imports and edits; it may be
// nil if neither Import nor Amend is called.
func New(s store.Registers) *Registers {
	r := &Registers{store: s}
	r.current.Store(registry.New(nil, nil, nil))
	return r
}

// Load reads all three registers: from the store, or from the daemon that holds the
// store. If it fails, the registers in use stay as they are.
func (r *Registers) Load(ctx context.Context, from registry.Source) error {
	loaded, err := registry.Load(ctx, from, store.ErrNotFound)
	if err != nil {
		return err
	}
	r.current.Store(loaded)
	return nil
}

// Current returns the registers as they are now. What it returns never changes: a
// later import or edit shows in the next call.
func (r *Registers) Current() *registry.Registry { return r.current.Load() }

// Snapshot returns what Current returns, as the interface that package validate checks
// forms against.
func (r *Registers) Snapshot() validate.Registry { return r.Current() }

// Import replaces a register (registry.Directory, Catalogue or Accounts) by the content of
// file, which may also be several files as Open joins them. name is the name of the file
// and actor is who sent it, both for the record. Import returns the report of what changed.
// The error for a file that cannot be used is a *registry.FileError.
func (r *Registers) Import(ctx context.Context, register, name, actor string, file io.Reader) (order.Import, error) {
	var report order.Import
	var err error
	switch register {
	case registry.Directory:
		report, err = replace(ctx, r, name, actor, file, registry.ImportDirectory)
	case registry.Catalogue:
		report, err = replace(ctx, r, name, actor, file, registry.ImportCatalogue)
	case registry.Accounts:
		report, err = replace(ctx, r, name, actor, file, registry.ImportAccounts)
	default:
		return report, fmt.Errorf("no register %q", register)
	}
	if err == nil && register == registry.Accounts {
		report.Accepted, err = r.again(ctx)
	}
	return report, err
}

// Amend changes or creates one account, and returns how many waiting orders were
// accepted because of it. If the account is already as the edit wants it, nothing is
// recorded. The error for an edit that breaks a rule of accounts is a *registry.EditError.
// The error wraps registry.ErrNoAccount if there is no such account, and
// registry.ErrChanged or store.ErrRevision if somebody changed the account after the person
// had read it.
func (r *Registers) Amend(ctx context.Context, e order.AccountEdit) (accepted int, err error) {
	if err := r.amend(ctx, e); err != nil {
		return 0, err
	}
	return r.again(ctx)
}

func (r *Registers) again(ctx context.Context) (accepted int, err error) {
	if r.Again == nil {
		return 0, nil
	}
	if accepted, err = r.Again(ctx); err != nil {
		err = fmt.Errorf("%w: %w", ErrUnfinished, err)
	}
	return accepted, err
}

func (r *Registers) amend(ctx context.Context, e order.AccountEdit) error {
	r.change.Lock()
	defer r.change.Unlock()
	data, imported, err := r.store.Register(ctx, registry.Accounts)
	var accounts []order.Account
	switch {
	case errors.Is(err, store.ErrNotFound): // the first account, and no file was ever imported
	case err != nil:
		return err
	default:
		if accounts, err = registry.Decode[order.Account](data); err != nil {
			return err
		}
	}
	accounts, detail, err := registry.Amend(accounts, e)
	if err != nil || detail == "" {
		return err
	}
	if data, err = registry.Encode(accounts); err != nil {
		return err
	}
	event := order.Event{At: e.At, Actor: e.Actor, Verb: "account.changed", Detail: detail}
	if e.New {
		event.Verb = "account.created"
	}
	// One transaction, also for the first account: where nothing was imported the
	// revision is 0, which begins the register.
	if err := r.store.Amend(ctx, registry.Accounts, imported.Revision, data, event); err != nil {
		return err
	}
	r.current.Store(r.current.Load().WithAccounts(accounts))
	return nil
}

// reader reads the entries of one file of a register.
type reader[E registry.Entry] func(
	ctx context.Context, r io.Reader, name string, progress func(done int64),
) ([]E, order.Import, error)

func replace[E registry.Entry](
	ctx context.Context, r *Registers, name, actor string, file io.Reader, read reader[E],
) (order.Import, error) {
	r.change.Lock()
	defer r.change.Unlock()
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
	return report, r.Load(context.WithoutCancel(ctx), r.store) // it is imported, even if whoever asked has gone
}
