package registry

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"bdc/order"
)

// Errors of changing an account.
var (
	// ErrNoAccount says that no account has the number.
	ErrNoAccount = errors.New("no such account")
	// ErrChanged says that somebody else changed the account after the person had
	// loaded it.
	ErrChanged = errors.New("the account has changed meanwhile")
)

// EditError says why an edit of an account is refused. Its text is in French, for the
// person who made the edit.
type EditError struct{ Reason string }

func (e *EditError) Error() string { return e.Reason }

// Amend applies a person's edit to one of the accounts, or creates one. It returns all
// accounts as a new slice, and a description of the changes in French for the audit.
// Where the edit changes nothing, it returns accounts itself and "". It never changes
// accounts. The error is an *EditError, or wraps ErrNoAccount or ErrChanged.
func Amend(accounts []order.Account, e order.AccountEdit) (amended []order.Account, detail string, err error) {
	if e.New {
		return create(accounts, e)
	}
	i := slices.IndexFunc(accounts, func(a order.Account) bool { return a.Number == e.Number })
	if i < 0 {
		return nil, "", fmt.Errorf("account %q: %w", e.Number, ErrNoAccount)
	}
	m := newAmendment(accounts[i])
	if err := m.add(e.Add); err != nil {
		return nil, "", err
	}
	m.strike(e.Strike)
	if e.Facts != nil && *e.Facts != m.account.Facts() {
		if m.account.Facts() != e.Seen {
			return nil, "", fmt.Errorf("account %q: %w", e.Number, ErrChanged)
		}
		if err := m.setFacts(*e.Facts); err != nil {
			return nil, "", err
		}
	}
	if len(m.changes) == 0 {
		return accounts, "", nil
	}
	amended = slices.Clone(accounts)
	amended[i] = m.signed(e)
	return amended, m.detail(), nil
}

// amendment is the work on one account. It changes copies of what the account holds.
type amendment struct {
	account order.Account
	hand    order.Hand // what people changed in the account, before and now
	changes []string   // what is changed now, in French
}

func newAmendment(a order.Account) *amendment {
	m := &amendment{account: a}
	if a.Hand != nil {
		m.hand = *a.Hand
	}
	m.account.Emails, m.account.Domains = slices.Clone(a.Emails), slices.Clone(a.Domains)
	m.hand.Added, m.hand.Struck = slices.Clone(m.hand.Added), slices.Clone(m.hand.Struck)
	return m
}

// add registers senders that the account lacks.
func (m *amendment) add(texts []string) error {
	for _, text := range texts {
		sender, err := senderOf(text)
		if err != nil {
			return err
		}
		if has(&m.account, sender) {
			continue
		}
		if len(m.account.Emails)+len(m.account.Domains) >= maxSenders {
			return &EditError{fmt.Sprintf("Un compte a %d adresses au plus.", maxSenders)}
		}
		add(&m.account, sender)
		if !take(&m.hand.Struck, sender) { // a sender that was struck off before comes from the file
			m.hand.Added = append(m.hand.Added, sender)
		}
		m.changes = append(m.changes, "+"+sender)
	}
	return nil
}

// strike takes senders off the account.
func (m *amendment) strike(senders []string) {
	for _, sender := range senders {
		if !has(&m.account, sender) {
			continue
		}
		drop(&m.account, sender)
		if !take(&m.hand.Added, sender) { // a sender that a person added is not in the file
			m.hand.Struck = append(m.hand.Struck, sender)
		}
		m.changes = append(m.changes, "-"+sender)
	}
}

// setFacts gives the account the facts that a person typed.
func (m *amendment) setFacts(typed order.Facts) error {
	facts, err := factsOf(typed)
	if err != nil {
		return err
	}
	a := &m.account
	if list := changed(a.Facts(), facts); list != nil {
		m.changes = append(m.changes, list...)
		a.Name, a.Address, a.Postcode, a.Town, a.Inactive = facts.Name, facts.Address, facts.Postcode, facts.Town,
			facts.Inactive
		m.hand.Facts = true
	}
	return nil
}

// signed returns the changed account, with who changed it and when.
func (m *amendment) signed(e order.AccountEdit) order.Account {
	m.hand.Actor, m.hand.At = e.Actor, e.At
	m.account.Hand = &m.hand
	return m.account
}

// detail returns what is changed, for the audit.
func (m *amendment) detail() string { return m.account.Number + ": " + strings.Join(m.changes, ", ") }

// maxNumber is the greatest number of digits of a created account's number: package
// validate accepts as many on an order form.
const maxNumber = 15

// create adds an account. No other account may have its number, nor one that only
// differs by zeros in front, which Excel drops.
func create(accounts []order.Account, e order.AccountEdit) (amended []order.Account, detail string, err error) {
	number := strings.ReplaceAll(tidy(e.Number), " ", "")
	bare := strings.TrimLeft(number, "0")
	if bare == "" || len(number) > maxNumber || strings.Trim(number, "0123456789") != "" {
		return nil, "", &EditError{"« " + cut(number, 40) +
			" » n’est pas un numéro de compte : il n’a que des chiffres."}
	}
	for i := range accounts {
		if a := &accounts[i]; strings.TrimLeft(a.Number, "0") == bare {
			return nil, "", &EditError{"Le compte " + a.Number + " existe déjà : c’est celui de « " + cut(a.Name, 60) +
				" »."}
		}
	}
	m := newAmendment(order.Account{Number: number, Emails: []string{}, Domains: []string{}})
	if err := m.setFacts(*e.Facts); err != nil {
		return nil, "", err
	}
	if len(e.Add) == 0 {
		return nil, "", &EditError{"Il manque l’adresse e-mail d’où ce libraire commande."}
	}
	if err := m.add(e.Add); err != nil {
		return nil, "", err
	}
	m.hand.Created, m.hand.Facts = true, false // all of a created account is a person's: no fact of it was changed
	return append(slices.Clip(accounts), m.signed(e)), m.detail(), nil
}

// The greatest lengths of an account's facts, in characters.
const (
	maxName     = 200
	maxAddress  = 300
	maxPostcode = 20
	maxTown     = 100
)

// factsOf cleans the facts that a person typed. The error is an *EditError.
func factsOf(f order.Facts) (order.Facts, error) {
	f.Name, f.Address, f.Postcode, f.Town = tidy(f.Name), tidy(f.Address), postcodeOf(tidy(f.Postcode)), tidy(f.Town)
	if f.Name == "" {
		return f, &EditError{"Il manque le nom du libraire."}
	}
	for _, long := range []struct {
		label, text string
		most        int
	}{
		{"Le nom", f.Name, maxName},
		{"L’adresse", f.Address, maxAddress},
		{"Le code postal", f.Postcode, maxPostcode},
		{"La ville", f.Town, maxTown},
	} {
		if utf8.RuneCountInString(long.text) > long.most {
			return f, &EditError{fmt.Sprintf("%s dépasse %d caractères.", long.label, long.most)}
		}
	}
	return f, nil
}

// changed returns the differences between two facts in French, or nil.
func changed(was, now order.Facts) (list []string) {
	for _, c := range []struct{ label, was, now string }{
		{"nom", was.Name, now.Name},
		{"adresse", was.Address, now.Address},
		{"code postal", was.Postcode, now.Postcode},
		{"ville", was.Town, now.Town},
	} {
		switch {
		case c.was == c.now:
		case c.was == "":
			list = append(list, fmt.Sprintf("%s « %s »", c.label, c.now))
		default:
			list = append(list, fmt.Sprintf("%s « %s » → « %s »", c.label, c.was, c.now))
		}
	}
	switch {
	case now.Inactive && !was.Inactive:
		list = append(list, "rendu inactif")
	case was.Inactive && !now.Inactive:
		list = append(list, "rendu actif")
	}
	return list
}

const (
	maxSender  = 254 // octets of an address (RFC 5321, 4.5.3.1.3)
	maxSenders = 100 // addresses and domains of an account to which one is added
)

// senderOf reads a sender who may order: an address, or all of a domain, written as
// "@example.org". The error is an *EditError.
func senderOf(text string) (string, error) {
	sender := strings.ToLower(tidy(text))
	domain, whole := strings.CutPrefix(sender, "@")
	switch {
	case whole && (!isDomain(domain) || len(sender) > maxSender):
		return "", &EditError{"« " + cut(domain, 60) + " » n’est pas un domaine."}
	case whole && isPublicDomain(domain):
		return "", &EditError{"« " + domain + " » est ouvert à tous : inscrivez des adresses, pas ce domaine."}
	case !whole && (!isEmail(sender) || len(sender) > maxSender):
		return "", &EditError{"« " + cut(sender, 60) + " » n’est pas une adresse e-mail."}
	}
	return sender, nil
}

// senders returns the list in which an account keeps a sender, and the text that
// stands for the sender in that list.
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

func add(a *order.Account, sender string) {
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

// keep changes imported accounts so that senders whom people added or struck off
// before stay so. It appends the accounts that people created and the file lacks.
func keep(old, imported []order.Account) []order.Account {
	hands := map[string]*order.Hand{}
	for i := range old {
		if old[i].Hand != nil {
			hands[old[i].Number] = old[i].Hand
		}
	}
	in := make(map[string]bool, len(imported))
	for i := range imported {
		a := &imported[i]
		in[a.Number] = true
		before := hands[a.Number]
		if before == nil {
			continue
		}
		hand := order.Hand{Actor: before.Actor, At: before.At}
		for _, sender := range before.Added {
			if !has(a, sender) {
				add(a, sender)
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
	for _, a := range old {
		if a.Hand != nil && a.Hand.Created && !in[a.Number] {
			imported = append(imported, a)
		}
	}
	return imported
}

// overruled returns a line in French for each account of which the import changes
// facts that people had changed, and for each that people had changed and the import
// removes. There are at most maxReasons lines.
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
			lines = append(lines,
				fmt.Sprintf("%s, %s : absent du fichier, retiré avec ce qui y avait été modifié à la main", was.Number,
					cut(was.Name, 60)))
		case (was.Hand.Facts || was.Hand.Created) && a.Facts() != was.Facts():
			lines = append(lines, fmt.Sprintf("%s, %s : nom, adresse postale ou état repris du fichier", was.Number,
				cut(a.Name, 60)))
		}
	}
	return lines
}
