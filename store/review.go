package store

import (
	"context"
	"time"

	"bdc/order"
)

// Status counts what the store has.
type Status struct {
	Messages int `json:"messages"`        // recorded, ever
	Orders   int `json:"orders"`          // numbered, ever
	Waiting  int `json:"cases_waiting"`   // cases that wait for staff
	SentBack int `json:"cases_sent_back"` // cases that wait for the bookseller
	Unsent   int `json:"replies_unsent"`  // replies that are still to be sent, without the doubtful
	Failed   int `json:"replies_failed"`  // replies that were given up

	Doubtful int `json:"replies_doubtful,omitempty"` // replies of which staff have to say whether to send them

	OutboxPause Pause     `json:"outbox_held,omitzero"`    // zero while the outbox is not paused
	BackedUp    time.Time `json:"last_backup_at,omitzero"` // of the last BackedUp, or the copy put in place
	IntakePause Pause     `json:"intake_held,omitzero"`    // zero while the intake is not paused
}

// Review returns whole orders, cases and messages, and records what people decide. Long
// lists are read page by page: for the next page, the caller passes the number, code or
// sequence number of the last item that it got.
type Review interface {
	// Order returns the order of that number. The error wraps ErrNotFound if there is none.
	Order(ctx context.Context, number string) (order.Order, error)

	// Orders returns up to limit orders after a number ("" for the first), by rising
	// number. The error wraps ErrNotFound when after is no order number. If some of these
	// orders can't be read, it returns the others, and an *UnreadableError.
	Orders(ctx context.Context, after string, limit int) ([]order.Order, error)

	// Case returns the case of that code, in any letter case. The error wraps
	// ErrNotFound if there is none.
	Case(ctx context.Context, code string) (order.Case, error)

	// Cases returns up to limit cases after the case of a code ("" for the first),
	// oldest first: those of one state, or all of them where state is "". The error
	// wraps ErrNotFound when there is no case of that code.
	Cases(ctx context.Context, state order.State, after string, limit int) ([]order.Case, error)

	// Decide records what a person did in a case, with the order that the decision accepts
	// and the reply that it causes, if any. It adds an Act to the case's Acts. The reply
	// can be claimed once the decision's Delay is over. The error wraps ErrRevision, and
	// nothing is changed, if the case is no longer at the revision that the person saw. It
	// wraps ErrErased, likewise, if the case was erased, ErrNotOwner if the decision has an
	// order and the record may not own its inbox (see Owner), and ErrFenced if the fence is
	// not good.
	//
	// An order that has a Number keeps it: it was acknowledged under that number, by a record
	// of which this one was a copy. The error wraps ErrNumber, and nothing is changed, if
	// that is no number, another order has it, or it is higher than the last number of its
	// year and than all that were given before the last restore.
	Decide(ctx context.Context, f Fence, d order.Decision) (Receipt, error)

	// Message returns what was kept of a message. The error wraps ErrNotFound if there is none.
	Message(ctx context.Context, key order.Key) (order.Message, error)

	// Blob returns an attachment's bytes. The error wraps ErrNotFound if there is none.
	Blob(ctx context.Context, hash order.Hash) ([]byte, error)

	// Audit returns up to limit events after a sequence number (0 for the first),
	// oldest first.
	Audit(ctx context.Context, after uint64, limit int) ([]order.Event, error)

	// Status returns what the store has now, in numbers, and what is paused.
	Status(ctx context.Context) (Status, error)
}
