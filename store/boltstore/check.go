package boltstore

import (
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"

	bolt "go.etcd.io/bbolt"

	"bdc/order"
	"bdc/store"
)

// Check collects what Verify finds.
func (s *Store) Check(ctx context.Context) error {
	var faults []error
	err := s.Verify(ctx, store.Verification{Fault: func(words string) {
		faults = append(faults, fmt.Errorf("%w: %s", store.ErrDamaged, words))
	}})
	return errors.Join(append(faults, err)...)
}

// Verify verifies the pages of each bucket first, and bbolt's lists of pages if those are
// sound. Then it verifies what is in the buckets, as far as they can be read.
func (s *Store) Verify(ctx context.Context, v store.Verification) error {
	c := checker{ctx: ctx, told: v, holes: map[string][]hole{}, partial: map[string]bool{}, found: map[string]bool{}}
	if err := s.view(ctx, func(tx *bolt.Tx) error { return c.pages(tx, s.file) }); err != nil {
		return fmt.Errorf("check pages: %w", err)
	}
	if len(c.found) == 0 {
		if err := s.checkPages(ctx, &c); err != nil {
			return fmt.Errorf("check pages: %w", err)
		}
	}
	err := s.view(ctx, func(tx *bolt.Tx) error { return c.contents(tx, s.file) })
	if err != nil {
		return fmt.Errorf("check: %w", err)
	}
	return nil
}

// contents verifies what is in the buckets.
func (c *checker) contents(tx *bolt.Tx, file io.ReaderAt) (err error) {
	c.tx = tx
	if c.scan, _, err = newScan(tx, file, nil); err != nil {
		return err
	}
	parts := []func(){
		c.meta, c.messages, c.orders, c.cases, c.outbox, c.blobs, c.registers, c.audit, c.people, c.days, c.leases,
	}
	for i, part := range parts {
		if c.ctx.Err() != nil {
			return c.ctx.Err()
		}
		part()
		c.progress(c.total/2 + c.total/2*int64(i+1)/int64(len(parts)))
	}
	return nil
}

// checkPages runs in a write transaction, because bbolt reads its list of free pages, which
// writers change. It commits nothing. A file that was opened to be read has no writers.
func (s *Store) checkPages(ctx context.Context, c *checker) error {
	check := func(tx *bolt.Tx) error {
		for fault := range tx.Check() {
			c.fault("%v", fault)
		}
		return nil
	}
	if s.db.IsReadOnly() {
		return s.view(ctx, check)
	}
	return s.update(ctx, func(tx *bolt.Tx) error { return errors.Join(check(tx), errNothing) })
}

// checker walks the buckets and tells what is wrong.
type checker struct {
	ctx     context.Context // of the one call of Verify
	tx      *bolt.Tx
	scan    *scan
	told    store.Verification
	total   int64             // octets that are read, each page twice
	version uint64            // of the file's format
	holes   map[string][]hole // what can't be read, of each bucket that has such
	partial map[string]bool   // the buckets of which a value can't be decoded
	damaged bool              // the list of buckets is: bbolt can't be asked for any
	found   map[string]bool   // the faults: none is told twice
	undone  int               // orders that a person accepted and then took back
}

func (c *checker) fault(format string, args ...any) {
	words := order.Printable(fmt.Sprintf(format, args...))
	if c.found[words] {
		return
	}
	c.found[words] = true
	if c.told.Fault != nil {
		c.told.Fault(words)
	}
}

func (c *checker) progress(done int64) {
	if c.told.Progress != nil {
		c.told.Progress(min(done, c.total), c.total)
	}
}

// pages reads the pages of every bucket, and tells what of them can't be read.
func (c *checker) pages(tx *bolt.Tx, file *os.File) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if info.Size() < tx.Size() {
		c.fault("the file has %d of its %d octets", info.Size(), tx.Size())
	}
	c.total = 2 * tx.Size()
	read, page := int64(0), int64(tx.DB().Info().PageSize)
	s, lost, err := newScan(tx, file, func(n int) { read += int64(n) * page; c.progress(min(read, tx.Size())) })
	if err != nil {
		return err
	}
	c.scan, c.damaged = s, len(lost) > 0
	for _, h := range lost {
		c.fault("some buckets can't be read: %v", h.err)
	}
	value, _ := s.get(s.trees[bucketMeta], []byte(keyFormat))
	if c.version = seqOf(value); c.version == 0 || c.version > format {
		c.fault("the file does not say which format it has")
		c.version = format
	}
	for _, name := range bucketsOf(format) {
		tree, ok := s.trees[name]
		switch {
		case ok:
			c.holes[name] = s.walk(tree, func([]byte, []byte, bool) {})
		case slices.Contains(bucketsOf(c.version), name):
			c.fault("bucket %s is missing", name)
			fallthrough
		default: // as in the files of an earlier format
			c.holes[name] = []hole{{}}
			continue
		}
		if c.ctx.Err() != nil {
			return c.ctx.Err()
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.holes)) {
		for _, h := range c.holes[name] {
			if h.err != nil {
				c.fault("%s%s can't be read: %v", name, c.between(name, h), h.err)
				c.lost(name, h)
			}
		}
	}
	return nil
}

// between says in words which keys a hole has.
func (c *checker) between(name string, h hole) string {
	words := ""
	if h.from != nil {
		words += " from " + c.nameOf(name, h.from) + " on"
	}
	if h.to != nil {
		words += " before " + c.nameOf(name, h.to)
	}
	return words
}

// mostLost is how many orders of one hole are named.
const mostLost = 10_000

// lost names each order that is in a hole, as far as the lists of orders know it.
func (c *checker) lost(name string, h hole) {
	if name != bucketOrders {
		return
	}
	n := 0
	c.scan.walk(c.scan.trees[bucketOrderRows], func(key, _ []byte, _ bool) {
		if !inside(key, h.from, h.to) {
			return
		}
		if value, _ := c.scan.get(c.scan.trees[bucketOrders], key); value != nil {
			return
		}
		if n++; n <= mostLost {
			c.fault("order %s can't be read", c.nameOf(bucketOrders, key))
		}
	})
	if n > mostLost {
		c.fault("%d orders more can't be read", n-mostLost)
	}
}

// nameOf says for people what a key stands for.
func (c *checker) nameOf(name string, key []byte) string {
	switch name {
	case bucketOrders, bucketOrderRows:
		if len(key) >= 12 {
			return numberOf(key)
		}
	case bucketCases, bucketCaseRows:
		code := ""
		c.scan.walk(c.scan.trees[bucketCaseCodes], func(k, at []byte, _ bool) {
			if bytes.Equal(at, key) {
				code = string(k)
			}
		})
		if code != "" {
			return code
		}
	}
	if n, ok := parseSeq(key); ok {
		return strconv.FormatUint(n, 10)
	}
	return strconv.Quote(string(key))
}

// sound reports whether all of a bucket can be read.
func (c *checker) sound(name string) bool { return len(c.holes[name]) == 0 }

// get returns a value. If it can't be known whether there is one, known is false.
func (c *checker) get(name string, key []byte) (value []byte, known bool) {
	if c.sound(name) && !c.damaged {
		return bucket(c.tx, name).Get(key), true
	}
	tree, ok := c.scan.trees[name]
	if !ok {
		return nil, false
	}
	return c.scan.get(tree, key)
}

// has reports whether a bucket has a key, or may have it where it can't be read.
func (c *checker) has(name string, key []byte) bool {
	if c.sound(name) && !c.damaged {
		k, _ := bucket(c.tx, name).Cursor().Seek(key)
		return k != nil && bytes.Equal(k, key)
	}
	value, known := c.get(name, key)
	return value != nil || !known
}

// each calls f for every key of a bucket that can be read.
func (c *checker) each(name string, f func(key, value []byte)) {
	if tree, ok := c.scan.trees[name]; ok {
		c.scan.walk(tree, func(key, value []byte, _ bool) { f(key, value) })
	}
}

// values calls f for every value of a bucket, decoded.
func values[T any](c *checker, name string, f func(key []byte, value T)) {
	c.each(name, func(key, data []byte) {
		var value T
		if err := json.Unmarshal(data, &value); err != nil {
			what := map[string]string{bucketOrders: "order", bucketCases: "case"}[name]
			c.partial[name] = true
			c.fault("%s %s can't be read: %v", cmp.Or(what, name), c.nameOf(name, key), err)
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

// meta verifies that the file says whose record it is, and whether it is a copy.
func (c *checker) meta() {
	if c.version < 3 {
		return
	}
	identity, known := c.get(bucketMeta, []byte(keyIdentity))
	if id, err := hex.DecodeString(string(identity)); known && (err != nil || len(id) != identitySize) {
		c.fault("the record has no identity")
	}
	if mark, known := c.get(bucketMeta, []byte(keyCopyMark)); known && len(mark) != copyMarkSize {
		c.fault("the file does not say whether it is a copy")
	}
}

func (c *checker) messages() {
	values(c, bucketMessages, func(key []byte, m order.Message) {
		if m.Key.String() != string(key) {
			c.fault("message %q is under the key %q", m.Key, key)
		}
		if !c.has(bucketIntakes, key) {
			c.fault("message %q has no intake", key)
		}
		if header := headerKey(store.HeaderID{Hash: m.Header, MessageID: m.MessageID}); header != nil &&
			!c.has(bucketHeaders, header) {
			c.fault("message %q is not found by its header", key)
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
	c.resolves(bucketHeaders, bucketMessages)
	if c.version >= 2 {
		c.counts(bucketIntakes, bucketIntakes, int(c.scan.trees[bucketIntakes].sequence))
	}
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
		if value, known := c.get(bucketYears, key[:4]); known && seqOf(key[4:]) > seqOf(value) {
			c.fault("order %s is beyond its year's counter, %d", o.Number, seqOf(value))
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
		if reference := referenceOf(&o); reference != nil && !c.has(bucketReferences, reference) {
			c.fault("order %s is not found by its reference", o.Number)
		}
		if !o.UAI.IsZero() {
			schools++
			if !c.has(bucketSchools, schoolKey(o.UAI, key)) {
				c.fault("order %s is not found by its school", o.Number)
			}
		}
	})
	if c.version >= 3 {
		c.counts(bucketOrders, bucketOrders, int(c.scan.trees[bucketOrders].sequence))
	}
	c.counts(bucketSchools, bucketOrders, schools)
	c.sameCount(bucketOrderRows, bucketOrders)
	c.list(orderList())
	c.pointsAtOrder(bucketIdentities, func(o order.Order) []byte { return []byte(o.Identity()) })
	c.pointsAtOrder(bucketReferences, func(o order.Order) []byte { return referenceOf(&o) })
}

// pointsAtOrder verifies that every value of an index is the number of an order
// that the index has under that key.
func (c *checker) pointsAtOrder(index string, keyOf func(order.Order) []byte) {
	c.each(index, func(key, number []byte) {
		var o order.Order
		at, _ := parseNumber(string(number))
		value, known := c.get(bucketOrders, at)
		if value == nil && known {
			c.fault("%s %x points at order %q, which is not there", index, key, number)
		} else if err := json.Unmarshal(value, &o); err != nil {
			return // told where it is
		} else if !bytes.Equal(keyOf(o), key) {
			c.fault("%s %x points at order %q, which is another", index, key, number)
		}
	})
}

func (c *checker) cases() {
	values(c, bucketCases, func(key []byte, k order.Case) {
		if at, known := c.get(bucketCaseCodes, codeKey(k.Code)); known && !bytes.Equal(at, key) {
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
		drawn, known := c.get(l.sketches, blockOf(key))
		if !known {
			return
		}
		s := sketch(bytes.Clone(drawn))
		if len(s) != sketchSize {
			c.fault("row %x of %s is in no sketch", key, l.rows)
		} else if s.add(p); !bytes.Equal(s, drawn) {
			c.fault("row %x of %s is in its sketch in part", key, l.rows)
		}
	})
	c.counts(l.tags, l.rows, n)
}

// sameCount finds out whether an index has entries too many: that each value of the target
// has its entry is verified elsewhere, so the two must have the same number of keys.
func (c *checker) sameCount(index, target string) {
	if !c.sound(index) || !c.sound(target) {
		return
	}
	if n, want := c.count(index), c.count(target); n != want {
		c.fault("%s has %d entries for %d in %s", index, n, want, target)
	}
}

func (c *checker) outbox() {
	c.replies()
	due, failed, doubtful := 0, 0, 0
	mails := c.extents(bucketMails)
	values(c, bucketOutbox, func(key []byte, d dispatch) {
		id := seqOf(key)
		if !c.has(bucketReplies, key) {
			c.fault("outbox %d has no reply", id)
		}
		if d.Doubtful {
			doubtful++
			if !c.has(bucketOutboxDoubtful, key) {
				c.fault("reply %d is not found among the doubtful", id)
			}
			if d.settled() {
				c.fault("reply %d is settled, and doubtful", id)
			}
		} else if !d.settled() {
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
	c.each(bucketUnfiled, func(key, _ []byte) {
		if !c.has(bucketOutbox, key) {
			c.fault("a copy is to be made of reply %d, which is not there", seqOf(key))
		}
	})
	c.sameCount(bucketReplies, bucketOutbox)
	c.counts(bucketOutboxDue, bucketOutbox, due)
	c.counts(bucketOutboxDoubtful, bucketOutbox, doubtful)
	c.counts(bucketOutboxFailed, bucketOutbox, failed)
	mails.done(bucketOutbox)
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
	c.counts(bucketAnswers, bucketReplies, answers)
	c.resolves(bucketReplyIDs, bucketReplies)
}

// counts verifies that a bucket has so many entries, which were counted in another. It says
// nothing where not all of the two can be read: that is told already.
func (c *checker) counts(name, source string, want int) {
	if !c.sound(name) || !c.sound(source) || c.partial[source] {
		return
	}
	if n := c.count(name); n != want {
		c.fault("%s has %d entries, not %d", name, n, want)
	}
}

func (c *checker) count(name string) (n int) {
	c.each(name, func(_, _ []byte) { n++ })
	return n
}

func (c *checker) blobs() {
	blobs := c.extents(bucketBlobs)
	values(c, bucketBlobHashes, func(hash []byte, at keptBlob) {
		if data, ok := blobs.read(at.extent); ok && string(order.Sum(data)) != string(hash) {
			c.fault("attachment %s has the bytes of %s", hash, order.Sum(data))
		}
	})
	blobs.done(bucketBlobHashes)
}

func (c *checker) registers() {
	data := c.extents(bucketRegisterData)
	values(c, bucketRegisters, func(_ []byte, r register) {
		data.read(r.Data)
		for _, k := range r.Kept {
			data.read(k.Data)
		}
	})
	data.done(bucketRegisters)
}

// extents verifies that every piece of a bucket belongs to one large value.
type extents struct {
	c      *checker
	name   string
	pieces uint64
}

func (c *checker) extents(name string) *extents { return &extents{c: c, name: name} }

// read returns a large value, and whether it is whole.
func (x *extents) read(at extent) (value []byte, ok bool) {
	x.pieces += at.Pieces
	for i := range at.Pieces {
		piece, known := x.c.get(x.name, seqKey(at.First+i))
		if piece == nil {
			if known {
				x.c.fault("%s: piece %d is missing", x.name, at.First+i)
			}
			return nil, false
		}
		value = append(value, piece...)
	}
	return value, true
}

func (x *extents) done(source string) { x.c.counts(x.name, source, int(x.pieces)) }

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
	if c.partial[bucketDays] || !c.sound(bucketDays) {
		return
	}
	if n := c.count(bucketIntakes); c.sound(bucketIntakes) && messages != n {
		c.fault("the days count %d messages, not %d", messages, n)
	}
	if !c.sound(bucketOrders) || !c.sound(bucketCases) || c.partial[bucketCases] {
		return
	}
	if n := c.count(bucketOrders) - c.undone; orders != n {
		c.fault("the days count %d orders, not %d", orders, n)
	}
}

// leases verifies that the next epoch is higher than that of each lease.
func (c *checker) leases() {
	last, known := c.get(bucketMeta, []byte(keyEpoch))
	c.each(bucketMeta, func(key, value []byte) {
		name, ok := bytes.CutPrefix(key, []byte(prefixLease))
		if !ok {
			return
		}
		var l lease
		if err := json.Unmarshal(value, &l); err != nil {
			c.fault("lease %q: %v", name, err)
		} else if known && l.Epoch > seqOf(last) {
			c.fault("lease %q is at epoch %d, beyond the last, %d", name, l.Epoch, seqOf(last))
		}
	})
}

func (c *checker) people() {
	names := map[string]string{}
	values(c, bucketUsers, func(key []byte, u order.User) {
		if u.Name != string(key) {
			c.fault("user %q is under the key %q", u.Name, key)
		}
		for _, name := range append(u.Former, u.Name) {
			if other, taken := names[name]; taken {
				c.fault("the name %q is both %q's and %q's", name, other, u.Name)
			}
			names[name] = u.Name
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
