package boltstore

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"bdc/order"
	"bdc/store"
)

// How many attachments one call of EraseAttachments looks at and erases, at most: other
// writers wait for it.
const (
	maxSifted = 5000
	maxErased = 200
)

// EraseAttachments looks through the attachments in the order of their hashes.
func (s *Store) EraseAttachments(ctx context.Context, e store.Erasure) (erased store.Erased, err error) {
	err = s.update(ctx, func(tx *bolt.Tx) error {
		var old map[order.Hash]extent
		if old, erased.Next, err = oldBlobs(tx, e); err != nil {
			return err
		}
		if len(old) == 0 {
			return errNothing
		}
		for hash, at := range old {
			if err := at.remove(bucket(tx, bucketBlobs)); err != nil {
				return err
			}
			if err := bucket(tx, bucketBlobHashes).Delete([]byte(hash)); err != nil {
				return err
			}
		}
		erased.Attachments = len(old)
		return audit(tx, order.Event{
			At: e.At, Actor: e.Actor, Verb: "attachments.erased",
			Detail: fmt.Sprint(len(old)),
		})
	})
	if err != nil {
		return store.Erased{}, fmt.Errorf("erase attachments: %w", err)
	}
	return erased, nil
}

// oldBlobs looks at the attachments after a hash, a bounded number of them, and returns
// those that may be erased. next is the last hash looked at, or "" when there are no
// more.
func oldBlobs(tx *bolt.Tx, e store.Erasure) (old map[order.Hash]extent, next order.Hash, err error) {
	needed, err := neededBlobs(tx)
	if err != nil {
		return nil, "", err
	}
	old = map[order.Hash]extent{}
	c := bucket(tx, bucketBlobHashes).Cursor()
	k, v := c.Seek([]byte(e.After))
	if k != nil && bytes.Equal(k, []byte(e.After)) {
		k, v = c.Next()
	}
	for looked := 0; k != nil && looked < maxSifted && len(old) < maxErased; k, v = c.Next() {
		looked++
		var at keptBlob
		if err := json.Unmarshal(v, &at); err != nil {
			return nil, "", fmt.Errorf("%w: %w", store.ErrDamaged, err)
		}
		next = order.Hash(k)
		if !at.Day.IsZero() && at.Day.Before(e.Before) && !needed[next] {
			old[next] = at.extent
		}
	}
	if k == nil {
		next = ""
	}
	return old, next, nil
}

// neededBlobs are the attachments that open cases and unsettled replies are about.
func neededBlobs(tx *bolt.Tx) (map[order.Hash]bool, error) {
	needed := map[order.Hash]bool{}
	for _, state := range []order.State{order.Waiting, order.SentBack} {
		prefix := stateKey(state, 0)
		prefix = prefix[:len(prefix)-8]
		c := bucket(tx, bucketCaseStates).Cursor()
		for key, _ := c.Seek(prefix); key != nil && bytes.HasPrefix(key, prefix); key, _ = c.Next() {
			var k order.Case
			if _, err := load(bucket(tx, bucketCases), key[len(prefix):], &k); err != nil {
				return nil, err
			}
			for _, a := range k.Attempts {
				needed[a.Workbook] = true
				for _, p := range a.Parts {
					needed[p.Hash] = true
				}
			}
		}
	}
	c := bucket(tx, bucketOutboxDue).Cursor()
	for k, _ := c.First(); k != nil; k, _ = c.Next() {
		_, id := dueOf(k)
		var r order.Reply
		if _, err := load(bucket(tx, bucketReplies), seqKey(id), &r); err != nil {
			return nil, err
		}
		for _, result := range r.Results {
			needed[result.Workbook] = true
		}
	}
	return needed, nil
}
