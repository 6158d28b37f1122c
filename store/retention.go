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

// Retention erases attachments that were kept long enough. The mails that they came with
// stay in the mailbox.
type Retention interface {
	// EraseAttachments erases old attachments: those that Keep was last given before
	// Erasure.Before, unless an open case or an unsettled reply is about them. One call
	// looks at some thousands of attachments at most, in one transaction, and returns
	// where the next call has to go on. If it erases anything, it adds a line to the
	// audit. For an erased attachment Blob returns ErrNotFound, until Keep stores it
	// again.
	EraseAttachments(ctx context.Context, e Erasure) (Erased, error)
}
