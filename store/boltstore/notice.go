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

// Notify stores a notice and the mails that tell of it.
func (s *Store) Notify(ctx context.Context, n store.Notice, at time.Time, mails []order.Reply) error {
	err := s.updateAway(ctx, func(tx *bolt.Tx) error {
		for _, m := range mails {
			r, err := intend(tx, m, nil, at, dispatch{Due: at})
			if err != nil {
				return err
			}
			if err := audit(tx, order.Event{
				At: at, Actor: actor, Verb: "reply.intended", Reply: r.ID,
				Detail: string(m.Kind),
			}); err != nil {
				return err
			}
		}
		return save(bucket(tx, bucketMeta), []byte(prefixNotice+n.Name), n)
	})
	if err != nil {
		return fmt.Errorf("notify of %q: %w", n.Name, err)
	}
	return nil
}

// Notices returns all notices, sorted by name.
func (s *Store) Notices(ctx context.Context) ([]store.Notice, error) {
	var all []store.Notice
	err := s.view(ctx, func(tx *bolt.Tx) error {
		c := bucket(tx, bucketMeta).Cursor()
		for k, v := c.Seek([]byte(prefixNotice)); bytes.HasPrefix(k, []byte(prefixNotice)); k, v = c.Next() {
			var n store.Notice
			if err := json.Unmarshal(v, &n); err != nil {
				return fmt.Errorf("%w: %s: %w", store.ErrDamaged, k, err)
			}
			all = append(all, n)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("notices: %w", err)
	}
	return all, nil
}

// Sendings reads the audit from its end. Lines of the audit are in the order in which they
// were committed, and a line may be a little older than the line before it. So Sendings
// reads on until a line is more than a minute older than since.
func (s *Store) Sendings(ctx context.Context, since time.Time, limit int) ([]store.Sending, error) {
	var sent []store.Sending
	err := s.view(ctx, func(tx *bolt.Tx) error {
		c := bucket(tx, bucketAudit).Cursor()
		for k, v := c.Last(); k != nil && len(sent) < limit; k, v = c.Prev() {
			var e order.Event
			if err := json.Unmarshal(v, &e); err != nil {
				return fmt.Errorf("%w: audit line %d: %w", store.ErrDamaged, seqOf(k), err)
			}
			if e.Verb == "outbox.released" || e.At.Before(since.Add(-time.Minute)) {
				break
			}
			if e.Verb != "reply."+string(store.Sent) || e.At.Before(since) {
				continue
			}
			var r struct {
				Kind order.ReplyKind `json:"kind"`
				To   string          `json:"to"`
			}
			if _, err := load(bucket(tx, bucketReplies), seqKey(e.Reply), &r); err != nil {
				return err
			}
			if !r.Kind.ForStaff() {
				sent = append(sent, store.Sending{At: e.At, To: r.To})
			}
		}
		return ctx.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("sendings since %s: %w", since.Format(time.RFC3339), err)
	}
	slices.Reverse(sent)
	return sent, nil
}
