package boltstore

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"bdc/order"
	"bdc/store"
)

// How much one call of Erase or Holdings looks at, and how much it erases or returns.
const (
	mostSifted = 5000
	mostErased = 50
	mostLines  = 1000    // of the audit, which are short
	mostHeld   = 4 << 20 // octets of holdings
)

// erasing is how the things of a kind are erased.
type erasing struct {
	bucket string
	most   int // how many in one transaction

	// old reports whether a stored value was last changed before a moment, and over whether
	// all that follow are younger. It may be wrong about what is hindered.
	old func(tx *bolt.Tx, key, value []byte, before time.Time) (old, over bool, err error)

	// hindered says why a stored value is not erased.
	hindered func(tx *bolt.Tx, key, value []byte, k *kept) (store.Hindrance, error)

	// erase erases a stored value.
	erase func(tx *bolt.Tx, key, value []byte, w *wiping) error
}

// wiping is one call of Erase.
type wiping struct {
	store.Erasure
	kept *kept
}

func erasings() map[store.Kind]erasing {
	return map[store.Kind]erasing{
		store.KindMessage: {bucketMessages, mostErased, oldMessage, hinderedMessage, eraseMessage},
		store.KindReply:   {bucketReplies, mostErased, oldReply, hinderedReply, eraseReply},
		store.KindCase:    {bucketCases, mostErased, oldCase, hinderedCase, eraseCase},
		store.KindOrder:   {bucketOrders, mostErased, oldOrder, hinderedOrder, eraseOrder},
		store.KindEvent:   {bucketAudit, mostLines, oldEvent, hinderedEvent, eraseEvent},
		store.KindNotice:  {bucketMeta, mostErased, oldNotice, hinderedNotice, eraseNotice},
	}
}

// Erase looks for what to erase in a read transaction, so that writers wait only while it
// erases. The second transaction looks again at each value, and at the open cases and the
// replies; both may have changed meanwhile.
func (s *Store) Erase(ctx context.Context, kind store.Kind, e store.Erasure) (store.Erased, error) {
	erased, err := s.erase(ctx, kind, e)
	if err != nil {
		return store.Erased{}, fmt.Errorf("erase %s: %w", kind, err)
	}
	return erased, nil
}

func (s *Store) erase(ctx context.Context, kind store.Kind, e store.Erasure) (erased store.Erased, err error) {
	how, ok := erasings()[kind]
	if !ok {
		return erased, fmt.Errorf("%w: no such kind", store.ErrNotFound)
	}
	from, err := hex.DecodeString(e.After)
	if err != nil {
		return erased, fmt.Errorf("go on at %q: %w", e.After, err)
	}
	var keys [][]byte
	var unopened *kept
	err = s.view(ctx, func(tx *bolt.Tx) error {
		if keys, erased.Next, err = how.sift(tx, from, e); err != nil || len(keys) == 0 {
			return err
		}
		unopened = newKept()
		return unopened.addOrders(tx, e)
	})
	if err != nil || len(keys) == 0 {
		return erased, err
	}
	err = s.update(ctx, func(tx *bolt.Tx) error {
		w := wiping{Erasure: e, kept: unopened}
		if err := errors.Join(w.kept.addCases(tx), w.kept.addReplies(tx), w.kept.addFiles(tx)); err != nil {
			return err
		}
		for _, key := range keys {
			done, err := how.one(tx, key, &w)
			if err != nil {
				return fmt.Errorf("%q: %w", key, err)
			}
			if done {
				erased.Count++
			}
		}
		if erased.Count == 0 {
			return errNothing
		}
		detail := fmt.Sprint(erased.Count)
		if e.Address != "" {
			detail += ", by address"
		}
		return audit(tx, order.Event{At: e.At, Actor: e.Actor, Verb: string(kind) + ".erased", Detail: detail})
	})
	return erased, err
}

// sift returns the keys of what may be erased, of a bounded number of values, and where to
// go on.
func (how erasing) sift(tx *bolt.Tx, from []byte, e store.Erasure) (keys [][]byte, next string, err error) {
	c := bucket(tx, how.bucket).Cursor()
	k, v := c.Seek(from)
	if k != nil && bytes.Equal(k, from) {
		k, v = c.Next()
	}
	for looked := 0; k != nil && looked < mostSifted && len(keys) < how.most; k, v = c.Next() {
		looked++
		next = hex.EncodeToString(k)
		chosen, over, err := how.chosen(tx, k, v, e)
		if err != nil {
			return nil, "", fmt.Errorf("%q: %w", k, err)
		}
		if over {
			return keys, "", nil
		}
		if chosen {
			keys = append(keys, bytes.Clone(k))
		}
	}
	if k == nil {
		next = ""
	}
	return keys, next, nil
}

// chosen reports whether an erasure is about a value.
func (how erasing) chosen(tx *bolt.Tx, key, value []byte, e store.Erasure) (chosen, over bool, err error) {
	switch {
	case isErased(value):
		return false, false, nil
	case e.Address != "":
		return order.NamesInJSON(value, e.Address), false, nil
	}
	return how.old(tx, key, value, e.Before)
}

// one erases a value, unless it has changed so that the erasure is no longer about it, or
// something hinders that.
func (how erasing) one(tx *bolt.Tx, key []byte, w *wiping) (done bool, err error) {
	value := bytes.Clone(bucket(tx, how.bucket).Get(key))
	chosen, _, err := how.chosen(tx, key, value, w.Erasure)
	if err != nil || !chosen {
		return false, err
	}
	if hindrance, err := how.hindered(tx, key, value, w.kept); err != nil || hindrance != store.NoHindrance {
		return false, err
	}
	return true, how.erase(tx, key, value, w)
}

// isErased reports whether a stored value was erased, and nothing was written into it since
// that has to go. A text has no such run of characters: its quotation marks are escaped.
func isErased(value []byte) bool {
	return bytes.Contains(value, []byte(`,"erased":{"at":"`)) && !bytes.Contains(value, []byte(`,"note":"`))
}

// decode reads a stored value.
func decode(value []byte, into any) error {
	if err := json.Unmarshal(value, into); err != nil {
		return fmt.Errorf("%w: %w", store.ErrDamaged, err)
	}
	return nil
}

func oldMessage(tx *bolt.Tx, key, _ []byte, before time.Time) (old, over bool, err error) {
	var sum summary
	_, err = load(bucket(tx, bucketIntakes), key, &sum)
	return sum.At.Before(before), false, err
}

func hinderedMessage(_ *bolt.Tx, key, _ []byte, k *kept) (store.Hindrance, error) {
	return k.messages[string(key)], nil
}

func eraseMessage(tx *bolt.Tx, key, value []byte, w *wiping) error {
	var m order.Message
	if err := decode(value, &m); err != nil {
		return err
	}
	for _, p := range m.Parts {
		if err := w.file(tx, p.Hash, m.Key); err != nil {
			return err
		}
	}
	m.Erase(w.At)
	return save(bucket(tx, bucketMessages), key, m)
}

// file deletes a file that came with a message, unless something that is kept is about it,
// or it came again on a later day.
func (w *wiping) file(tx *bolt.Tx, hash order.Hash, message order.Key) error {
	var at keptBlob
	found, err := load(bucket(tx, bucketBlobHashes), []byte(hash), &at)
	if err != nil || !found || w.kept.files[hash] {
		return err
	}
	var sum summary
	if _, err := load(bucket(tx, bucketIntakes), []byte(message.String()), &sum); err != nil {
		return err
	}
	if at.Day.After(sum.At) && (w.Address != "" || !at.Day.Before(w.Before)) {
		return nil
	}
	if err := at.remove(bucket(tx, bucketBlobs)); err != nil {
		return err
	}
	return bucket(tx, bucketBlobHashes).Delete([]byte(hash))
}

func oldReply(tx *bolt.Tx, key, _ []byte, before time.Time) (old, over bool, err error) {
	var d dispatch
	_, err = load(bucket(tx, bucketOutbox), key, &d)
	return d.settled() && d.At.Before(before), false, err
}

func hinderedReply(tx *bolt.Tx, key, value []byte, k *kept) (store.Hindrance, error) {
	var d dispatch
	if _, err := load(bucket(tx, bucketOutbox), key, &d); err != nil {
		return "", err
	}
	if !d.settled() {
		return store.Unsent, nil
	}
	var r struct { // of an order.Reply
		Message order.Key `json:"message"`
		Results []struct {
			Case string `json:"case"`
		} `json:"results"`
	}
	if err := decode(value, &r); err != nil {
		return "", err
	}
	if h := k.messages[r.Message.String()]; h != "" {
		return h, nil
	}
	for _, result := range r.Results {
		if h := k.cases[result.Case]; h != "" {
			return h, nil
		}
	}
	return "", nil
}

// eraseReply also deletes the composed mail, and what the server said about it. If a copy of
// the mail is yet to be put into a folder of the mailbox, none will be.
func eraseReply(tx *bolt.Tx, key, value []byte, w *wiping) error {
	var r order.Reply
	if err := decode(value, &r); err != nil {
		return err
	}
	var d dispatch
	if _, err := load(bucket(tx, bucketOutbox), key, &d); err != nil {
		return err
	}
	if err := d.Mail.remove(bucket(tx, bucketMails)); err != nil {
		return err
	}
	if err := bucket(tx, bucketUnfiled).Delete(key); err != nil {
		return err
	}
	d.Mail, d.Words = extent{}, ""
	if err := save(bucket(tx, bucketOutbox), key, d); err != nil {
		return err
	}
	r.Erase(w.At)
	return save(bucket(tx, bucketReplies), key, r)
}

func oldCase(tx *bolt.Tx, key, _ []byte, before time.Time) (old, over bool, err error) {
	var row store.CaseRow
	p, _ := unpack(bucket(tx, bucketCaseRows).Get(key))
	err = decode(p.show, &row)
	return row.State == order.Closed && row.UpdatedAt.Before(before), false, err
}

func hinderedCase(_ *bolt.Tx, _, value []byte, k *kept) (store.Hindrance, error) {
	var c struct { // of an order.Case
		Code  string      `json:"code"`
		State order.State `json:"state"`
	}
	err := decode(value, &c)
	if c.State != order.Closed {
		return store.OpenCase, err
	}
	return k.cases[c.Code], err
}

func eraseCase(tx *bolt.Tx, key, value []byte, w *wiping) error {
	var c order.Case
	if err := decode(value, &c); err != nil {
		return err
	}
	for _, a := range c.Attempts {
		if err := w.file(tx, a.Workbook, a.Message); err != nil {
			return err
		}
		for _, p := range a.Parts {
			if err := w.file(tx, p.Hash, a.Message); err != nil {
				return err
			}
		}
	}
	c.Erase(w.At)
	return changeCase(tx, key, c, c.State, c.UpdatedAt)
}

func oldOrder(tx *bolt.Tx, key, value []byte, before time.Time) (old, over bool, err error) {
	if p, ok := unpack(bucket(tx, bucketOrderRows).Get(key)); ok && !p.at.Before(before) {
		return false, false, nil // without decoding the order, which is long
	}
	var o struct { // of an order.Order
		Status     order.Status `json:"status"`
		ReceivedAt time.Time    `json:"received_at"`
		Steps      []order.Step `json:"steps"`
	}
	err = decode(value, &o)
	last := o.ReceivedAt
	if n := len(o.Steps); n > 0 {
		last = o.Steps[n-1].At
	}
	return isDone(o.Status) && last.Before(before), false, err
}

// isDone reports whether nothing is left to do about an order of a status.
func isDone(s order.Status) bool { return s == order.Opened || s == order.Cancelled }

func hinderedOrder(_ *bolt.Tx, _, value []byte, k *kept) (store.Hindrance, error) {
	var o struct { // of an order.Order
		Number string       `json:"number"`
		Status order.Status `json:"status"`
		Case   string       `json:"case"`
	}
	err := decode(value, &o)
	switch {
	case !isDone(o.Status):
		return store.Unopened, err
	case k.cases[o.Case] != "" && o.Case != "":
		return k.cases[o.Case], err
	}
	return k.orders[o.Number], err
}

func eraseOrder(tx *bolt.Tx, key, value []byte, w *wiping) error {
	var o order.Order
	if err := decode(value, &o); err != nil {
		return err
	}
	if o.Message != nil {
		if err := w.file(tx, o.Workbook, *o.Message); err != nil {
			return err
		}
	}
	o.Erase(w.At)
	if err := save(bucket(tx, bucketOrders), key, &o); err != nil {
		return err
	}
	return saveOrderRow(tx, key, &o)
}

func oldEvent(_ *bolt.Tx, _, value []byte, before time.Time) (old, over bool, err error) {
	var e order.Event
	if err := decode(value, &e); err != nil {
		return false, false, err
	}
	// A line may be a little older than the one before it.
	return e.At.Before(before) && eventHolds(e), e.At.After(before.Add(time.Hour)), nil
}

// eventHolds reports whether there is anything to erase in a line of the audit.
func eventHolds(e order.Event) bool {
	before := e
	e.Erase()
	return e != before
}

func hinderedEvent(_ *bolt.Tx, _, value []byte, _ *kept) (store.Hindrance, error) {
	var e order.Event
	err := decode(value, &e)
	if !eventHolds(e) {
		return store.Remaining, err
	}
	return "", err
}

func eraseEvent(tx *bolt.Tx, key, value []byte, _ *wiping) error {
	var e order.Event
	if err := decode(value, &e); err != nil {
		return err
	}
	e.Erase()
	return save(bucket(tx, bucketAudit), key, e)
}

func oldNotice(*bolt.Tx, []byte, []byte, time.Time) (old, over bool, err error) {
	return false, false, nil
}

func hinderedNotice(_ *bolt.Tx, key, value []byte, _ *kept) (store.Hindrance, error) {
	var n store.Notice
	if !bytes.HasPrefix(key, []byte(prefixNotice)) {
		return store.Remaining, nil
	}
	err := decode(value, &n)
	if !n.Begun.IsZero() && n.Ended.IsZero() {
		return store.Lasting, err
	}
	return "", err
}

func eraseNotice(tx *bolt.Tx, key, value []byte, _ *wiping) error {
	var n store.Notice
	if err := decode(value, &n); err != nil {
		return err
	}
	n.Words = ""
	return save(bucket(tx, bucketMeta), key, n)
}
