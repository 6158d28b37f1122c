package store

import (
	"context"

	"bdc/order"
)

// MaxImports is how many imports of a register are remembered.
const MaxImports = 20

// MaxUndo is how many of a register's last imports can be undone.
const MaxUndo = 3

// Registers keep the three registers: the directory of schools ("annuaire"), the
// catalogue ("catalogue") and the booksellers' accounts ("libraires"). To the store each
// register is one value, which is only replaced as a whole. Package validate/registry
// encodes and decodes it.
//
// A register has a revision, which rises by one with each change.
type Registers interface {
	// Swap replaces a register by data and records the import, in one transaction. It
	// gives the import the register's next revision, whatever imported.Revision is.
	//
	// Swap keeps the data that it replaces, so that the import can be undone. Of the Swaps
	// of a register that were not undone, the last MaxUndo have their data kept.
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
	// first. Only the newest has Skipped, Dropped and Overruled. If nothing was ever imported,
	// Imports returns none, and no error.
	Imports(ctx context.Context, register string) ([]order.Import, error)

	// Undoable returns the imports of a register that can be undone, at most MaxUndo, the
	// newest first, without Skipped, Dropped and Overruled. Their Revision is the one that
	// Swap gave them. Revert undoes the first of them; the others can be undone after it.
	// If none can be undone, Undoable returns none, and no error.
	Undoable(ctx context.Context, register string) ([]order.Import, error)

	// Before returns the data that a register had before the newest import that can be
	// undone. The error wraps ErrNotFound when none can be.
	Before(ctx context.Context, register string) ([]byte, error)

	// Revert undoes the newest import that can be undone, in one transaction: it replaces
	// the register by data, which is what Before returned and what people have changed
	// since, records imported as the last import and an event, and forgets what it kept for
	// Before. It gives imported the register's next revision. Revert itself cannot be
	// undone, but the file can be imported again.
	//
	// revision is that of the register at which data was made. The error wraps ErrRevision
	// if the register is at another revision by now, and ErrNotFound when no import can be
	// undone. In both cases nothing is changed.
	Revert(ctx context.Context, register string, revision uint64, data []byte, imported order.Import) error
}
