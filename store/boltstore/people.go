package boltstore

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"bdc/order"
	"bdc/store"
)

// SaveUser stores a user under its name.
func (s *Store) SaveUser(ctx context.Context, u order.User, actor string, at time.Time) error {
	err := s.update(ctx, func(tx *bolt.Tx) error {
		if err := save(bucket(tx, bucketUsers), []byte(u.Name), u); err != nil {
			return err
		}
		if err := endSessions(tx, func(e order.Session) bool { return e.User == u.Name }); err != nil {
			return err
		}
		return audit(tx, order.Event{At: at, Actor: actor, Verb: "user.saved", Detail: u.Name + ", " + string(u.Role)})
	})
	if err != nil {
		return fmt.Errorf("save user %q: %w", u.Name, err)
	}
	return nil
}

// endSessions deletes the sessions for which end returns true.
func endSessions(tx *bolt.Tx, end func(order.Session) bool) error {
	var ended [][]byte
	sessions := bucket(tx, bucketSessions)
	err := sessions.ForEach(func(k, data []byte) error {
		var e order.Session
		if err := json.Unmarshal(data, &e); err != nil {
			return fmt.Errorf("%w: %w", store.ErrDamaged, err)
		}
		if end(e) {
			ended = append(ended, bytes.Clone(k))
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, k := range ended {
		if err := sessions.Delete(k); err != nil {
			return err
		}
	}
	return nil
}

// User returns a user.
func (s *Store) User(ctx context.Context, name string) (order.User, error) {
	var u order.User
	err := s.view(ctx, func(tx *bolt.Tx) (err error) {
		u, err = findUser(tx, name)
		return err
	})
	if err != nil {
		return order.User{}, fmt.Errorf("user %q: %w", name, err)
	}
	return u, nil
}

func findUser(tx *bolt.Tx, name string) (u order.User, err error) {
	found, err := load(bucket(tx, bucketUsers), []byte(name), &u)
	if err == nil && !found {
		err = store.ErrNotFound
	}
	return u, err
}

// Users returns all users.
func (s *Store) Users(ctx context.Context) ([]order.User, error) {
	users, err := list[order.User](ctx, s, bucketUsers, nil, maxUsers)
	if err != nil {
		return nil, fmt.Errorf("users: %w", err)
	}
	return users, nil
}

// maxUsers is how many users Users returns at most: more than there will ever be.
const maxUsers = 10_000

// Enter stores a session, and deletes those that have ended.
func (s *Store) Enter(ctx context.Context, e order.Session) error {
	err := s.update(ctx, func(tx *bolt.Tx) error {
		u, err := findUser(tx, e.User)
		if err != nil {
			return err
		}
		if u.Closed {
			return store.ErrNotFound
		}
		if err := endSessions(tx, func(old order.Session) bool { return !old.Until.After(e.At) }); err != nil {
			return err
		}
		if err := save(bucket(tx, bucketSessions), []byte(e.ID), e); err != nil {
			return err
		}
		return audit(tx, order.Event{At: e.At, Actor: e.User, Verb: "user.entered"})
	})
	if err != nil {
		return fmt.Errorf("session of %q: %w", e.User, err)
	}
	return nil
}

// Session returns a session and its user.
func (s *Store) Session(ctx context.Context, id order.Hash, at time.Time) (e order.Session, u order.User, err error) {
	err = s.view(ctx, func(tx *bolt.Tx) error {
		found, err := load(bucket(tx, bucketSessions), []byte(id), &e)
		if err == nil && (!found || !e.Until.After(at)) {
			err = store.ErrNotFound
		}
		if err != nil {
			return err
		}
		if u, err = findUser(tx, e.User); err == nil && u.Closed {
			err = store.ErrNotFound
		}
		return err
	})
	if err != nil {
		return order.Session{}, order.User{}, fmt.Errorf("session: %w", err)
	}
	return e, u, nil
}

// SetPassword stores the new hash, and deletes the user's sessions but one.
func (s *Store) SetPassword(ctx context.Context, p store.Password) error {
	err := s.update(ctx, func(tx *bolt.Tx) error {
		u, err := findUser(tx, p.User)
		if err != nil {
			return err
		}
		if u.Password != p.Was {
			return store.ErrRevision
		}
		u.Password = p.Now
		if err := save(bucket(tx, bucketUsers), []byte(u.Name), u); err != nil {
			return err
		}
		if err := endSessions(tx, func(e order.Session) bool {
			return e.User == u.Name &&
				e.ID != p.Keep
		}); err != nil {
			return err
		}
		return audit(tx, order.Event{At: p.At, Actor: u.Name, Verb: "user.rekeyed"})
	})
	if err != nil {
		return fmt.Errorf("password of %q: %w", p.User, err)
	}
	return nil
}

// Refuse adds a line about a failed attempt to sign in to the audit.
func (s *Store) Refuse(ctx context.Context, r store.Refusal) error {
	err := s.update(ctx, func(tx *bolt.Tx) error {
		return audit(tx, order.Event{At: r.At, Actor: r.User, Verb: "user.refused", Detail: r.From})
	})
	if err != nil {
		return fmt.Errorf("note a refusal: %w", err)
	}
	return nil
}

// Leave deletes a session.
func (s *Store) Leave(ctx context.Context, id order.Hash, at time.Time) error {
	err := s.update(ctx, func(tx *bolt.Tx) error {
		var e order.Session
		found, err := load(bucket(tx, bucketSessions), []byte(id), &e)
		if err != nil {
			return err
		}
		if !found {
			return errNothing
		}
		if err := bucket(tx, bucketSessions).Delete([]byte(id)); err != nil {
			return err
		}
		return audit(tx, order.Event{At: at, Actor: e.User, Verb: "user.left"})
	})
	if err != nil {
		return fmt.Errorf("end session: %w", err)
	}
	return nil
}
