package boltstore

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"bdc/order"
	"bdc/store"
)

// OrderRows looks through the rows from the newest on. The error wraps
// store.ErrNotFound when below is no order number.
func (s *Store) OrderRows(ctx context.Context, f store.OrderFilter, below string, limit int) ([]store.OrderRow, error) {
	key, ok := parseNumber(below)
	if !ok && below != "" {
		return nil, fmt.Errorf("orders below %q: %w", below, store.ErrNotFound)
	}
	want := newSearch(f.Words).tag("status:", string(f.Status)).tag(tagAccount, f.Account).tag(tagSchool, f.UAI.String()).lines(f.EANs)
	rows := rowsOf{rows: bucketOrderRows, index: bucketOrderTags, tag: narrowest(f.Account, f.UAI.String()), beyond: key, down: true}
	var data [][]byte
	var err error
	if len(want.words) > 0 && rows.tag == nil && f.Latest == 0 {
		data, err = s.lookTwice(ctx, rows, f, want, limit)
	} else {
		data, err = s.look(ctx, rows, f, want, limit)
	}
	if err != nil {
		return nil, fmt.Errorf("orders below %q: %w", below, err)
	}
	return decodeAll[store.OrderRow](data[:min(limit, len(data))])
}

// look returns what is shown of up to limit rows that are wanted. It looks now
// and then whether ctx is done.
func (s *Store) look(ctx context.Context, rows rowsOf, f store.OrderFilter, want search, limit int) (data [][]byte, err error) {
	const often = 1024 // rows
	err = s.view(ctx, func(tx *bolt.Tx) error {
		var err error
		looked := 0
		rows.walk(tx, func(value []byte) bool {
			row, ok := unpack(value)
			looked++
			switch {
			case !ok:
				err = fmt.Errorf("%w: an order has no row", store.ErrDamaged)
			case looked%often == 0 && ctx.Err() != nil:
				err = ctx.Err()
			case !f.From.IsZero() && row.at.Before(f.From), !f.Until.IsZero() && !row.at.Before(f.Until):
			case want.finds(row):
				data = append(data, bytes.Clone(row.show))
			}
			return err == nil && len(data) < limit && looked != f.Latest
		})
		return errors.Join(err, ctx.Err())
	})
	return data, err
}

// lookTwice looks through the newer and the older half at the same time, since
// what is rare takes all of both. The older half ends once the newer one is
// enough.
func (s *Store) lookTwice(ctx context.Context, rows rowsOf, f store.OrderFilter, want search, limit int) ([][]byte, error) {
	newer, older := rows, rows
	err := s.view(ctx, func(tx *bolt.Tx) error {
		c := bucket(tx, rows.rows).Cursor()
		first, _ := c.First()
		last, _ := start(c, rows.beyond, true)
		if first == nil || last == nil {
			return nil
		}
		older.beyond = halfway(first, last)
		newer.least = older.beyond
		return nil
	})
	if err != nil {
		return nil, err
	}
	if newer.least == nil {
		return nil, nil
	}
	ended, end := context.WithCancel(ctx)
	defer end()
	var rest [][]byte
	done := make(chan error, 1)
	go func() {
		var err error
		rest, err = s.look(ended, older, f, want, limit)
		done <- err
	}()
	data, err := s.look(ctx, newer, f, want, limit)
	if err != nil || len(data) >= limit {
		end()
		<-done // whatever it found is not asked for
		return data, err
	}
	err = <-done
	return append(data, rest...), err
}

// halfway is a key between those of two orders: of the year's middle rank, or the
// beginning of the later year.
func halfway(first, last []byte) []byte {
	year := last[:len(yearKey(0))]
	low, high := uint64(0), seqOf(last[len(year):])
	if bytes.HasPrefix(first, year) {
		low = seqOf(first[len(year):])
	}
	return append(bytes.Clone(year), seqKey(low+(high-low)/2)...)
}

// start puts a cursor on the first key beyond another, nil for none, in either
// direction.
func start(c *bolt.Cursor, beyond []byte, down bool) (k, v []byte) {
	switch {
	case beyond == nil && down:
		return c.Last()
	case beyond == nil:
		return c.First()
	}
	k, v = c.Seek(beyond)
	switch {
	case down && k == nil:
		return c.Last() // every key is below
	case down:
		return c.Prev()
	case bytes.Equal(k, beyond):
		return c.Next()
	}
	return k, v
}

// CaseRows walks the cases of the state, where one is asked for, and all
// otherwise.
func (s *Store) CaseRows(ctx context.Context, f store.CaseFilter, beyond string, limit int) ([]store.CaseRow, error) {
	want := newSearch(f.Words).tag("holder:", f.Holder).tag("reason:", string(f.Reason)).tag(tagAccount, f.Account).tag(tagSchool, f.UAI.String())
	var data [][]byte
	err := s.view(ctx, func(tx *bolt.Tx) error {
		var after []byte
		if beyond != "" {
			if after = bucket(tx, bucketCaseCodes).Get(codeKey(beyond)); after == nil {
				return store.ErrNotFound
			}
		}
		visit := func(value []byte) bool {
			if row, ok := unpack(value); ok && want.finds(row) {
				data = append(data, bytes.Clone(row.show))
			}
			return len(data) < limit
		}
		if tag := narrowest(f.Account, f.UAI.String()); tag != nil {
			want = want.tag("state:", string(f.State))
			rowsOf{rows: bucketCaseRows, index: bucketCaseTags, tag: tag, beyond: after, down: f.Newest}.walk(tx, visit)
		} else {
			walk(tx, f.State, after, f.Newest, visit)
		}
		return ctx.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("cases beyond %q: %w", beyond, err)
	}
	return decodeAll[store.CaseRow](data[:min(limit, len(data))])
}

// walk calls visit with the row of each case of a state, or of all for
// "", beyond another, until it returns false.
func walk(tx *bolt.Tx, state order.State, beyond []byte, down bool, visit func(row []byte) bool) {
	var prefix []byte
	rows := bucket(tx, bucketCaseRows)
	c := rows.Cursor()
	if state != "" {
		c = bucket(tx, bucketCaseStates).Cursor()
		prefix = stateKey(state, 0)
		prefix = prefix[:len(prefix)-8]
		switch {
		case beyond != nil:
			beyond = append(bytes.Clone(prefix), beyond...)
		case down:
			beyond = stateKey(state, 1<<64-1)
		default:
			beyond = stateKey(state, 0)
		}
	}
	step := c.Next
	if down {
		step = c.Prev
	}
	for k, v := start(c, beyond, down); k != nil && bytes.HasPrefix(k, prefix); k, v = step() {
		if state != "" {
			v = rows.Get(k[len(prefix):])
		}
		if !visit(v) {
			return
		}
	}
}

// Waiting counts keys.
func (s *Store) Waiting(ctx context.Context) (n int, oldest time.Time, err error) {
	err = s.view(ctx, func(tx *bolt.Tx) error {
		from := stateKey(order.Waiting, 0)
		n = count(bucket(tx, bucketCaseStates), from)
		if n == 0 {
			return nil
		}
		k, _ := bucket(tx, bucketCaseStates).Cursor().Seek(from)
		row, _ := unpack(bucket(tx, bucketCaseRows).Get(k[len(k)-8:]))
		var first store.CaseRow
		if err := json.Unmarshal(row.show, &first); err != nil {
			return fmt.Errorf("%w: %w", store.ErrDamaged, err)
		}
		oldest = first.OpenedAt
		return nil
	})
	if err != nil {
		return 0, time.Time{}, fmt.Errorf("count the waiting: %w", err)
	}
	return n, oldest, nil
}

// Delivery reads a reply's dispatch.
func (s *Store) Delivery(ctx context.Context, reply uint64) (store.Delivery, error) {
	var d dispatch
	err := s.view(ctx, func(tx *bolt.Tx) error {
		found, err := load(bucket(tx, bucketOutbox), seqKey(reply), &d)
		if err == nil && !found {
			return store.ErrNotFound
		}
		return err
	})
	if err != nil {
		return store.Delivery{}, fmt.Errorf("delivery of reply %d: %w", reply, err)
	}
	return store.Delivery{Due: d.Due, Attempts: d.Attempts, Outcome: d.Outcome, At: d.At, Words: d.Words}, nil
}
