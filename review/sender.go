package review

import (
	"cmp"
	"errors"
	"net/http"
	"slices"

	"bdc/ingest"
	"bdc/order"
	"bdc/store"
)

// codeSender is the finding of a form whose sender is not registered for its
// account.
const codeSender order.Code = "bookseller.sender.unregistered"

// unregistered is the address that a form came from, where that is what stands
// against it; "" otherwise.
func unregistered(a *order.Attempt, m *order.Message) string {
	if a == nil || m == nil || !slices.ContainsFunc(a.Standing(), func(f order.Finding) bool {
		return f.Code == codeSender
	}) {
		return ""
	}
	return m.From
}

// foundAccounts is how many accounts a search shows.
const foundAccounts = 30

// senderPage is where a bookseller is chosen for an address.
type senderPage struct {
	Case     order.Case
	Address  string
	Account  string // that the form names
	Words    string
	Accounts []order.Account
	More     bool
}

// unknown reads the case of an address that could be registered.
func (v *visit) unregisteredSender(code string) (k order.Case, m order.Message, address string, err error) {
	ctx := v.r.Context()
	if k, err = v.c.Store.Case(ctx, code); err != nil {
		return k, m, "", err
	}
	s := subject{k, current(&k)}
	a := s.attempt()
	if a.Order == nil || k.State == order.Closed {
		return k, m, "", store.ErrNotFound
	}
	if m, err = v.c.Store.Message(ctx, a.Message); err != nil {
		return k, m, "", err
	}
	if address = unregistered(&a, &m); address == "" {
		return k, m, "", store.ErrNotFound
	}
	return k, m, address, nil
}

// senders shows the accounts among which the sender's is chosen. At first it looks
// for the one that the form names.
func (c *Console) senders(v *visit) error {
	k, _, address, err := v.unregisteredSender(v.r.PathValue("code"))
	if err != nil {
		return err
	}
	o := k.Attempts[current(&k)].Order
	p := senderPage{Case: k, Address: address, Account: o.Account, Words: v.r.FormValue("q")}
	if !v.r.URL.Query().Has("q") {
		p.Words = cmp.Or(o.Account, o.Fields[order.FieldBookseller])
	}
	if p.Words != "" {
		p.Accounts = c.Registry().AccountsBeyond(p.Words, "", foundAccounts+1)
	}
	if len(p.Accounts) > foundAccounts {
		p.Accounts, p.More = p.Accounts[:foundAccounts], true
	}
	return v.show(http.StatusOK, "expediteur", "Enregistrer l’adresse", p)
}

// registerSender lets the sender of a case order for an account. What waited for
// that is examined again; the case itself also where something else still stands
// against its order.
func (c *Console) registerSender(v *visit) error {
	s, err := v.seen("")
	if err != nil {
		return err
	}
	_, m, address, err := v.unregisteredSender(s.Code)
	if err != nil {
		return err
	}
	account, known := c.Registry().Account(v.r.PostFormValue("compte"))
	if !known {
		return refusal{http.StatusUnprocessableEntity, "Compte inconnu", "Choisissez un libraire de la liste."}
	}
	if _, err := v.edit(order.AccountEdit{Number: account.Number, Add: []string{address}}); err != nil {
		return err
	}
	return v.recheck(s, &m, address+" est enregistrée pour "+account.Name)
}

// again has the form of a case judged once more where it still waits as it was
// seen, and notes why.
func (v *visit) recheck(s subject, m *order.Message, note string) error {
	back := "/dossiers/" + s.Code
	k, err := v.c.Store.Case(v.r.Context(), s.Code)
	if err != nil {
		return err
	}
	if k.Revision != s.Revision { // accepted, or another's by now
		return v.redirect(back)
	}
	a := s.attempt()
	workbook, err := v.c.Store.Blob(v.r.Context(), a.Workbook)
	if err == nil {
		a, err = v.c.Examiner.Recheck(v.r.Context(), a, m, workbook, v.c.Store)
	}
	if errors.Is(err, ingest.ErrChanged) {
		return v.redirect(back)
	}
	if err != nil {
		return err
	}
	err = v.decide(s, order.Decision{Kind: order.ActNote, State: s.State, Note: note, Attempt: &a, Index: s.index})
	if errors.As(err, new(conflict)) { // the register is changed all the same
		return v.redirect(back)
	}
	return err
}
