package ingest

import (
	"time"

	"bdc/order"
	"bdc/validate"
)

// Public returns an examiner for files that anybody may upload to see how they would be
// judged at the given moment. It uses the schools and the catalogue, but knows of no
// bookseller's account: so its findings tell nobody whether an account exists.
func (e *Examiner) Public(at time.Time) *Examiner {
	public := *e
	public.AnySender, public.Policy.Today = true, at
	public.Registry = func() validate.Registry { return accountless{e.Registry()} }
	return &public
}

// accountless is a registry without accounts.
type accountless struct{ validate.Registry }

func (accountless) Account(string) (account order.Account, known bool) { return account, false }
func (accountless) Accounts(string) []order.Account                    { return nil }

func (a accountless) Has(register string) bool {
	return register != validate.Accounts && a.Registry.Has(register)
}
