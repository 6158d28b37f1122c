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
	err := s.update(ctx, func(tx *bolt.Tx) error {
		if isHeld(tx) {
			return errNothing
		}
		if err := save(bucket(tx, bucketMeta), []byte(keyHold), h); err != nil {
			return err
		}
		return note(tx, order.Event{At: h.At, Actor: h.Actor, Verb: "outbox.held", Detail: h.Reason})
	})
	if err != nil {
		return fmt.Errorf("hold the outbox: %w", err)
	}
	return nil
}

// ReleaseOutbox takes the hold away.
func (s *Store) ReleaseOutbox(ctx context.Context, actor string, at time.Time) error {
	err := s.update(ctx, func(tx *bolt.Tx) error {
		if !isHeld(tx) {
			return errNothing
		}
		if err := bucket(tx, bucketMeta).Delete([]byte(keyHold)); err != nil {
			return err
		}
		return note(tx, order.Event{At: at, Actor: actor, Verb: "outbox.released"})
	})
	if err != nil {
		return fmt.Errorf("release the outbox: %w", err)
	}
	return nil
}

func isHeld(tx *bolt.Tx) bool { return bucket(tx, bucketMeta).Get([]byte(keyHold)) != nil }
