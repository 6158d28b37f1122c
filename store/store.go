// Package store is the contract of the place where everything that must not be
// lost is kept: messages taken in, orders and their numbers, cases, replies on
// their way, attachments, the registers, and an audit line for each event.
//
// The contract is made of verbs, each one transaction, and never of closures:
// an engine with small optimistic transactions can serve it as well as one with
// a single writer. Package storetest holds the suite that every engine passes;
// package boltstore is the default engine.
//
// What every method promises:
//
//   - It returns after its effects are durable, or with an error and no effect.
//     A crash during it leaves all of its effects or none.
//   - It may be called concurrently, and returns values that the caller owns.
//   - It waits for no network, and ends early with ctx's error, without effect,
//     only before its transaction has begun.
//   - An error that wraps none of the sentinels below is the engine's trouble
//     (disk full, file damaged). Calling again is safe: every verb may be
//     repeated, or says in its comment what repeating it returns.
package store

import (
	"context"
	"errors"
	"io"
	"time"

	"bdc/order"
)

// Errors of opening an engine.
var (
	// ErrLocked: another process has the data file open.
	ErrLocked = errors.New("the data file is in use by another process")
	// ErrDamaged: the data file cannot be read. Nothing was changed in it.
	ErrDamaged = errors.New("the data file is damaged")
	// ErrFormat: the data file was written by a later version of the program.
	ErrFormat = errors.New("the data file has a later format")
)

// Errors of single verbs.
var (
	// ErrNotFound: no such order, case, attachment or register.
	ErrNotFound = errors.New("not found")
	// ErrSeen: the message is recorded already; it only has to be moved.
	ErrSeen = errors.New("message recorded already")
	// ErrStale: something that bears on the message was recorded since it was
	// examined, or a case code is taken. Examine it again.
	ErrStale = errors.New("examined against an older state")
	// ErrRevision: somebody else changed the case meanwhile.
	ErrRevision = errors.New("the case has changed meanwhile")
	// ErrClaim: the reply is not, or no longer, claimed by this claimant.
	ErrClaim = errors.New("the reply is claimed by another")
)

// Store is what every engine offers. Whoever opened it closes it, after every
// call has returned.
type Store interface {
	Intake
	Outbox
	Notices
	Review
	Lists
	Acts
	People
	Registers
	Statistics
	Retention

	// Backup writes a consistent copy of everything, which the engine can open,
	// while other calls go on.
	Backup(ctx context.Context, w io.Writer) error

	// BackedUp notes that a copy that Backup wrote is safe where it belongs.
	BackedUp(ctx context.Context, at time.Time) error

	// Check verifies the engine's own consistency and the contract's invariants
	// (each number once, each index pointing at something, each hash its
	// bytes), and returns all that is wrong, joined. It may take minutes.
	Check(ctx context.Context) error

	Close() error
}

// Suspect is a message that was in flight when the program last died.
type Suspect struct {
	Key    order.Key
	Deaths int // how often the program died while it was examined alone
}

// Receipt is what recording an intake gave it.
type Receipt struct {
	Numbers []string // of Intake.Orders, in their order
	Replies []uint64 // ids of Intake.Replies, in their order
	Err     error    // nil, or why this intake, and only this one, was not recorded
}

// Intake is the way in: from a mailbox to the record.
type Intake interface {
	// Recover is called once, before any other verb of Intake. It returns the
	// messages whose marks an unclean stop left behind, after counting a death
	// against the one that was alone, if any. They stay marked, no longer
	// alone, until recorded or released.
	Recover(ctx context.Context) ([]Suspect, error)

	// Mark notes that these messages are about to be examined, in one commit;
	// alone says that nothing else is examined meanwhile. Marking a message
	// again replaces its mark and keeps its deaths.
	Mark(ctx context.Context, keys []order.Key, alone bool) error

	// Unmark takes marks off messages that will not be examined now, such as
	// those whose connection was lost; their deaths are kept as long as the
	// program was not stopped cleanly. Unknown keys are ignored.
	Unmark(ctx context.Context, keys []order.Key) error

	// Rest takes all marks off and forgets all deaths: the clean stop.
	Rest(ctx context.Context) error

	// Seen returns, of these messages, those recorded before and the folder
	// where each belongs.
	Seen(ctx context.Context, keys []order.Key) (map[order.Key]order.Folder, error)

	// Keep stores attachments under their hashes, in one commit, and notes on
	// which day. Bytes that are there already are not stored twice. Its own commit, before the intake
	// that names them: an attachment without an intake is only wasted space.
	Keep(ctx context.Context, blobs [][]byte) error

	// Past answers what the record knows that bears on a message. A case is
	// joined only by its own sender, or for its own account; a closed one by no
	// form.
	Past(ctx context.Context, q order.Query) (order.Past, error)

	// Record stores intakes, each whole or not at all, and takes their marks
	// off. Several intakes may share a commit; when that commit fails they are
	// tried one by one, so that one bad intake holds up no other. The receipts
	// are in the intakes' order. A receipt's error wraps ErrSeen when the
	// message is there already, or ErrStale when Past(in.Query) no longer
	// equals in.Past (also because of an intake before it in the same call)
	// or a case code is taken; its message then keeps its mark.
	//
	// Numbers are given in order, without gaps within a year of Europe/Paris as
	// far as recorded, and never twice, whatever crashes. The results of a
	// reply that point at an order get its number.
	Record(ctx context.Context, intakes []order.Intake) []Receipt

	// Pauses returns the pause of the intake and that of the outbox; zero for one
	// that is not paused. It is cheap: it may be called before each batch of
	// messages, and for each page of the console.
	Pauses(ctx context.Context) (Pauses, error)
}

// Claimed is a reply that its claimant, and nobody else, may compose and send
// until the lease ends.
type Claimed struct {
	order.Reply
	Attempt int    // of sending: 1 at first
	Mail    []byte // the composed bytes, once sealed: send these and no others
}

// Sealed is a composed reply: the bytes that every attempt sends.
type Sealed struct {
	Reply uint64
	Mail  []byte
}

// Outcome is how an attempt to send ended.
type Outcome string

// The outcomes.
const (
	Sent   Outcome = "sent"   // the server took it
	Later  Outcome = "later"  // try again at Settlement.Next
	Failed Outcome = "failed" // never try again: a case for staff
)

// Settlement closes one attempt.
type Settlement struct {
	Reply   uint64
	Outcome Outcome
	At      time.Time
	Next    time.Time   // of Later
	Words   string      // the server's, or the error's
	Case    *order.Case // to be opened with it, or nil
}

// Pause says since when, by whom and why the intake or the outbox waits until it is
// resumed. The command line calls this hold and release.
type Pause struct {
	At     time.Time `json:"at"`
	Actor  string    `json:"actor"` // "bdc", or a user's name
	Reason string    `json:"reason"`
}

// IsZero reports whether nothing is paused.
func (p Pause) IsZero() bool { return p == Pause{} }

// Pauses are what may be paused. A zero Pause says that it is not.
type Pauses struct {
	Intake Pause // no message is taken in
	Outbox Pause // no reply is sent
}

// Outbox is the way out. A reply is claimed, sealed once, sent, and settled. A
// lease ends at its time, or with its claimant where the engine knows that it is
// gone.
type Outbox interface {
	// Claim takes up to max replies that are due at now and claimed by nobody
	// whose lease still runs, oldest first, for the claimant until now+lease,
	// in one commit. It returns none, and commits nothing, when none is due. Of an
	// outbox that is paused, only mails to staff are claimed.
	//
	// A reply is due from the moment that it was intended. One under a rate limit
	// is due only once fewer than order.RateLimitMost replies under the same limit
	// have become due within the order.RateLimitSpan before.
	Claim(ctx context.Context, claimant string, now time.Time, lease time.Duration, max int) ([]Claimed, error)

	// Seal stores composed replies before their first attempt, in one commit.
	// The error joins, for each reply claimed by another, one that wraps
	// ErrClaim; the others are sealed. Sealing again, by a claimant that took
	// over an expired lease, changes nothing: the first bytes stay.
	Seal(ctx context.Context, claimant string, mails []Sealed) error

	// Settle closes attempts, in one commit. The error joins, for each reply
	// claimed by another, one that wraps ErrClaim, and for each whose case code
	// is taken one that wraps ErrStale; the others are settled.
	Settle(ctx context.Context, claimant string, settlements []Settlement) error

	// Due is when the next unsettled reply may be claimed; zero when there is
	// none. Of an outbox that is paused, only mails to staff count.
	Due(ctx context.Context) (time.Time, error)

	// Reply returns an intent and, once sealed, its bytes. The error wraps
	// ErrNotFound.
	Reply(ctx context.Context, id uint64) (Claimed, error)

	// PauseOutbox ends claiming until the outbox is resumed: every reply waits but
	// mails to staff, and nothing is lost. What is claimed may still be settled.
	// Pausing a paused outbox changes nothing, also not who paused it and why.
	PauseOutbox(ctx context.Context, p Pause) error

	// ResumeOutbox ends the pause of the outbox. Resuming one that is not paused
	// changes nothing.
	ResumeOutbox(ctx context.Context, actor string, at time.Time) error

	// Sendings returns the replies, but mails to staff, that were sent since a
	// moment and since the outbox was last resumed, oldest first; the latest
	// limit of them where there are more.
	Sendings(ctx context.Context, since time.Time, limit int) ([]Sending, error)
}

// Sending is a reply that was sent.
type Sending struct {
	At time.Time
	To string
}

// Notice is the mark of what staff were told about one matter, so that no
// restart makes bdc tell it twice, or never.
type Notice struct {
	Name  string    `json:"name"`            // "digest", or an order.Cause
	At    time.Time `json:"at,omitzero"`     // when they were last told; zero: never
	Begun time.Time `json:"begun,omitzero"`  // since when there is, or was, trouble; zero: there never was
	Ended time.Time `json:"ended,omitzero"`  // until when there was; zero while there is
	Words string    `json:"words,omitempty"` // of the trouble
	Owed  bool      `json:"owed,omitempty"`  // they are to be told of its end
}

// Notices are what staff are told without having asked.
type Notices interface {
	// Notify puts a notice in the place of the one of its name, and intends the
	// mails that tell of it, in one transaction at a moment. Without mails it only
	// marks.
	Notify(ctx context.Context, n Notice, at time.Time, mails []order.Reply) error

	// Notices returns all notices, by name: there are not many.
	Notices(ctx context.Context) ([]Notice, error)
}

// Status counts what the store holds.
type Status struct {
	Messages int `json:"messages"`
	Orders   int `json:"orders"`
	Waiting  int `json:"cases_waiting"`
	SentBack int `json:"cases_sent_back"`
	Unsent   int `json:"replies_unsent"`
	Failed   int `json:"replies_failed"`

	OutboxPause Pause     `json:"outbox_held,omitzero"`    // zero while the outbox is not paused
	BackedUp    time.Time `json:"last_backup_at,omitzero"` // of the last BackedUp
	IntakePause Pause     `json:"intake_held,omitzero"`    // zero while the intake is not paused
}

// Review is what people look at, one by one or page by page, and what they decide.
// Lists go by cursor, so that no list is ever whole in memory.
type Review interface {
	// Order returns the order of that number. The error wraps ErrNotFound.
	Order(ctx context.Context, number string) (order.Order, error)

	// Orders returns up to limit orders after a number ("" for the first), by
	// rising number.
	Orders(ctx context.Context, after string, limit int) ([]order.Order, error)

	// Case returns the case of that code, in any letter case. The error wraps
	// ErrNotFound.
	Case(ctx context.Context, code string) (order.Case, error)

	// Cases returns up to limit cases after a code ("" for the first), oldest
	// first; of one state, or of all for "".
	Cases(ctx context.Context, state order.State, after string, limit int) ([]order.Case, error)

	// Decide records a person's act, the order that it accepts and the reply that
	// it causes, which may not be claimed before the decision's delay is over. The
	// case's acts get a line. It returns ErrRevision, and changes nothing, when
	// the case is no longer as the person saw it.
	Decide(ctx context.Context, d order.Decision) (Receipt, error)

	// Message returns what was kept of a message. The error wraps ErrNotFound.
	Message(ctx context.Context, key order.Key) (order.Message, error)

	// Blob returns an attachment's bytes. The error wraps ErrNotFound.
	Blob(ctx context.Context, hash order.Hash) ([]byte, error)

	// Audit returns up to limit events after a sequence number, oldest first.
	Audit(ctx context.Context, after uint64, limit int) ([]order.Event, error)

	Status(ctx context.Context) (Status, error)
}

// MaxImports is how many imports of a register are remembered.
const MaxImports = 20

// Registers keep the imported directory, catalogue and accounts, each replaced
// as a whole. Their encoding is the business of package validate/registry.
type Registers interface {
	// Swap replaces a register in one transaction and notes the import, which it
	// gives the next revision.
	Swap(ctx context.Context, register string, data []byte, imported order.Import) error

	// Amend replaces a register's data by what a person made of it, and notes the
	// event; the import that made it stays. It returns ErrRevision, and changes
	// nothing, when the register is no longer at the revision that the person's
	// change was made from, and ErrNotFound when nothing was ever imported.
	Amend(ctx context.Context, register string, revision uint64, data []byte, e order.Event) error

	// Register returns a register's data and the import that made it. The error
	// wraps ErrNotFound when nothing was ever imported.
	Register(ctx context.Context, register string) ([]byte, order.Import, error)

	// Imports returns the last imports of a register, at most MaxImports, the
	// newest first; of those before it the rows left out are counted and not
	// named. There is none when nothing was ever imported.
	Imports(ctx context.Context, register string) ([]order.Import, error)
}
