package boltstore

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"bdc/order"
	"bdc/store"
)

// register says where a register's data is, and where it came from.
type register struct {
	Data   extent         `json:"data"` // in bucketRegisterData
	Import order.Import   `json:"import"`
	Before []order.Import `json:"before,omitempty"` // the newest first
}

// replace stores the register's new data under a new key, and raises the revision.
func (r *register) replace(tx *bolt.Tx, name string, data []byte, found bool) (err error) {
	contents := bucket(tx, bucketRegisterData)
	if found {
		if err := r.Data.remove(contents); err != nil {
			return err
		}
	}
	if r.Data, err = add(contents, data); err != nil {
		return err
	}
	o, err := loadOwnership(tx)
	if err != nil {
		return err
	}
	r.Import.Revision = o.first(r.Import.Revision) + 1
	return save(bucket(tx, bucketRegisters), []byte(name), r)
}

// Swap replaces a register by what was imported.
func (s *Store) Swap(ctx context.Context, name string, data []byte, imported order.Import) error {
	err := s.update(ctx, func(tx *bolt.Tx) error {
		var r register
		found, err := load(bucket(tx, bucketRegisters), []byte(name), &r)
		if err != nil {
			return err
		}
		imported.Revision = r.Import.Revision
		if found {
			old := r.Import
			old.Skipped, old.Overruled = nil, nil
			r.Before = append([]order.Import{old}, r.Before...)
			r.Before = r.Before[:min(len(r.Before), store.MaxImports-1)]
		}
		r.Import = imported
		if err := r.replace(tx, name, data, found); err != nil {
			return err
		}
		e := order.Event{At: imported.At, Actor: cmp.Or(imported.Actor, actor), Verb: "register.imported", Detail: name}
		if imported.File != "" {
			e.Detail += ": " + imported.File
		}
		return audit(tx, e)
	})
	if err != nil {
		return fmt.Errorf("swap register %q: %w", name, err)
	}
	return nil
}

// Amend replaces a register that is still at a revision, or begins one for
// revision 0.
func (s *Store) Amend(ctx context.Context, name string, revision uint64, data []byte, e order.Event) error {
	err := s.update(ctx, func(tx *bolt.Tx) error {
		var r register
		found, err := load(bucket(tx, bucketRegisters), []byte(name), &r)
		switch {
		case err != nil:
			return err
		case !found && revision != 0:
			return store.ErrNotFound
		case r.Import.Revision != revision:
			return fmt.Errorf("%w: revision %d, seen %d", store.ErrRevision, r.Import.Revision, revision)
		case !found:
			r.Import = order.Import{Register: name, At: e.At, Actor: e.Actor}
		}
		if err := r.replace(tx, name, data, found); err != nil {
			return err
		}
		return audit(tx, e)
	})
	if err != nil {
		return fmt.Errorf("amend register %q: %w", name, err)
	}
	return nil
}

// findRegister reads a register's entry. The error wraps store.ErrNotFound.
func findRegister(tx *bolt.Tx, name string) (r register, err error) {
	found, err := load(bucket(tx, bucketRegisters), []byte(name), &r)
	if err == nil && !found {
		err = store.ErrNotFound
	}
	return r, err
}

// Register returns a copy of a register's data.
func (s *Store) Register(ctx context.Context, name string) ([]byte, order.Import, error) {
	var r register
	var data []byte
	err := s.view(ctx, func(tx *bolt.Tx) (err error) {
		if r, err = findRegister(tx, name); err == nil {
			data, err = r.Data.read(bucket(tx, bucketRegisterData))
		}
		return err
	})
	if err != nil {
		return nil, order.Import{}, fmt.Errorf("register %q: %w", name, err)
	}
	return data, r.Import, nil
}

// Imports returns the last imports of a register, the newest first.
func (s *Store) Imports(ctx context.Context, name string) ([]order.Import, error) {
	var r register
	err := s.view(ctx, func(tx *bolt.Tx) (err error) {
		r, err = findRegister(tx, name)
		return err
	})
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("imports of register %q: %w", name, err)
	}
	return append([]order.Import{r.Import}, r.Before...), nil
}
