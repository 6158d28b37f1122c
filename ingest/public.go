package ingest

import (
	"time"

	"bdc/order"
	"bdc/validate"
)

// Public is an examiner of files that anybody hands in, to see what would be said
// of them at a moment. It judges by the form, the directory and the catalogue
// alone: what it says is the same whichever accounts there are.
func (e *Examiner) Public(at time.Time) *Examiner {
	public := *e
	public.AnySender, public.Policy.Today = true, at
	public.Registry = func() validate.Registry { return accountless{e.Registry()} }
	return &public
}

// accountless is a registry that knows of no account.
type accountless struct{ validate.Registry }

func (accountless) Account(string) (account order.Account, known bool) { return account, false }
func (accountless) Accounts(string) []order.Account                    { return nil }

func (a accountless) Has(register string) bool {
	return register != validate.Accounts && a.Registry.Has(register)
}
