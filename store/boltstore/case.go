package boltstore

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"bdc/order"
	"bdc/store"
)

// opening is a case to be opened, encoded.
type opening struct {
	code   []byte
	state  order.State
	thread []byte // nil for a case without account, UAI or reference
	value  []byte
	row    []byte
	event  order.Event
}

// newOpening encodes a case that is to be opened, at revision 1.
func newOpening(c order.Case, at time.Time) (opening, error) {
	c.Revision, c.OpenedAt, c.UpdatedAt = 1, at, at
	value, err := json.Marshal(c)
	if err != nil {
		return opening{}, fmt.Errorf("case %s: %w", c.Code, err)
	}
	row, err := caseRow(&c)
	if err != nil {
		return opening{}, fmt.Errorf("case %s: %w", c.Code, err)
	}
	return opening{
		row:    row,
		code:   codeKey(c.Code),
		state:  c.State,
		thread: threadKey(c.Thread()),
		value:  value,
		event: order.Event{
			At: at, Actor: actor, Verb: "case.opened",
			Message: c.Message.String(), Case: c.Code, Detail: string(c.Reason),
		},
	}, nil
}

func (o *opening) taken(tx *bolt.Tx) bool {
	return bucket(tx, bucketCaseCodes).Get(o.code) != nil
}

func (o *opening) write(tx *bolt.Tx) error {
	seq, err := bucket(tx, bucketCases).NextSequence()
	if err != nil {
		return err
	}
	if err := bucket(tx, bucketCases).Put(seqKey(seq), o.value); err != nil {
		return err
	}
	if err := caseList().put(tx, seqKey(seq), o.row); err != nil {
		return err
	}
	if err := bucket(tx, bucketCaseCodes).Put(o.code, seqKey(seq)); err != nil {
		return err
	}
	if err := bucket(tx, bucketCaseStates).Put(stateKey(o.state, seq), []byte{}); err != nil {
		return err
	}
	if o.thread != nil {
		if err := bucket(tx, bucketCaseThreads).Put(o.thread, seqKey(seq)); err != nil {
			return err
		}
	}
	return audit(tx, o.event)
}

// findCase returns the case of a code, and the key that it is stored under. The
// error wraps store.ErrNotFound.
func findCase(tx *bolt.Tx, code string) (c order.Case, key []byte, err error) {
	key = bucket(tx, bucketCaseCodes).Get(codeKey(code))
	found, err := load(bucket(tx, bucketCases), key, &c)
	if err == nil && !found {
		err = store.ErrNotFound
	}
	return c, key, err
}

// Case returns the case of a code.
func (s *Store) Case(ctx context.Context, code string) (order.Case, error) {
	var c order.Case
	err := s.view(ctx, func(tx *bolt.Tx) (err error) {
		c, _, err = findCase(tx, code)
		return err
	})
	if err != nil {
		return order.Case{}, fmt.Errorf("case %q: %w", code, err)
	}
	return c, nil
}

// Cases lists cases in the order of their recording. The error wraps store.ErrNotFound
// when there is no case of the code after; that case may be in another state.
func (s *Store) Cases(ctx context.Context, state order.State, after string, limit int) ([]order.Case, error) {
	var data [][]byte
	err := s.view(ctx, func(tx *bolt.Tx) error {
		first := uint64(0)
		if after != "" {
			key := bucket(tx, bucketCaseCodes).Get(codeKey(after))
			if key == nil {
				return store.ErrNotFound
			}
			first = seqOf(key) + 1
		}
		cases := bucket(tx, bucketCases)
		if state == "" {
			c := cases.Cursor()
			for k, v := c.Seek(seqKey(first)); k != nil && len(data) < limit; k, v = c.Next() {
				data = append(data, bytes.Clone(v))
			}
			return nil
		}
		c := bucket(tx, bucketCaseStates).Cursor()
		from := stateKey(state, first)
		prefix := from[:len(from)-8]
		for k, _ := c.Seek(from); bytes.HasPrefix(k, prefix) && len(data) < limit; k, _ = c.Next() {
			data = append(data, bytes.Clone(cases.Get(k[len(prefix):])))
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("cases after %q: %w", after, err)
	}
	return decodeAll[order.Case](data)
}

// changeCase stores a case's next revision, in its new state.
func changeCase(tx *bolt.Tx, key []byte, c order.Case, state order.State, at time.Time) error {
	states := bucket(tx, bucketCaseStates)
	if err := states.Delete(stateKey(c.State, seqOf(key))); err != nil {
		return err
	}
	if err := states.Put(stateKey(state, seqOf(key)), []byte{}); err != nil {
		return err
	}
	c.State, c.UpdatedAt = state, at
	c.Revision++
	row, err := caseRow(&c)
	if err != nil {
		return err
	}
	if err := caseList().put(tx, key, row); err != nil {
		return err
	}
	return save(bucket(tx, bucketCases), key, c)
}
