package boltstore

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
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
		erased.Count = len(old)
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
func oldBlobs(tx *bolt.Tx, e store.Erasure) (old map[order.Hash]extent, next string, err error) {
	k := newKept()
	if err := errors.Join(k.addCases(tx), k.addReplies(tx)); err != nil {
		return nil, "", err
	}
	old = map[order.Hash]extent{}
	c := bucket(tx, bucketBlobHashes).Cursor()
	hash, v := c.Seek([]byte(e.After))
	if hash != nil && bytes.Equal(hash, []byte(e.After)) {
		hash, v = c.Next()
	}
	for looked := 0; hash != nil && looked < maxSifted && len(old) < maxErased; hash, v = c.Next() {
		looked++
		var at keptBlob
		if err := json.Unmarshal(v, &at); err != nil {
			return nil, "", fmt.Errorf("%w: %w", store.ErrDamaged, err)
		}
		next = string(hash)
		if !at.Day.IsZero() && at.Day.Before(e.Before) && !k.files[order.Hash(next)] {
			old[order.Hash(next)] = at.extent
		}
	}
	if hash == nil {
		next = ""
	}
	return old, next, nil
}
