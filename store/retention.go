package store

import (
	"context"
	"time"

	"bdc/order"
)

// Erasure asks for old attachments to be erased.
type Erasure struct {
	Before time.Time  // those that came last before then
	After  order.Hash // those of a higher hash: the cursor; "" at first
	Actor  string
	At     time.Time
}

// Erased is what one call erased.
type Erased struct {
	Attachments int
	Next        order.Hash // where to go on, or "" when all were looked at
}

// Retention erases what was kept long enough. The mailbox keeps the mail.
type Retention interface {
	// EraseAttachments erases attachments that came last, as far as Keep knows,
	// before a moment, and that no open case and no unsettled reply is about. It
	// looks at some of them, in one transaction; the audit gets a line when any is
	// erased. Blob says ErrNotFound of them from then on, and Keep stores them
	// anew when they come again.
	EraseAttachments(ctx context.Context, e Erasure) (Erased, error)
}
