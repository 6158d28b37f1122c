package validate

import (
	"slices"

	"bdc/order"
)

// Codes about the bookseller.
const (
	CodeAccountFormat      order.Code = "account.format"                 // no account number
	CodeAccountUnknown     order.Code = "bookseller.account.unknown"     // no account has the number
	CodeAccountInactive    order.Code = "bookseller.account.inactive"    // Args: name
	CodeSenderUnregistered order.Code = "bookseller.sender.unregistered" // Args: sender
	CodeReferenceMissing   order.Code = "reference.missing"              // the bookseller's own, for the order
)

// maxAccount is the greatest number of digits of an account number. Those of
// Interforum have eight; Excel keeps fifteen digits of a number.
const maxAccount = 15

// fewestAccount is how many digits an account number has at least if words stand beside it.
const fewestAccount = 4

func normalizeAccount(text string, kind order.Kind) reading {
	if kind != order.KindText && !isDigits(text) {
		return faulty(CodeAccountFormat, order.Error) // in a fraction or a date, punctuation does not group digits
	}
	number := squeeze(unlabelled(text, isAccountLabel))
	isNumber := func(word string) bool { return len(word) >= fewestAccount && isDigits(word) }
	if b := apart(text, isNumber, isAccountLabel); b.code != "" && b.only(isAccountLabel) {
		number = b.code
	}
	if !isDigits(number) || len(number) > maxAccount {
		return faulty(CodeAccountFormat, order.Error)
	}
	return taken(number, text)
}

// bookseller fills in who orders and under which reference, and holds an order
// whose account or sender is in doubt. Where only registered senders may order and
// no accounts were ever imported, every account is unknown, and every order is held.
func (c *checker) bookseller() {
	c.order.Reference = c.order.Fields[order.FieldReference]
	if c.order.Reference == "" && !c.homeless(order.FieldReference) {
		c.add(CodeReferenceMissing, order.Warning, order.FieldReference, nil)
	}
	number, ok := c.header.sound(order.FieldAccount)
	if !ok {
		return
	}
	c.order.Account = number
	account, known := c.reg.Account(number)
	if known && account.Number != number {
		c.order.Account = account.Number
		c.fix(order.FieldAccount, account.Number)
	}
	if c.sender.Any {
		return
	}
	if !known {
		c.add(CodeAccountUnknown, order.Hold, order.FieldAccount, nil)
		return
	}
	if account.Inactive {
		c.add(CodeAccountInactive, order.Hold, order.FieldAccount, map[string]string{"name": account.Name})
	}
	isThis := func(a order.Account) bool { return a.Number == account.Number }
	if !slices.ContainsFunc(c.reg.Accounts(c.sender.Email), isThis) {
		c.add(CodeSenderUnregistered, order.Hold, order.FieldAccount, map[string]string{"sender": c.sender.Email})
	}
}
