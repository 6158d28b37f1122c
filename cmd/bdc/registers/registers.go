// Package registers keeps the directory of schools, the catalogue and the
// booksellers' accounts, which forms are checked against.
//
// Registers hold all three in memory, as they were last read from the store. An
// import replaces a register as a whole, and a person's edit changes or creates one
// account; each is one transaction of the store, and forms are checked against the
// result from then on, without a restart. A file or an edit that is refused changes
// nothing, and neither does an import that would remove more than a tenth of a register,
// unless somebody says that this is meant. The last three imports can be undone.
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
	change  sync.Mutex // held by whoever imports, edits or reads anew
	known   revisions  // of the registers in current
}

// revisions are the revisions at which registers were read or written, by name.
type revisions struct {
	mu sync.Mutex
	of map[string]uint64
}

// behind reports whether a register has a higher revision.
func (r *revisions) behind(now map[string]uint64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for name, revision := range now {
		if revision > r.of[name] {
			return true
		}
	}
	return false
}

func (r *revisions) note(name string, revision uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.of[name] = revision
}

// noting is a source that notes the revisions of what is read from it.
type noting struct {
	registry.Source
	known *revisions
}

func (n noting) Register(ctx context.Context, name string) ([]byte, order.Import, error) {
	data, imported, err := n.Source.Register(ctx, name)
	if err == nil {
		n.known.note(name, imported.Revision)
	}
	return data, imported, err
}

// New returns registers that are empty until Load. s records imports and edits; it may be
// nil if neither Import nor Amend is called.
func New(s store.Registers) *Registers {
	r := &Registers{store: s, known: revisions{of: map[string]uint64{}}}
	r.current.Store(registry.New(nil, nil, nil))
	return r
}

// Load reads all three registers: from the store, or from the daemon that holds the
// store. If it fails, the registers in use stay as they are.
func (r *Registers) Load(ctx context.Context, from registry.Source) error {
	read := revisions{of: map[string]uint64{}}
	loaded, err := registry.Load(ctx, noting{from, &read}, store.ErrNotFound)
	if err != nil {
		return err
	}
	r.current.Store(loaded)
	for name, revision := range read.of {
		r.known.note(name, revision)
	}
	return nil
}

// Refresh reads the registers from the store anew if one has a higher revision there than
// when it was last read or written here: somebody else has changed it. now has the
// revisions in the store, as store.Pulse tells them.
func (r *Registers) Refresh(ctx context.Context, now map[string]uint64) error {
	if !r.known.behind(now) {
		return nil
	}
	r.change.Lock()
	defer r.change.Unlock()
	if !r.known.behind(now) { // it was our own import that is done now
		return nil
	}
	return r.Load(ctx, r.store)
}

// Current returns the registers as they are now. What it returns never changes: a
// later import or edit shows in the next call.
func (r *Registers) Current() *registry.Registry { return r.current.Load() }

// Snapshot returns what Current returns, as the interface that package validate checks
// forms against.
func (r *Registers) Snapshot() validate.Registry { return r.Current() }

// ErrNothing says that a register has no import that can be undone: of the last three none
// is left, or the only one began the register.
var ErrNothing = errors.New("no import of this register can be undone")

// Request is an import that somebody asks for.
type Request struct {
	Register string // registry.Directory, Catalogue or Accounts
	Name     string // the name of the file, for the record
	Actor    string // who sent it, for the record

	// Preview says that nothing is to be changed.
	Preview bool
	// Force says that the import is meant even if it is drastic (order.Preview.Drastic).
	Force bool
	// Seen is the revision of the register that the actor knows of; 0 for any. The import
	// is refused if the register is at another one.
	Seen uint64
	// Progress is told how many rows and octets were read, of all files together. It may be
	// nil.
	Progress registry.Progress
}

// Import replaces a register by the content of file, which may also be several files as Open
// joins them, and returns what that changed. If a preview was asked for, or the import is
// drastic and not forced, it changes nothing, and says what would change: Done is false.
//
// The error for a file that cannot be used is a *registry.FileError. It wraps
// store.ErrRevision if the register is not at the revision Seen.
func (r *Registers) Import(ctx context.Context, q Request, file io.Reader) (order.Preview, error) {
	var p order.Preview
	var err error
	switch q.Register {
	case registry.Directory:
		p, err = replace[order.School](ctx, r, q, file)
	case registry.Catalogue:
		p, err = replace[order.Title](ctx, r, q, file)
	case registry.Accounts:
		p, err = replace[order.Account](ctx, r, q, file)
	default:
		return p, fmt.Errorf("no register %q", q.Register)
	}
	if err == nil && p.Done && q.Register == registry.Accounts {
		p.Import.Accepted, err = r.again(ctx)
	}
	return p, err
}

// Undo undoes the newest import of a register that can be undone, and returns the report of
// what that changed. What people have changed by hand in accounts since that import stays.
// seen is the revision of the register that the actor knows of; 0 for any. The error is
// ErrNothing if there is nothing to undo, and wraps store.ErrRevision if the register is
// at another revision.
func (r *Registers) Undo(ctx context.Context, register, actor string, seen uint64) (order.Import, error) {
	var report order.Import
	var err error
	switch register {
	case registry.Directory:
		report, err = undo[order.School](ctx, r, register, actor, seen)
	case registry.Catalogue:
		report, err = undo[order.Title](ctx, r, register, actor, seen)
	case registry.Accounts:
		report, err = undo[order.Account](ctx, r, register, actor, seen)
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
	r.known.note(registry.Accounts, imported.Revision+1)
	return nil
}

// present returns the entries that a register has in the store, and its revision: nil and
// 0 if nothing was ever imported.
func present[E registry.Entry](ctx context.Context, r *Registers, register string) ([]E, uint64, error) {
	data, imported, err := r.store.Register(ctx, register)
	if errors.Is(err, store.ErrNotFound) {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, err
	}
	entries, err := registry.Decode[E](data)
	return entries, imported.Revision, err
}

// atSeen returns an error that wraps store.ErrRevision unless a register is at the revision
// that somebody has seen.
func atSeen(seen, revision uint64) error {
	if seen != 0 && seen != revision {
		return fmt.Errorf("%w: the register is at revision %d, seen %d", store.ErrRevision, revision, seen)
	}
	return nil
}

// read reads the entries of all files of an import.
func read[E registry.Entry](
	ctx context.Context, q Request, file io.Reader,
) (entries []E, report order.Import, err error) {
	var octets int64 // of the files before
	err = registry.Unpack(file, q.Name, func(file io.Reader, name string) error {
		var last int64
		progress := func(rows int, done int64) {
			if last = done; q.Progress != nil {
				q.Progress(report.Rows+rows, octets+done)
			}
		}
		more, next, err := registry.Read[E](ctx, file, name, progress)
		if err != nil {
			return err
		}
		entries, octets = append(entries, more...), octets+last
		registry.Join(&report, next)
		return nil
	})
	return entries, report, err
}

func replace[E registry.Entry](
	ctx context.Context, r *Registers, q Request, file io.Reader,
) (p order.Preview, err error) {
	r.change.Lock()
	defer r.change.Unlock()
	entries, report, err := read[E](ctx, q, file)
	if err != nil {
		return p, err
	}
	report.At, report.File, report.Actor = time.Now().UTC(), q.Name, q.Actor
	old, revision, err := present[E](ctx, r, q.Register)
	if err == nil {
		err = atSeen(q.Seen, revision)
	}
	if err != nil {
		return p, err
	}
	p.Replaced = registry.Replaced(old, entries)
	entries = registry.Complete(old, entries)
	report.Entries, report.Revision = len(entries), revision
	if p.Examples, err = registry.Compare(old, entries, &report); err != nil {
		return p, err
	}
	if p.Import = report; q.Preview || p.Drastic() && !q.Force {
		return p, nil
	}
	data, err := registry.Encode(entries)
	if err != nil {
		return p, err
	}
	if err := r.store.Swap(ctx, q.Register, data, report); err != nil {
		return p, err
	}
	p.Done = true
	return p, r.Load(context.WithoutCancel(ctx), r.store) // it is imported, even if whoever asked has gone
}

func undo[E registry.Entry](
	ctx context.Context, r *Registers, register, actor string, seen uint64,
) (report order.Import, err error) {
	r.change.Lock()
	defer r.change.Unlock()
	undoable, err := r.store.Undoable(ctx, register)
	if err != nil {
		return report, err
	}
	if len(undoable) == 0 {
		return report, ErrNothing
	}
	now, revision, err := present[E](ctx, r, register)
	if err == nil {
		err = atSeen(seen, revision)
	}
	if err != nil {
		return report, err
	}
	data, err := r.store.Before(ctx, register)
	if err != nil {
		return report, err
	}
	before, err := registry.Decode[E](data)
	if err != nil {
		return report, err
	}
	entries := registry.Undo(before, now)
	report = order.Import{
		Register: register, At: time.Now().UTC(), Actor: actor, File: undoable[0].File, Undoes: undoable[0].At,
		Entries: len(entries),
	}
	if err := registry.Diff(now, entries, &report); err != nil {
		return report, err
	}
	report.Overruled = nil // people's changes are kept
	if data, err = registry.Encode(entries); err != nil {
		return report, err
	}
	if err := r.store.Revert(ctx, register, revision, data, report); err != nil {
		return report, err
	}
	return report, r.Load(context.WithoutCancel(ctx), r.store)
}
