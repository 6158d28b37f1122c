package validate

import (
	"slices"

	"bdc/order"
)

// Codes about the bookseller.
const (
	CodeAccountFormat      order.Code = "account.format"
	CodeAccountUnknown     order.Code = "bookseller.account.unknown"
	CodeAccountInactive    order.Code = "bookseller.account.inactive"    // Args: name
	CodeSenderUnregistered order.Code = "bookseller.sender.unregistered" // Args: sender
	CodeReferenceMissing   order.Code = "reference.missing"
)

// maxAccount is the most digits that an account number may have: far more than
// Interforum's eight, and no more than Excel keeps of a number.
const maxAccount = 15

func normalizeAccount(text string, kind order.Kind) reading {
	if kind != order.KindText && !isDigits(text) {
		return faulty(CodeAccountFormat, order.Error) // a fraction, a date: its punctuation groups no digits
	}
	number := squeeze(text)
	if !isDigits(number) || len(number) > maxAccount {
		return faulty(CodeAccountFormat, order.Error)
	}
	return taken(number, text)
}

// bookseller fills in who orders and under which reference, and holds an order
// whose account or sender is in doubt. It fails closed: where only registered
// senders may order and no account was ever imported, no account is known.
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
