package boltstore

import (
	"bytes"
	"context"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"bdc/order"
	"bdc/store"
)

// Status counts messages and orders by the sequences of their buckets. It counts the others by walking
// the keys of small indexes.
func (s *Store) Status(ctx context.Context) (store.Status, error) {
	var st store.Status
	err := s.view(ctx, func(tx *bolt.Tx) error {
		st = store.Status{
			Messages: int(bucket(tx, bucketIntakes).Sequence()),
			Orders:   int(bucket(tx, bucketOrders).Sequence()),
			Waiting:  count(bucket(tx, bucketCaseStates), stateKey(order.Waiting, 0)),
			SentBack: count(bucket(tx, bucketCaseStates), stateKey(order.SentBack, 0)),
			Unsent:   count(bucket(tx, bucketOutboxDue), nil),
			Doubtful: count(bucket(tx, bucketOutboxDoubtful), nil),
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
		return nil
	})
	if err != nil {
		return store.Status{}, fmt.Errorf("count: %w", err)
	}
	return st, nil
}

// count counts the keys of a bucket. If from is not nil, it is a key that ends in a
// sequence number, and only keys that begin with what stands before that number count.
func count(b *bolt.Bucket, from []byte) int {
	prefix := from[:max(len(from)-8, 0)]
	n := 0
	c := b.Cursor()
	for k, _ := c.Seek(prefix); k != nil && bytes.HasPrefix(k, prefix); k, _ = c.Next() {
		n++
	}
	return n
}
