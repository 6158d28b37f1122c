package boltstore

import (
	"bytes"
	"context"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"bdc/order"
	"bdc/store"
)

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

// note adds a line to the audit.
func note(tx *bolt.Tx, e order.Event) (err error) {
	b := bucket(tx, bucketAudit)
	b.FillPercent = 1
	if e.Seq, err = b.NextSequence(); err != nil {
		return err
	}
	return save(b, seqKey(e.Seq), e)
}

// Audit lists events by sequence number.
func (s *Store) Audit(ctx context.Context, after uint64, limit int) ([]order.Event, error) {
	events, err := list[order.Event](ctx, s, bucketAudit, seqKey(after), limit)
	if err != nil {
		return nil, fmt.Errorf("audit after %d: %w", after, err)
	}
	return events, nil
}

// Status counts by walking small keys, where they are few; of messages and orders
// it reads the counters.
func (s *Store) Status(ctx context.Context) (store.Status, error) {
	var st store.Status
	err := s.view(ctx, func(tx *bolt.Tx) error {
		st = store.Status{
			Messages: int(bucket(tx, bucketIntakes).Sequence()),
			Waiting:  count(bucket(tx, bucketCaseStates), stateKey(order.Waiting, 0)),
			SentBack: count(bucket(tx, bucketCaseStates), stateKey(order.SentBack, 0)),
			Unsent:   count(bucket(tx, bucketOutboxDue), nil),
			Failed:   count(bucket(tx, bucketOutboxFailed), nil),
		}
		paused, err := pauses(tx)
		if err != nil {
			return err
		}
		if _, err := load(bucket(tx, bucketMeta), []byte(keyBackup), &st.BackedUp); err != nil {
			return err
		}
		st.OutboxPause, st.IntakePause = paused.Outbox, paused.Intake
		return bucket(tx, bucketYears).ForEach(func(_, rank []byte) error {
			st.Orders += int(seqOf(rank))
			return nil
		})
	})
	if err != nil {
		return store.Status{}, fmt.Errorf("count: %w", err)
	}
	return st, nil
}

// count counts the keys of a bucket; of those that end in a sequence number,
// only what shares the beginning of the key from.
func count(b *bolt.Bucket, from []byte) int {
	prefix := from[:max(len(from)-8, 0)]
	n := 0
	c := b.Cursor()
	for k, _ := c.Seek(prefix); k != nil && bytes.HasPrefix(k, prefix); k, _ = c.Next() {
		n++
	}
	return n
}
