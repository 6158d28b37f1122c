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

	// Nearby returns the schools that somebody may mean who describes one so,
	// the likeliest first, at most three, and none that is not plausible.
	Nearby(school.Query) []order.School

	// Title finds a title by its own EAN, or by that of one of its offers,
	// which it then returns too.
	Title(order.EAN) (title order.Title, offer *order.Offer, known bool)

	// Offer finds an offer, and the title it sells, by its reference.
	Offer(reference string) (order.Title, *order.Offer, bool)

	// TitlesLike returns a few titles that share words with a name, those that
	// share the rarest first.
	TitlesLike(name string) []order.Title

	// Account finds an account by its number. A number whose leading zeros
	// differ finds an account if it fits only one: Excel drops such zeros.
	Account(number string) (order.Account, bool)

	// Accounts returns the accounts that an address may order for.
	Accounts(email string) []order.Account

	// Has reports whether a register was imported at all. A rule that looks
	// something up is silent where its register is missing.
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
