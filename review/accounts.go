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

// accounts lists the booksellers.
func (c *Console) accounts(v *visit) error {
	p, err := list(v, "libraires", c.Registry().AccountsBeyond, func(a order.Account) string { return a.Number })
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, "libraires", "Libraires", p)
}

// accountPage is one bookseller.
type accountPage struct {
	Account  order.Account
	Known    bool // else only orders or cases name it
	Senders  []sender
	Seen     string // the account's facts, for the form that changes them
	Usual    []usual
	Examined int // cases that Usual counts
	done
	history // of the cases, those that wait
}

// sender is an address, or a domain as "@example.org", that may order.
type sender struct {
	Text   string
	Domain bool
	Hand   bool // registered by a person
}

// usual is a finding that comes back.
type usual struct {
	Code  order.Code
	Cases int
}

// Bounds of the usual errors: the cases that are looked at, the latest, and the
// errors that are shown.
const (
	usualCases = 500
	usualMost  = 8
)

func (c *Console) account(v *visit) error {
	number, ctx := v.r.PathValue("number"), v.r.Context()
	p := accountPage{Account: order.Account{Number: number}, done: doneIn(v.r)}
	if a, known := c.Registry().Account(number); known && a.Number != number {
		return v.redirect("/libraires/" + a.Number)
	} else if known {
		p.Account, p.Known = a, true
	}
	var err error
	if p.history, err = c.history(ctx, store.OrderFilter{Account: number}, store.CaseFilter{Account: number, State: order.Waiting}, number); err != nil {
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
	for _, email := range p.Account.Emails {
		p.Senders = append(p.Senders, sender{email, false, p.Account.Hand != nil && slices.Contains(p.Account.Hand.Added, email)})
	}
	for _, domain := range p.Account.Domains {
		p.Senders = append(p.Senders, sender{"@" + domain, true, p.Account.Hand != nil && slices.Contains(p.Account.Hand.Added, "@"+domain)})
	}
	seen, err := json.Marshal(p.Account.Facts())
	if err != nil {
		return err
	}
	p.Seen = string(seen)
	return v.show(http.StatusOK, "libraire", cmp.Or(p.Account.Name, number), p)
}

// usualOf counts in how many cases each thing was found, the most frequent first.
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
	slices.SortFunc(list, func(a, b usual) int { return cmp.Or(cmp.Compare(b.Cases, a.Cases), cmp.Compare(a.Code, b.Code)) })
	return list[:min(len(list), usualMost)]
}

// amend changes an account, and says what came of it.
func (v *visit) amend(e order.AccountEdit) error {
	accepted, err := v.edit(e)
	if err != nil {
		return err
	}
	return v.redirect(accountURL(e.Number, accepted))
}

// accountURL is the page of an account, which says what its change came to.
func accountURL(number string, accepted int) string {
	return fmt.Sprintf("/libraires/%s?acceptees=%d", number, accepted)
}

// edit changes or creates an account in the user's name.
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
		return 0, v.c.told(err, "Modification refusée")
	}
	v.c.Log.Info("account changed", "new", e.New, "actor", v.user.Name)
	return accepted, nil
}

// register lets an address order for an account. A whole domain takes an
// administrator: everybody who has an address in it may order then.
func (c *Console) register(v *visit) error {
	text := strings.TrimSpace(v.r.PostFormValue("expediteur"))
	if strings.HasPrefix(text, "@") && !v.user.Role.Covers(order.Admin) {
		return refusal{http.StatusForbidden, "Réservé", "Un domaine entier s’inscrit par un administrateur. Inscrivez une adresse."}
	}
	return v.amend(order.AccountEdit{Number: v.r.PathValue("number"), Add: []string{text}})
}

// strike takes an address or a domain off an account.
func (c *Console) strike(v *visit) error {
	return v.amend(order.AccountEdit{Number: v.r.PathValue("number"), Strike: []string{v.r.PostFormValue("expediteur")}})
}

// changeAccount sets what an account says of its bookseller.
func (c *Console) changeAccount(v *visit) error {
	e := order.AccountEdit{Number: v.r.PathValue("number")}
	if err := json.Unmarshal([]byte(v.r.PostFormValue("vu")), &e.Seen); err != nil {
		return conflict{back: "/libraires/" + e.Number}
	}
	e.Facts = &order.Facts{
		Name: v.r.PostFormValue("nom"), Address: v.r.PostFormValue("adresse"), Postcode: v.r.PostFormValue("code-postal"), Town: v.r.PostFormValue("ville"),
		Inactive: v.r.PostFormValue("actif") == "",
	}
	return v.amend(e)
}
