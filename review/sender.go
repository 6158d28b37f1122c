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

// codeSender is the finding that a form's sender is not registered for its account.
const codeSender order.Code = "bookseller.sender.unregistered"

// unregistered is the sender's address if it is not registered for the account of the
// attempt's form and nobody waived this finding; otherwise "".
func unregistered(a *order.Attempt, m *order.Message) string {
	if a == nil || m == nil || !hasFinding(a, codeSender) {
		return ""
	}
	return m.From
}

// hasFinding reports whether an attempt has a finding that nobody waived.
func hasFinding(a *order.Attempt, code order.Code) bool {
	return slices.ContainsFunc(a.Standing(), func(f order.Finding) bool { return f.Code == code })
}

// foundAccounts is the most accounts that a search shows.
const foundAccounts = 30

// senderPage is the page on which an account is chosen for the sender of a case.
type senderPage struct {
	Case     order.Case
	Address  string // of the sender
	Account  string // the number that the form names
	Words    string
	Accounts []order.Account
	More     bool // the search found others
}

// unregisteredSender reads a case, the message of the attempt that acts are about, and
// the sender's address. The error is store.ErrNotFound if the sender of that attempt
// does not have to be registered.
func (v *visit) unregisteredSender() (s subject, m order.Message, address string, err error) {
	if s, err = v.subject(); err != nil {
		return s, m, "", err
	}
	a := s.attempt()
	if a.Order == nil || s.State == order.Closed {
		return s, m, "", store.ErrNotFound
	}
	if m, err = v.c.Store.Message(v.r.Context(), a.Message); err != nil {
		return s, m, "", err
	}
	if address = unregistered(&a, &m); address == "" {
		return s, m, "", store.ErrNotFound
	}
	return s, m, address, nil
}

// senders shows the accounts in which the words are found, so that the sender's can be
// chosen. Without words in the address, it searches for the account that the form
// names.
func (c *Console) senders(v *visit) error {
	s, _, address, err := v.unregisteredSender()
	if err != nil {
		return err
	}
	o := s.attempt().Order
	p := senderPage{Case: s.Case, Address: address, Account: o.Account, Words: v.r.FormValue("q")}
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

// registerSender lets the sender of a case order for an account. Orders that waited
// only for this are accepted. If this case's order is not among them, because it has
// other findings, its form is checked again.
func (c *Console) registerSender(v *visit) error {
	s, err := v.seen("")
	if err != nil {
		return err
	}
	_, m, address, err := v.unregisteredSender()
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

// recheck checks the form of a case again after a register was changed, and notes the
// reason in the case's history. A case that has changed since the user saw it is left
// as it is. In both cases the user is sent to the case.
func (v *visit) recheck(s subject, m *order.Message, note string) error {
	back := "/dossiers/" + s.Code
	k, err := v.c.Store.Case(v.r.Context(), s.Code)
	if err != nil {
		return err
	}
	if k.Revision != s.Revision { // its order was accepted, or a colleague acted on it
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
	if errors.As(err, new(conflict)) { // the change of the register is done in any case
		return v.redirect(back)
	}
	return err
}
