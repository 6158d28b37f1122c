package store

import (
	"time"

	"bdc/order"
)

// LostReply is a reply of ours of which there is a copy in the mailbox, and which a restored
// record does not know.
type LostReply struct {
	MessageID string       // its own
	To        string       // an address
	Subject   string       // with its tag
	Date      time.Time    // when it was written, UTC; zero where its header does not say
	Told      []order.Told // what it tells of each form
}

// Listing ends a look through the folders of the mailbox after a restore: see Owner.Listed.
type Listing struct {
	Actor string // "bdc"
	At    time.Time
	Lost  []LostReply // the replies that nobody can find in the record
}

// VerbLost is the verb of the lines of the audit that tell of lost replies: one for each
// Told of a LostReply, with its order and its case. The Detail has the kind, the recipient,
// the date in France and the subject, with a comma and a space between them.
const VerbLost = "reply.lost"
