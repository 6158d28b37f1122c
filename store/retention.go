package store

import (
	"context"
	"time"

	"bdc/order"
)

// Erasure asks for old attachments to be erased.
type Erasure struct {
	Before time.Time  // erase attachments that Keep was last given before this moment
	After  order.Hash // look only at attachments with a higher hash; "" in the first call
	Actor  string     // "bdc", or a user's name
	At     time.Time
}

// Erased says what one call of EraseAttachments did.
type Erased struct {
	Attachments int        // how many it erased
	Next        order.Hash // the Erasure.After of the next call; "" once all were looked at
}

// Retention erases attachments that were kept long enough. The mails that they came with
// stay in the mailbox.
type Retention interface {
	// EraseAttachments erases old attachments: those that Keep was last given before
	// Erasure.Before, unless an open case or a reply still to be sent is about them. One call
	// looks at some thousands of attachments at most, in one transaction, and returns
	// where the next call has to go on. If it erases anything, it adds a line to the
	// audit. For an erased attachment Blob returns ErrNotFound, until Keep stores it
	// again.
	EraseAttachments(ctx context.Context, e Erasure) (Erased, error)
}
