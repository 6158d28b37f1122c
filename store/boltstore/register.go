package boltstore

import (
	"context"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"bdc/order"
	"bdc/store"
)

// register says where a register's data is, and where it came from.
type register struct {
	Data   extent       `json:"data"` // in bucketRegisterData
	Import order.Import `json:"import"`
}

// Swap replaces a register, under a new key.
func (s *Store) Swap(ctx context.Context, name string, data []byte, imported order.Import) error {
	err := s.update(ctx, func(tx *bolt.Tx) error {
		var r register
		registers, contents := bucket(tx, bucketRegisters), bucket(tx, bucketRegisterData)
		found, err := load(registers, []byte(name), &r)
		if err != nil {
			return err
		}
		if found {
			if err := r.Data.remove(contents); err != nil {
				return err
			}
		}
		r.Import = imported
		if r.Data, err = add(contents, data); err != nil {
			return err
		}
		if err := save(registers, []byte(name), r); err != nil {
			return err
		}
		return note(tx, order.Event{At: imported.At, Actor: actor, Verb: "register.imported", Detail: name})
	})
	if err != nil {
		return fmt.Errorf("swap register %q: %w", name, err)
	}
	return nil
}

// Imports reads what is kept of a register besides its data.
func (s *Store) Imports(ctx context.Context, name string) ([]order.Import, error) {
	var r register
	var found bool
	err := s.view(ctx, func(tx *bolt.Tx) (err error) {
		found, err = load(bucket(tx, bucketRegisters), []byte(name), &r)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("imports of register %q: %w", name, err)
	}
	if !found {
		return nil, nil
	}
	return []order.Import{r.Import}, nil
}

// Register returns a copy of a register's data.
func (s *Store) Register(ctx context.Context, name string) ([]byte, order.Import, error) {
	var r register
	var data []byte
	err := s.view(ctx, func(tx *bolt.Tx) error {
		found, err := load(bucket(tx, bucketRegisters), []byte(name), &r)
		if err == nil && !found {
			err = store.ErrNotFound
		}
		if err == nil {
			data, err = r.Data.read(bucket(tx, bucketRegisterData))
		}
		return err
	})
	if err != nil {
		return nil, order.Import{}, fmt.Errorf("register %q: %w", name, err)
	}
	return data, r.Import, nil
}
