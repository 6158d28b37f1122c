package store

import (
	"context"

	"bdc/order"
)

// MaxImports is how many imports of a register are remembered.
const MaxImports = 20

// Registers keep the three registers: the directory of schools ("annuaire"), the
// catalogue ("catalogue") and the booksellers' accounts ("libraires"). To the store each
// register is one value, which is only replaced as a whole. Package validate/registry
// encodes and decodes it.
//
// A register has a revision, which rises by one with each change.
type Registers interface {
	// Swap replaces a register by data and records the import, in one transaction. It
	// gives the import the register's next revision, whatever imported.Revision is.
	Swap(ctx context.Context, register string, data []byte, imported order.Import) error

	// Amend replaces a register by data, in which a person changed something, and records
	// the event, in one transaction. revision is that of the register in which the change
	// was made. Amend adds no import; it raises the revision of the last one. Its error
	// wraps ErrRevision if the register is at another revision by now, and ErrNotFound if
	// nothing was ever imported. In both cases nothing is changed.
	//
	// With revision 0, Amend creates the register, at revision 1, with an import that has
	// the event's moment and actor, and no file. Its error wraps ErrRevision if the
	// register exists by now.
	Amend(ctx context.Context, register string, revision uint64, data []byte, e order.Event) error

	// Register returns a register's data and its last import. The error wraps
	// ErrNotFound when nothing was ever imported.
	Register(ctx context.Context, register string) ([]byte, order.Import, error)

	// Imports returns the last imports of a register, at most MaxImports, the newest
	// first. Only the newest has Skipped and Overruled. If nothing was ever imported,
	// Imports returns none, and no error.
	Imports(ctx context.Context, register string) ([]order.Import, error)
}
