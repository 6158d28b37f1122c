package boltstore

import (
	"context"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"bdc/order"
	"bdc/store"
)

// HoldOutbox writes the hold, which Claim and Due look at.
func (s *Store) HoldOutbox(ctx context.Context, h store.Hold) error {
	return s.hold(ctx, keyHold, "outbox", h)
}

// ReleaseOutbox takes the hold away.
func (s *Store) ReleaseOutbox(ctx context.Context, actor string, at time.Time) error {
	return s.release(ctx, keyHold, "outbox", actor, at)
}

// HoldIntake writes the hold, which the inbox looks at.
func (s *Store) HoldIntake(ctx context.Context, h store.Hold) error {
	return s.hold(ctx, keyIntakeHold, "intake", h)
}

// ReleaseIntake takes the hold away.
func (s *Store) ReleaseIntake(ctx context.Context, actor string, at time.Time) error {
	return s.release(ctx, keyIntakeHold, "intake", actor, at)
}

func (s *Store) hold(ctx context.Context, key, what string, h store.Hold) error {
	err := s.update(ctx, func(tx *bolt.Tx) error {
		if isHeld(tx, key) {
			return errNothing
		}
		if err := save(bucket(tx, bucketMeta), []byte(key), h); err != nil {
			return err
		}
		return note(tx, order.Event{At: h.At, Actor: h.Actor, Verb: what + ".held", Detail: h.Reason})
	})
	if err != nil {
		return fmt.Errorf("hold the %s: %w", what, err)
	}
	return nil
}

func (s *Store) release(ctx context.Context, key, what, actor string, at time.Time) error {
	err := s.update(ctx, func(tx *bolt.Tx) error {
		if !isHeld(tx, key) {
			return errNothing
		}
		if err := bucket(tx, bucketMeta).Delete([]byte(key)); err != nil {
			return err
		}
		return note(tx, order.Event{At: at, Actor: actor, Verb: what + ".released"})
	})
	if err != nil {
		return fmt.Errorf("release the %s: %w", what, err)
	}
	return nil
}

func isHeld(tx *bolt.Tx, key string) bool { return bucket(tx, bucketMeta).Get([]byte(key)) != nil }

// Holds reads both.
func (s *Store) Holds(ctx context.Context) (h store.Holds, err error) {
	err = s.view(ctx, func(tx *bolt.Tx) error {
		h, err = holds(tx)
		return err
	})
	if err != nil {
		return store.Holds{}, fmt.Errorf("holds: %w", err)
	}
	return h, nil
}

func holds(tx *bolt.Tx) (h store.Holds, err error) {
	if _, err := load(bucket(tx, bucketMeta), []byte(keyHold), &h.Outbox); err != nil {
		return h, err
	}
	_, err = load(bucket(tx, bucketMeta), []byte(keyIntakeHold), &h.Intake)
	return h, err
}
