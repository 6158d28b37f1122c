package boltstore

import (
	"context"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"bdc/order"
	"bdc/store"
)

// putHeader makes a message found by the hash of its header or, if there is none, by its
// Message-ID. A message that has neither is not found in this way.
func putHeader(tx *bolt.Tx, id store.HeaderID, key []byte) error {
	header := headerKey(id)
	if header == nil {
		return nil
	}
	return bucket(tx, bucketHeaders).Put(header, key)
}

// headerKey is the key under which a message is recorded: the hash of its header or, if
// there is none, that of its Message-ID; nil if it has neither.
func headerKey(id store.HeaderID) []byte {
	switch {
	case id.Hash != "":
		return []byte(id.Hash)
	case id.MessageID != "":
		return []byte(order.Sum([]byte("message-id\x00" + id.MessageID)))
	}
	return nil
}

// Known looks for each message by the hash of its header, and then by its Message-ID alone,
// under which only messages are recorded whose header has no hash.
func (s *Store) Known(ctx context.Context, ids []store.HeaderID) ([]bool, error) {
	known := make([]bool, len(ids))
	err := s.view(ctx, func(tx *bolt.Tx) error {
		b := bucket(tx, bucketHeaders)
		for i, id := range ids {
			for _, key := range [][]byte{headerKey(id), headerKey(store.HeaderID{MessageID: id.MessageID})} {
				known[i] = known[i] || key != nil && b.Get(key) != nil
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look messages up by their headers: %w", err)
	}
	return known, nil
}
