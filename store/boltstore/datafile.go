package boltstore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	bolt "go.etcd.io/bbolt"

	"bdc/store"
)

// Sizes of a probe, in octets.
const (
	leastProbe = 16 << 10
	mostProbe  = 32 << 20
)

// bucketProbe is in the file only while it is probed.
const bucketProbe = "probe"

// condition is what is known of the data file. It is safe for concurrent use.
type condition struct {
	mu        sync.Mutex
	unwritten store.Trouble // of writing
	need      int64         // the octets of the largest write that failed
	damage    store.Trouble
	away      store.Trouble // the file is not in its place
	gone      bool          // it was overwritten, and what it had is gone
	begun     int           // the number of the last transaction that was to write; 0 for none
}

// Trouble returns what matters most.
func (s *Store) Trouble() store.Trouble {
	c := &s.condition
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, t := range []store.Trouble{c.away, c.unwritten, c.damage} {
		if !t.IsZero() {
			return t
		}
	}
	return store.Trouble{}
}

// note begins a trouble, or keeps the beginning of one that goes on.
func (s *Store) note(t *store.Trouble, err error, now store.Trouble) {
	now.Error, now.Since = err.Error(), t.Since
	if t.IsZero() {
		now.Since = s.clock().UTC().Round(0)
	}
	*t = now
}

// damaged notes that something of the file can't be read.
func (s *Store) damaged(err error) {
	if !errors.Is(err, store.ErrDamaged) {
		return
	}
	s.condition.mu.Lock()
	defer s.condition.mu.Unlock()
	if s.condition.damage.IsZero() { // the first tells most
		s.note(&s.condition.damage, err, store.Trouble{Damaged: true})
	}
}

// present reports whether the open file is the one at its path, and has what was written to
// it last.
func (s *Store) present() error {
	there, err := os.Stat(s.db.Path())
	c := &s.condition
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.gone:
		return c.lost("it was overwritten")
	case err != nil:
		err = fmt.Errorf("%w: %w", store.ErrReplaced, err)
	case !os.SameFile(there, s.opened):
		err = fmt.Errorf("%w: another file is at %s", store.ErrReplaced, s.db.Path())
	default:
		c.away = store.Trouble{}
		return nil
	}
	s.note(&c.away, err, store.Trouble{Replaced: true})
	return err
}

// onlyStaff reports whether no mails but those to staff may leave: while the outbox is paused,
// while the file is not in its place, and while the record may not own its inbox.
func (s *Store) onlyStaff(tx *bolt.Tx) (bool, error) {
	if isPaused(tx, keyOutboxPause) || s.present() != nil {
		return true, nil
	}
	doubt, err := doubtOf(tx)
	return doubt != store.NoDoubt, err
}

// lost is the error of a file that is in its place and was overwritten. c.mu is locked.
func (c *condition) lost(what string) error { return fmt.Errorf("%w: %s", store.ErrReplaced, what) }

// overwritten notes that somebody else has written to the file: tx is not the transaction
// that follows the last one of ours. That the lock of the file is ours does not keep cp from
// it.
func (s *Store) overwritten(tx *bolt.Tx) error {
	c := &s.condition
	c.mu.Lock()
	defer c.mu.Unlock()
	// bbolt has one such transaction at a time. That before had this number too, if it was
	// given up, or the one before this.
	before := c.begun
	c.begun = tx.ID()
	if c.gone || before > 0 && tx.ID() != before && tx.ID() != before+1 {
		c.gone = true
		err := c.lost("it was overwritten while it was open; stop this program, and put a copy in its place")
		s.note(&c.away, err, store.Trouble{Replaced: true})
		return err
	}
	return nil
}

// committed notes how a transaction that wanted to write so many octets ended.
func (s *Store) committed(octets int64, err error) {
	c := &s.condition
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil {
		c.need = max(c.need, octets)
		s.note(&c.unwritten, err, store.Trouble{})
		return
	}
	if octets >= c.need {
		c.unwritten, c.need = store.Trouble{}, 0
	}
}

// Probe writes a value as large as the largest write that failed, and removes it.
func (s *Store) Probe(ctx context.Context) error {
	if err := s.present(); err != nil {
		return err
	}
	s.condition.mu.Lock()
	need, fine := s.condition.need, s.condition.unwritten.IsZero()
	s.condition.mu.Unlock()
	if fine {
		return nil
	}
	value := make([]byte, min(max(need, leastProbe), mostProbe))
	err := s.update(ctx, func(tx *bolt.Tx) error {
		b, err := tx.CreateBucketIfNotExists([]byte(bucketProbe))
		if err != nil {
			return err
		}
		return b.Put([]byte("probe"), value)
	})
	if err == nil {
		err = s.update(ctx, func(tx *bolt.Tx) error { return tx.DeleteBucket([]byte(bucketProbe)) })
	}
	if err != nil {
		return fmt.Errorf("probe: %w", err)
	}
	s.condition.mu.Lock()
	defer s.condition.mu.Unlock()
	s.condition.unwritten, s.condition.need = store.Trouble{}, 0
	return nil
}

// Rescue writes what the open file has to w. Other than Backup's, the file that this makes is
// the record itself: it is for a file that is no longer in its place, and so
// would be lost. The error wraps store.ErrReplaced if the file was overwritten: then it is.
func (s *Store) Rescue(ctx context.Context, w io.Writer) error {
	s.condition.mu.Lock()
	gone := s.condition.gone
	s.condition.mu.Unlock()
	if gone {
		return fmt.Errorf("rescue: %w: it was overwritten, and nothing of it is left", store.ErrReplaced)
	}
	err := s.view(ctx, func(tx *bolt.Tx) error {
		_, err := tx.WriteTo(w)
		return err
	})
	if err != nil {
		return fmt.Errorf("rescue: %w", err)
	}
	return nil
}

// Copied reports whether the file says of itself that Backup wrote it.
func (s *Store) Copied(ctx context.Context) (copied bool, err error) {
	err = s.view(ctx, func(tx *bolt.Tx) error {
		copied, err = isCopy(tx)
		return err
	})
	return copied, err
}
