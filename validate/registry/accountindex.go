package registry

import (
	"cmp"
	"slices"
	"strings"

	"bdc/order"
)

func (r *Registry) indexAccounts() {
	slices.SortStableFunc(r.accounts, func(a, b order.Account) int { return cmp.Compare(a.Number, b.Number) })
	r.unzeroed, r.emails, r.domains = map[string][]int{}, map[string][]int{}, map[string][]int{}
	for i, a := range r.accounts {
		bare := strings.TrimLeft(a.Number, "0")
		r.unzeroed[bare] = append(r.unzeroed[bare], i)
		for _, email := range a.Emails {
			r.emails[strings.ToLower(email)] = append(r.emails[strings.ToLower(email)], i)
		}
		for _, domain := range a.Domains {
			r.domains[strings.ToLower(domain)] = append(r.domains[strings.ToLower(domain)], i)
		}
	}
}

// Account finds an account by its number. If no account has exactly this number, but
// just one has it with more or fewer leading zeros, Account returns that one, since
// Excel drops leading zeros.
func (r *Registry) Account(number string) (order.Account, bool) {
	near := r.unzeroed[strings.TrimLeft(number, "0")]
	for _, i := range near {
		if r.accounts[i].Number == number {
			return r.accounts[i], true
		}
	}
	if len(near) != 1 {
		return order.Account{}, false
	}
	return r.accounts[near[0]], true
}

// Accounts returns the accounts for which the owner of an e-mail address may order:
// those that list the address or its domain.
func (r *Registry) Accounts(email string) []order.Account {
	email = strings.ToLower(email)
	indices := slices.Clone(r.emails[email])
	if at := strings.LastIndexByte(email, '@'); at >= 0 {
		indices = append(indices, r.domains[email[at+1:]]...)
	}
	slices.Sort(indices)
	var found []order.Account
	for _, i := range slices.Compact(indices) {
		found = append(found, r.accounts[i])
	}
	return found
}
