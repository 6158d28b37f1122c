package ingest

import (
	"context"
	"time"

	"bdc/order"
)

// Session is an open connection to one folder of a mailbox. It is used by one goroutine
// at a time. Every call returns soon after ctx is done, and a session has deadlines of
// its own for a server that falls silent.
//
// After an error of Prepare or Move the session may still be usable: the next call
// shows whether it is. After an error of another method it can only be closed.
type Session interface {
	// Prepare creates those of the folders that do not exist.
	Prepare(ctx context.Context, folders ...string) error

	// Pending returns the keys of the messages in the folder, oldest first. It leaves
	// out messages that were received before a date that the session is configured with.
	Pending(ctx context.Context) ([]order.Key, error)

	// Fetch reads messages and calls deliver with each. For a message of more than limit
	// octets it delivers only the header. Before it reads a message it calls admit with
	// the number of octets that it is about to hold in memory; admit may block until
	// there is room for them; it is called again for the next message if what was read turns
	// out to be no message. Deliver may keep what it is given. A message that could be read only
	// in part is never delivered.
	//
	// Lost has the messages that could not be read or are no longer there; if Fetch returns an
	// error, also the one that was being read when the connection failed or, where that is not
	// known, all that it may have been (Perhaps).
	// Patience is how long the server may be silent, as long as it was not slow before; 0 for
	// as long as in other calls.
	Fetch(ctx context.Context, keys []order.Key, limit int64, patience time.Duration, admit func(size int64) error,
		deliver func(order.Mail) error) (lost []order.Lost, err error)

	// Headers is Fetch of the headers alone, whatever the size of the messages.
	Headers(ctx context.Context, keys []order.Key, patience time.Duration,
		deliver func(order.Mail) error) (lost []order.Lost, err error)

	// Move moves messages to a folder. A message that is no longer there is no error.
	// No message may be lost, even if the server has no MOVE command.
	Move(ctx context.Context, keys []order.Key, folder string) error

	// Wait returns when the server announces a new message, or after d.
	Wait(ctx context.Context, d time.Duration) error

	// Idles reports whether the server announces new messages.
	Idles() bool

	// Close ends the connection.
	Close() error
}
