package boltstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"

	"bdc/order"
	"bdc/store"
)

// actor is the Event.Actor of what the program does by itself.
const actor = "bdc"

// summary is what is kept of an intake besides its message. The two are stored apart, so
// that Seen and Past need not read the texts of mails.
type summary struct {
	Key     order.Key    `json:"key"`
	At      time.Time    `json:"at"`
	Folder  order.Folder `json:"folder"`
	Outcome string       `json:"outcome"`
	Content string       `json:"content,omitempty"`
	Header  order.Hash   `json:"header,omitempty"`
	Echoes  int          `json:"echoes,omitempty"` // Intake.Echo
	Case    string       `json:"case,omitempty"`   // if it has Echoes: the code of its first case
}

// Seen reads the summaries of intakes, and only of intakes without a hash the messages too.
func (s *Store) Seen(ctx context.Context, keys []order.Key) (map[order.Key]store.Seen, error) {
	seen := make(map[order.Key]store.Seen)
	err := s.view(ctx, func(tx *bolt.Tx) error {
		b := bucket(tx, bucketIntakes)
		for _, key := range keys {
			var sum summary
			found, err := load(b, []byte(key.String()), &sum)
			if err != nil {
				return err
			}
			if !found {
				continue
			}
			m := order.Message{Header: sum.Header}
			if sum.Header == "" {
				if _, err := load(bucket(tx, bucketMessages), []byte(key.String()), &m); err != nil {
					return err
				}
			}
			seen[key] = store.Seen{
				Folder: sum.Folder, HeaderID: store.HeaderID{Hash: m.Header, MessageID: m.MessageID},
				Read:      m.Header != "" || !m.Unfetched && m.MessageID+m.From != "",
				Unfetched: m.Unfetched,
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look messages up: %w", err)
	}
	return seen, nil
}

// Message returns what was kept of a message.
func (s *Store) Message(ctx context.Context, key order.Key) (order.Message, error) {
	var m order.Message
	err := s.view(ctx, func(tx *bolt.Tx) error {
		found, err := load(bucket(tx, bucketMessages), []byte(key.String()), &m)
		if err == nil && !found {
			return store.ErrNotFound
		}
		return err
	})
	if err != nil {
		return order.Message{}, fmt.Errorf("message %q: %w", key, err)
	}
	return m, nil
}

// Past answers a query.
func (s *Store) Past(ctx context.Context, q order.Query) (order.Past, error) {
	var p order.Past
	err := s.view(ctx, func(tx *bolt.Tx) (err error) {
		if p, err = past(tx, q); err != nil {
			return err
		}
		return detail(tx, &p)
	})
	if err != nil {
		return order.Past{}, fmt.Errorf("look the past up: %w", err)
	}
	return p, nil
}

// past answers a query, but for what detail adds: with this, Record sees whether an answer still
// holds.
func past(tx *bolt.Tx, q order.Query) (p order.Past, err error) {
	if p.Earlier, err = earlier(tx, q.Content); err != nil {
		return order.Past{}, err
	}
	if p.Echo, err = echo(tx, q); err != nil {
		return order.Past{}, err
	}
	identities, references := bucket(tx, bucketIdentities), bucket(tx, bucketReferences)
	for _, form := range q.Forms {
		like := order.PastForm{Same: string(identities.Get([]byte(form.Identity)))}
		if form.Reference != "" {
			like.Reused = string(references.Get(referenceKey(form.Reference)))
		}
		if like.Near, err = near(tx, form, like.Reused, q.OrdersSince); err != nil {
			return order.Past{}, err
		}
		c, err := formThread(tx, q, form)
		if err != nil {
			return order.Past{}, err
		}
		like.Thread = threadOf(c)
		if first := c.First(order.Key{}); first != nil {
			put(&p.First, c.Code, first)
		}
		p.Forms = append(p.Forms, like)
	}
	if p.Mentioned, err = mentioned(tx, q); err != nil {
		return order.Past{}, err
	}
	for _, number := range q.Numbers {
		if at, ok := parseNumber(number); ok && bucket(tx, bucketOrders).Get(at) != nil {
			p.Numbers = append(p.Numbers, number)
		}
	}
	p.Answered, err = answered(tx, q)
	return p, err
}

// detail adds what else an answer says of the orders in it.
func detail(tx *bolt.Tx, p *order.Past) error {
	for _, form := range p.Forms {
		for _, number := range []string{form.Same, form.Reused} {
			if err := describe(tx, p, number); err != nil {
				return err
			}
		}
	}
	return nil
}

// put adds an entry to a map, and makes the map first if it is nil. Most answers have no
// entry and need no map.
func put[V any](m *map[string]V, key string, v V) {
	if *m == nil {
		*m = make(map[string]V)
	}
	(*m)[key] = v
}

func earlier(tx *bolt.Tx, content string) (*order.Earlier, error) {
	key := bucket(tx, bucketContents).Get([]byte(content))
	if key == nil {
		return nil, nil
	}
	var sum summary
	if _, err := load(bucket(tx, bucketIntakes), key, &sum); err != nil {
		return nil, err
	}
	return &order.Earlier{Key: sum.Key, Folder: sum.Folder, Outcome: sum.Outcome}, nil
}

// echoKey is the key in bucketContents of what the forms of a mail say; nil for no forms.
func echoKey(echo string) []byte {
	if echo == "" {
		return nil
	}
	return []byte("echo:" + echo)
}

// echo returns what is known of the mails whose forms say the same.
func echo(tx *bolt.Tx, q order.Query) (order.Echo, error) {
	key := bucket(tx, bucketContents).Get(echoKey(q.Echo))
	if key == nil {
		return order.Echo{}, nil
	}
	var sum summary
	if _, err := load(bucket(tx, bucketIntakes), key, &sum); err != nil || sum.At.Before(q.Since) {
		return order.Echo{}, err
	}
	c, ok, err := joined(tx, q, sum.Case)
	e := order.Echo{Times: sum.Echoes}
	if ok && c.State != order.Closed {
		e.Thread = threadOf(c)
	}
	return e, err
}

// samePast reports whether two answers are equal. It leaves out Received, Ends and Files, which depend
// on the number of an order alone, and First, which depends on a case and its revision.
func samePast(a, b order.Past) bool {
	if a.Earlier == nil || b.Earlier == nil {
		if a.Earlier != b.Earlier {
			return false
		}
	} else if *a.Earlier != *b.Earlier {
		return false
	}
	return slices.EqualFunc(a.Forms, b.Forms, samePastForm) &&
		slices.Equal(a.Numbers, b.Numbers) && a.Mentioned == b.Mentioned && a.Answered == b.Answered && a.Echo == b.Echo
}

func samePastForm(a, b order.PastForm) bool {
	return a.Same == b.Same && a.Reused == b.Reused && a.Thread == b.Thread &&
		slices.EqualFunc(a.Near, b.Near, sameRecent)
}

// entry is an intake that was encoded before the transaction, so that other writers need
// not wait for that. Only what has an order's number in it is encoded in the transaction.
type entry struct {
	intake  *order.Intake
	receipt *store.Receipt
	key     []byte
	message []byte
	summary []byte
	content string
	orders  []numbered
	cases   []opening
}

func newEntry(in *order.Intake, receipt *store.Receipt) (e entry, err error) {
	e = entry{
		intake:  in,
		receipt: receipt,
		key:     []byte(in.Message.Key.String()),
		content: in.Message.Content(),
	}
	if e.message, err = json.Marshal(in.Message); err != nil {
		return entry{}, err
	}
	sum := summary{
		Key: in.Message.Key, At: in.At, Folder: in.Folder, Outcome: in.Outcome, Content: e.content,
		Header: in.Message.Header, Echoes: in.Echo.Times,
	}
	if sum.Echoes > 0 && len(in.Continued) > 0 {
		sum.Case = in.Continued[0].Case
	} else if sum.Echoes > 0 && len(in.Cases) > 0 {
		sum.Case = in.Cases[0].Code
	}
	if e.summary, err = json.Marshal(sum); err != nil {
		return entry{}, err
	}
	for i := range in.Orders {
		e.orders = append(e.orders, newNumbered(in.Orders[i], in.At))
	}
	for _, n := range in.Continued {
		if n.Order >= 0 && n.Order < len(e.orders) {
			e.orders[n.Order].order.Case = n.Case
		}
	}
	for i := range in.Cases {
		o, err := newOpening(in.Cases[i], in.At)
		if err != nil {
			return entry{}, err
		}
		e.cases = append(e.cases, o)
	}
	return e, nil
}

// Record stores intakes in one commit. If that commit fails, each intake gets a commit of
// its own.
func (s *Store) Record(ctx context.Context, f store.Fence, intakes []order.Intake) []store.Receipt {
	receipts := make([]store.Receipt, len(intakes))
	entries := make([]entry, 0, len(intakes))
	for i := range intakes {
		e, err := newEntry(&intakes[i], &receipts[i])
		if err != nil {
			receipts[i].Err = fmt.Errorf("record %s: %w", intakes[i].Message.MessageID, err)
			continue
		}
		entries = append(entries, e)
	}
	if err := s.recordTogether(ctx, f, entries); err == nil {
		return receipts
	}
	for i := range entries {
		if err := s.recordTogether(ctx, f, entries[i:i+1]); err != nil {
			*entries[i].receipt = store.Receipt{
				Err: fmt.Errorf("record %s: %w", entries[i].intake.Message.MessageID, err),
			}
		}
	}
	return receipts
}

// recordTogether records entries in one transaction. If the contract refuses an entry, only
// the receipt of that entry says so, and the others are recorded. If recordTogether returns
// an error, nothing is recorded.
func (s *Store) recordTogether(ctx context.Context, f store.Fence, entries []entry) error {
	return s.update(ctx, func(tx *bolt.Tx) error {
		if err := fenced(tx, f); err != nil {
			return err
		}
		own, err := loadOwnership(tx)
		if err != nil {
			return err
		}
		disowned := own.allow(tx)
		recorded, counted := 0, tally{}
		for i := range entries {
			e := &entries[i]
			*e.receipt = store.Receipt{}
			err := e.verify(tx, disowned)
			if errors.Is(err, store.ErrSeen) || errors.Is(err, store.ErrStale) || errors.Is(err, store.ErrNotOwner) {
				e.receipt.Err = fmt.Errorf("record %s: %w", e.intake.Message.MessageID, err)
				continue
			}
			if err != nil {
				return err
			}
			if err := e.write(tx, &own, &s.warm); err != nil {
				return err
			}
			counted.intake(e.intake)
			recorded++
		}
		if recorded == 0 {
			return errNothing
		}
		return counted.write(tx)
	})
}

// verify returns the error for which the contract refuses the intake, or nil. It is called
// before anything of the intake is written. disowned is the error for which no order is
// recorded, or nil.
func (e *entry) verify(tx *bolt.Tx, disowned error) error {
	if bucket(tx, bucketIntakes).Get(e.key) != nil {
		return store.ErrSeen
	}
	if len(e.orders) > 0 && disowned != nil {
		return disowned
	}
	now, err := past(tx, e.intake.Query)
	if err != nil {
		return err
	}
	if !samePast(now, e.intake.Past) {
		return store.ErrStale
	}
	codes := make(map[string]bool)
	for _, c := range e.cases {
		if codes[string(c.code)] || c.taken(tx) {
			return fmt.Errorf("%w: case code %s is taken", store.ErrStale, c.code)
		}
		codes[string(c.code)] = true
	}
	return nil
}

// write stores all that the intake causes.
func (e *entry) write(tx *bolt.Tx, own *ownership, known *warm) error {
	if err := e.writeMessage(tx); err != nil {
		return err
	}
	if err := e.writeOrders(tx, own); err != nil {
		return err
	}
	for _, c := range e.cases {
		if err := c.write(tx); err != nil {
			return err
		}
	}
	in := e.intake
	for i := range in.Continued {
		if err := goOn(tx, &in.Continued[i], e.receipt.Numbers, in.At); err != nil {
			return err
		}
	}
	return e.writeReplies(tx, known)
}

// writeMessage stores the message and the summary of its intake, and takes its mark
// off.
func (e *entry) writeMessage(tx *bolt.Tx) error {
	if err := bucket(tx, bucketMessages).Put(e.key, e.message); err != nil {
		return err
	}
	intakes := bucket(tx, bucketIntakes)
	if err := intakes.Put(e.key, e.summary); err != nil {
		return err
	}
	if _, err := intakes.NextSequence(); err != nil { // intakes are counted by it
		return err
	}
	if e.content != "" {
		if err := bucket(tx, bucketContents).Put([]byte(e.content), e.key); err != nil {
			return err
		}
	}
	if key := echoKey(e.intake.Query.Echo); key != nil && e.intake.Echo.Times > 0 {
		if err := bucket(tx, bucketContents).Put(key, e.key); err != nil {
			return err
		}
	}
	m := &e.intake.Message
	if err := putHeader(tx, store.HeaderID{Hash: m.Header, MessageID: m.MessageID}, e.key); err != nil {
		return err
	}
	if err := bucket(tx, bucketMarks).Delete(e.key); err != nil {
		return err
	}
	recorded := e.event("message.recorded", func(v *order.Event) { v.Detail = string(e.intake.Folder) })
	if m.Key.Header == "" {
		return audit(tx, recorded)
	}
	// Its UID was another message's before, or the message could not be fetched then.
	var before struct {
		Unfetched bool `json:"unfetched"` // of an order.Message
	}
	verb := "message.renumbered"
	_, err := load(bucket(tx, bucketMessages), []byte(m.Key.Plain().String()), &before)
	if before.Unfetched {
		verb = "message.fetched"
	}
	return errors.Join(err, audit(tx, e.event(verb, func(*order.Event) {})), audit(tx, recorded))
}

// writeOrders numbers and stores the orders, and puts their numbers into the receipt.
func (e *entry) writeOrders(tx *bolt.Tx, own *ownership) error {
	for _, o := range e.orders {
		number, err := o.write(tx, own)
		if err != nil {
			return err
		}
		e.receipt.Numbers = append(e.receipt.Numbers, number)
		if err := audit(tx, e.event("order.accepted", func(v *order.Event) { v.Order = number })); err != nil {
			return err
		}
	}
	return nil
}

// writeReplies stores the replies as intended, and puts their ids into the receipt.
// known gets the replies once they are committed.
func (e *entry) writeReplies(tx *bolt.Tx, known *warm) error {
	in := e.intake
	for i := range in.Replies {
		d := dispatch{Due: in.At, Asked: in.Message.ReceivedAt}
		r, err := intend(tx, in.Replies[i], e.receipt.Numbers, in.At, d)
		if err != nil {
			return err
		}
		tx.OnCommit(func() { known.keep(r) })
		e.receipt.Replies = append(e.receipt.Replies, r.ID)
		intended := e.event("reply.intended", func(v *order.Event) { v.Reply, v.Detail = r.ID, string(r.Kind) })
		if err := audit(tx, intended); err != nil {
			return err
		}
	}
	return nil
}

// event is a line of the audit about the intake's message.
func (e *entry) event(verb string, set func(*order.Event)) order.Event {
	v := order.Event{At: e.intake.At, Actor: actor, Verb: verb, Message: e.intake.Message.Key.String()}
	set(&v)
	return v
}
