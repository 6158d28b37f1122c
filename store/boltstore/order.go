package boltstore

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"

	"bdc/order"
	"bdc/store"
)

// numbered is an order that is to be numbered, with its keys in the indexes.
type numbered struct {
	order     order.Order
	year      int
	identity  []byte
	reference []byte // nil for an order without one
	at        time.Time
	former    string // the number under which it was acknowledged before a restore; "" for a new order
}

// newNumbered prepares an order that is recorded at a moment. The year of its number is
// that of the moment in Europe/Paris.
func newNumbered(o order.Order, at time.Time) numbered {
	n := numbered{order: o, year: order.Year(at), identity: []byte(o.Identity()), at: at}
	n.reference = referenceOf(&o)
	return n
}

// referenceOf is the key of an order in the index by reference; nil for an order without
// one. It is that of referenceKey, which an erased order keeps as a hash.
func referenceOf(o *order.Order) []byte {
	key, _ := hex.DecodeString(string(o.ReferenceSum()))
	if len(key) == 0 {
		return nil
	}
	return key
}

// write gives the order the next number of its year, and stores it. The index by identity
// keeps the last order of each identity, the index by reference the last of each.
func (n *numbered) write(tx *bolt.Tx, own *ownership) (string, error) {
	key, err := n.take(tx, own)
	if err != nil {
		return "", err
	}
	orders := bucket(tx, bucketOrders)
	if err := save(orders, key, n.order); err != nil {
		return "", err
	}
	if _, err := orders.NextSequence(); err != nil { // orders are counted by it
		return "", err
	}
	if err := saveOrderRow(tx, key, &n.order); err != nil {
		return "", err
	}
	if identities := bucket(tx, bucketIdentities); isLater(n.order.Number, identities.Get(n.identity)) {
		if err := identities.Put(n.identity, []byte(n.order.Number)); err != nil {
			return "", err
		}
	}
	if n.reference != nil {
		if err := bucket(tx, bucketReferences).Put(n.reference, []byte(n.order.Number)); err != nil {
			return "", err
		}
	}
	return n.order.Number, saveRecent(tx, key, &n.order, n.at)
}

// isLater reports whether the number of an order comes after another number, or there is none.
// An order that is taken up after a restore has its former number.
func isLater(number string, than []byte) bool {
	key, _ := parseNumber(number)
	other, ok := parseNumber(string(than))
	return !ok || bytes.Compare(key, other) > 0
}

// take gives the order its number, and returns the key of the number: the next one of the
// year, or that under which it was acknowledged before a restore.
func (n *numbered) take(tx *bolt.Tx, own *ownership) (key []byte, err error) {
	years, orders := bucket(tx, bucketYears), bucket(tx, bucketOrders)
	if n.former == "" {
		rank := own.first(seqOf(years.Get(yearKey(n.year)))) + 1
		n.order.Number = order.Number(n.year, rank)
		key = orderKey(n.year, rank)
		if orders.Get(key) != nil {
			return nil, fmt.Errorf("%w: the counter of %d is behind: %s is given already", store.ErrDamaged, n.year,
				n.order.Number)
		}
		return key, years.Put(key[:4], key[4:])
	}
	n.order.Number = n.former
	key, ok := parseNumber(n.former)
	switch {
	case !ok || !n.mayBeGiven(tx, own, key):
		return nil, fmt.Errorf("%w: %s was never given", store.ErrNumber, n.former)
	case orders.Get(key) != nil:
		return nil, fmt.Errorf("%w: %s is another order", store.ErrNumber, n.former)
	case seqOf(key[4:]) > seqOf(years.Get(key[:4])):
		return key, years.Put(key[:4], key[4:])
	}
	return key, nil
}

// mayBeGiven reports whether the number of a key may have been given, by this record or by
// one that it was restored from, until the order is recorded. A copy may be of the year
// before, so that it has no number of the year in which it was put back.
func (n *numbered) mayBeGiven(tx *bolt.Tx, own *ownership, key []byte) bool {
	year, rank, last := int(binary.BigEndian.Uint32(key)), seqOf(key[4:]), bucket(tx, bucketYears).Get(key[:4])
	if year > n.year || year < n.year-1 && last == nil {
		return false
	}
	return rank > 0 && rank <= own.first(seqOf(last))
}

// describe adds to an answer when an order was received, when its licences end and which files
// came with it. It reads the order whole, and so is kept out of transactions that write.
func describe(tx *bolt.Tx, p *order.Past, number string) error {
	key, ok := parseNumber(number)
	if _, known := p.Received[number]; !ok || known {
		return nil
	}
	var o order.Order
	if found, err := load(bucket(tx, bucketOrders), key, &o); err != nil || !found {
		return err
	}
	put(&p.Received, number, o.ReceivedAt.UTC().Truncate(time.Second))
	put(&p.Ends, number, o.Ends().UTC().Truncate(time.Second))
	if o.Message == nil {
		return nil
	}
	var m struct { // of an order.Message
		Parts []order.Part `json:"parts"`
	}
	if _, err := load(bucket(tx, bucketMessages), []byte(o.Message.String()), &m); err != nil {
		return err
	}
	if len(m.Parts) > 0 {
		put(&p.Files, number, m.Parts)
	}
	return nil
}

// Order returns an order by its number.
func (s *Store) Order(ctx context.Context, number string) (order.Order, error) {
	var o order.Order
	err := s.view(ctx, func(tx *bolt.Tx) error {
		key, ok := parseNumber(number)
		if !ok {
			return store.ErrNotFound
		}
		found, err := load(bucket(tx, bucketOrders), key, &o)
		if err == nil && !found {
			return store.ErrNotFound
		}
		return err
	})
	if err != nil {
		return order.Order{}, fmt.Errorf("order %q: %w", number, err)
	}
	return o, nil
}

// Orders lists orders by rising number. The error wraps store.ErrNotFound when
// after is no order number; it need not be one that was given.
func (s *Store) Orders(ctx context.Context, after string, limit int) ([]order.Order, error) {
	key, ok := parseNumber(after)
	if !ok && after != "" {
		return nil, fmt.Errorf("orders after %q: %w", after, store.ErrNotFound)
	}
	var keys, values [][]byte
	err := s.view(ctx, func(tx *bolt.Tx) error {
		c := bucket(tx, bucketOrders).Cursor()
		for k, v := start(c, key, false); k != nil && len(keys) < limit; k, v = c.Next() {
			keys, values = append(keys, bytes.Clone(k)), append(values, bytes.Clone(v))
		}
		return nil
	})
	if errors.Is(err, store.ErrDamaged) && limit > 0 {
		keys, values, err = s.salvage(ctx, key, limit)
	}
	if err != nil {
		return nil, fmt.Errorf("orders after %q: %w", after, err)
	}
	orders := make([]order.Order, 0, len(values))
	var lost store.UnreadableError
	for i, data := range values {
		var o order.Order
		if err := json.Unmarshal(data, &o); err != nil {
			lost.Numbers = append(lost.Numbers, numberOf(keys[i]))
			continue
		}
		orders = append(orders, o)
	}
	if len(lost.Numbers) > 0 {
		return orders, fmt.Errorf("orders after %q: %w", after, &lost)
	}
	return orders, nil
}

// numberOf is the number of an order's key.
func numberOf(key []byte) string {
	if len(key) < 12 {
		return fmt.Sprintf("%x", key)
	}
	return order.Number(int(binary.BigEndian.Uint32(key)), binary.BigEndian.Uint64(key[4:12]))
}

// salvage reads a part of the orders past pages that are damaged. Of those that the lists of
// orders know and that can't be read, the values are nil. Where these lists are damaged too,
// nobody knows which orders are left out, and the error wraps store.ErrDamaged.
func (s *Store) salvage(ctx context.Context, after []byte, limit int) (keys, values [][]byte, err error) {
	err = s.view(ctx, func(tx *bolt.Tx) error {
		scan, _, err := newScan(tx, s.file, nil)
		if err != nil {
			return err
		}
		var whole bool
		keys, values, whole = scan.some(scan.trees[bucketOrders], after, limit)
		listed, _, known := scan.some(scan.trees[bucketOrderRows], after, limit)
		if !whole && !known {
			return fmt.Errorf("%w: some orders can't be read, nor the list that has their numbers", store.ErrDamaged)
		}
		for _, key := range listed {
			at, found := slices.BinarySearchFunc(keys, key, bytes.Compare)
			if !found {
				keys, values = slices.Insert(keys, at, key), slices.Insert(values, at, nil)
			}
		}
		keys, values = keys[:min(limit, len(keys))], values[:min(limit, len(values))]
		return nil
	})
	return keys, values, err
}

// list returns up to limit values of a bucket, beginning after a key, or with the first if
// after is nil. It decodes them after the transaction, in which it only copies them.
func list[T any](ctx context.Context, s *Store, name string, after []byte, limit int) ([]T, error) {
	var data [][]byte
	err := s.view(ctx, func(tx *bolt.Tx) error {
		c := bucket(tx, name).Cursor()
		k, v := c.Seek(after)
		if k != nil && bytes.Equal(k, after) {
			k, v = c.Next()
		}
		for ; k != nil && len(data) < limit; k, v = c.Next() {
			data = append(data, bytes.Clone(v))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return decodeAll[T](data)
}

func decodeAll[T any](data [][]byte) ([]T, error) {
	values := make([]T, len(data))
	for i, b := range data {
		if err := json.Unmarshal(b, &values[i]); err != nil {
			return nil, fmt.Errorf("%w: %w", store.ErrDamaged, err)
		}
	}
	return values, nil
}
