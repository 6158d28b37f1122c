package store

import (
	"context"

	"bdc/order"
)

// Suspect is a message that was marked when the program last died: examining it may
// be what ended the program.
type Suspect struct {
	Key    order.Key
	Deaths int // how often the program has died while it examined this message alone
}

// HeaderID is how Known finds a message.
type HeaderID struct {
	Hash      order.Hash // as Message.Header; "" if it is not known
	MessageID string     // with angle brackets; "" if the message has none
}

// Seen is what is known of a recorded message before it is only moved.
type Seen struct {
	Folder   order.Folder // where it belongs
	HeaderID              // of the message; its Hash is "" if it was recorded before there was a hash

	// Read says that the message was read, so that its HeaderID tells it from others. It is
	// false if reading it ended the program, and for an erased one without a hash.
	Read bool

	Unfetched bool // Message.Unfetched
}

// Receipt says what came of recording an intake or a decision.
type Receipt struct {
	Numbers []string // the numbers of its orders, in their order
	Replies []uint64 // the ids of its replies, in their order
	Err     error    // why this intake was not recorded; nil if it was, and for a decision
}

// Intake is the way of messages from a mailbox into the record.
//
// A message is marked before it is examined, and recording it takes the mark off.
// The messages that are still marked at the next start show what was being examined
// when the program died.
//
// Each inbox is worked on under a lease. A mark belongs to the lease and the epoch of the
// fence under which it was made. A fence without a lease counts as a lease of its own, with
// one epoch.
type Intake interface {
	// Recover is called once after the inbox's lease was taken, before any other method of
	// Intake. It returns the messages that are still marked under earlier epochs of the
	// lease, because their holder did not stop cleanly, and marks them under the fence's
	// epoch instead. If one of them was being examined alone, Recover counts a death
	// against it. The messages stay marked, though no longer as alone, until they are
	// recorded or unmarked. Called again under the same epoch, it returns none.
	//
	// Marks that were made without a lease are older than any epoch. Under a fence without
	// a lease, Recover returns just these, at each call.
	Recover(ctx context.Context, f Fence) ([]Suspect, error)

	// Mark writes down, in one commit, that these messages are about to be
	// examined; alone says that no other message is being examined meanwhile.
	// Marking a message that is marked replaces its mark and keeps its deaths.
	Mark(ctx context.Context, f Fence, keys []order.Key, alone bool) error

	// Unmark takes the marks off messages that will not be examined now, for
	// example because the connection to the mailbox was lost. Their deaths are kept
	// until the next Rest. Messages that are not marked under the fence's epoch are
	// ignored.
	Unmark(ctx context.Context, f Fence, keys []order.Key) error

	// Rest takes off all marks of the fence's epoch and forgets all deaths that were
	// counted under its lease, but those of messages that are still marked under another
	// epoch. It is called when the work under the lease stops cleanly.
	Rest(ctx context.Context, f Fence) error

	// Seen returns those of the messages that are recorded already.
	Seen(ctx context.Context, keys []order.Key) (map[order.Key]Seen, error)

	// Known reports for each message, whatever its key, whether one with the same header is
	// recorded: after a restore the messages in our folders may be recorded or not, and in
	// another mailbox all keys are others. A message that was recorded without a
	// Message.Header is known by its Message-ID.
	Known(ctx context.Context, messages []HeaderID) ([]bool, error)

	// Keep stores attachments under their hashes, in one commit, and notes the day
	// on which each came. Bytes that are stored already are not stored twice. The
	// caller calls Keep before it calls Record with an intake that names the
	// attachments. If the program dies in between, they only waste space.
	Keep(ctx context.Context, blobs [][]byte) error

	// Past answers a query: the comments of order.Past and order.Thread say what it
	// finds. No form finds a closed case.
	Past(ctx context.Context, q order.Query) (order.Past, error)

	// Record stores intakes, each of them whole or not at all, and takes the marks
	// off their messages. Several intakes may share a commit; when that commit
	// fails, each is tried in a commit of its own, so that one bad intake holds up
	// no other. The receipts are in the order of the intakes.
	//
	// A receipt's error wraps ErrSeen if the message of the intake is recorded already.
	// It wraps ErrStale if Past(ctx, in.Query) would no longer return in.Past, perhaps
	// because of an earlier intake of the same call, or if another case has the code of
	// one of in.Cases. It wraps ErrNotOwner if the intake has orders and the record may not
	// own its inbox: see Owner. After an error that does not wrap ErrSeen, the message keeps
	// its mark. If the fence is not good, each receipt has an error that wraps ErrFenced.
	//
	// Order numbers rise within a year of Europe/Paris, in the order in which orders are
	// recorded, and without gaps but for that of a restore: see Ownership.Restores. No
	// number is given twice, even after a crash. Each Result of a reply whose Order is an
	// index of in.Orders gets that order's number.
	Record(ctx context.Context, f Fence, intakes []order.Intake) []Receipt

	// Pauses returns the pause of the intake and that of the outbox. It is cheap:
	// it may be called before each batch of messages, and for each page of the
	// console.
	Pauses(ctx context.Context) (Pauses, error)
}
