package boltstore

import (
	"context"
	"encoding/json"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"bdc/order"
	"bdc/store"
)

// flight is what is known of a message under examination. One that was released
// stays, unmarked, for the deaths that it caused.
type flight struct {
	Key    order.Key `json:"key"`
	Marked bool      `json:"marked"`
	Alone  bool      `json:"alone,omitempty"`
	Deaths int       `json:"deaths,omitempty"`
}

// Resume counts a death against the message that was alone, and returns all
// that were marked, by key.
func (s *Store) Resume(ctx context.Context) ([]store.Suspect, error) {
	var suspects []store.Suspect
	err := s.update(ctx, func(tx *bolt.Tx) error {
		var died []flight
		b := bucket(tx, bucketFlights)
		err := b.ForEach(func(_, data []byte) error {
			var f flight
			if err := json.Unmarshal(data, &f); err != nil {
				return fmt.Errorf("%w: %w", store.ErrDamaged, err)
			}
			if !f.Marked {
				return nil
			}
			if f.Alone {
				f.Alone = false
				f.Deaths++
				died = append(died, f)
			}
			suspects = append(suspects, store.Suspect{Key: f.Key, Deaths: f.Deaths})
			return nil
		})
		if err != nil {
			return err
		}
		for _, f := range died {
			if err := save(b, []byte(f.Key.String()), f); err != nil {
				return err
			}
		}
		if len(died) == 0 {
			return errNothing
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("resume: %w", err)
	}
	return suspects, nil
}

// Mark notes that messages are about to be examined.
func (s *Store) Mark(ctx context.Context, keys []order.Key, alone bool) error {
	err := s.update(ctx, func(tx *bolt.Tx) error {
		b := bucket(tx, bucketFlights)
		for _, key := range keys {
			var f flight
			k := []byte(key.String())
			if _, err := load(b, k, &f); err != nil {
				return err
			}
			f.Key, f.Marked, f.Alone = key, true, alone
			if err := save(b, k, f); err != nil {
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

// Release takes marks off, and keeps the deaths.
func (s *Store) Release(ctx context.Context, keys []order.Key) error {
	err := s.update(ctx, func(tx *bolt.Tx) error {
		b := bucket(tx, bucketFlights)
		released := 0
		for _, key := range keys {
			var f flight
			k := []byte(key.String())
			if _, err := load(b, k, &f); err != nil {
				return err
			}
			if !f.Marked {
				continue
			}
			released++
			f.Marked, f.Alone = false, false
			if f.Deaths == 0 {
				if err := b.Delete(k); err != nil {
					return err
				}
			} else if err := save(b, k, f); err != nil {
				return err
			}
		}
		if released == 0 {
			return errNothing
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("release: %w", err)
	}
	return nil
}

// Rest forgets all marks and deaths.
func (s *Store) Rest(ctx context.Context) error {
	err := s.update(ctx, func(tx *bolt.Tx) error {
		if k, _ := bucket(tx, bucketFlights).Cursor().First(); k == nil {
			return errNothing
		}
		if err := tx.DeleteBucket([]byte(bucketFlights)); err != nil {
			return err
		}
		_, err := tx.CreateBucket([]byte(bucketFlights))
		return err
	})
	if err != nil {
		return fmt.Errorf("rest: %w", err)
	}
	return nil
}
