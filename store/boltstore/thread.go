package boltstore

import (
	"bytes"
	"errors"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"

	"bdc/order"
	"bdc/store"
)

// threadKey is the key of the latest case of an account, a UAI and a reference;
// nil for "".
func threadKey(thread string) []byte {
	if thread == "" {
		return nil
	}
	return referenceKey(thread)
}

// formThread returns the open case that a form continues, or the zero Case for none.
func formThread(tx *bolt.Tx, q order.Query, form order.QueryForm) (order.Case, error) {
	for _, code := range append([]string{form.Case}, q.Mentions...) {
		c, ok, err := joined(tx, q, code)
		if err != nil {
			return order.Case{}, err
		}
		if ok && c.State != order.Closed {
			return c, nil
		}
	}
	if form.Thread == "" {
		return order.Case{}, nil
	}
	var c order.Case
	found, err := load(bucket(tx, bucketCases), bucket(tx, bucketCaseThreads).Get(threadKey(form.Thread)), &c)
	if err != nil || !found || c.State == order.Closed || c.UpdatedAt.Before(q.Since) || !isOf(c, q) {
		return order.Case{}, err
	}
	return c, nil
}

// mentioned returns the first case that a mail names and that its sender may join.
func mentioned(tx *bolt.Tx, q order.Query) (order.Thread, error) {
	for _, code := range q.Mentions {
		c, ok, err := joined(tx, q, code)
		if err != nil {
			return order.Thread{}, err
		}
		if ok {
			return threadOf(c), nil
		}
	}
	return order.Thread{}, nil
}

// joined returns a case if the mail may join it. The code alone does not suffice, nor does
// an account that a form names: anybody can write both.
func joined(tx *bolt.Tx, q order.Query, code string) (c order.Case, ok bool, err error) {
	if code == "" {
		return order.Case{}, false, nil
	}
	c, _, err = findCase(tx, code)
	if errors.Is(err, store.ErrNotFound) {
		return order.Case{}, false, nil
	}
	if err != nil || c.Erased != nil { // nothing is left in an erased case that could go on
		return order.Case{}, false, err
	}
	return c, isOf(c, q), nil
}

// isOf reports whether a case is that of a mail's sender: by the address, or by an account
// that the sender is registered for.
func isOf(c order.Case, q order.Query) bool {
	return c.From == q.From && q.From != "" || c.Account != "" && slices.Contains(q.Accounts, c.Account)
}

func threadOf(c order.Case) order.Thread {
	return order.Thread{Case: c.Code, Revision: c.Revision, State: c.State}
}

// goOn adds the attempt of a continuation to its case.
func goOn(tx *bolt.Tx, n *order.Continuation, numbers []string, at time.Time) error {
	c, key, err := findCase(tx, n.Case)
	if err != nil {
		return err
	}
	c.Attempts = append(c.Attempts, n.Attempt)
	event := order.Event{
		At: at, Actor: actor, Verb: "case.continued", Message: n.Attempt.Message.String(),
		Case: c.Code, Detail: string(n.State),
	}
	if n.Reason != "" {
		c.Reason = n.Reason
		event.Detail += ", " + string(n.Reason)
	}
	if n.Order >= 0 {
		event.Order = numbers[n.Order]
		c.Orders = append(c.Orders, event.Order)
	}
	if err := follow(tx, &c, key, n.Attempt.Order); err != nil {
		return err
	}
	if err := audit(tx, event); err != nil {
		return err
	}
	return changeCase(tx, key, c, n.State, at)
}

// follow gives a case the account, UAI and reference of an order, by which the next form is
// found to continue it. If the order is nil, it changes nothing.
func follow(tx *bolt.Tx, c *order.Case, key []byte, o *order.Order) error {
	if o == nil {
		return nil
	}
	c.Account, c.UAI, c.Reference = o.Account, o.UAI, o.Reference
	thread := threadKey(c.Thread())
	if thread == nil {
		return nil
	}
	return bucket(tx, bucketCaseThreads).Put(thread, bytes.Clone(key))
}
