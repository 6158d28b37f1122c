package store

import (
	"context"
	"time"

	"bdc/order"
)

// Acts are what people do in the console, or by the command line, besides Review.Decide.
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
	// is no such case, or no such act. It is ErrErased, too, when the case was erased.
	Undo(ctx context.Context, u order.Undo) error

	// Advance gives an order the status of a step, and returns the changed order. seen is
	// the status that the person saw. Advance returns an error that wraps ErrRevision, and
	// changes nothing, if the order has another status by now, or if order.Status.May does
	// not allow the step. Past leaves cancelled orders out, so that the same can be ordered
	// again.
	Advance(ctx context.Context, number string, seen order.Status, step order.Step) (order.Order, error)
}
