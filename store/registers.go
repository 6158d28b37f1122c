package store

import (
	"context"

	"bdc/order"
)

// MaxImports is how many imports of a register are remembered.
const MaxImports = 20

// Registers keep the imported directory of schools, the catalogue and the accounts.
// To the store each is one value, which is only ever replaced as a whole; how the
// value is encoded is the business of package validate/registry.
//
// A register has a revision, which rises by one with each change.
type Registers interface {
	// Swap replaces a register by what a file said, and records the import, to which
	// it gives the register's next revision, in one transaction.
	Swap(ctx context.Context, register string, data []byte, imported order.Import) error

	// Amend replaces a register by what a person made of it, and records the event,
	// in one transaction. The last import stays the last import; only its revision
	// rises. Amend returns ErrRevision, and changes nothing, when the register is no
	// longer at the revision from which the person's change was made, and
	// ErrNotFound when nothing was ever imported.
	//
	// Revision 0 says that the person saw no register at all: Amend begins one, at
	// revision 1. Its import has the moment and the actor of the event, and no file.
	// Amend returns ErrRevision if the register exists by now.
	Amend(ctx context.Context, register string, revision uint64, data []byte, e order.Event) error

	// Register returns a register's data and its last import. The error wraps
	// ErrNotFound when nothing was ever imported.
	Register(ctx context.Context, register string) ([]byte, order.Import, error)

	// Imports returns the last imports of a register, at most MaxImports, the newest
	// first. Only the newest names the rows that it left out; of the others they are
	// counted. When nothing was ever imported, there is none.
	Imports(ctx context.Context, register string) ([]order.Import, error)
}
