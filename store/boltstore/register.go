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
	Kept   []replaced     `json:"kept,omitempty"`   // by which imports are undone; the newest first
}

// replaced is the data that an import replaced.
type replaced struct {
	Data extent       `json:"data"` // in bucketRegisterData
	By   order.Import `json:"by"`
}

// brief returns an import without its long lists.
func brief(i order.Import) order.Import {
	i.Skipped, i.Dropped, i.Overruled = nil, nil, nil
	return i
}

// replace stores the register's new data under a new key. The old data stays where it is:
// the caller keeps it, or removes it.
func (r *register) replace(tx *bolt.Tx, name string, data []byte) (err error) {
	if r.Data, err = add(bucket(tx, bucketRegisterData), data); err != nil {
		return err
	}
	return save(bucket(tx, bucketRegisters), []byte(name), r)
}

// raise raises the register's revision.
func (r *register) raise(tx *bolt.Tx) error {
	o, err := loadOwnership(tx)
	if err != nil {
		return err
	}
	r.Import.Revision = o.first(r.Import.Revision) + 1
	return nil
}

// next makes an import the last one, at the next revision. found says that there was one
// before it.
func (r *register) next(tx *bolt.Tx, imported order.Import, found bool) error {
	imported.Revision = r.Import.Revision
	if found {
		r.Before = append([]order.Import{brief(r.Import)}, r.Before...)
		r.Before = r.Before[:min(len(r.Before), store.MaxImports-1)]
	}
	r.Import = imported
	return r.raise(tx)
}

// Swap replaces a register by what was imported.
func (s *Store) Swap(ctx context.Context, name string, data []byte, imported order.Import) error {
	err := s.update(ctx, func(tx *bolt.Tx) error {
		var r register
		found, err := load(bucket(tx, bucketRegisters), []byte(name), &r)
		if err != nil {
			return err
		}
		if err := r.next(tx, imported, found); err != nil {
			return err
		}
		if found {
			r.Kept = append([]replaced{{r.Data, brief(r.Import)}}, r.Kept...)
		}
		if len(r.Kept) > store.MaxUndo {
			if err := r.Kept[store.MaxUndo].Data.remove(bucket(tx, bucketRegisterData)); err != nil {
				return err
			}
			r.Kept = r.Kept[:store.MaxUndo]
		}
		if err := r.replace(tx, name, data); err != nil {
			return err
		}
		return audit(tx, importEvent("register.imported", name, imported))
	})
	if err != nil {
		return fmt.Errorf("swap register %q: %w", name, err)
	}
	return nil
}

// importEvent is the event of an import.
func importEvent(verb, name string, i order.Import) order.Event {
	e := order.Event{At: i.At, Actor: cmp.Or(i.Actor, actor), Verb: verb, Detail: name}
	if i.File != "" {
		e.Detail += ": " + i.File
	}
	return e
}

// Revert undoes the newest import that can be undone.
func (s *Store) Revert(
	ctx context.Context, name string, revision uint64, data []byte, imported order.Import,
) error {
	err := s.update(ctx, func(tx *bolt.Tx) error {
		r, err := findRegister(tx, name)
		switch {
		case err != nil:
			return err
		case len(r.Kept) == 0:
			return store.ErrNotFound
		case r.Import.Revision != revision:
			return fmt.Errorf("%w: revision %d, seen %d", store.ErrRevision, r.Import.Revision, revision)
		}
		contents := bucket(tx, bucketRegisterData)
		if err := errors.Join(r.Data.remove(contents), r.Kept[0].Data.remove(contents)); err != nil {
			return err
		}
		r.Kept = r.Kept[1:]
		if err := r.next(tx, imported, true); err != nil {
			return err
		}
		if err := r.replace(tx, name, data); err != nil {
			return err
		}
		return audit(tx, importEvent("register.undone", name, imported))
	})
	if err != nil {
		return fmt.Errorf("revert register %q: %w", name, err)
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
		if err := r.raise(tx); err != nil {
			return err
		}
		if found {
			if err := r.Data.remove(bucket(tx, bucketRegisterData)); err != nil {
				return err
			}
		}
		if err := r.replace(tx, name, data); err != nil {
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

// Undoable returns the imports that can be undone, the newest first.
func (s *Store) Undoable(ctx context.Context, name string) (imports []order.Import, err error) {
	err = s.view(ctx, func(tx *bolt.Tx) error {
		r, err := findRegister(tx, name)
		for _, k := range r.Kept {
			imports = append(imports, k.By)
		}
		return err
	})
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, fmt.Errorf("undoable imports of register %q: %w", name, err)
	}
	return imports, nil
}

// Before returns a copy of the data that a register had before its newest import that
// can be undone.
func (s *Store) Before(ctx context.Context, name string) (data []byte, err error) {
	err = s.view(ctx, func(tx *bolt.Tx) error {
		r, err := findRegister(tx, name)
		switch {
		case err != nil:
			return err
		case len(r.Kept) == 0:
			return store.ErrNotFound
		}
		data, err = r.Kept[0].Data.read(bucket(tx, bucketRegisterData))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("register %q before its last import: %w", name, err)
	}
	return data, nil
}
