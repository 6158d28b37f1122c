package store

import (
	"context"
	"time"

	"bdc/order"
)

// Claimed is a reply that its claimant may compose and send, and nobody else may,
// until the lease of the claim ends.
type Claimed struct {
	order.Reply
	Attempt int    // of sending: 1 at the first claim
	Mail    []byte // the composed bytes, once the reply is sealed: send these and no others; nil before
}

// Sealed is a composed reply: the bytes that every attempt to send it uses.
type Sealed struct {
	Reply uint64 // its id
	Mail  []byte
}

// Outcome is how an attempt to send a reply ended.
type Outcome string

// The outcomes of an attempt.
const (
	Sent   Outcome = "sent"   // the server took it
	Later  Outcome = "later"  // it is tried again at Settlement.Next
	Failed Outcome = "failed" // it is never tried again: a case for staff
)

// Withdrawn is the outcome of a reply that Acts.Undo took back before any attempt.
const Withdrawn Outcome = "withdrawn"

// Settlement closes one attempt to send a reply.
type Settlement struct {
	Reply   uint64 // its id
	Outcome Outcome
	At      time.Time
	Next    time.Time   // when it may be claimed again, if the outcome is Later
	Words   string      // what the server answered, or what went wrong
	Case    *order.Case // to be opened in the same transaction, or nil
}

// Outbox is the way of replies out of the record. Each reply is claimed, sealed
// once, sent, and settled.
//
// A claim gives its claimant a lease: for that time no other claimant gets the
// reply. The lease ends at its time, or sooner where the engine knows that the
// claimant is gone.
type Outbox interface {
	// Claim gives the claimant up to max replies, oldest first, in one commit: those
	// that are due at now, and that no claimant has whose lease still runs. The
	// lease runs until now+lease. When no reply is due, Claim returns none and
	// commits nothing. While the outbox is paused, only mails to staff are claimed.
	//
	// A reply is due from the moment that it was intended. One under a rate limit
	// is due only once fewer than order.RateLimitMost replies under the same limit
	// have become due within the order.RateLimitSpan before.
	Claim(ctx context.Context, claimant string, now time.Time, lease time.Duration, max int) ([]Claimed, error)

	// Seal stores composed replies, before the first attempt to send each, in one
	// commit. For each reply that is claimed by another, the error joins one that
	// wraps ErrClaim; the other replies are sealed all the same. Sealing a reply
	// that is sealed changes nothing, such as when a claimant took it over after
	// the lease of another had ended: the first bytes stay.
	Seal(ctx context.Context, claimant string, mails []Sealed) error

	// Settle closes attempts, in one commit. For each reply that is claimed by
	// another, the error joins one that wraps ErrClaim, and for each whose case has
	// a code that is taken, one that wraps ErrStale; the other replies are settled
	// all the same.
	Settle(ctx context.Context, claimant string, settlements []Settlement) error

	// Due returns when the next unsettled reply may be claimed; zero when there is
	// none. While the outbox is paused, only mails to staff count.
	Due(ctx context.Context) (time.Time, error)

	// Reply returns a reply and, once it is sealed, its bytes. The error wraps
	// ErrNotFound.
	Reply(ctx context.Context, id uint64) (Claimed, error)

	// PauseOutbox ends claiming until the outbox is resumed: every reply waits but
	// mails to staff, and nothing is lost. What is claimed may still be settled.
	// Pausing a paused outbox changes nothing, not even who paused it and why.
	PauseOutbox(ctx context.Context, p Pause) error

	// ResumeOutbox ends the pause of the outbox. Resuming an outbox that is not
	// paused changes nothing.
	ResumeOutbox(ctx context.Context, actor string, at time.Time) error

	// Sendings returns the replies that were sent since a moment, and since the
	// outbox was last resumed, without mails to staff, oldest first. Where there are
	// more than limit, it returns the latest.
	Sendings(ctx context.Context, since time.Time, limit int) ([]Sending, error)
}

// Sending is a reply that was sent: when, and to which address.
type Sending struct {
	At time.Time
	To string
}
