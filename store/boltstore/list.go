package boltstore

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"

	"bdc/order"
	"bdc/store"
)

// OrderRows looks through the rows of orders, from the newest on, and checks now and then
// whether ctx is done. The error wraps store.ErrNotFound when below is no order number.
func (s *Store) OrderRows(ctx context.Context, f store.OrderFilter, below string, limit int) ([]store.OrderRow, error) {
	key, ok := parseNumber(below)
	if !ok && below != "" {
		return nil, fmt.Errorf("orders below %q: %w", below, store.ErrNotFound)
	}
	want := newSearch(f.Words).tag("status:", string(f.Status)).tag(tagAccount, f.Account).tag(tagSchool,
		f.UAI.String()).lines(f.EANs)
	const often = 1024 // rows
	var data [][]byte
	err := s.view(ctx, func(tx *bolt.Tx) error {
		var err error
		looked := 0
		visit := func(_, value []byte) bool {
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
			return err == nil && len(data) < limit
		}
		if tag := narrowest(f.Account, f.UAI.String()); tag != nil {
			orderList().tagged(tx, tag, key, true, visit)
		} else {
			orderList().all(tx, func(k sketch) bool { return k.within(f.From, f.Until) && want.may(k) }, key, true,
				visit)
		}
		return errors.Join(err, ctx.Err())
	})
	if err != nil {
		return nil, fmt.Errorf("orders below %q: %w", below, err)
	}
	return decodeAll[store.OrderRow](data[:min(limit, len(data))])
}

// start puts a cursor on the first key after beyond or, if down is true, on the last key
// before it. If beyond is nil, that is the first or the last key of all.
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
		return c.Last() // all keys are below beyond
	case down:
		return c.Prev()
	case bytes.Equal(k, beyond):
		return c.Next()
	}
	return k, v
}

// CaseRows looks through the rows of cases. If the filter has an account or a school, it
// reads only the rows that have it. If the filter has a state and no words, it reads only
// the rows of that state. Otherwise it reads all rows, except the blocks of rows whose
// sketch shows that they have none that the filter chooses.
func (s *Store) CaseRows(ctx context.Context, f store.CaseFilter, beyond string, limit int) ([]store.CaseRow, error) {
	want := newSearch(f.Words).tag("state:", string(f.State)).tag("holder:", f.Holder).tag("reason:",
		string(f.Reason)).tag(tagAccount, f.Account).tag(tagSchool, f.UAI.String())
	var data [][]byte
	err := s.view(ctx, func(tx *bolt.Tx) error {
		var after []byte
		if beyond != "" {
			if after = bucket(tx, bucketCaseCodes).Get(codeKey(beyond)); after == nil {
				return store.ErrNotFound
			}
		}
		visit := func(_, value []byte) bool {
			if row, ok := unpack(value); ok && want.finds(row) {
				data = append(data, bytes.Clone(row.show))
			}
			return len(data) < limit
		}
		tag := narrowest(f.Account, f.UAI.String())
		switch {
		case tag != nil:
			caseList().tagged(tx, tag, after, f.Newest, visit)
		case f.State == "", len(want.words) > 0:
			caseList().all(tx, want.may, after, f.Newest, visit)
		default:
			inState(tx, f.State, after, f.Newest, visit)
		}
		return ctx.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("cases beyond %q: %w", beyond, err)
	}
	return decodeAll[store.CaseRow](data[:min(limit, len(data))])
}

// inState calls visit with the row of each case of a state, beyond another, until it
// returns false.
func inState(tx *bolt.Tx, state order.State, beyond []byte, down bool, visit func(key, row []byte) bool) {
	rows, c := bucket(tx, bucketCaseRows), bucket(tx, bucketCaseStates).Cursor()
	from := stateKey(state, 0)
	prefix := from[:len(from)-8]
	switch {
	case beyond != nil:
		from = slices.Concat(prefix, beyond)
	case down:
		from = stateKey(state, math.MaxUint64)
	}
	step := stepper(c, down)
	for k, _ := start(c, from, down); bytes.HasPrefix(k, prefix); k, _ = step() {
		if key := k[len(prefix):]; !visit(key, rows.Get(key)) {
			return
		}
	}
}

// Waiting counts the waiting cases in the index of cases by state, and reads the row of the
// first.
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

// Delivery returns how far a reply has come.
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
	return d.delivery(), nil
}

func (d *dispatch) delivery() store.Delivery {
	return store.Delivery{
		Due: d.Due, Attempts: d.Attempts, Outcome: d.Outcome, At: d.At, Words: d.Words, Doubtful: d.Doubtful,
	}
}

// answerOf reads a reply, and how far it has come.
func answerOf(tx *bolt.Tx, id uint64) (store.Answer, error) {
	var d dispatch
	if _, err := load(bucket(tx, bucketOutbox), seqKey(id), &d); err != nil {
		return store.Answer{}, err
	}
	c, err := claimed(tx, id, dispatch{}, nil)
	return store.Answer{Reply: c.Reply, Delivery: d.delivery()}, err
}

// Answers finds the replies by an index of the replies to each message.
func (s *Store) Answers(ctx context.Context, message order.Key) (answers []store.Answer, err error) {
	err = s.view(ctx, func(tx *bolt.Tx) error {
		prefix := answerKey(message, 0)
		prefix = prefix[:len(prefix)-8]
		c := bucket(tx, bucketAnswers).Cursor()
		for k, _ := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, _ = c.Next() {
			a, err := answerOf(tx, seqOf(k[len(prefix):]))
			if err != nil {
				return err
			}
			answers = append(answers, a)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("answers to %q: %w", message, err)
	}
	return answers, nil
}
