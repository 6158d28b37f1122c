package boltstore

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"

	"bdc/order"
	"bdc/store"
)

// AddUser stores a new user under its name.
func (s *Store) AddUser(ctx context.Context, u order.User, actor string, at time.Time) error {
	err := s.update(ctx, func(tx *bolt.Tx) error {
		if err := free(tx, u.Name, ""); err != nil {
			return err
		}
		u.Revision = 1
		if err := save(bucket(tx, bucketUsers), []byte(u.Name), u); err != nil {
			return err
		}
		return audit(tx, order.Event{At: at, Actor: actor, Verb: "user.added", Detail: u.Name + ", " + string(u.Role)})
	})
	if err != nil {
		return fmt.Errorf("add user %q: %w", u.Name, err)
	}
	return nil
}

// free returns store.ErrExists if a user other than except has a name, or had it.
func free(tx *bolt.Tx, name, except string) error {
	users, err := allUsers(tx)
	if err != nil {
		return err
	}
	for _, u := range users {
		if u.Name != except && u.Had(name) {
			return store.ErrExists
		}
	}
	return nil
}

func allUsers(tx *bolt.Tx) (users []order.User, err error) {
	err = bucket(tx, bucketUsers).ForEach(func(_, data []byte) error {
		var u order.User
		if err := json.Unmarshal(data, &u); err != nil {
			return fmt.Errorf("%w: %w", store.ErrDamaged, err)
		}
		users = append(users, u)
		return nil
	})
	return users, err
}

// changeUser lets change edit a user, and stores the user's next revision with a line of
// the audit, of which change returns the detail.
func (s *Store) changeUser(
	ctx context.Context, c store.UserChange, verb string, change func(tx *bolt.Tx, u *order.User) (string, error),
) error {
	err := s.update(ctx, func(tx *bolt.Tx) error {
		u, err := findUser(tx, c.User)
		if err != nil {
			return err
		}
		if u.Revision != c.Revision {
			return fmt.Errorf("%w: revision %d, seen %d", store.ErrRevision, u.Revision, c.Revision)
		}
		detail, err := change(tx, &u)
		if err != nil {
			return err
		}
		u.Revision++
		if err := save(bucket(tx, bucketUsers), []byte(u.Name), u); err != nil {
			return err
		}
		return audit(tx, order.Event{At: c.At, Actor: c.Actor, Verb: verb, Detail: detail})
	})
	if err != nil {
		return fmt.Errorf("change user %q: %w", c.User, err)
	}
	return nil
}

// GivePassword stores the new hash, and deletes the user's sessions.
func (s *Store) GivePassword(ctx context.Context, c store.UserChange, hash string) error {
	return s.changeUser(ctx, c, "user.rekeyed", func(tx *bolt.Tx, u *order.User) (string, error) {
		u.Password = hash
		return u.Name, endSessions(tx, func(e order.Session) bool { return e.User == u.Name })
	})
}

// SetRole stores the new role.
func (s *Store) SetRole(ctx context.Context, c store.UserChange, role order.Role) error {
	return s.changeUser(ctx, c, "user.ranked", func(tx *bolt.Tx, u *order.User) (string, error) {
		if role != order.Admin {
			if err := replaceable(tx, u); err != nil {
				return "", err
			}
		}
		u.Role = role
		return u.Name + ", " + string(role), nil
	})
}

// CloseUser marks the user as closed, and deletes the user's sessions.
func (s *Store) CloseUser(ctx context.Context, c store.UserChange) error {
	return s.changeUser(ctx, c, "user.closed", func(tx *bolt.Tx, u *order.User) (string, error) {
		if err := replaceable(tx, u); err != nil {
			return "", err
		}
		u.Closed = true
		return u.Name, endSessions(tx, func(e order.Session) bool { return e.User == u.Name })
	})
}

// replaceable returns store.ErrLastAdmin if a user is the last administrator.
func replaceable(tx *bolt.Tx, u *order.User) error {
	manages := func(u *order.User) bool { return u.Role == order.Admin && !u.Closed }
	users, err := allUsers(tx)
	if err != nil || !manages(u) {
		return err
	}
	for _, other := range users {
		if other.Name != u.Name && manages(&other) {
			return nil
		}
	}
	return store.ErrLastAdmin
}

// ReopenUser takes the mark of CloseUser away.
func (s *Store) ReopenUser(ctx context.Context, c store.UserChange) error {
	return s.changeUser(ctx, c, "user.reopened", func(_ *bolt.Tx, u *order.User) (string, error) {
		u.Closed = false
		return u.Name, nil
	})
}

// Rename stores the user under the new name, and lets sessions and cases follow.
func (s *Store) Rename(ctx context.Context, c store.UserChange, name, full string) error {
	return s.changeUser(ctx, c, "user.renamed", func(tx *bolt.Tx, u *order.User) (string, error) {
		u.FullName = full
		if name == u.Name {
			return name + ", " + name, nil
		}
		if err := free(tx, name, u.Name); err != nil {
			return "", err
		}
		old := u.Name
		u.Former = append(slices.DeleteFunc(u.Former, func(n string) bool { return n == name }), old)
		u.Name = name
		if err := bucket(tx, bucketUsers).Delete([]byte(old)); err != nil {
			return "", err
		}
		if err := handOverSessions(tx, old, name); err != nil {
			return "", err
		}
		return old + ", " + name, handOverCases(tx, old, name)
	})
}

// handOverSessions makes the sessions of a user those of another name.
func handOverSessions(tx *bolt.Tx, from, to string) error {
	var theirs []order.Session
	if err := eachSession(tx, func(_ []byte, e order.Session) {
		if e.User == from {
			theirs = append(theirs, e)
		}
	}); err != nil {
		return err
	}
	for _, e := range theirs {
		e.User = to
		if err := save(bucket(tx, bucketSessions), []byte(e.ID), e); err != nil {
			return err
		}
	}
	return nil
}

// handOverCases gives the cases that a user has to another name, at the same revision: who
// looks at one sees the same person.
func handOverCases(tx *bolt.Tx, from, to string) error {
	theirs := newSearch("").tag("holder:", from)
	var keys [][]byte
	caseList().all(tx, theirs.may, nil, false, func(key, value []byte) bool {
		if row, ok := unpack(value); ok && theirs.finds(row) {
			keys = append(keys, bytes.Clone(key))
		}
		return true
	})
	for _, key := range keys {
		var c order.Case
		if _, err := load(bucket(tx, bucketCases), key, &c); err != nil {
			return err
		}
		c.Holder = to
		row, err := caseRow(&c)
		if err != nil {
			return err
		}
		if err := caseList().put(tx, key, row); err != nil {
			return err
		}
		if err := save(bucket(tx, bucketCases), key, c); err != nil {
			return err
		}
	}
	return nil
}

// endSessions deletes the sessions for which end returns true.
func endSessions(tx *bolt.Tx, end func(order.Session) bool) error {
	var ended [][]byte
	if err := eachSession(tx, func(k []byte, e order.Session) {
		if end(e) {
			ended = append(ended, bytes.Clone(k))
		}
	}); err != nil {
		return err
	}
	for _, k := range ended {
		if err := bucket(tx, bucketSessions).Delete(k); err != nil {
			return err
		}
	}
	return nil
}

// eachSession calls visit with each session and its key.
func eachSession(tx *bolt.Tx, visit func(key []byte, e order.Session)) error {
	return bucket(tx, bucketSessions).ForEach(func(k, data []byte) error {
		var e order.Session
		if err := json.Unmarshal(data, &e); err != nil {
			return fmt.Errorf("%w: %w", store.ErrDamaged, err)
		}
		visit(k, e)
		return nil
	})
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

// Enter stores a session and when the user began it, and deletes those that have ended.
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
		u.EnteredAt = e.At
		if err := save(bucket(tx, bucketUsers), []byte(u.Name), u); err != nil {
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
