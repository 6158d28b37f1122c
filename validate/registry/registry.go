package registry

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"

	"bdc/order"
)

// Names of the registers.
const (
	Directory = "annuaire"
	Catalogue = "catalogue"
	Accounts  = "libraires"
)

// Registry looks things up in the imported registers. It is immutable, and so
// is what it returns: slices and pointers point into it. The zero Registry is
// one in which nothing was imported.
type Registry struct {
	schools  []order.School // by UAI
	titles   []order.Title  // by EAN
	offers   map[order.EAN]place
	refs     map[string]place
	accounts []order.Account  // by number
	unzeroed map[string][]int // by number without leading zeros
	emails   map[string][]int
	domains  map[string][]int
	has      map[string]bool
}

// place is where an offer stands: indices of its title and within it.
type place struct{ title, offer int32 }

// New makes a registry of what was imported. A nil register was never imported;
// an empty one was. New takes the slices over, and sorts them.
func New(schools []order.School, titles []order.Title, accounts []order.Account) *Registry {
	r := &Registry{
		schools: schools, titles: titles, accounts: accounts,
		has: map[string]bool{Directory: schools != nil, Catalogue: titles != nil, Accounts: accounts != nil},
	}
	r.indexSchools()
	r.indexTitles()
	r.indexAccounts()
	return r
}

// indexSchools sorts the sites of each UAI side by side: looking one up is a
// search by halves, and costs no memory. Texts that recur by the thousand are
// kept once.
func (r *Registry) indexSchools() {
	slices.SortStableFunc(r.schools, func(a, b order.School) int { return cmp.Compare(a.UAI.String(), b.UAI.String()) })
	seen := map[string]string{}
	for i := range r.schools {
		s := &r.schools[i]
		for _, text := range []*string{&s.Kind, &s.Sector, &s.Contract, &s.Postcode, &s.Town} {
			if known, ok := seen[*text]; ok {
				*text = known
			} else {
				seen[*text] = *text
			}
		}
	}
}

func (r *Registry) indexTitles() {
	slices.SortStableFunc(r.titles, func(a, b order.Title) int { return cmp.Compare(a.EAN.String(), b.EAN.String()) })
	r.offers, r.refs = map[order.EAN]place{}, map[string]place{}
	for i := range r.titles {
		for j := range r.titles[i].Offers {
			at, offer := place{int32(i), int32(j)}, &r.titles[i].Offers[j]
			if !offer.EAN.IsZero() {
				r.offers[offer.EAN] = at
			}
			if offer.Reference != "" {
				r.refs[offer.Reference] = at
			}
		}
	}
}

func (r *Registry) indexAccounts() {
	slices.SortStableFunc(r.accounts, func(a, b order.Account) int { return cmp.Compare(a.Number, b.Number) })
	r.unzeroed, r.emails, r.domains = map[string][]int{}, map[string][]int{}, map[string][]int{}
	for i, a := range r.accounts {
		bare := strings.TrimLeft(a.Number, "0")
		r.unzeroed[bare] = append(r.unzeroed[bare], i)
		for _, email := range a.Emails {
			r.emails[strings.ToLower(email)] = append(r.emails[strings.ToLower(email)], i)
		}
		for _, domain := range a.Domains {
			r.domains[strings.ToLower(domain)] = append(r.domains[strings.ToLower(domain)], i)
		}
	}
}

// Has reports whether a register was imported at all.
func (r *Registry) Has(register string) bool { return r.has[register] }

// Schools returns every site of a UAI.
func (r *Registry) Schools(uai order.UAI) (sites []order.School, known bool) {
	from, known := sort.Find(len(r.schools), func(i int) int { return cmp.Compare(uai.String(), r.schools[i].UAI.String()) })
	to := from
	for to < len(r.schools) && r.schools[to].UAI == uai {
		to++
	}
	return r.schools[from:to:to], known
}

// Title finds a title by its own EAN, or by that of one of its offers, which it
// then returns too.
func (r *Registry) Title(ean order.EAN) (title order.Title, offer *order.Offer, known bool) {
	i, known := sort.Find(len(r.titles), func(i int) int { return cmp.Compare(ean.String(), r.titles[i].EAN.String()) })
	at, sold := r.offers[ean]
	switch {
	case sold && (!known || int(at.title) == i):
		return r.titles[at.title], &r.titles[at.title].Offers[at.offer], true
	case known:
		return r.titles[i], nil, true
	default:
		return order.Title{}, nil, false
	}
}

// Offer finds an offer, and the title it sells, by its reference.
func (r *Registry) Offer(reference string) (order.Title, *order.Offer, bool) {
	at, ok := r.refs[reference]
	if !ok {
		return order.Title{}, nil, false
	}
	return r.titles[at.title], &r.titles[at.title].Offers[at.offer], true
}

// Account finds an account by its number. A number whose leading zeros differ
// finds an account if it fits only one: Excel drops such zeros.
func (r *Registry) Account(number string) (order.Account, bool) {
	near := r.unzeroed[strings.TrimLeft(number, "0")]
	for _, i := range near {
		if r.accounts[i].Number == number {
			return r.accounts[i], true
		}
	}
	if len(near) != 1 {
		return order.Account{}, false
	}
	return r.accounts[near[0]], true
}

// Accounts returns the accounts that an address may order for, each once.
func (r *Registry) Accounts(email string) []order.Account {
	email = strings.ToLower(email)
	indices := slices.Clone(r.emails[email])
	if at := strings.LastIndexByte(email, '@'); at >= 0 {
		indices = append(indices, r.domains[email[at+1:]]...)
	}
	slices.Sort(indices)
	var found []order.Account
	for _, i := range slices.Compact(indices) {
		found = append(found, r.accounts[i])
	}
	return found
}

// Source is where registers are kept: the store.
type Source interface {
	Register(ctx context.Context, register string) ([]byte, order.Import, error)
}

// Load makes a registry of the registers in a source. An error of the source
// that wraps absent says that a register was never imported, and is none.
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

// load returns one register, never nil if it was imported.
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
