package review

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"bdc/order"
	"bdc/store"
)

// accounts shows the list of the booksellers' accounts.
func (c *Console) accounts(v *visit) error {
	p, err := list(v, "libraires", c.Registry().AccountsBeyond, func(a order.Account) string { return a.Number })
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, "libraires", "Libraires", p)
}

// accountPage is the page of a bookseller's account.
type accountPage struct {
	Account  order.Account
	Known    bool // the register has it; otherwise only orders or cases name it
	Senders  []sender
	Seen     string // the account's facts as JSON, sent back by the form that changes them
	Usual    []usual
	Examined int // how many cases Usual counts
	done
	history // its cases are only those that wait for a decision
}

// sender is an address, or a domain such as "@example.org", that may order for an
// account.
type sender struct {
	Text   string
	Domain bool
	Hand   bool // a person registered it in the console
}

// usual is a finding that was made in several of a bookseller's latest cases.
type usual struct {
	Code  order.Code
	Cases int
}

// Bounds of the list of usual findings.
const (
	usualCases = 500 // the latest cases in which they are counted
	usualMost  = 8   // findings that are shown
)

// account shows a bookseller's account. A number whose leading zeros differ is
// redirected to the account's own.
func (c *Console) account(v *visit) error {
	number, ctx := v.r.PathValue("number"), v.r.Context()
	p := accountPage{Account: order.Account{Number: number}, done: doneIn(v.r)}
	if a, known := c.Registry().Account(number); known && a.Number != number {
		return v.redirect("/libraires/" + a.Number)
	} else if known {
		p.Account, p.Known = a, true
	}
	var err error
	waiting := store.CaseFilter{Account: number, State: order.Waiting}
	if p.history, err = c.history(ctx, store.OrderFilter{Account: number}, waiting, number); err != nil {
		return err
	}
	latest, err := c.Store.CaseRows(ctx, store.CaseFilter{Account: number, Newest: true}, "", usualCases)
	if err != nil {
		return err
	}
	if !p.Known && len(p.Orders)+len(latest) == 0 {
		return store.ErrNotFound
	}
	p.Usual, p.Examined = usualOf(latest), len(latest)
	p.Senders = sendersOf(&p.Account)
	seen, err := json.Marshal(p.Account.Facts())
	if err != nil {
		return err
	}
	p.Seen = string(seen)
	return v.show(http.StatusOK, "libraire", cmp.Or(p.Account.Name, number), p)
}

// sendersOf lists the addresses of an account, then its domains.
func sendersOf(a *order.Account) (list []sender) {
	byHand := func(text string) bool { return a.Hand != nil && slices.Contains(a.Hand.Added, text) }
	for _, email := range a.Emails {
		list = append(list, sender{email, false, byHand(email)})
	}
	for _, domain := range a.Domains {
		list = append(list, sender{"@" + domain, true, byHand("@" + domain)})
	}
	return list
}

// usualOf counts in how many of the cases each finding was made. The most frequent
// come first; there are usualMost at most.
func usualOf(cases []store.CaseRow) []usual {
	counts := map[order.Code]int{}
	for _, k := range cases {
		for _, code := range k.Findings {
			counts[code]++
		}
	}
	var list []usual
	for code, n := range counts {
		list = append(list, usual{code, n})
	}
	slices.SortFunc(list, func(a, b usual) int {
		return cmp.Or(cmp.Compare(b.Cases, a.Cases), cmp.Compare(a.Code, b.Code))
	})
	return list[:min(len(list), usualMost)]
}

// amend changes an account, and redirects to its page, which says what came of it.
func (v *visit) amend(e order.AccountEdit) error {
	accepted, err := v.edit(e)
	if err != nil {
		return err
	}
	return v.redirect(accountURL(e.Number, accepted))
}

// accountURL is the address of an account's page after a change of it, by which so
// many waiting orders were accepted.
func accountURL(number string, accepted int) string {
	return fmt.Sprintf("/libraires/%s?acceptees=%d", number, accepted)
}

// edit changes or creates an account in the user's name, and returns how many
// waiting orders were accepted.
func (v *visit) edit(e order.AccountEdit) (accepted int, err error) {
	e.Actor, e.At = v.user.Name, v.c.Clock().UTC()
	accepted, err = v.c.Amend(v.r.Context(), e)
	if errors.Is(err, store.ErrRevision) {
		back := "/libraires/" + e.Number
		if e.New {
			back = "/libraires"
		}
		return 0, conflict{back: back}
	}
	if err != nil {
		return 0, v.c.asRefusal(err, "Modification refusée")
	}
	v.c.Log.Info("account changed", "new", e.New, "actor", v.user.Name)
	return accepted, nil
}

// addSender lets an address order for an account. Only an administrator may add a
// whole domain, which lets everybody order who has an address in it.
func (c *Console) addSender(v *visit) error {
	text := strings.TrimSpace(v.r.PostFormValue("expediteur"))
	if strings.HasPrefix(text, "@") && !v.user.Role.Covers(order.Admin) {
		return refusal{
			http.StatusForbidden, "Réservé",
			"Un domaine entier s’inscrit par un administrateur. Inscrivez une adresse.",
		}
	}
	return v.amend(order.AccountEdit{Number: v.r.PathValue("number"), Add: []string{text}})
}

// removeSender takes an address or a domain off an account.
func (c *Console) removeSender(v *visit) error {
	return v.amend(order.AccountEdit{
		Number: v.r.PathValue("number"),
		Strike: []string{v.r.PostFormValue("expediteur")},
	})
}

// changeAccount changes a bookseller's name and postal address, and whether the
// account is active.
func (c *Console) changeAccount(v *visit) error {
	e := order.AccountEdit{Number: v.r.PathValue("number")}
	if err := json.Unmarshal([]byte(v.r.PostFormValue("vu")), &e.Seen); err != nil {
		return conflict{back: "/libraires/" + e.Number}
	}
	e.Facts = &order.Facts{
		Name: v.r.PostFormValue("nom"), Address: v.r.PostFormValue("adresse"),
		Postcode: v.r.PostFormValue("code-postal"), Town: v.r.PostFormValue("ville"),
		Inactive: v.r.PostFormValue("actif") == "",
	}
	return v.amend(e)
}
