package store

import (
	"context"
	"time"

	"bdc/order"
)

// Erasure asks for old attachments to be erased.
type Erasure struct {
	Before time.Time  // erase those whose last coming was before this moment
	After  order.Hash // look at those with a higher hash: the cursor; "" in the first call
	Actor  string     // "bdc", or a user's name
	At     time.Time
}

// Erased is what one call erased.
type Erased struct {
	Attachments int
	Next        order.Hash // the Erasure.After of the next call, or "" when all were looked at
}

// Retention erases what was kept long enough. The mailbox still has the mail.
type Retention interface {
	// EraseAttachments erases old attachments: those that Keep was last given before
	// a moment, and that no open case and no unsettled reply is about. One call looks
	// at some thousands of attachments at most, in one transaction, and returns where
	// the next call goes on. The audit gets a line when anything is erased. From then
	// on Blob returns ErrNotFound for these attachments, and Keep stores them anew
	// when they come again.
	EraseAttachments(ctx context.Context, e Erasure) (Erased, error)
}
