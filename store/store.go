// Package store says what a store must do: the interface Store, its values and its
// errors. A store keeps everything that must not be lost: messages taken in, orders and
// their numbers, cases, replies on their way, attachments, the registers, and an audit
// line for each event.
//
// An engine is a type that implements Store. Package boltstore is the default
// engine; package storetest holds the suite of tests that every engine passes.
//
// Each method is one transaction. No method takes a function to be called within a
// transaction, so that an engine may run a transaction again if it collides with another.
//
// What every method promises:
//
//   - It returns after its effects are durable, or it returns an error and has no
//     effect. A crash while it runs leaves all of its effects or none.
//   - It may be called concurrently. The caller owns the values that it returns.
//   - It does not wait for mail servers or browsers. If ctx is done before its
//     transaction begins, it returns ctx's error and has no effect. A transaction that
//     writes is not interrupted once it has begun.
//   - Trouble of the engine, such as a full disk or a damaged file, is an error that wraps
//     ErrDataFile. It is safe to call the method again.
package store

import (
	"context"
	"errors"
	"io"
	"time"
)

// Errors of opening an engine.
var (
	// ErrMissing: there is no data file. None was made.
	ErrMissing = errors.New("there is no data file")
	// ErrLocked: another process has the data file open.
	ErrLocked = errors.New("the data file is in use by another process")
	// ErrFormat: the data file was written by a later version of the program.
	ErrFormat = errors.New("the data file has a later format")
)

// Errors of single methods.
var (
	// ErrNotFound: the store has nothing of that number, code, key, hash, id or name.
	ErrNotFound = errors.New("not found")
	// ErrSeen: the message is recorded already; it only has to be moved.
	ErrSeen = errors.New("message recorded already")
	// ErrNotOwner: the record may not be the one that owns its inbox. Ownership tells why.
	ErrNotOwner = errors.New("no order gets a number while the record may not be the one that owns its inbox")
	// ErrStale: since the message was examined, something was recorded that may change
	// how it is judged, or another case has the code of a case that is to be opened. The
	// caller examines the message again, or draws another code for a Settlement's case.
	ErrStale = errors.New("examined against an older state")
	// ErrRevision: somebody else has changed the case, the order, the register, the user, the
	// password, the reply or the generation since the caller saw it.
	ErrRevision = errors.New("it has changed meanwhile")
	// ErrExists: a user has the name, or had it before.
	ErrExists = errors.New("a user has or had that name")
	// ErrLastAdmin: no user would be left who manages the others.
	ErrLastAdmin = errors.New("no open user would be left with the role administration")
	// ErrClaim: the reply is not, or no longer, claimed by this claimant.
	ErrClaim = errors.New("the reply is claimed by another")
	// ErrErased: the fields of people were erased from it, so that it can no longer be
	// worked on.
	ErrErased = errors.New("its personal details were erased")
	// ErrNumber: a decision's order can't have the number that it asks for. Another order has
	// it, or it was never given.
	ErrNumber = errors.New("no order can have that number")
	// ErrLeased: another holder has the lease.
	ErrLeased = errors.New("another has the lease")
	// ErrFenced: the caller has no longer the lease that its fence names. Another may have
	// taken the work over, so the caller has to stop it.
	ErrFenced = errors.New("the lease was lost: another has taken the work over")
	// ErrLeft: the reply cannot be taken back. It was claimed by an outbox, so it has
	// left or may be on its way.
	ErrLeft = errors.New("the reply has left already")
)

// Verification is told how Verify gets on. Either function may be nil. They are called one
// at a time.
type Verification struct {
	Progress func(done, total int64) // octets; of a file, each counts twice
	Fault    func(words string)      // a fault, in one line
}

// Store is what every engine offers. Whoever opened it closes it, after every call
// has returned.
type Store interface {
	Intake
	Outbox
	Notices
	Review
	Lists
	Acts
	People
	Registers
	Statistics
	Retention
	DataFile
	Owner
	Leases

	// Pulse tells whether others have changed something. It is cheap: a daemon calls it
	// once a second.
	Pulse(ctx context.Context) (Pulse, error)

	// Backup writes a consistent copy of everything to w. The engine can open the
	// copy. Other calls go on meanwhile.
	Backup(ctx context.Context, w io.Writer) error

	// BackedUp records the moment of a backup. The caller calls it once the copy
	// that Backup wrote is safe in its final place. Status tells of the last one.
	BackedUp(ctx context.Context, at time.Time) error

	// Verify verifies that the engine's data is consistent: each order number is given
	// once, each index points at something, each attachment has the bytes of its hash. It
	// tells each fault, and goes on behind what can't be read. Each order that can't be read
	// is a fault that names it. It may take minutes. An error means that it did not get to
	// its end; faults are none.
	Verify(ctx context.Context, v Verification) error

	// Check is Verify, and returns an error that joins all faults, or nil.
	Check(ctx context.Context) error

	// Close releases what the engine holds, such as its file and its lock. No method may
	// be called during Close or after it.
	Close() error
}
