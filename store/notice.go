package store

import (
	"context"
	"time"

	"bdc/order"
)

// Notice is what staff were last told about one matter: the digest, or a cause of
// trouble. It is stored together with the mails that tell of it, so that no restart
// makes bdc tell staff twice, or never.
type Notice struct {
	Name  string    `json:"name"`            // "digest", or an order.Cause
	At    time.Time `json:"at,omitzero"`     // when staff were last told; zero: never
	Begun time.Time `json:"begun,omitzero"`  // since when there is, or was, trouble; zero: there never was
	Ended time.Time `json:"ended,omitzero"`  // until when there was trouble; zero while it lasts
	Words string    `json:"words,omitempty"` // what the trouble is, in the words of the server or the system
	Owed  bool      `json:"owed,omitempty"`  // staff were told that it began, and are still to be told that it ended
}

// Notices keep what staff are told without having asked.
type Notices interface {
	// Notify stores a notice, in the place of the one of the same name, and intends
	// the mails that tell of it, in one transaction at a moment. Without mails it
	// only stores the notice.
	Notify(ctx context.Context, n Notice, at time.Time, mails []order.Reply) error

	// Notices returns all notices, sorted by name. There are few.
	Notices(ctx context.Context) ([]Notice, error)
}
