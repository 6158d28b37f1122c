package boltstore

import (
	"context"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"bdc/order"
	"bdc/store"
)

// keptBlob is where an attachment is, and on which day it came last.
type keptBlob struct {
	extent
	Day time.Time `json:"day,omitzero"`
}

// Keep stores those attachments that are not stored yet. If an attachment is stored, Keep
// only notes that it came again, at most once a day: EraseAttachments needs no more.
func (s *Store) Keep(ctx context.Context, blobs [][]byte) error {
	hashes := make([]order.Hash, len(blobs))
	for i, b := range blobs {
		hashes[i] = order.Sum(b)
	}
	today := s.clock().UTC().Truncate(24 * time.Hour)
	err := s.update(ctx, func(tx *bolt.Tx) error {
		data, index := bucket(tx, bucketBlobs), bucket(tx, bucketBlobHashes)
		kept := 0
		for i, b := range blobs {
			var at keptBlob
			found, err := load(index, []byte(hashes[i]), &at)
			if err == nil && found && at.Day.Equal(today) {
				continue
			}
			if err == nil && !found {
				at.extent, err = add(data, b)
			}
			if err != nil {
				return err
			}
			at.Day = today
			if err := save(index, []byte(hashes[i]), at); err != nil {
				return err
			}
			kept++
		}
		if kept == 0 {
			return errNothing
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("keep attachments: %w", err)
	}
	return nil
}

// Blob returns a copy of an attachment's bytes.
func (s *Store) Blob(ctx context.Context, hash order.Hash) ([]byte, error) {
	var blob []byte
	err := s.view(ctx, func(tx *bolt.Tx) error {
		var at keptBlob
		found, err := load(bucket(tx, bucketBlobHashes), []byte(hash), &at)
		if err == nil && !found {
			err = store.ErrNotFound
		}
		if err == nil {
			blob, err = at.read(bucket(tx, bucketBlobs))
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("attachment %s: %w", hash, err)
	}
	return blob, nil
}
