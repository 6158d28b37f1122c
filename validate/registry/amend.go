package registry

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"bdc/order"
)

// Errors of changing an account.
var (
	// ErrNoAccount: no account has that number.
	ErrNoAccount = errors.New("no such account")
	// ErrChanged: the account is no longer as the person saw it.
	ErrChanged = errors.New("the account has changed meanwhile")
)

// EditError says, in French and for the person who asks, why a change of an
// account is refused.
type EditError struct{ Reason string }

func (e *EditError) Error() string { return e.Reason }

// Amend returns the accounts with one of them as a person changed it, and what
// changed, for the audit; "" where nothing did. The accounts given stay as they
// are. The error is an EditError, or wraps ErrNoAccount or ErrChanged.
func Amend(accounts []order.Account, e order.AccountEdit) (amended []order.Account, detail string, err error) {
	i := slices.IndexFunc(accounts, func(a order.Account) bool { return a.Number == e.Number })
	if i < 0 {
		return nil, "", fmt.Errorf("account %q: %w", e.Number, ErrNoAccount)
	}
	a := accounts[i]
	var hand order.Hand
	if a.Hand != nil {
		hand = *a.Hand
	}
	a.Emails, a.Domains = slices.Clone(a.Emails), slices.Clone(a.Domains)
	hand.Added, hand.Struck = slices.Clone(hand.Added), slices.Clone(hand.Struck)
	var what []string
	for _, text := range e.Add {
		sender, err := senderOf(text)
		if err != nil {
			return nil, "", err
		}
		if has(&a, sender) {
			continue
		}
		put(&a, sender)
		if !take(&hand.Struck, sender) { // else the file has it
			hand.Added = append(hand.Added, sender)
		}
		what = append(what, "+"+sender)
	}
	for _, sender := range e.Strike {
		if !has(&a, sender) {
			continue
		}
		drop(&a, sender)
		if !take(&hand.Added, sender) {
			hand.Struck = append(hand.Struck, sender)
		}
		what = append(what, "-"+sender)
	}
	if e.Facts != nil && *e.Facts != a.Facts() {
		if a.Facts() != e.Seen {
			return nil, "", fmt.Errorf("account %q: %w", e.Number, ErrChanged)
		}
		facts := order.Facts{Name: tidy(e.Facts.Name), Address: tidy(e.Facts.Address), Postcode: postcodeOf(e.Facts.Postcode), Town: tidy(e.Facts.Town), Inactive: e.Facts.Inactive}
		if facts.Name == "" {
			return nil, "", &EditError{"Un libraire a un nom."}
		}
		what = append(what, fmt.Sprintf("%+v → %+v", a.Facts(), facts))
		a.Name, a.Address, a.Postcode, a.Town, a.Inactive = facts.Name, facts.Address, facts.Postcode, facts.Town, facts.Inactive
		hand.Facts = true
	}
	if len(what) == 0 {
		return accounts, "", nil
	}
	hand.Actor, hand.At = e.Actor, e.At
	a.Hand = &hand
	amended = slices.Clone(accounts)
	amended[i] = a
	return amended, e.Number + ": " + strings.Join(what, ", "), nil
}

// senderOf reads who may order: an address, or a domain as "@example.org".
func senderOf(text string) (string, error) {
	sender := strings.ToLower(tidy(text))
	domain, whole := strings.CutPrefix(sender, "@")
	switch {
	case whole && !isDomain(domain):
		return "", &EditError{"« " + cut(domain, 60) + " » n’est pas un domaine."}
	case whole && isPublicDomain(domain):
		return "", &EditError{"« " + domain + " » est ouvert à tous : inscrivez des adresses, pas ce domaine."}
	case !whole && !isEmail(sender):
		return "", &EditError{"« " + cut(sender, 60) + " » n’est pas une adresse e-mail."}
	}
	return sender, nil
}

// senders is where an account keeps a sender, and how.
func senders(a *order.Account, sender string) (list *[]string, value string) {
	if domain, whole := strings.CutPrefix(sender, "@"); whole {
		return &a.Domains, domain
	}
	return &a.Emails, sender
}

func has(a *order.Account, sender string) bool {
	list, value := senders(a, sender)
	return slices.Contains(*list, value)
}

func put(a *order.Account, sender string) {
	list, value := senders(a, sender)
	*list = append(*list, value)
}

func drop(a *order.Account, sender string) {
	list, value := senders(a, sender)
	take(list, value)
}

// take deletes a value, and reports whether it was there.
func take(list *[]string, value string) bool {
	n := len(*list)
	*list = slices.DeleteFunc(*list, func(s string) bool { return s == value })
	return len(*list) < n
}

// keep gives imported accounts what people registered or struck off before.
func keep(old, imported []order.Account) []order.Account {
	hands := map[string]*order.Hand{}
	for i := range old {
		if old[i].Hand != nil {
			hands[old[i].Number] = old[i].Hand
		}
	}
	for i := range imported {
		a := &imported[i]
		before := hands[a.Number]
		if before == nil {
			continue
		}
		hand := order.Hand{Actor: before.Actor, At: before.At}
		for _, sender := range before.Added {
			if !has(a, sender) {
				put(a, sender)
				hand.Added = append(hand.Added, sender)
			}
		}
		for _, sender := range before.Struck {
			if has(a, sender) {
				drop(a, sender)
				hand.Struck = append(hand.Struck, sender)
			}
		}
		if len(hand.Added)+len(hand.Struck) > 0 {
			a.Hand = &hand
		}
	}
	return imported
}

// overruled names the accounts of which the file sets what people had changed,
// and those that it lacks with what people had registered.
func overruled(old, imported []order.Account) (lines []string) {
	now := make(map[string]*order.Account, len(imported))
	for i := range imported {
		now[imported[i].Number] = &imported[i]
	}
	for i := range old {
		was := &old[i]
		a := now[was.Number]
		switch {
		case len(lines) == maxReasons:
			return lines
		case was.Hand == nil:
		case a == nil:
			lines = append(lines, fmt.Sprintf("%s, %s : absent du fichier, retiré avec ce qui y avait été modifié à la main", was.Number, cut(was.Name, 60)))
		case was.Hand.Facts && a.Facts() != was.Facts():
			lines = append(lines, fmt.Sprintf("%s, %s : nom, adresse postale ou état repris du fichier", was.Number, cut(a.Name, 60)))
		}
	}
	return lines
}
