package boltstore

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"bdc/order"
	"bdc/store"
)

// Check verifies the pages of the file first, and what is in them only if they are sound.
func (s *Store) Check(ctx context.Context) error {
	if err := s.checkPages(ctx); err != nil {
		return fmt.Errorf("check pages: %w", err)
	}
	c := checker{}
	err := s.view(ctx, func(tx *bolt.Tx) error {
		c.tx = tx
		c.messages()
		c.orders()
		c.cases()
		c.outbox()
		c.blobs()
		c.registers()
		c.audit()
		c.people()
		c.days()
		return nil
	})
	return errors.Join(append(c.faults, err)...)
}

// checkPages runs in a write transaction, because bbolt reads its list of free pages, which
// writers change. It commits nothing.
func (s *Store) checkPages(ctx context.Context) error {
	var faults []error
	err := s.update(ctx, func(tx *bolt.Tx) error {
		for fault := range tx.Check() {
			faults = append(faults, fmt.Errorf("%w: %w", store.ErrDamaged, fault))
		}
		return errNothing
	})
	return errors.Join(append(faults, err)...)
}

// checker walks the buckets and collects what is wrong.
type checker struct {
	tx     *bolt.Tx
	faults []error
	undone int // orders that a person accepted and then took back
}

func (c *checker) fault(format string, args ...any) {
	c.faults = append(c.faults, fmt.Errorf("%w: "+format, append([]any{store.ErrDamaged}, args...)...))
}

func (c *checker) has(name string, key []byte) bool {
	k, _ := bucket(c.tx, name).Cursor().Seek(key)
	return k != nil && bytes.Equal(k, key)
}

// each calls f for every key of a bucket.
func (c *checker) each(name string, f func(key, value []byte)) {
	cursor := bucket(c.tx, name).Cursor()
	for k, v := cursor.First(); k != nil; k, v = cursor.Next() {
		f(k, v)
	}
}

// values calls f for every value of a bucket, decoded.
func values[T any](c *checker, name string, f func(key []byte, value T)) {
	c.each(name, func(key, data []byte) {
		var value T
		if err := json.Unmarshal(data, &value); err != nil {
			c.fault("%s %q: %v", name, key, err)
			return
		}
		f(key, value)
	})
}

// resolves verifies that every value of an index is a key of its target.
func (c *checker) resolves(index, target string) {
	c.each(index, func(key, value []byte) {
		if !c.has(target, value) {
			c.fault("%s %q points at %q, which is not in %s", index, key, value, target)
		}
	})
}

func (c *checker) messages() {
	values(c, bucketMessages, func(key []byte, m order.Message) {
		if m.Key.String() != string(key) {
			c.fault("message %q is under the key %q", m.Key, key)
		}
		if !c.has(bucketIntakes, key) {
			c.fault("message %q has no intake", key)
		}
	})
	values(c, bucketIntakes, func(key []byte, s summary) {
		if s.Key.String() != string(key) {
			c.fault("intake of %q is under the key %q", s.Key, key)
		}
		if !c.has(bucketMessages, key) {
			c.fault("intake %q has no message", key)
		}
		if s.Content != "" && !c.has(bucketContents, []byte(s.Content)) {
			c.fault("intake %q is not found by its content", key)
		}
	})
	c.resolves(bucketContents, bucketIntakes)
	c.counts(bucketIntakes, int(bucket(c.tx, bucketIntakes).Sequence()))
	values(c, bucketMarks, func(key []byte, m mark) {
		if m.Key.String() != string(key) {
			c.fault("mark of %q is under the key %q", m.Key, key)
		}
	})
}

func (c *checker) orders() {
	schools := 0
	values(c, bucketOrders, func(key []byte, o order.Order) {
		if k, ok := parseNumber(o.Number); !ok || !bytes.Equal(k, key) {
			c.fault("order %q is under the key %x", o.Number, key)
			return
		}
		if last := seqOf(bucket(c.tx, bucketYears).Get(key[:4])); seqOf(key[4:]) > last {
			c.fault("order %s is beyond its year's counter, %d", o.Number, last)
		}
		if !c.has(bucketOrderRows, key) {
			c.fault("order %s is in no list", o.Number)
		}
		if o.Status == order.Cancelled { // the same may be ordered again
			return
		}
		if !c.has(bucketIdentities, []byte(o.Identity())) {
			c.fault("order %s is not found by its identity", o.Number)
		}
		if o.Reference != "" && !c.has(bucketReferences, referenceKey(o.ReferenceKey())) {
			c.fault("order %s is not found by its reference", o.Number)
		}
		if !o.UAI.IsZero() {
			schools++
			if !c.has(bucketSchools, schoolKey(o.UAI, key)) {
				c.fault("order %s is not found by its school", o.Number)
			}
		}
	})
	c.counts(bucketSchools, schools)
	c.sameCount(bucketOrderRows, bucketOrders)
	c.list(orderList())
	c.pointsAtOrder(bucketIdentities, func(o order.Order) []byte { return []byte(o.Identity()) })
	c.pointsAtOrder(bucketReferences, func(o order.Order) []byte { return referenceKey(o.ReferenceKey()) })
}

// pointsAtOrder verifies that every value of an index is the number of an order
// that the index has under that key.
func (c *checker) pointsAtOrder(index string, keyOf func(order.Order) []byte) {
	c.each(index, func(key, number []byte) {
		var o order.Order
		at, _ := parseNumber(string(number))
		if found, err := load(bucket(c.tx, bucketOrders), at, &o); err != nil || !found {
			c.fault("%s %x points at order %q, which is not there", index, key, number)
		} else if !bytes.Equal(keyOf(o), key) {
			c.fault("%s %x points at order %q, which is another", index, key, number)
		}
	})
}

func (c *checker) cases() {
	values(c, bucketCases, func(key []byte, k order.Case) {
		if at := bucket(c.tx, bucketCaseCodes).Get(codeKey(k.Code)); !bytes.Equal(at, key) {
			c.fault("case %s is not found by its code", k.Code)
		}
		if !c.has(bucketCaseRows, key) {
			c.fault("case %s is in no list", k.Code)
		}
		if !c.has(bucketCaseStates, stateKey(k.State, seqOf(key))) {
			c.fault("case %s is not found by its state, %s", k.Code, k.State)
		}
		for _, act := range k.Acts {
			if act.Undone && act.Order != "" {
				c.undone++
			}
		}
		for _, number := range k.Orders {
			if at, ok := parseNumber(number); !ok || !c.has(bucketOrders, at) {
				c.fault("case %s has order %q, which is not there", k.Code, number)
			}
		}
	})
	c.resolves(bucketCaseCodes, bucketCases)
	c.resolves(bucketCaseThreads, bucketCases)
	c.sameCount(bucketCaseCodes, bucketCases)
	c.sameCount(bucketCaseRows, bucketCases)
	c.list(caseList())
	c.sameCount(bucketCaseStates, bucketCases)
}

// list verifies that an index has the tags of every row, and nothing else, and
// that the sketch of its block has all that is in it.
func (c *checker) list(l listed) {
	n := 0
	c.each(l.rows, func(key, row []byte) {
		for _, tag := range indexed(row) {
			n++
			if !c.has(l.tags, tagKey(tag, key)) {
				c.fault("row %x of %s is not found by %s", key, l.rows, tag)
			}
		}
		p, _ := unpack(row)
		drawn := bucket(c.tx, l.sketches).Get(blockOf(key))
		s := sketch(bytes.Clone(drawn))
		if len(s) != sketchSize {
			c.fault("row %x of %s is in no sketch", key, l.rows)
		} else if s.add(p); !bytes.Equal(s, drawn) {
			c.fault("row %x of %s is in its sketch in part", key, l.rows)
		}
	})
	c.counts(l.tags, n)
}

// sameCount finds out whether an index has entries too many: that each value of the target
// has its entry is verified elsewhere, so the two must have the same number of keys.
func (c *checker) sameCount(index, target string) {
	if n, want := count(bucket(c.tx, index), nil), count(bucket(c.tx, target), nil); n != want {
		c.fault("%s has %d entries for %d in %s", index, n, want, target)
	}
}

func (c *checker) outbox() {
	c.replies()
	due, failed := 0, 0
	mails := c.extents(bucketMails)
	values(c, bucketOutbox, func(key []byte, d dispatch) {
		id := seqOf(key)
		if !c.has(bucketReplies, key) {
			c.fault("outbox %d has no reply", id)
		}
		if !d.settled() {
			due++
			if !c.has(bucketOutboxDue, dueKey(d.Due, id)) {
				c.fault("reply %d is not found when it is due", id)
			}
		}
		if d.Outcome == store.Failed {
			failed++
			if !c.has(bucketOutboxFailed, key) {
				c.fault("reply %d is not found among the failed", id)
			}
		}
		if d.sealed() {
			mails.read(d.Mail)
		}
	})
	c.sameCount(bucketReplies, bucketOutbox)
	c.counts(bucketOutboxDue, due)
	c.counts(bucketOutboxFailed, failed)
	mails.done()
}

func (c *checker) replies() {
	answers := 0
	values(c, bucketReplies, func(key []byte, r order.Reply) {
		if r.Message != (order.Key{}) {
			answers++
			if !c.has(bucketAnswers, answerKey(r.Message, r.ID)) {
				c.fault("reply %d is not found by the message that it answers", r.ID)
			}
		}
		if r.ID != seqOf(key) {
			c.fault("reply %d is under the key %d", r.ID, seqOf(key))
		}
		if r.MessageID != "" && !c.has(bucketReplyIDs, messageIDKey(r.MessageID)) {
			c.fault("reply %d is not found by its Message-ID", r.ID)
		}
		for _, result := range r.Results {
			if result.Order < 0 {
				continue
			}
			if at, ok := parseNumber(result.Number); !ok || !c.has(bucketOrders, at) {
				c.fault("reply %d tells of order %q, which is not there", r.ID, result.Number)
			}
		}
	})
	c.counts(bucketAnswers, answers)
	c.resolves(bucketReplyIDs, bucketReplies)
}

// counts verifies that a bucket has so many entries.
func (c *checker) counts(name string, want int) {
	if n := count(bucket(c.tx, name), nil); n != want {
		c.fault("%s has %d entries, not %d", name, n, want)
	}
}

func (c *checker) blobs() {
	blobs := c.extents(bucketBlobs)
	values(c, bucketBlobHashes, func(hash []byte, at keptBlob) {
		if sum := order.Sum(blobs.read(at.extent)); string(sum) != string(hash) {
			c.fault("attachment %s has the bytes of %s", hash, sum)
		}
	})
	blobs.done()
}

func (c *checker) registers() {
	data := c.extents(bucketRegisterData)
	values(c, bucketRegisters, func(_ []byte, r register) { data.read(r.Data) })
	data.done()
}

// extents verifies that every piece of a bucket belongs to one large value.
type extents struct {
	c      *checker
	name   string
	pieces uint64
}

func (c *checker) extents(name string) *extents { return &extents{c: c, name: name} }

func (x *extents) read(at extent) []byte {
	x.pieces += at.Pieces
	value, err := at.read(bucket(x.c.tx, x.name))
	if err != nil {
		x.c.fault("%s: %v", x.name, err)
	}
	return value
}

func (x *extents) done() { x.c.counts(x.name, int(x.pieces)) }

func (c *checker) audit() {
	values(c, bucketAudit, func(key []byte, e order.Event) {
		if e.Seq != seqOf(key) {
			c.fault("audit line %d is under the key %d", e.Seq, seqOf(key))
		}
	})
}

// days verifies that the counts of all days together equal what the file has.
func (c *checker) days() {
	messages, orders := 0, 0
	values(c, bucketDays, func(key []byte, d store.Day) {
		if d.Date != string(key) {
			c.fault("day %q is under the key %q", d.Date, key)
		}
		messages += d.Messages
		orders += d.Orders()
	})
	if n := count(bucket(c.tx, bucketIntakes), nil); messages != n {
		c.fault("the days count %d messages, not %d", messages, n)
	}
	if n := count(bucket(c.tx, bucketOrders), nil) - c.undone; orders != n {
		c.fault("the days count %d orders, not %d", orders, n)
	}
}

func (c *checker) people() {
	values(c, bucketUsers, func(key []byte, u order.User) {
		if u.Name != string(key) {
			c.fault("user %q is under the key %q", u.Name, key)
		}
	})
	values(c, bucketSessions, func(key []byte, s order.Session) {
		if string(s.ID) != string(key) {
			c.fault("session %q is under the key %q", s.ID, key)
		}
		if !c.has(bucketUsers, []byte(s.User)) {
			c.fault("session %q is of %q, who is no user", s.ID, s.User)
		}
	})
}
