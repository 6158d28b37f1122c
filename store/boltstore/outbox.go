package boltstore

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"

	"bdc/order"
	"bdc/store"
)

// dispatch says how far a reply has come on its way out. It is stored apart from the reply,
// so that a claim writes a few bytes and not all order lines of the reply again.
type dispatch struct {
	Due      time.Time     `json:"due"` // when it may be claimed: its time, or the end of its lease
	Attempts int           `json:"attempts,omitempty"`
	Claimant string        `json:"claimant,omitempty"`
	Mail     extent        `json:"mail,omitzero"`     // where its bytes are in bucketMails, once sealed
	Outcome  store.Outcome `json:"outcome,omitempty"` // of the last attempt that was settled
	At       time.Time     `json:"at,omitzero"`       // when that was
	Words    string        `json:"words,omitempty"`
	Asked    time.Time     `json:"asked,omitzero"`    // when what it answers arrived
	Decided  bool          `json:"decided,omitempty"` // by a person
	Staff    bool          `json:"staff,omitempty"`   // a mail to staff, which no pause keeps back
	Case     string        `json:"case,omitempty"`    // that was opened when it was given up

	// Doubtful says that it may have left before the record was restored. It is not due then.
	Doubtful bool `json:"doubtful,omitempty"`
}

// settled reports whether no attempt will follow.
func (d *dispatch) settled() bool {
	switch d.Outcome {
	case store.Sent, store.Failed, store.Withdrawn, store.Dropped:
		return true
	}
	return false
}

func (d *dispatch) sealed() bool { return d.Mail != extent{} }

// dueValue is the value of the reply in the index of what is due. It tells mails to
// staff apart, so that the reply itself need not be read.
func (d *dispatch) dueValue() []byte {
	if d.Staff {
		return []byte("staff")
	}
	return []byte{}
}

// intend stores a reply, and puts into its results the numbers of the orders that they are
// about. The reply is due at d.Due, or later if its rate limit requires that. intend
// returns the reply as it was stored.
func intend(tx *bolt.Tx, r order.Reply, numbers []string, at time.Time, d dispatch) (order.Reply, error) {
	r.Results = slices.Clone(r.Results)
	for i := range r.Results {
		n := r.Results[i].Order
		if n >= len(numbers) {
			return order.Reply{}, fmt.Errorf("a reply's result points at order %d of %d", n, len(numbers))
		}
		if n >= 0 {
			r.Results[i].Number = numbers[n]
		}
	}
	replies := bucket(tx, bucketReplies)
	replies.FillPercent = 1
	id, err := replies.NextSequence()
	if err != nil {
		return order.Reply{}, err
	}
	r.ID, r.CreatedAt = id, at.Round(0) // without its monotonic part, which is not stored
	if err := save(replies, seqKey(id), r); err != nil {
		return order.Reply{}, err
	}
	if r.MessageID != "" {
		if err := bucket(tx, bucketReplyIDs).Put(messageIDKey(r.MessageID), seqKey(id)); err != nil {
			return order.Reply{}, err
		}
	}
	if err := answer(tx, r.Message, id); err != nil {
		return order.Reply{}, err
	}
	if d.Asked.IsZero() {
		d.Asked = at
	}
	if d.Due, err = turn(tx, r.RateLimit, d.Due); err != nil {
		return order.Reply{}, err
	}
	d.Staff = r.Kind.ForStaff()
	if err := bucket(tx, bucketOutboxDue).Put(dueKey(d.Due, id), d.dueValue()); err != nil {
		return order.Reply{}, err
	}
	return r, save(bucket(tx, bucketOutbox), seqKey(id), d)
}

// answer adds a reply to the index of the replies to each message, unless it answers none.
func answer(tx *bolt.Tx, message order.Key, id uint64) error {
	if message == (order.Key{}) {
		return nil
	}
	return bucket(tx, bucketAnswers).Put(answerKey(message, id), []byte{})
}

// answerKey sorts the replies to a message by age.
func answerKey(message order.Key, id uint64) []byte {
	return binary.BigEndian.AppendUint64([]byte(message.String()+"\x00"), id)
}

// claimed reads a reply as its claimant gets it; known are replies that need not be
// read, or nil.
func claimed(tx *bolt.Tx, id uint64, d dispatch, known *warm) (c store.Claimed, err error) {
	c.Attempt = d.Attempts
	ok := false
	if known != nil {
		c.Reply, ok = known.take(id)
	}
	if !ok {
		found, err := load(bucket(tx, bucketReplies), seqKey(id), &c.Reply)
		if err == nil && !found {
			err = fmt.Errorf("%w: reply %d is missing", store.ErrDamaged, id)
		}
		if err != nil {
			return store.Claimed{}, err
		}
	}
	if d.sealed() {
		c.Mail, err = d.Mail.read(bucket(tx, bucketMails))
	}
	return c, err
}

// Claim gives due replies to a claimant. Each claim counts as an attempt, even if the
// claimant dies before it sends anything. So if a reply makes each claimant die, the number
// of its attempts still rises, and the outbox gives it up some day.
func (s *Store) Claim(ctx context.Context, f store.Fence, now time.Time, lease time.Duration,
	max int,
) ([]store.Claimed, error) {
	return s.claim(ctx, f, now, lease, max, false)
}

// ClaimStaff is Claim of mails to staff alone.
func (s *Store) ClaimStaff(ctx context.Context, f store.Fence, now time.Time, lease time.Duration,
	max int,
) ([]store.Claimed, error) {
	return s.claim(ctx, f, now, lease, max, true)
}

func (s *Store) claim(ctx context.Context, f store.Fence, now time.Time, lease time.Duration,
	max int, onlyStaff bool,
) ([]store.Claimed, error) {
	var claims []store.Claimed
	err := s.updateAway(ctx, func(tx *bolt.Tx) error {
		if err := fenced(tx, f); err != nil {
			return err
		}
		paused, err := s.onlyStaff(tx)
		if err != nil {
			return err
		}
		keys := dueUntil(tx, now, max, onlyStaff || paused)
		if len(keys) == 0 {
			return errNothing
		}
		until := now.Add(lease)
		for _, key := range keys {
			_, id := dueOf(key)
			var d dispatch
			if _, err := load(bucket(tx, bucketOutbox), seqKey(id), &d); err != nil {
				return err
			}
			d.Claimant = f.Holder
			d.Attempts++
			c, err := claimed(tx, id, d, &s.warm)
			if err != nil {
				return err
			}
			claims = append(claims, c)
			if err := reschedule(tx, id, &d, until); err != nil {
				return err
			}
			if err := save(bucket(tx, bucketOutbox), seqKey(id), d); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("claim replies: %w", err)
	}
	return claims, nil
}

// dueUntil returns the index keys of up to max replies that may be claimed; with onlyStaff, of
// mails to staff.
func dueUntil(tx *bolt.Tx, now time.Time, max int, onlyStaff bool) [][]byte {
	var keys [][]byte
	c := bucket(tx, bucketOutboxDue).Cursor()
	for k, value := c.First(); k != nil && len(keys) < max; k, value = c.Next() {
		if due, _ := dueOf(k); due.After(now) {
			break
		}
		if !onlyStaff || len(value) > 0 {
			keys = append(keys, bytes.Clone(k))
		}
	}
	return keys
}

// reschedule moves a reply to another moment in the index.
func reschedule(tx *bolt.Tx, id uint64, d *dispatch, due time.Time) error {
	index := bucket(tx, bucketOutboxDue)
	if err := index.Delete(dueKey(d.Due, id)); err != nil {
		return err
	}
	d.Due = due.UTC()
	return index.Put(dueKey(d.Due, id), d.dueValue())
}

// claimOf reads the dispatch of a reply that the claimant has claimed. The error wraps
// store.ErrClaim if the claimant has not claimed it, or another has claimed it since. A
// lease that has ended is no error: a reply that was sent late was sent, and can be
// settled.
func claimOf(tx *bolt.Tx, id uint64, claimant string) (d dispatch, err error) {
	found, err := load(bucket(tx, bucketOutbox), seqKey(id), &d)
	if err != nil {
		return dispatch{}, err
	}
	if !found || d.Claimant != claimant || d.Claimant == "" {
		return dispatch{}, store.ErrClaim
	}
	return d, nil
}

// vacate ends the lease of every claim. It is called when the file is opened: only one
// process has it open, so that all earlier claimants are gone. Their replies can be claimed
// at once; who claimed them stays, so that until then they can be settled as the contract
// says.
func (s *Store) vacate() error {
	return s.update(context.Background(), func(tx *bolt.Tx) error {
		var due [][]byte
		c := bucket(tx, bucketOutboxDue).Cursor()
		for k, _ := c.First(); k != nil; k, _ = c.Next() {
			due = append(due, bytes.Clone(k))
		}
		changed := false
		for _, key := range due {
			_, id := dueOf(key)
			var d dispatch
			if _, err := load(bucket(tx, bucketOutbox), seqKey(id), &d); err != nil {
				return err
			}
			if d.Claimant == "" {
				continue
			}
			r, err := claimed(tx, id, dispatch{}, nil)
			if err != nil {
				return err
			}
			if d.Due.Equal(r.CreatedAt) { // an earlier opening did it
				continue
			}
			if err := reschedule(tx, id, &d, r.CreatedAt); err != nil {
				return err
			}
			if err := save(bucket(tx, bucketOutbox), seqKey(id), d); err != nil {
				return err
			}
			changed = true
		}
		if !changed {
			return errNothing
		}
		return nil
	})
}

// Seal stores composed replies. If a reply is sealed already, its bytes stay.
func (s *Store) Seal(ctx context.Context, claimant string, mails []store.Sealed) error {
	var refused []error
	err := s.updateAway(ctx, func(tx *bolt.Tx) error {
		sealed := 0
		for _, m := range mails {
			d, err := claimOf(tx, m.Reply, claimant)
			if errors.Is(err, store.ErrClaim) {
				refused = append(refused, fmt.Errorf("seal reply %d: %w", m.Reply, err))
				continue
			}
			if err != nil {
				return err
			}
			if d.sealed() {
				continue
			}
			if d.Mail, err = add(bucket(tx, bucketMails), m.Mail); err != nil {
				return err
			}
			if err := save(bucket(tx, bucketOutbox), seqKey(m.Reply), d); err != nil {
				return err
			}
			sealed++
		}
		if sealed == 0 {
			return errNothing
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("seal replies: %w", err)
	}
	return errors.Join(refused...)
}

// Settle records how attempts ended. If another case has the code of a settlement's case,
// that settlement is refused with an error that wraps store.ErrStale, and its reply stays
// claimed.
func (s *Store) Settle(ctx context.Context, claimant string, settlements []store.Settlement) error {
	cases := make([]*opening, len(settlements))
	for i := range settlements {
		if c := settlements[i].Case; c != nil {
			o, err := newOpening(*c, settlements[i].At)
			if err != nil {
				return fmt.Errorf("settle reply %d: %w", settlements[i].Reply, err)
			}
			o.event.Reply = settlements[i].Reply
			cases[i] = &o
		}
	}
	var refused []error
	err := s.updateAway(ctx, func(tx *bolt.Tx) error {
		counted := tally{}
		for i := range settlements {
			err := settle(tx, claimant, &settlements[i], cases[i], counted)
			if errors.Is(err, store.ErrClaim) || errors.Is(err, store.ErrStale) {
				refused = append(refused, fmt.Errorf("settle reply %d: %w", settlements[i].Reply, err))
			} else if err != nil {
				return err
			}
		}
		if len(refused) == len(settlements) {
			return errNothing
		}
		return counted.write(tx)
	})
	if err != nil {
		return fmt.Errorf("settle replies: %w", err)
	}
	return errors.Join(refused...)
}

// settle records how one attempt ended. If it returns an error, it has written nothing.
func settle(tx *bolt.Tx, claimant string, s *store.Settlement, c *opening, counted tally) error {
	d, err := claimOf(tx, s.Reply, claimant)
	if err != nil {
		return err
	}
	if c != nil && c.taken(tx) {
		return fmt.Errorf("%w: case code %s is taken", store.ErrStale, c.code)
	}
	d.Claimant, d.Outcome, d.At, d.Words = "", s.Outcome, s.At, s.Words
	if s.Untried && d.Attempts > 0 {
		d.Attempts--
	}
	if d.settled() {
		err = bucket(tx, bucketOutboxDue).Delete(dueKey(d.Due, s.Reply))
	} else {
		err = reschedule(tx, s.Reply, &d, s.Next)
	}
	if err != nil {
		return err
	}
	if d.Outcome == store.Sent {
		counted.sent(&d)
		if s.Unfiled {
			if err := bucket(tx, bucketUnfiled).Put(seqKey(s.Reply), []byte{}); err != nil {
				return err
			}
		}
	}
	if d.Outcome == store.Failed {
		if s.Case != nil {
			d.Case = s.Case.Code
		}
		if err := bucket(tx, bucketOutboxFailed).Put(seqKey(s.Reply), []byte{}); err != nil {
			return err
		}
	}
	if err := save(bucket(tx, bucketOutbox), seqKey(s.Reply), d); err != nil {
		return err
	}
	err = audit(tx, order.Event{
		At: s.At, Actor: actor, Verb: "reply." + string(s.Outcome), Reply: s.Reply,
		Detail: s.Words,
	})
	if err != nil || c == nil {
		return err
	}
	return c.write(tx)
}

// Due reads the first entry of the index by due time; while onlyStaff says so,
// the first that is a mail to staff.
func (s *Store) Due(ctx context.Context) (time.Time, error) {
	var due time.Time
	err := s.view(ctx, func(tx *bolt.Tx) error {
		onlyStaff, err := s.onlyStaff(tx)
		if err != nil {
			return err
		}
		c := bucket(tx, bucketOutboxDue).Cursor()
		k, value := c.First()
		for onlyStaff && k != nil && len(value) == 0 {
			k, value = c.Next()
		}
		if k != nil {
			due, _ = dueOf(k)
		}
		return nil
	})
	if err != nil {
		return time.Time{}, fmt.Errorf("next due reply: %w", err)
	}
	return due, nil
}

// Reply returns a reply by its id.
func (s *Store) Reply(ctx context.Context, id uint64) (store.Claimed, error) {
	var c store.Claimed
	err := s.view(ctx, func(tx *bolt.Tx) error {
		var d dispatch
		found, err := load(bucket(tx, bucketOutbox), seqKey(id), &d)
		if err == nil && !found {
			err = store.ErrNotFound
		}
		if err == nil {
			c, err = claimed(tx, id, d, nil)
		}
		return err
	})
	if err != nil {
		return store.Claimed{}, fmt.Errorf("reply %d: %w", id, err)
	}
	return c, nil
}

// Unfiled reads the bucket of that name.
func (s *Store) Unfiled(ctx context.Context, limit int) (ids []uint64, total int, err error) {
	err = s.view(ctx, func(tx *bolt.Tx) error {
		return bucket(tx, bucketUnfiled).ForEach(func(key, _ []byte) error {
			if total++; total <= limit {
				ids = append(ids, seqOf(key))
			}
			return nil
		})
	})
	if err != nil {
		return nil, 0, fmt.Errorf("replies without a copy: %w", err)
	}
	return ids, total, nil
}

// Filed removes replies from the bucket of those that have no copy yet.
func (s *Store) Filed(ctx context.Context, ids []uint64) error {
	if len(ids) == 0 {
		return nil
	}
	err := s.update(ctx, func(tx *bolt.Tx) error {
		for _, id := range ids {
			if err := bucket(tx, bucketUnfiled).Delete(seqKey(id)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("note copies of replies: %w", err)
	}
	return nil
}
