package boltstore

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"bdc/order"
	"bdc/store"
)

// audit adds a line to the audit, under the next sequence number.
func audit(tx *bolt.Tx, e order.Event) (err error) {
	b := bucket(tx, bucketAudit)
	b.FillPercent = 1
	if e.Seq, err = b.NextSequence(); err != nil {
		return err
	}
	return save(b, seqKey(e.Seq), e)
}

// Audit lists events by rising sequence number.
func (s *Store) Audit(ctx context.Context, after uint64, limit int) ([]order.Event, error) {
	events, err := list[order.Event](ctx, s, bucketAudit, seqKey(after), limit)
	if err != nil {
		return nil, fmt.Errorf("audit after %d: %w", after, err)
	}
	return events, nil
}

// maxLooked is how many lines one call of Events looks at, at most. That takes some 50 ms.
const maxLooked = 100_000

// Events reads the audit from its end. It decodes a line only if all texts of the filter
// are somewhere in the line's bytes.
func (s *Store) Events(ctx context.Context, f store.EventFilter, below uint64, limit int) (events []order.Event,
	next uint64, err error,
) {
	var asked [][]byte
	for _, text := range []string{f.Actor, f.Verb, f.Order, f.Case} {
		if text == "" {
			continue
		}
		quoted, err := json.Marshal(text)
		if err != nil {
			return nil, 0, err
		}
		asked = append(asked, bytes.TrimSuffix(quoted, []byte(`"`))) // the filter may have the beginning of a verb
	}
	err = s.view(ctx, func(tx *bolt.Tx) error {
		c := bucket(tx, bucketAudit).Cursor()
		var from []byte
		if below != 0 {
			from = seqKey(below)
		}
		k, v := start(c, from, true)
	lines:
		for looked := 0; k != nil; k, v = c.Prev() {
			if len(events) == limit || looked == maxLooked {
				next = seqOf(k) + 1
				return nil
			}
			looked++
			for _, text := range asked {
				if !bytes.Contains(v, text) {
					continue lines
				}
			}
			var e order.Event
			if err := json.Unmarshal(v, &e); err != nil {
				return fmt.Errorf("%w: %w", store.ErrDamaged, err)
			}
			if f.Chooses(e) {
				events = append(events, e)
			}
		}
		return ctx.Err()
	})
	if err != nil {
		return nil, 0, fmt.Errorf("audit below %d: %w", below, err)
	}
	return events, next, nil
}
