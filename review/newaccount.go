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

// The findings of who wants an account.
const (
	codeRequest        order.Code = "mail.account" // its arguments are what was read of the mail
	codeAccountUnknown order.Code = "bookseller.account.unknown"
)

// newAccountPage is where an account is created: of what a case says, or of
// nothing.
type newAccountPage struct {
	Case     *order.Case // nil where it is created from the list
	Account  applicant
	Taken    *order.Account // the account that has the number already
	Joins    string         // the address that could be registered for Taken, or ""
	Fault    string
	Message  *messageView // what the bookseller wrote
	Examines bool         // an order waits for the account
}

// applicant is what is said of an account before it is one.
type applicant struct {
	Number, Name, Emails, Address, Postcode, Town string
}

// edit creates the account.
func (a applicant) edit() order.AccountEdit {
	return order.AccountEdit{
		Number: a.Number, New: true, Add: addresses(a.Emails),
		Facts: &order.Facts{Name: a.Name, Address: a.Address, Postcode: a.Postcode, Town: a.Town},
	}
}

// addresses splits a field that has one or several.
func addresses(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" ,;\t\r\n", r) })
}

// townOf takes an address apart at its postal code.
var townOf = regexp.MustCompile(`^(.*?)[\s,;–-]*\b([0-9]{5})\s+(\pL.*)$`)

// applies finds who wants an account in a case: the bookseller of the form that it
// is about, whose account nobody knows, or who asked for one by mail, with what
// was read of that. It is nil where nobody does.
func wantsAccount(k *order.Case) (by *order.Attempt, asked map[string]string) {
	if k.State == order.Closed || len(k.Attempts) == 0 {
		return nil, nil
	}
	if form := &k.Attempts[current(k)]; form.Order != nil {
		if !slices.ContainsFunc(form.Standing(), func(f order.Finding) bool { return f.Code == codeAccountUnknown }) {
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

// applicantOf is what a case says of who wants an account.
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

// newAccount is the form of an account that no case asks for.
func (c *Console) newAccount(v *visit) error {
	return v.showNewAccount(http.StatusOK, newAccountPage{})
}

// newAccountOf is that form with what a case says.
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

// wanted is the page with what a case says, and the message that says it. The
// error is store.ErrNotFound where nobody wants an account.
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

// applicant is what a person made of the form.
func (v *visit) applicant() applicant {
	field := func(name string) string { return strings.TrimSpace(v.r.PostFormValue(name)) }
	return applicant{
		strings.Join(strings.Fields(field("compte")), ""), field("nom"), field("emails"), field("adresse"),
		field("code-postal"), field("ville"),
	}
}

// create creates an account, or shows the form again with why not: then it
// reports false.
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

func (c *Console) createAccount(v *visit) error {
	accepted, created, err := v.create(newAccountPage{})
	if !created {
		return err
	}
	return v.redirect(accountURL(v.applicant().Number, accepted))
}

// createAccountOf creates the account that a case wants. The form of an order is
// judged again where it was not accepted at once; a request goes on with its
// answer.
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
	if err != nil && !errors.As(err, new(conflict)) { // the account stands all the same
		return err
	}
	return v.redirect("/dossiers/" + s.Code + "/reponse/ecrire?compte=" + url.QueryEscape(a.Number))
}
