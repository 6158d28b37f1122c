package registry

import (
	"slices"

	"bdc/order"
)

// Undo returns the entries that a register is to have after an import is undone. before are
// the entries that the import replaced, and now those that the register has. It changes
// neither.
//
// Schools and titles are those from before. So are accounts, but for what people changed by
// hand since the import: the senders whom they added or took off, the facts that they
// changed, and the accounts in which they changed something or which they created.
func Undo[E Entry](before, now []E) []E {
	if accounts, ok := any(before).([]order.Account); ok {
		return any(undoAccounts(accounts, any(now).([]order.Account))).([]E)
	}
	return before
}

func undoAccounts(before, now []order.Account) []order.Account {
	undone := slices.Clone(before)
	at := make(map[string]int, len(undone))
	for i := range undone {
		at[undone[i].Number] = i
	}
	for _, a := range now {
		i, known := at[a.Number]
		switch {
		case a.Hand == nil || known && !touched(undone[i].Hand, a.Hand):
		case known:
			undone[i] = reconciled(undone[i], a)
		default:
			undone = append(undone, a)
		}
	}
	return undone
}

// touched reports whether a person changed an account after the import: an import keeps who
// made the last change before it, and when.
func touched(before, now *order.Hand) bool {
	return before == nil || before.Actor != now.Actor || !before.At.Equal(now.At)
}

// reconciled returns an account as it was before an import, with what people have changed
// in it since.
func reconciled(was, now order.Account) order.Account {
	hand := order.Hand{Actor: now.Hand.Actor, At: now.Hand.At}
	var old order.Hand
	if was.Hand != nil {
		old = *was.Hand
	}
	a := was
	a.Emails, a.Domains = slices.Clone(was.Emails), slices.Clone(was.Domains)
	for _, sender := range old.Added { // the rest comes from the file
		drop(&a, sender)
	}
	for _, sender := range old.Struck {
		if !has(&a, sender) {
			add(&a, sender)
		}
	}
	// The undone file may have had a sender that was added by hand, or may have lacked one
	// that was struck off. Then the account now says alone whether it may order.
	for _, sender := range union(slices.Clone(now.Hand.Added), old.Added) {
		if has(&now, sender) && !has(&a, sender) {
			add(&a, sender)
			hand.Added = append(hand.Added, sender)
		}
	}
	for _, sender := range union(slices.Clone(now.Hand.Struck), old.Struck) {
		if !has(&now, sender) && has(&a, sender) {
			drop(&a, sender)
			hand.Struck = append(hand.Struck, sender)
		}
	}
	hand.Created, hand.Facts = old.Created, old.Facts
	if now.Hand.Facts || now.Hand.Created && !old.Created {
		f := now.Facts()
		a.Name, a.Address, a.Postcode, a.Town, a.Inactive = f.Name, f.Address, f.Postcode, f.Town, f.Inactive
		hand.Facts = true
	}
	a.Hand = &hand
	return a
}
