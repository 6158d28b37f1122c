package review

import (
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"bdc/order"
	"bdc/store"
)

// The findings that say that a bookseller needs an account.
const (
	codeRequest        order.Code = "mail.account" // its arguments are what the mail says of the account
	codeAccountUnknown order.Code = "bookseller.account.unknown"
)

// newAccountPage is the page on which an account is created. If it is created from a
// case, the form is filled in with what the case says.
type newAccountPage struct {
	Case     *order.Case // nil if the account is created from the list of accounts
	Account  applicant
	Taken    *order.Account // the account that has the number already
	Joins    string         // the address that could be registered for Taken, or ""
	Fault    string         // why the account was not created
	Message  *messageView   // what the bookseller wrote
	Examines bool           // an order waits for the account
}

// applicant is what the form of a new account holds.
type applicant struct {
	Number, Name, Emails, Address, Postcode, Town string
}

// edit is the edit that creates the account.
func (a applicant) edit() order.AccountEdit {
	return order.AccountEdit{
		Number: a.Number, New: true, Add: addresses(a.Emails),
		Facts: &order.Facts{Name: a.Name, Address: a.Address, Postcode: a.Postcode, Town: a.Town},
	}
}

// addresses splits a text into its e-mail addresses.
func addresses(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" ,;\t\r\n", r) })
}

// townOf splits a postal address into street, postal code and town.
var townOf = regexp.MustCompile(`^(.*?)[\s,;–-]*\b([0-9]{5})\s+(\pL.*)$`)

// wantsAccount finds the attempt of a case because of which an account is to be
// created: the form that acts are about, if the account that it names is unknown; or,
// if the case has no form, the latest mail that asks for an account. asked is what
// this mail says of the account. by is nil if there is no such attempt.
func wantsAccount(k *order.Case) (by *order.Attempt, asked map[string]string) {
	if k.State == order.Closed || len(k.Attempts) == 0 {
		return nil, nil
	}
	if form := &k.Attempts[current(k)]; form.Order != nil {
		if !hasFinding(form, codeAccountUnknown) {
			return nil, nil
		}
		return form, nil
	}
	for i := range slices.Backward(k.Attempts) {
		for _, f := range k.Attempts[i].Findings {
			if f.Code == codeRequest {
				return &k.Attempts[i], f.Args
			}
		}
	}
	return nil, nil
}

// applicantOf fills in the form of a new account with what wantsAccount returned. from
// is the sender's address.
func applicantOf(by *order.Attempt, asked map[string]string, from string) applicant {
	if by.Order == nil {
		a := applicant{Number: asked["account"], Name: asked["name"], Emails: asked["email"], Address: asked["address"]}
		if parts := townOf.FindStringSubmatch(a.Address); parts != nil {
			a.Address, a.Postcode, a.Town = parts[1], parts[2], parts[3]
		}
		return a
	}
	a := applicant{Number: by.Order.Account, Name: by.Order.Fields[order.FieldBookseller], Emails: from}
	if named := strings.ToLower(by.Order.Fields[order.FieldBookMail]); named != "" && named != from {
		a.Emails = strings.TrimPrefix(from+", "+named, ", ")
	}
	return a
}

// newAccount shows the empty form of a new account.
func (c *Console) newAccount(v *visit) error {
	return v.showNewAccount(http.StatusOK, newAccountPage{})
}

// newAccountOf shows the form of a new account, filled in with what a case says.
func (c *Console) newAccountOf(v *visit) error {
	k, err := c.Store.Case(v.r.Context(), v.r.PathValue("code"))
	if err != nil {
		return err
	}
	p, _, err := v.accountRequest(k)
	if err != nil {
		return err
	}
	return v.showNewAccount(http.StatusOK, p)
}

// accountRequest is the page for the account that a case asks for, and the message
// that asks for it. The error is store.ErrNotFound if the case asks for none.
func (v *visit) accountRequest(k order.Case) (p newAccountPage, m order.Message, err error) {
	by, asked := wantsAccount(&k)
	if by == nil {
		return p, m, store.ErrNotFound
	}
	if m, err = v.c.Store.Message(v.r.Context(), by.Message); err != nil {
		return p, m, err
	}
	return newAccountPage{
		Case: &k, Account: applicantOf(by, asked, m.From), Message: v.messageView(&m),
		Examines: by.Order != nil,
	}, m, nil
}

// showNewAccount shows the form of a new account. If the number belongs to an account
// already, the page says so.
func (v *visit) showNewAccount(status int, p newAccountPage) error {
	if taken, known := v.c.Registry().Account(p.Account.Number); known && p.Account.Number != "" {
		p.Taken = &taken
		if list := addresses(p.Account.Emails); len(list) > 0 &&
			!slices.Contains(taken.Emails, strings.ToLower(list[0])) {
			p.Joins = list[0]
		}
	}
	return v.show(status, "nouveau-compte", "Créer un compte", p)
}

// applicant reads the form that the user posted.
func (v *visit) applicant() applicant {
	field := func(name string) string { return strings.TrimSpace(v.r.PostFormValue(name)) }
	return applicant{
		strings.Join(strings.Fields(field("compte")), ""), field("nom"), field("emails"), field("adresse"),
		field("code-postal"), field("ville"),
	}
}

// create creates the account of the form that the user posted, and returns how many
// waiting orders were accepted. If the account is refused, it shows the form again
// with the reason, and created is false.
func (v *visit) create(p newAccountPage) (accepted int, created bool, err error) {
	p.Account = v.applicant()
	accepted, err = v.edit(p.Account.edit())
	var told refusal
	if errors.As(err, &told) && told.status == http.StatusUnprocessableEntity {
		p.Fault = told.hint
		return 0, false, v.showNewAccount(told.status, p)
	}
	return accepted, err == nil, err
}

// createAccount creates an account from the list of accounts.
func (c *Console) createAccount(v *visit) error {
	accepted, created, err := v.create(newAccountPage{})
	if !created {
		return err
	}
	return v.redirect(accountURL(v.applicant().Number, accepted))
}

// createAccountOf creates the account that a case asks for. If the case has an order
// that was not accepted thereby, its form is checked again; if it is a mail that asked
// for the account, the user is sent to the page on which it is answered.
func (c *Console) createAccountOf(v *visit) error {
	s, err := v.seen("")
	if err != nil {
		return err
	}
	p, m, err := v.accountRequest(s.Case)
	if err != nil {
		return err
	}
	if _, created, err := v.create(p); !created {
		return err
	}
	a := v.applicant()
	note := "Compte " + a.Number + " créé pour " + a.Name
	if p.Examines {
		return v.recheck(s, &m, note)
	}
	err = v.record(s, order.Decision{Kind: order.ActNote, State: s.State, Note: note})
	if err != nil && !errors.As(err, new(conflict)) { // even if the note conflicts, the account is created
		return err
	}
	return v.redirect("/dossiers/" + s.Code + "/reponse/ecrire?compte=" + url.QueryEscape(a.Number))
}
