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
// it has Deaths; then it stays in the file with Marked false. Marks of programs that knew
// no leases have none, like those that are made without a lease.
type mark struct {
	Key    order.Key `json:"key"`
	Marked bool      `json:"marked"`
	Alone  bool      `json:"alone,omitempty"`
	Deaths int       `json:"deaths,omitempty"`
	Lease  string    `json:"lease,omitempty"` // of the fence under which it was marked last
	Epoch  uint64    `json:"epoch,omitempty"` // likewise
}

// by reports whether the message is marked under a fence's epoch.
func (m *mark) by(f store.Fence) bool { return m.Marked && m.Lease == f.Lease && m.Epoch == f.Epoch }

// before reports whether the message was marked before the fence's lease was taken.
func (m *mark) before(f store.Fence) bool {
	return m.Marked && (m.Lease == "" || m.Lease == f.Lease && m.Epoch < f.Epoch)
}

// marks reads all marks, sorted by the keys of their messages.
func marks(tx *bolt.Tx) (all []mark, err error) {
	err = bucket(tx, bucketMarks).ForEach(func(_, data []byte) error {
		var m mark
		if err := json.Unmarshal(data, &m); err != nil {
			return fmt.Errorf("%w: %w", store.ErrDamaged, err)
		}
		all = append(all, m)
		return nil
	})
	return all, err
}

// Recover counts a death against the message that was examined alone, and returns
// the messages that were marked before the lease was taken, sorted by key.
func (s *Store) Recover(ctx context.Context, f store.Fence) ([]store.Suspect, error) {
	var suspects []store.Suspect
	err := s.update(ctx, func(tx *bolt.Tx) error {
		if err := fenced(tx, f); err != nil {
			return err
		}
		all, err := marks(tx)
		if err != nil {
			return err
		}
		for _, m := range all {
			if !m.before(f) {
				continue
			}
			if m.Alone {
				m.Alone = false
				m.Deaths++
			}
			m.Lease, m.Epoch = f.Lease, f.Epoch
			suspects = append(suspects, store.Suspect{Key: m.Key, Deaths: m.Deaths})
			if err := save(bucket(tx, bucketMarks), []byte(m.Key.String()), m); err != nil {
				return err
			}
		}
		if len(suspects) == 0 {
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
func (s *Store) Mark(ctx context.Context, f store.Fence, keys []order.Key, alone bool) error {
	err := s.update(ctx, func(tx *bolt.Tx) error {
		if err := fenced(tx, f); err != nil {
			return err
		}
		b := bucket(tx, bucketMarks)
		for _, key := range keys {
			var m mark
			k := []byte(key.String())
			if _, err := load(b, k, &m); err != nil {
				return err
			}
			m.Key, m.Marked, m.Alone, m.Lease, m.Epoch = key, true, alone, f.Lease, f.Epoch
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
func (s *Store) Unmark(ctx context.Context, f store.Fence, keys []order.Key) error {
	err := s.update(ctx, func(tx *bolt.Tx) error {
		if err := fenced(tx, f); err != nil {
			return err
		}
		b := bucket(tx, bucketMarks)
		taken := 0
		for _, key := range keys {
			var m mark
			k := []byte(key.String())
			if _, err := load(b, k, &m); err != nil {
				return err
			}
			if !m.by(f) {
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

// Rest forgets the marks of an epoch and the deaths of its lease.
func (s *Store) Rest(ctx context.Context, f store.Fence) error {
	err := s.update(ctx, func(tx *bolt.Tx) error {
		if err := fenced(tx, f); err != nil {
			return err
		}
		all, err := marks(tx)
		if err != nil {
			return err
		}
		forgotten := 0
		for _, m := range all {
			if !m.by(f) && (m.Marked || m.Lease != f.Lease && m.Lease != "") {
				continue
			}
			forgotten++
			if err := bucket(tx, bucketMarks).Delete([]byte(m.Key.String())); err != nil {
				return err
			}
		}
		if forgotten == 0 {
			return errNothing
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("rest: %w", err)
	}
	return nil
}
