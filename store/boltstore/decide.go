package boltstore

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"

	"bdc/order"
	"bdc/store"
)

// Decide adds an act to a case. It numbers the order and stores the reply that the
// decision has, if any.
func (s *Store) Decide(ctx context.Context, f store.Fence, d order.Decision) (store.Receipt, error) {
	var o numbered
	if d.Order != nil {
		o = newNumbered(*d.Order, d.At)
		o.former = d.Order.Number
	}
	var receipt store.Receipt
	err := s.update(ctx, func(tx *bolt.Tx) (err error) {
		if err := fenced(tx, f); err != nil {
			return err
		}
		receipt, err = decide(tx, d, o)
		return err
	})
	if err != nil {
		return store.Receipt{}, fmt.Errorf("decide case %q: %w", d.Case, err)
	}
	return receipt, nil
}

func decide(tx *bolt.Tx, d order.Decision, o numbered) (receipt store.Receipt, err error) {
	c, key, err := seenCase(tx, d.Case, d.Revision)
	if err != nil {
		return receipt, err
	}
	act := order.Act{Kind: d.Kind, At: d.At, Actor: d.Actor, Text: d.Note, Before: c.State}
	if err := audit(tx, decided(&d, &c)); err != nil {
		return receipt, err
	}
	if d.Note != "" {
		c.Note = d.Note
	}
	if d.Reason != "" {
		c.Reason = d.Reason
	}
	if d.Order != nil {
		if act.Order, err = acceptOrder(tx, &d, &c, o); err != nil {
			return receipt, err
		}
		receipt.Numbers = []string{act.Order}
	}
	if d.Reply != nil {
		if act.Reply, err = intendReply(tx, &d, &c, receipt.Numbers); err != nil {
			return receipt, err
		}
		receipt.Replies = []uint64{act.Reply}
	}
	if d.Holder != nil {
		c.Holder = *d.Holder
	}
	if err := replaceAttempt(tx, &d, &c, key); err != nil {
		return receipt, err
	}
	c.Acts = append(c.Acts, act)
	counted := tally{}
	counted.act(act, 1)
	if err := counted.write(tx); err != nil {
		return receipt, err
	}
	return receipt, changeCase(tx, key, c, d.State, d.At)
}

// eventOf makes a line of the audit about a decision, with the verb.
func eventOf(d *order.Decision, c *order.Case, verb string) order.Event {
	return order.Event{At: d.At, Actor: d.Actor, Verb: verb, Case: c.Code, Message: c.Message.String()}
}

// decided is the line of the audit that says what was decided.
func decided(d *order.Decision, c *order.Case) order.Event {
	e := eventOf(d, c, "case.decided")
	e.Detail = string(d.State)
	if d.Kind != "" {
		e.Detail = string(d.Kind) + ", " + e.Detail
	}
	if d.Note != "" {
		e.Detail += ": " + d.Note
	}
	return e
}

// acceptOrder numbers and stores the order of a decision, and adds it to the case.
func acceptOrder(tx *bolt.Tx, d *order.Decision, c *order.Case, o numbered) (number string, err error) {
	own, err := loadOwnership(tx)
	if err != nil {
		return "", err
	}
	if err := own.allow(tx); err != nil {
		return "", err
	}
	o.order.Case = c.Code
	if number, err = o.write(tx, &own); err != nil {
		return "", err
	}
	c.Orders = append(c.Orders, number)
	accepted := eventOf(d, c, "order.accepted")
	accepted.Order = number
	return number, audit(tx, accepted)
}

// intendReply stores the reply of a decision, due after its delay.
func intendReply(tx *bolt.Tx, d *order.Decision, c *order.Case, numbers []string) (id uint64, err error) {
	to := dispatch{Due: d.At.Add(d.Delay), Asked: asked(c), Decided: d.Actor != actor}
	reply, err := intend(tx, *d.Reply, numbers, d.At, to)
	if err != nil {
		return 0, err
	}
	intended := eventOf(d, c, "reply.intended")
	intended.Reply, intended.Detail = reply.ID, string(d.Reply.Kind)
	return reply.ID, audit(tx, intended)
}

// replaceAttempt puts the attempt of a decision, if it has one, in the place of the
// case's own.
func replaceAttempt(tx *bolt.Tx, d *order.Decision, c *order.Case, key []byte) error {
	if d.Attempt == nil {
		return nil
	}
	if d.Index < 0 || d.Index >= len(c.Attempts) {
		return fmt.Errorf("the case has no attempt %d of %d", d.Index, len(c.Attempts))
	}
	c.Attempts[d.Index] = *d.Attempt
	return follow(tx, c, key, d.Attempt.Order)
}

// asked returns when the case's last attempt was recorded: the time that a decision takes
// is counted from then.
func asked(c *order.Case) time.Time {
	if len(c.Attempts) == 0 {
		return c.OpenedAt
	}
	return c.Attempts[len(c.Attempts)-1].At
}

// seenCase returns a case to be changed. The error wraps store.ErrRevision if the case is
// not at the revision that somebody saw, and store.ErrErased if it was erased.
func seenCase(tx *bolt.Tx, code string, revision uint64) (order.Case, []byte, error) {
	c, key, err := findCase(tx, code)
	if err == nil && c.Revision != revision {
		err = fmt.Errorf("%w: revision %d, seen %d", store.ErrRevision, c.Revision, revision)
	}
	if err == nil && c.Erased != nil {
		err = store.ErrErased
	}
	return c, key, err
}

// Undo takes back the last act of a case that caused a reply.
func (s *Store) Undo(ctx context.Context, u order.Undo) error {
	err := s.update(ctx, func(tx *bolt.Tx) error {
		c, key, err := seenCase(tx, u.Case, u.Revision)
		if err != nil {
			return err
		}
		i := len(c.Acts) - 1
		for i >= 0 && (c.Acts[i].Reply == 0 || c.Acts[i].Undone) {
			i--
		}
		if i < 0 {
			return fmt.Errorf("%w: no act that caused a reply", store.ErrNotFound)
		}
		act := &c.Acts[i]
		if err := withdraw(tx, act.Reply, u.Actor, u.At); err != nil {
			return err
		}
		if act.Order != "" {
			if err := cancel(tx, act.Order, c.Code, u); err != nil {
				return err
			}
		}
		counted := tally{}
		counted.act(*act, -1)
		if err := counted.write(tx); err != nil {
			return err
		}
		act.Undone = true
		before := act.Before
		c.Acts = append(c.Acts, order.Act{
			Kind: order.ActUndo, At: u.At, Actor: u.Actor, Text: string(act.Kind),
			Before: c.State, Order: act.Order,
		})
		event := order.Event{
			At: u.At, Actor: u.Actor, Verb: "case.undone", Case: c.Code, Message: c.Message.String(),
			Detail: string(act.Kind),
		}
		if err := audit(tx, event); err != nil {
			return err
		}
		return changeCase(tx, key, c, before, u.At)
	})
	if err != nil {
		return fmt.Errorf("undo in case %q: %w", u.Case, err)
	}
	return nil
}

// withdraw settles a reply that nobody ever claimed.
func withdraw(tx *bolt.Tx, id uint64, actor string, at time.Time) error {
	var d dispatch
	if _, err := load(bucket(tx, bucketOutbox), seqKey(id), &d); err != nil {
		return err
	}
	if d.Attempts > 0 || d.settled() || d.Doubtful {
		return store.ErrLeft
	}
	if err := bucket(tx, bucketOutboxDue).Delete(dueKey(d.Due, id)); err != nil {
		return err
	}
	d.Outcome, d.At = store.Withdrawn, at
	if err := save(bucket(tx, bucketOutbox), seqKey(id), d); err != nil {
		return err
	}
	return audit(tx, order.Event{At: at, Actor: actor, Verb: "reply." + string(store.Withdrawn), Reply: id})
}

// cancel takes back the order that an act accepted. It keeps its number.
func cancel(tx *bolt.Tx, number, code string, u order.Undo) error {
	o, key, err := findOrder(tx, number)
	if err != nil || o.Status == order.Cancelled {
		return err
	}
	return step(tx, key, &o, code, order.Step{Status: order.Cancelled, At: u.At, Actor: u.Actor})
}

// Advance changes an order's status.
func (s *Store) Advance(ctx context.Context, number string, seen order.Status, next order.Step) (order.Order, error) {
	var o order.Order
	err := s.update(ctx, func(tx *bolt.Tx) (err error) {
		var key []byte
		if o, key, err = findOrder(tx, number); err != nil {
			return err
		}
		if o.Status != seen || !seen.May(next.Status) {
			return fmt.Errorf("%w: it is %s, seen %s, to be %s", store.ErrRevision, o.Status, seen, next.Status)
		}
		return step(tx, key, &o, o.Case, next)
	})
	if err != nil {
		return order.Order{}, fmt.Errorf("advance order %q: %w", number, err)
	}
	return o, nil
}

// step records an order's next status.
func step(tx *bolt.Tx, key []byte, o *order.Order, code string, next order.Step) error {
	o.Status = next.Status
	o.Steps = append(slices.Clip(o.Steps), next)
	if err := save(bucket(tx, bucketOrders), key, o); err != nil {
		return err
	}
	if err := saveOrderRow(tx, key, o); err != nil {
		return err
	}
	if next.Status == order.Cancelled {
		if err := forget(tx, key, o); err != nil {
			return err
		}
	}
	event := order.Event{
		At: next.At, Actor: next.Actor, Verb: "order." + string(next.Status), Order: o.Number,
		Case: code, Detail: next.Note,
	}
	return audit(tx, event)
}

// forget takes a cancelled order out of the indexes by which Past finds orders, so that
// the same can be ordered again. If another order of the same identity or reference is not
// cancelled, the index gets that one.
func forget(tx *bolt.Tx, key []byte, o *order.Order) error {
	if err := bucket(tx, bucketSchools).Delete(schoolKey(o.UAI, key)); err != nil {
		return err
	}
	identity, reference := []byte(o.Identity()), referenceOf(o)
	same, reused := standing(tx, identity, reference)
	for _, index := range []struct {
		name   string
		key    []byte
		number string
	}{{bucketIdentities, identity, same}, {bucketReferences, reference, reused}} {
		b := bucket(tx, index.name)
		var err error
		switch {
		case string(b.Get(index.key)) != o.Number:
		case index.number == "":
			err = b.Delete(index.key)
		default:
			err = b.Put(index.key, []byte(index.number))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// standing looks through the rows of the orders that are not cancelled, and returns the
// numbers of the last that has an identity and of the last that has a reference.
func standing(tx *bolt.Tx, identity, reference []byte) (same, reused string) {
	twins, cousins := search{}.tag("identity:", string(identity)),
		search{}.tag("reference:", hex.EncodeToString(reference))
	cancelled := search{}.tag("status:", string(order.Cancelled))
	find := func(like search) (number string) {
		orderList().all(tx, like.may, nil, true, func(key, value []byte) bool {
			if row, _ := unpack(value); like.finds(row) && !cancelled.finds(row) {
				number = order.Number(int(binary.BigEndian.Uint32(key)), seqOf(key[4:]))
			}
			return number == ""
		})
		return number
	}
	return find(twins), find(cousins)
}

// findOrder returns an order and its key. The error wraps store.ErrNotFound.
func findOrder(tx *bolt.Tx, number string) (o order.Order, key []byte, err error) {
	key, ok := parseNumber(number)
	if !ok {
		return o, nil, store.ErrNotFound
	}
	found, err := load(bucket(tx, bucketOrders), key, &o)
	if err == nil && !found {
		err = store.ErrNotFound
	}
	return o, key, err
}
