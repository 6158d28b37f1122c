package store

import (
	"context"
	"time"
)

// Fence says under which lease a call is made: a lease's name, its holder, and the epoch
// that Leases.Lease returned. A call whose fence is no longer good returns an error that
// wraps ErrFenced, and changes nothing. So a daemon that was thought dead, and whose work
// another has taken over, can't do that work a second time.
//
// A fence is good from when its holder takes the lease until another takes it, or until its
// holder gives it back. It stays good after the lease's time, as long as nobody takes the
// lease: then nobody else does the work.
//
// A Fence without the name of a lease checks nothing: commands and tests that work alone
// use it.
type Fence struct {
	Lease  string // the lease's name, such as "inbox/commandes/INBOX"; "" checks nothing
	Holder string // who has the lease
	Epoch  uint64
}

// LeaseState is a lease that has a holder.
type LeaseState struct {
	Fence
	Until time.Time // when its time is over, unless it is renewed; by the engine's own clock
}

// Leases say which of several daemons of one record does a piece of work, such as taking in
// the mail of one inbox. The lease of each name has one holder at a time.
//
// The time of leases is that of the engine's own clock. No method takes a time from its
// caller, whose clock may be wrong. Opening a store ends no lease: others may have it open.
type Leases interface {
	// Lease takes the lease of a name for a holder, or renews the lease that the holder
	// has. The lease's time is over after ttl. The name of a holder belongs to one run of
	// one program, and is never used by another.
	//
	// To renew keeps the epoch, also if the lease's time is over, but nobody else has taken
	// it. To take the lease gives it a new epoch, higher than all that the name ever had.
	// It can be taken if nobody has it, or if its holder's time is over, or sooner if the
	// engine knows that its holder is gone. Otherwise the error wraps ErrLeased, and
	// nothing is changed.
	Lease(ctx context.Context, name, holder string, ttl time.Duration) (epoch uint64, err error)

	// Unlease gives a lease back, so that anybody can take it at once. Its epoch is not
	// used again. If the fence is not good any more, Unlease changes nothing, which is no
	// error.
	Unlease(ctx context.Context, f Fence) error

	// Leases returns the leases that have a holder, sorted by name; also those whose time
	// is over. An engine may forget a lease whose time was over for a day, as if its holder
	// had given it back.
	Leases(ctx context.Context) ([]LeaseState, error)
}

// Pulse is what a daemon looks at once a second to notice what others of the same record
// did.
type Pulse struct {
	Registers map[string]uint64 // the revision of each register that was ever imported
	Pauses    Pauses
	Doubt     Doubt  // Ownership.Doubt
	Audit     uint64 // the Event.Seq of the last line of the audit; 0 if there is none
}
