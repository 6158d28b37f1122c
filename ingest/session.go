package ingest

import (
	"context"
	"time"

	"bdc/order"
)

// Session is an open connection to one folder of a mailbox. One goroutine uses
// it at a time. Every call ends promptly when ctx is done, and never waits
// longer than the session's own deadlines for a silent server. After an error
// other than Prepare's and Move's, the session can only be closed; after those, a
// further call tells whether it is alive.
type Session interface {
	// Prepare creates those target folders that are missing.
	Prepare(ctx context.Context, folders ...string) error

	// Pending lists the messages in the folder that are not older than the
	// configured date, oldest first.
	Pending(ctx context.Context) ([]order.Key, error)

	// Fetch delivers messages whole, or only the header of one that is larger
	// than limit octets. Before a message is read, admit is called with the
	// octets that it will take and may block. deliver owns what it is given.
	// Messages that are gone are not delivered; nothing incomplete ever is.
	Fetch(ctx context.Context, keys []order.Key, limit int64, admit func(size int64) error,
		deliver func(order.Mail) error) error

	// Move moves messages to a folder. Messages that are gone are no error. It
	// must not lose one on a server without MOVE.
	Move(ctx context.Context, keys []order.Key, folder string) error

	// Wait returns when new mail is announced, or after d.
	Wait(ctx context.Context, d time.Duration) error

	// Idles reports whether the server announces new mail.
	Idles() bool

	Close() error
}
