package boltstore

import (
	"context"
	"encoding/json"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"bdc/order"
	"bdc/store"
)

// mark says that a message is being examined. When it is taken off, it is deleted unless
// it has Deaths; then it stays in the file with Marked false.
type mark struct {
	Key    order.Key `json:"key"`
	Marked bool      `json:"marked"`
	Alone  bool      `json:"alone,omitempty"`
	Deaths int       `json:"deaths,omitempty"`
}

// Recover counts a death against the message that was examined alone, and returns
// every message that is marked, sorted by key.
func (s *Store) Recover(ctx context.Context) ([]store.Suspect, error) {
	var suspects []store.Suspect
	err := s.update(ctx, func(tx *bolt.Tx) error {
		var died []mark
		b := bucket(tx, bucketMarks)
		err := b.ForEach(func(_, data []byte) error {
			var m mark
			if err := json.Unmarshal(data, &m); err != nil {
				return fmt.Errorf("%w: %w", store.ErrDamaged, err)
			}
			if !m.Marked {
				return nil
			}
			if m.Alone {
				m.Alone = false
				m.Deaths++
				died = append(died, m)
			}
			suspects = append(suspects, store.Suspect{Key: m.Key, Deaths: m.Deaths})
			return nil
		})
		if err != nil {
			return err
		}
		for _, m := range died {
			if err := save(b, []byte(m.Key.String()), m); err != nil {
				return err
			}
		}
		if len(died) == 0 {
			return errNothing
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("recover: %w", err)
	}
	return suspects, nil
}

// Mark writes down that messages are about to be examined.
func (s *Store) Mark(ctx context.Context, keys []order.Key, alone bool) error {
	err := s.update(ctx, func(tx *bolt.Tx) error {
		b := bucket(tx, bucketMarks)
		for _, key := range keys {
			var m mark
			k := []byte(key.String())
			if _, err := load(b, k, &m); err != nil {
				return err
			}
			m.Key, m.Marked, m.Alone = key, true, alone
			if err := save(b, k, m); err != nil {
				return err
			}
		}
		if len(keys) == 0 {
			return errNothing
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("mark: %w", err)
	}
	return nil
}

// Unmark takes the marks off messages, and keeps their deaths.
func (s *Store) Unmark(ctx context.Context, keys []order.Key) error {
	err := s.update(ctx, func(tx *bolt.Tx) error {
		b := bucket(tx, bucketMarks)
		taken := 0
		for _, key := range keys {
			var m mark
			k := []byte(key.String())
			if _, err := load(b, k, &m); err != nil {
				return err
			}
			if !m.Marked {
				continue
			}
			taken++
			m.Marked, m.Alone = false, false
			if m.Deaths == 0 {
				if err := b.Delete(k); err != nil {
					return err
				}
			} else if err := save(b, k, m); err != nil {
				return err
			}
		}
		if taken == 0 {
			return errNothing
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("unmark: %w", err)
	}
	return nil
}

// Rest forgets all marks and deaths.
func (s *Store) Rest(ctx context.Context) error {
	err := s.update(ctx, func(tx *bolt.Tx) error {
		if k, _ := bucket(tx, bucketMarks).Cursor().First(); k == nil {
			return errNothing
		}
		if err := tx.DeleteBucket([]byte(bucketMarks)); err != nil {
			return err
		}
		_, err := tx.CreateBucket([]byte(bucketMarks))
		return err
	})
	if err != nil {
		return fmt.Errorf("rest: %w", err)
	}
	return nil
}
