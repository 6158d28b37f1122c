package boltstore

import (
	"context"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"bdc/order"
	"bdc/store"
)

// PauseOutbox stores the pause, which Claim and Due obey.
func (s *Store) PauseOutbox(ctx context.Context, p store.Pause) error {
	return s.pause(ctx, keyOutboxPause, "outbox", p)
}

// ResumeOutbox deletes what PauseOutbox wrote.
func (s *Store) ResumeOutbox(ctx context.Context, actor string, at time.Time) error {
	return s.resume(ctx, keyOutboxPause, "outbox", actor, at)
}

// PauseIntake stores the pause, which Pauses returns to the inbox.
func (s *Store) PauseIntake(ctx context.Context, p store.Pause) error {
	return s.pause(ctx, keyIntakePause, "intake", p)
}

// ResumeIntake deletes what PauseIntake wrote.
func (s *Store) ResumeIntake(ctx context.Context, actor string, at time.Time) error {
	return s.resume(ctx, keyIntakePause, "intake", actor, at)
}

func (s *Store) pause(ctx context.Context, key, what string, p store.Pause) error {
	err := s.update(ctx, func(tx *bolt.Tx) error {
		if isPaused(tx, key) {
			return errNothing
		}
		if err := save(bucket(tx, bucketMeta), []byte(key), p); err != nil {
			return err
		}
		return audit(tx, order.Event{At: p.At, Actor: p.Actor, Verb: what + ".held", Detail: p.Reason})
	})
	if err != nil {
		return fmt.Errorf("pause the %s: %w", what, err)
	}
	return nil
}

func (s *Store) resume(ctx context.Context, key, what, actor string, at time.Time) error {
	err := s.update(ctx, func(tx *bolt.Tx) error {
		if !isPaused(tx, key) {
			return errNothing
		}
		if err := bucket(tx, bucketMeta).Delete([]byte(key)); err != nil {
			return err
		}
		return audit(tx, order.Event{At: at, Actor: actor, Verb: what + ".released"})
	})
	if err != nil {
		return fmt.Errorf("resume the %s: %w", what, err)
	}
	return nil
}

func isPaused(tx *bolt.Tx, key string) bool { return bucket(tx, bucketMeta).Get([]byte(key)) != nil }

// Pauses reads the pauses of the intake and of the outbox.
func (s *Store) Pauses(ctx context.Context) (p store.Pauses, err error) {
	err = s.view(ctx, func(tx *bolt.Tx) error {
		p, err = pauses(tx)
		return err
	})
	if err != nil {
		return store.Pauses{}, fmt.Errorf("pauses: %w", err)
	}
	return p, nil
}

func pauses(tx *bolt.Tx) (p store.Pauses, err error) {
	if _, err := load(bucket(tx, bucketMeta), []byte(keyOutboxPause), &p.Outbox); err != nil {
		return p, err
	}
	_, err = load(bucket(tx, bucketMeta), []byte(keyIntakePause), &p.Intake)
	return p, err
}
