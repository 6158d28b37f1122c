package boltstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"bdc/order"
	"bdc/store"
)

// GivenUp reads the replies of the list of failed ones.
func (s *Store) GivenUp(ctx context.Context, after uint64, limit int) (failed []store.Answer, err error) {
	err = s.view(ctx, func(tx *bolt.Tx) error {
		c := bucket(tx, bucketOutboxFailed).Cursor()
		for k, _ := c.Seek(seqKey(after + 1)); k != nil && len(failed) < limit; k, _ = c.Next() {
			a, err := answerOf(tx, seqOf(k))
			if err != nil {
				return err
			}
			failed = append(failed, a)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("replies given up: %w", err)
	}
	return failed, nil
}

// Retry makes a reply that was given up due. Its rate limit was kept when it became due at
// first.
func (s *Store) Retry(ctx context.Context, reply uint64, actor string, at time.Time) error {
	err := s.update(ctx, func(tx *bolt.Tx) error {
		var d dispatch
		found, err := load(bucket(tx, bucketOutbox), seqKey(reply), &d)
		switch {
		case err != nil:
			return err
		case !found:
			return store.ErrNotFound
		case d.Outcome != store.Failed:
			return fmt.Errorf("%w: it is not given up", store.ErrRevision)
		}
		r, err := claimed(tx, reply, dispatch{}, nil)
		if err != nil {
			return err
		}
		if r.Erased != nil {
			return store.ErrErased
		}
		if err := bucket(tx, bucketOutboxFailed).Delete(seqKey(reply)); err != nil {
			return err
		}
		if err := closeUntouched(tx, d.Case, actor, at); err != nil {
			return err
		}
		d.Due, d.Attempts, d.Outcome, d.Case = at.UTC(), 0, store.Later, ""
		if err := bucket(tx, bucketOutboxDue).Put(dueKey(d.Due, reply), d.dueValue()); err != nil {
			return err
		}
		if err := save(bucket(tx, bucketOutbox), seqKey(reply), d); err != nil {
			return err
		}
		return audit(tx, order.Event{At: at, Actor: actor, Verb: "reply.retried", Reply: reply})
	})
	if err != nil {
		return fmt.Errorf("retry reply %d: %w", reply, err)
	}
	return nil
}

// closeUntouched closes the case of a code, unless somebody has worked on it since it was
// opened. It does nothing for "".
func closeUntouched(tx *bolt.Tx, code, actor string, at time.Time) error {
	if code == "" {
		return nil
	}
	c, key, err := findCase(tx, code)
	if errors.Is(err, store.ErrNotFound) || err == nil && (c.State != order.Waiting || c.Revision != 1) {
		return nil
	}
	if err != nil {
		return err
	}
	event := order.Event{At: at, Actor: actor, Verb: "case.decided", Case: c.Code, Message: c.Message.String()}
	event.Detail = string(order.Closed)
	if err := audit(tx, event); err != nil {
		return err
	}
	return changeCase(tx, key, c, order.Closed, at)
}
