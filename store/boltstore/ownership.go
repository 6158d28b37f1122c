package boltstore

import (
	"bytes"
	"context"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"bdc/order"
	"bdc/store"
)

// ownership is what is stored of a store.Ownership. That the file is a copy is stored apart,
// where Backup can write it: see copyMark.
type ownership struct {
	Committed store.Generation `json:"committed,omitzero"`
	Intended  store.Generation `json:"intended,omitzero"`
	Restores  uint64           `json:"restores,omitempty"`
	Mailbox   store.Doubt      `json:"mailbox,omitempty"` // Unasked, Behind or Foreign
	Words     string           `json:"words,omitempty"`
	Listing   bool             `json:"listing,omitempty"` // the doubt Restored
	CopiedAt  time.Time        `json:"copied_at,omitzero"`
}

func loadOwnership(tx *bolt.Tx) (o ownership, err error) {
	_, err = load(bucket(tx, bucketMeta), []byte(keyOwnership), &o)
	return o, err
}

func (o *ownership) save(tx *bolt.Tx) error {
	return save(bucket(tx, bucketMeta), []byte(keyOwnership), o)
}

// first is the number or revision after which the next one is given, if the last was last.
func (o *ownership) first(last uint64) uint64 { return max(last, o.Restores*store.RestoreSpan) }

// gravest returns the gravest of the doubts.
func (o *ownership) gravest(tx *bolt.Tx) (store.Doubt, error) {
	copied, err := isCopy(tx)
	switch {
	case err != nil:
		return "", err
	case copied:
		return store.Copied, nil
	case o.Mailbox == store.Foreign, o.Mailbox == store.Behind:
		return o.Mailbox, nil
	case o.Listing:
		return store.Restored, nil
	}
	return o.Mailbox, nil
}

// doubtOf returns the gravest doubt whether the record owns its inbox.
func doubtOf(tx *bolt.Tx) (store.Doubt, error) {
	o, err := loadOwnership(tx)
	if err != nil {
		return "", err
	}
	return o.gravest(tx)
}

// allow returns an error that wraps store.ErrNotOwner while there is a doubt.
func (o *ownership) allow(tx *bolt.Tx) error {
	doubt, err := o.gravest(tx)
	if err == nil && doubt != store.NoDoubt {
		err = fmt.Errorf("%w (%s)", store.ErrNotOwner, doubt)
	}
	return err
}

// Ownership reads what the record knows.
func (s *Store) Ownership(ctx context.Context) (o store.Ownership, err error) {
	err = s.view(ctx, func(tx *bolt.Tx) error {
		kept, err := loadOwnership(tx)
		if err != nil {
			return err
		}
		o = store.Ownership{
			Record:    string(bucket(tx, bucketMeta).Get([]byte(keyIdentity))),
			Committed: kept.Committed, Intended: kept.Intended, Restores: kept.Restores, Words: kept.Words,
			CopiedAt: kept.CopiedAt,
		}
		o.Doubt, err = kept.gravest(tx)
		return err
	})
	if err != nil {
		return store.Ownership{}, fmt.Errorf("ownership: %w", err)
	}
	return o, nil
}

// change changes what is stored by f, which returns the event to be added to the audit, nil
// for none, or errNothing if there is nothing to change.
func (s *Store) change(ctx context.Context, what string,
	f func(tx *bolt.Tx, o *ownership) (*order.Event, error),
) error {
	err := s.update(ctx, func(tx *bolt.Tx) error {
		o, err := loadOwnership(tx)
		if err != nil {
			return err
		}
		event, err := f(tx, &o)
		if err != nil {
			return err
		}
		if err := o.save(tx); err != nil || event == nil {
			return err
		}
		return audit(tx, *event)
	})
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// Ask adds the doubt Unasked, unless the mailbox gave another one.
func (s *Store) Ask(ctx context.Context) error {
	return s.change(ctx, "ask who owns the inbox", func(_ *bolt.Tx, o *ownership) (*order.Event, error) {
		if o.Mailbox != store.NoDoubt {
			return nil, errNothing
		}
		o.Mailbox = store.Unasked
		return nil, nil
	})
}

// Confirm ends the doubts that the mailbox gave.
func (s *Store) Confirm(ctx context.Context, at time.Time) error {
	return s.change(ctx, "confirm the record", func(_ *bolt.Tx, o *ownership) (event *order.Event, err error) {
		switch o.Mailbox {
		case store.NoDoubt:
			return nil, errNothing
		case store.Behind, store.Foreign:
			event = &order.Event{At: at, Actor: actor, Verb: "record.confirmed"}
		}
		o.Mailbox, o.Words = store.NoDoubt, ""
		return event, nil
	})
}

// Disown adds a doubt that the mailbox gave.
func (s *Store) Disown(ctx context.Context, d store.Doubt, words string, at time.Time) error {
	return s.change(ctx, "disown the record", func(_ *bolt.Tx, o *ownership) (*order.Event, error) {
		switch {
		case d != store.Behind && d != store.Foreign:
			return nil, fmt.Errorf("the mailbox gives no doubt %q", d)
		case o.Mailbox == d && o.Words == words:
			return nil, errNothing
		}
		o.Mailbox, o.Words = d, words
		detail := string(d)
		if words != "" {
			detail += ": " + words
		}
		return &order.Event{At: at, Actor: actor, Verb: "record.disowned", Detail: detail}, nil
	})
}

// Intend stores the generation that is about to be written.
func (s *Store) Intend(ctx context.Context, g store.Generation) error {
	return s.change(ctx, "intend a generation", func(tx *bolt.Tx, o *ownership) (*order.Event, error) {
		doubt, err := o.gravest(tx)
		switch {
		case err != nil:
			return nil, err
		case doubt == store.Copied, doubt == store.Behind, doubt == store.Foreign:
			return nil, fmt.Errorf("%w (%s)", store.ErrNotOwner, doubt)
		case g.Number <= o.Committed.Number:
			return nil, fmt.Errorf("%w: generation %d is written, to be %d", store.ErrRevision, o.Committed.Number,
				g.Number)
		}
		o.Intended = g
		return nil, nil
	})
}

// Commit makes the intended generation the committed one.
func (s *Store) Commit(ctx context.Context, g store.Generation) error {
	return s.change(ctx, "commit a generation", func(_ *bolt.Tx, o *ownership) (*order.Event, error) {
		switch {
		case o.Committed == g && !g.IsZero():
			return nil, errNothing
		case o.Intended != g || g.IsZero():
			return nil, fmt.Errorf("%w: generation %d is intended, not %d", store.ErrRevision, o.Intended.Number,
				g.Number)
		}
		o.Committed, o.Intended = g, store.Generation{}
		return nil, nil
	})
}

// TakeOver makes a record of what may be a copy.
func (s *Store) TakeOver(ctx context.Context, t store.Takeover) error {
	return s.change(ctx, "take over the inbox", func(tx *bolt.Tx, o *ownership) (*order.Event, error) {
		mark, err := copyMark(tx)
		if err != nil {
			return nil, err
		}
		mark[copyMarkSize-1] = notCopied
		if err := bucket(tx, bucketMeta).Put([]byte(keyCopyMark), mark); err != nil {
			return nil, err
		}
		if err := doubtAll(tx); err != nil {
			return nil, err
		}
		if !t.CopiedAt.IsZero() {
			if err := save(bucket(tx, bucketMeta), []byte(keyBackup), t.CopiedAt); err != nil {
				return nil, err
			}
		}
		*o = ownership{Restores: max(o.Restores+1, t.Restores), Listing: true, CopiedAt: t.CopiedAt}
		event := &order.Event{At: t.At, Actor: t.Actor, Verb: "record.restored", Detail: t.Words}
		if t.Claimed {
			event.Verb = "record.claimed"
		}
		return event, nil
	})
}

// Listed ends the doubt Restored.
func (s *Store) Listed(ctx context.Context, l store.Listing) error {
	return s.change(ctx, "end a restore", func(tx *bolt.Tx, o *ownership) (*order.Event, error) {
		if !o.Listing {
			return nil, errNothing
		}
		o.Listing = false
		return &order.Event{At: l.At, Actor: l.Actor, Verb: "record.listed"}, lose(tx, l)
	})
}

// RaiseRestores raises what numbers and revisions begin above.
func (s *Store) RaiseRestores(ctx context.Context, atLeast uint64) error {
	return s.change(ctx, "raise the count of restores", func(_ *bolt.Tx, o *ownership) (*order.Event, error) {
		if o.Restores >= atLeast {
			return nil, errNothing
		}
		o.Restores = atLeast
		return nil, nil
	})
}

// doubtAll makes every reply doubtful that is still to be sent. Whoever has claimed one
// loses its claim.
func doubtAll(tx *bolt.Tx) error {
	var due [][]byte
	c := bucket(tx, bucketOutboxDue).Cursor()
	for k, _ := c.First(); k != nil; k, _ = c.Next() {
		due = append(due, bytes.Clone(k))
	}
	for _, key := range due {
		_, id := dueOf(key)
		var d dispatch
		if _, err := load(bucket(tx, bucketOutbox), seqKey(id), &d); err != nil {
			return err
		}
		d.Claimant, d.Doubtful = "", true
		if err := save(bucket(tx, bucketOutbox), seqKey(id), d); err != nil {
			return err
		}
		if err := bucket(tx, bucketOutboxDoubtful).Put(seqKey(id), []byte{}); err != nil {
			return err
		}
		if err := bucket(tx, bucketOutboxDue).Delete(key); err != nil {
			return err
		}
	}
	return nil
}

// Doubtful reads the replies of the list of doubtful ones.
func (s *Store) Doubtful(ctx context.Context, after uint64, limit int) (doubtful []store.Answer, err error) {
	err = s.view(ctx, func(tx *bolt.Tx) error {
		c := bucket(tx, bucketOutboxDoubtful).Cursor()
		for k, _ := c.Seek(seqKey(after + 1)); k != nil && len(doubtful) < limit; k, _ = c.Next() {
			a, err := answerOf(tx, seqOf(k))
			if err != nil {
				return err
			}
			doubtful = append(doubtful, a)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("doubtful replies: %w", err)
	}
	return doubtful, nil
}

// SendDoubtful makes a doubtful reply due. Its rate limit was kept when it became due at
// first.
func (s *Store) SendDoubtful(ctx context.Context, reply uint64, actor string, at time.Time) error {
	err := s.update(ctx, func(tx *bolt.Tx) error {
		own, err := loadOwnership(tx)
		if err != nil {
			return err
		}
		if err := own.allow(tx); err != nil {
			return err
		}
		d, err := endDoubt(tx, reply)
		if err != nil {
			return err
		}
		d.Due = at.UTC()
		if err := bucket(tx, bucketOutboxDue).Put(dueKey(d.Due, reply), d.dueValue()); err != nil {
			return err
		}
		if err := save(bucket(tx, bucketOutbox), seqKey(reply), d); err != nil {
			return err
		}
		return audit(tx, order.Event{At: at, Actor: actor, Verb: "reply.released", Reply: reply})
	})
	if err != nil {
		return fmt.Errorf("send doubtful reply %d: %w", reply, err)
	}
	return nil
}

// DropDoubtful settles a doubtful reply.
func (s *Store) DropDoubtful(ctx context.Context, reply uint64, actor string, at time.Time) error {
	err := s.update(ctx, func(tx *bolt.Tx) error {
		d, err := endDoubt(tx, reply)
		if err != nil {
			return err
		}
		d.Outcome, d.At, d.Words = store.Dropped, at, ""
		if err := save(bucket(tx, bucketOutbox), seqKey(reply), d); err != nil {
			return err
		}
		return audit(tx, order.Event{At: at, Actor: actor, Verb: "reply." + string(store.Dropped), Reply: reply})
	})
	if err != nil {
		return fmt.Errorf("drop doubtful reply %d: %w", reply, err)
	}
	return nil
}

// endDoubt takes a reply off the list of doubtful ones, and returns its dispatch, which is
// yet to be stored.
func endDoubt(tx *bolt.Tx, id uint64) (d dispatch, err error) {
	found, err := load(bucket(tx, bucketOutbox), seqKey(id), &d)
	switch {
	case err != nil:
		return d, err
	case !found:
		return d, store.ErrNotFound
	case !d.Doubtful:
		return d, fmt.Errorf("%w: it is not doubtful", store.ErrRevision)
	}
	d.Doubtful = false
	return d, bucket(tx, bucketOutboxDoubtful).Delete(seqKey(id))
}
