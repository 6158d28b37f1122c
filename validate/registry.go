package validate

import (
	"bdc/order"
	"bdc/validate/school"
)

// The names of the registers, for Registry.Has.
const (
	Directory = "annuaire"
	Catalogue = "catalogue"
	Accounts  = "libraires"
)

// Registry looks things up in the imported registers. Callers must not change what it
// returns. All methods may be called concurrently.
type Registry interface {
	// Schools returns all sites of the school with a UAI.
	Schools(order.UAI) (sites []order.School, known bool)

	// Nearby returns the schools that a description may mean, at most three, the
	// likeliest first.
	Nearby(school.Query) []order.School

	// Title finds a title by its own EAN, or by the EAN of one of its offers. In
	// the second case it also returns that offer; otherwise offer is nil.
	Title(order.EAN) (title order.Title, offer *order.Offer, known bool)

	// Offer finds an offer by its reference, and returns it with its title.
	Offer(reference string) (order.Title, *order.Offer, bool)

	// TitlesLike returns a few titles whose names have words in common with name. The
	// titles that share the rarest words come first.
	TitlesLike(name string) []order.Title

	// Account finds an account by its number. If no account has exactly this number,
	// but just one has it with more or fewer leading zeros, Account returns that one,
	// since Excel drops leading zeros.
	Account(number string) (order.Account, bool)

	// Accounts returns the accounts for which the owner of an e-mail address may
	// order.
	Accounts(email string) []order.Account

	// Has reports whether a register was imported: Directory, Catalogue or Accounts.
	// Check leaves out the rules that need a register which was not imported. The rule
	// that only known accounts may order stays: without accounts, none is known.
	Has(register string) bool
}

// Sender is who mailed the form.
type Sender struct {
	Email string
	Any   bool // any sender may order for any account (the setting accept.senders = "any")
}

// nothing is a Registry in which nothing was imported.
type nothing struct{}

func (nothing) Schools(order.UAI) ([]order.School, bool)          { return nil, false }
func (nothing) Nearby(school.Query) []order.School                { return nil }
func (nothing) Title(order.EAN) (order.Title, *order.Offer, bool) { return order.Title{}, nil, false }

func (nothing) Offer(string) (order.Title, *order.Offer, bool)     { return order.Title{}, nil, false }
func (nothing) TitlesLike(string) []order.Title                    { return nil }
func (nothing) Account(string) (account order.Account, known bool) { return account, false }
func (nothing) Accounts(string) []order.Account                    { return nil }
func (nothing) Has(string) bool                                    { return false }
