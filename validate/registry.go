package validate

import (
	"bdc/order"
	"bdc/validate/school"
)

// The registers that a Registry may hold, as Has names them.
const (
	Directory = "annuaire"
	Catalogue = "catalogue"
	Accounts  = "libraires"
)

// Registry answers what the imported registers know. What it returns is shared
// and must not be changed. It may be called concurrently.
type Registry interface {
	// Schools returns every site of a UAI.
	Schools(order.UAI) (sites []order.School, known bool)

	// Nearby returns the schools that a description may mean, at most three, the
	// likeliest first. Schools that are not plausible are left out.
	Nearby(school.Query) []order.School

	// Title finds a title by its own EAN, or by the EAN of one of its offers. In
	// the second case it also returns that offer, else a nil one.
	Title(order.EAN) (title order.Title, offer *order.Offer, known bool)

	// Offer finds an offer by its reference, and returns it with the title that it
	// sells.
	Offer(reference string) (order.Title, *order.Offer, bool)

	// TitlesLike returns a few titles that have words of a name in common with it.
	// Those that share the rarest words come first.
	TitlesLike(name string) []order.Title

	// Account finds an account by its number. A number whose leading zeros
	// differ finds an account if it fits only one: Excel drops such zeros.
	Account(number string) (order.Account, bool)

	// Accounts returns the accounts for which the owner of an e-mail address may
	// order.
	Accounts(email string) []order.Account

	// Has reports whether a register was imported at all: Directory, Catalogue or
	// Accounts. A rule that needs a register finds nothing wrong while it is missing.
	Has(register string) bool
}

// Sender is who mailed the form.
type Sender struct {
	Email string
	Any   bool // accept.senders = "any": whoever writes may order for any account
}

// nothing is the registry where nothing was imported.
type nothing struct{}

func (nothing) Schools(order.UAI) ([]order.School, bool)          { return nil, false }
func (nothing) Nearby(school.Query) []order.School                { return nil }
func (nothing) Title(order.EAN) (order.Title, *order.Offer, bool) { return order.Title{}, nil, false }

func (nothing) Offer(string) (order.Title, *order.Offer, bool)     { return order.Title{}, nil, false }
func (nothing) TitlesLike(string) []order.Title                    { return nil }
func (nothing) Account(string) (account order.Account, known bool) { return account, false }
func (nothing) Accounts(string) []order.Account                    { return nil }
func (nothing) Has(string) bool                                    { return false }
