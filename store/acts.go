package store

import (
	"context"
	"time"

	"bdc/order"
)

// Acts are what people do besides Review.Decide.
type Acts interface {
	// PauseIntake asks the inbox to take in nothing more until the intake is resumed:
	// messages wait in the mailbox. Record and the other methods of Intake still
	// work, for the messages in flight. Pausing a paused intake changes nothing, not
	// even who paused it and why.
	PauseIntake(ctx context.Context, p Pause) error

	// ResumeIntake ends the pause of the intake. Resuming an intake that is not paused
	// changes nothing.
	ResumeIntake(ctx context.Context, actor string, at time.Time) error

	// Undo takes back the last act of a case that caused a reply: the reply is never
	// sent, an order that the act accepted is cancelled, and the case is again in the
	// state that it had before the act. Undo returns an error and changes nothing in
	// three cases: ErrRevision when the case is no longer at the revision that the
	// person saw, ErrLeft when the reply was ever claimed, and ErrNotFound when there
	// is no such case, or no such act.
	Undo(ctx context.Context, u order.Undo) error

	// Advance changes an order's status by a step, and returns the order as it is
	// then. It returns ErrRevision, and changes nothing, when the order's status is
	// not the one that the person saw, or when order.Status.May does not allow the
	// step from it. Past no longer tells of an order that is cancelled: the same may
	// be ordered anew.
	Advance(ctx context.Context, number string, seen order.Status, step order.Step) (order.Order, error)
}
