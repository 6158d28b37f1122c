package registry

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"bdc/order"
)

// The names of the registers.
const (
	Directory = "annuaire"
	Catalogue = "catalogue"
	Accounts  = "libraires"
)

// Registry looks things up in the imported registers. It never changes and may be used
// concurrently. Callers must not change what it returns, since slices and pointers
// point into it. The zero Registry is one in which nothing was imported.
type Registry struct {
	schools  []order.School // by UAI
	likely   likeness
	titles   []order.Title // by EAN
	offers   map[order.EAN]place
	refs     map[string]place
	words    map[string][]int32 // the titles that have a word in their name
	accounts []order.Account    // by number
	unzeroed map[string][]int   // by number without leading zeros
	emails   map[string][]int
	domains  map[string][]int
	has      map[string]bool

	searched map[string]*texts // by register
}

// New returns a registry of imported entries. A nil slice means that the register was
// never imported, an empty slice that it was imported without entries. New keeps and
// sorts the slices: the caller must not use them any more.
func New(schools []order.School, titles []order.Title, accounts []order.Account) *Registry {
	r := &Registry{
		schools: schools, titles: titles, accounts: accounts,
		has:      map[string]bool{Directory: schools != nil, Catalogue: titles != nil, Accounts: accounts != nil},
		searched: map[string]*texts{Directory: {}, Catalogue: {}, Accounts: {}},
	}
	r.indexSchools()
	r.indexTitles()
	r.indexAccounts()
	return r
}

// WithAccounts returns a registry with other accounts and the same schools and titles.
// It does not change r. It keeps and sorts the slice: the caller must not use it any
// more.
func (r *Registry) WithAccounts(accounts []order.Account) *Registry {
	next := *r
	if r.has == nil { // the zero Registry has no registers
		next = *New(nil, nil, nil)
	}
	next.accounts, next.has, next.searched = accounts, maps.Clone(next.has), maps.Clone(next.searched)
	next.has[Accounts], next.searched[Accounts] = true, &texts{}
	next.indexAccounts()
	return &next
}

// Has reports whether a register, such as Directory, was imported.
func (r *Registry) Has(register string) bool { return r.has[register] }

// Source is where the registers are kept: the store.
type Source interface {
	// Register returns a register as Encode wrote it, and the report of its import.
	Register(ctx context.Context, register string) ([]byte, order.Import, error)
}

// Load returns a registry of the registers that a source keeps. An error of the source
// that wraps absent means that the register was never imported; Load returns any other
// error.
func Load(ctx context.Context, source Source, absent error) (*Registry, error) {
	schools, err := load[order.School](ctx, source, absent)
	if err != nil {
		return nil, err
	}
	titles, err := load[order.Title](ctx, source, absent)
	if err != nil {
		return nil, err
	}
	accounts, err := load[order.Account](ctx, source, absent)
	if err != nil {
		return nil, err
	}
	return New(schools, titles, accounts), nil
}

// load returns one register: nil where it was never imported, and only then.
func load[E Entry](ctx context.Context, source Source, absent error) ([]E, error) {
	data, _, err := source.Register(ctx, nameOf[E]())
	if errors.Is(err, absent) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("load register %q: %w", nameOf[E](), err)
	}
	return Decode[E](data)
}
