package registry

import (
	"context"
	"io"
	"slices"
	"strings"

	"bdc/order"
)

func accountColumns() []column {
	return []column{
		{"number", "N° de compte", true, []string{
			"ndecompte", "numerodecompte", "compte", "ncompte", "numerocompte", "nodecompte", "ncompteinterforum",
			"ndecompteinterforum", "numerodecompteinterforum",
			"compteinterforum", "comptelibraire", "nclient", "numeroclient", "codeclient", "client",
		}},
		{"name", "Nom", true, []string{
			"nom", "librairie", "libraire", "nomdelalibrairie", "nomdulibraire",
			"raisonsociale", "nomlibrairie", "nomlibraire",
		}},
		{"emails", "E-mails", true, []string{
			"emails", "email", "mails", "mail", "courriels", "courriel", "adressesemail", "adresseemail",
			"adressesmail", "adressemail", "adressesmails", "adressesemails",
			"emaildelalibrairie", "emaillibraire",
		}},
		{"domains", "", false, []string{"domaines", "domaine", "domainesdemessagerie", "domainesemail"}},
		{"address", "", false, []string{"adresse", "adresse1", "adressepostale", "rue"}},
		{"address2", "", false, []string{"adresse2", "complement", "complementdadresse", "complementadresse"}},
		{"postcode", "", false, []string{"cp", "codepostal"}},
		{"town", "", false, []string{"ville", "commune", "localite"}},
		{"active", "", false, []string{"actif", "active", "compteactif", "enactivite"}},
	}
}

// ImportAccounts reads a list of booksellers' accounts, in the same formats and with
// the same errors as ImportDirectory. Several rows may have the same number and name:
// they are one account with the addresses and domains of all these rows.
func ImportAccounts(
	ctx context.Context, r io.Reader, name string, progress func(done int64),
) ([]order.Account, order.Import, error) {
	return accountsIn(ctx, r, name, octets(progress))
}

func accountsIn(
	ctx context.Context, r io.Reader, name string, progress Progress,
) ([]order.Account, order.Import, error) {
	t, err := openTable(ctx, r, name, Accounts, progress, accountColumns())
	if err != nil {
		return nil, order.Import{}, err
	}
	var accounts []order.Account
	index := map[string]int{}
	for t.next() {
		account, reason := accountOf(t)
		if reason != "" {
			t.skip("%s", reason)
			continue
		}
		i, known := index[account.Number]
		switch {
		case !known:
			index[account.Number] = len(accounts)
			accounts = append(accounts, account)
		case order.FoldKey(accounts[i].Name) != order.FoldKey(account.Name):
			t.skip("le compte %s est déjà celui de « %s »", account.Number, cut(accounts[i].Name, 60))
		case accounts[i].Inactive != account.Inactive:
			t.skip("le compte %s est actif sur une ligne et inactif sur une autre", account.Number)
		default:
			accounts[i].Emails = union(accounts[i].Emails, account.Emails)
			accounts[i].Domains = union(accounts[i].Domains, account.Domains)
		}
	}
	report, err := t.finish(len(accounts))
	if err != nil {
		return nil, order.Import{}, err
	}
	return accounts, report, nil
}

// accountOf returns the account of a row, or the reason in French why the row is left
// out. Domains in which anybody can get an address are refused, since they would let
// anybody order.
func accountOf(t *table) (account order.Account, reason string) {
	number := strings.ReplaceAll(t.text("number"), " ", "")
	if number == "" || strings.Trim(number, "0123456789") != "" {
		return account, "« " + cut(t.text("number"), 40) + " » n’est pas un numéro de compte"
	}
	if t.text("name") == "" {
		return account, "le compte " + number + " n’a pas de nom"
	}
	active, ok := yes(t.text("active"), true)
	if !ok {
		return account, "« " + cut(t.text("active"), 40) + " » ne dit pas si le compte est actif (oui ou non)"
	}
	account = order.Account{
		Number:   number,
		Name:     t.text("name"),
		Emails:   union(nil, list(t.text("emails"))),
		Address:  joined(t.text("address"), t.text("address2")),
		Postcode: postcodeOf(t.text("postcode")),
		Town:     t.text("town"),
		Inactive: !active,
	}
	for _, email := range account.Emails {
		if !isEmail(email) {
			return account, "« " + cut(email, 60) + " » n’est pas une adresse e-mail"
		}
	}
	for _, domain := range list(t.text("domains")) {
		domain = strings.TrimPrefix(domain, "@")
		switch {
		case !isDomain(domain):
			return account, "« " + cut(domain, 60) + " » n’est pas un domaine"
		case isPublicDomain(domain):
			return account, "« " + domain + " » est ouvert à tous : inscrivez des adresses, pas ce domaine"
		}
		account.Domains = union(account.Domains, []string{domain})
	}
	return account, ""
}

// list splits a cell with several values, and returns them in lower case.
func list(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return strings.ContainsRune(" ,;", r) })
}

// union appends to a the elements of b that a lacks.
func union(a, b []string) []string {
	for _, s := range b {
		if !slices.Contains(a, s) {
			a = append(a, s)
		}
	}
	return a
}

// yes reads a word that means yes or no. An empty text has the value empty. It reports
// false for other words.
func yes(text string, empty bool) (value, ok bool) {
	switch order.FoldKey(text) {
	case "":
		return empty, true
	case "oui", "o", "1", "vrai", "true", "yes", "x", "actif", "active", "adoptant", "adoptants":
		return true, true
	case "non", "n", "0", "faux", "false", "no", "inactif", "inactive", "nonadoptant", "nonadoptants":
		return false, true
	default:
		return false, false
	}
}

// isPublicDomain reports whether a domain gives addresses to anybody.
func isPublicDomain(domain string) bool {
	switch domain {
	case "gmail.com", "googlemail.com", "orange.fr", "wanadoo.fr", "free.fr", "sfr.fr", "neuf.fr", "bbox.fr",
		"numericable.fr", "laposte.net",
		"hotmail.com", "hotmail.fr", "outlook.com", "outlook.fr", "live.com", "live.fr", "msn.com", "yahoo.com",
		"yahoo.fr", "ymail.com",
		"icloud.com", "me.com", "aol.com", "gmx.fr", "gmx.com", "proton.me", "protonmail.com", "club-internet.fr",
		"aliceadsl.fr", "cegetel.net":
		return true
	}
	return false
}
