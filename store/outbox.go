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
	Attempt int    // how often the reply was claimed, this claim included: 1 at the first
	Mail    []byte // nil until the reply is sealed; then its composed bytes, and only these may be sent
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
	Failed Outcome = "failed" // it is not tried again, but after a Retry; Settlement.Case tells staff
)

// Withdrawn is the outcome of a reply that Acts.Undo took back before any attempt.
const Withdrawn Outcome = "withdrawn"

// Dropped is the outcome of a doubtful reply that Owner.DropDoubtful settled: it is taken
// for sent before the record was restored.
const Dropped Outcome = "dropped"

// Settlement closes one attempt to send a reply.
type Settlement struct {
	Reply   uint64 // its id
	Outcome Outcome
	At      time.Time
	Next    time.Time   // when it may be claimed again, if the outcome is Later
	Words   string      // for staff to read: what the server answered, or what went wrong
	Case    *order.Case // to be opened in the same transaction, or nil
	Unfiled bool        // of a reply that was Sent: a copy is yet to be put into a folder of the mailbox
	Untried bool        // if the outcome is Later: the claim was no attempt, and does not count as one
}

// Outbox is the way of replies out of the record. Each reply is claimed, sealed
// once, sent, and settled.
//
// A claim gives its claimant a lease: for that time no other claimant gets the
// reply. The lease ends at its time, or sooner where the engine knows that the
// claimant is gone.
type Outbox interface {
	// Claim gives the fence's holder, as the claimant, up to max replies, oldest first, in
	// one commit: those that are due at now, and that no claimant has whose lease still
	// runs. The lease runs until now+lease. When no reply is due, Claim returns none and
	// commits nothing. While the outbox is paused, or the record may not own its inbox
	// (see Owner), only mails to staff are claimed. The error wraps ErrFenced if the fence
	// is not good.
	//
	// A reply is due as soon as it is recorded or, if a decision caused it, when the
	// decision's Delay is over. A reply under a rate limit becomes due later where that is
	// needed so that at most order.RateLimitMost replies under the limit become due within
	// any order.RateLimitSpan.
	Claim(ctx context.Context, f Fence, now time.Time, lease time.Duration, max int) ([]Claimed, error)

	// ClaimStaff is Claim of mails to staff alone, as while the outbox is paused.
	ClaimStaff(ctx context.Context, f Fence, now time.Time, lease time.Duration, max int) ([]Claimed, error)

	// Seal stores composed replies, in one commit. It is called before the first attempt
	// to send each. If a reply is sealed already, perhaps by a claimant whose lease has
	// ended, the first bytes stay, and this is no error. The error joins one that wraps
	// ErrClaim for each reply that is not claimed by this claimant; the other replies are
	// sealed all the same.
	Seal(ctx context.Context, claimant string, mails []Sealed) error

	// Settle records how attempts ended, and ends their claims, in one commit. The error
	// joins one that wraps ErrClaim for each reply that is not claimed by this claimant,
	// and one that wraps ErrStale for each whose Settlement.Case has the code of another
	// case; the other replies are settled all the same.
	Settle(ctx context.Context, claimant string, settlements []Settlement) error

	// Due returns when the next reply may be claimed; zero if none is left to be sent.
	// While the outbox is paused, or the record may not own its inbox, only mails to staff
	// count. Doubtful replies do not count.
	Due(ctx context.Context) (time.Time, error)

	// Reply returns the reply of an id and, if it is sealed, its bytes. The error wraps
	// ErrNotFound if there is none.
	Reply(ctx context.Context, id uint64) (Claimed, error)

	// GivenUp returns up to limit replies that Failed, whose id is higher than after, by rising
	// id.
	GivenUp(ctx context.Context, after uint64, limit int) ([]Answer, error)

	// Retry lets a reply that Failed leave after all: it is due at the moment at, as if it had
	// never been claimed; a sealed one keeps its bytes. If nobody has worked on the case that
	// was opened when it failed, that case is closed. The error wraps ErrNotFound if there is
	// no such reply, ErrRevision if it is not given up, and ErrErased if it was erased. It adds
	// a line to the audit.
	Retry(ctx context.Context, reply uint64, actor string, at time.Time) error

	// PauseOutbox makes Claim give out nothing but mails to staff until the outbox is
	// resumed. All other replies wait; none is lost. Those that are claimed may still be
	// settled. Pausing a paused outbox changes nothing, not even who paused it and why.
	PauseOutbox(ctx context.Context, p Pause) error

	// ResumeOutbox ends the pause of the outbox. Resuming an outbox that is not
	// paused changes nothing.
	ResumeOutbox(ctx context.Context, actor string, at time.Time) error

	// Unfiled returns the ids of replies of which a copy is yet to be put into a folder of
	// the mailbox, oldest first, at most limit; total is how many there are. A reply is one
	// of them from the Settlement that says so until Filed is called with it.
	Unfiled(ctx context.Context, limit int) (ids []uint64, total int, err error)

	// Filed notes that nothing more is to be done about the copies of these replies. Those
	// that Unfiled would not return are no error.
	Filed(ctx context.Context, ids []uint64) error

	// Sendings returns the replies that were sent since a moment, oldest first, without
	// mails to staff. Replies that were sent before the outbox was last resumed are left
	// out. If there are more than limit, Sendings returns the latest of them.
	Sendings(ctx context.Context, since time.Time, limit int) ([]Sending, error)
}

// Sending is a reply that was sent: when, and to which address.
type Sending struct {
	At time.Time
	To string
}
