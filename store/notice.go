package store

import (
	"context"
	"time"

	"bdc/order"
)

// Notice is what staff were last told about one matter: the digest, or a cause of
// trouble. It is stored in one transaction with the mails that tell of it, so that after
// a crash staff are neither told twice nor left untold.
type Notice struct {
	Name  string    `json:"name"`            // "digest", or an order.Cause
	At    time.Time `json:"at,omitzero"`     // when staff were last told; zero: never
	Begun time.Time `json:"begun,omitzero"`  // when the latest trouble began; zero: there never was any
	Ended time.Time `json:"ended,omitzero"`  // when the latest trouble ended; zero while it lasts
	Words string    `json:"words,omitempty"` // what the trouble is, in the words of the server or the system
	Owed  bool      `json:"owed,omitempty"`  // staff were told that it began, and have yet to be told that it ended
}

// Notices keep what staff were told by the digest and by alerts.
type Notices interface {
	// Notify stores a notice, which replaces the one of the same name, and the mails that
	// tell staff of it, to be sent by the outbox. at is when the mails are due. There may
	// be no mails.
	Notify(ctx context.Context, n Notice, at time.Time, mails []order.Reply) error

	// Notices returns all notices, sorted by name. There are few.
	Notices(ctx context.Context) ([]Notice, error)
}
