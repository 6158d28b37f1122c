package store

import (
	"context"
	"time"
)

// RestoreSpan is how many numbers of a year, and revisions of a register, belong to each
// restore: see Ownership.Restores.
const RestoreSpan = 1_000_000

// Generation is one raise of the mark in the mailbox by which an inbox knows the record
// that serves it. Two generations are equal if both their fields are. The zero Generation
// is none.
type Generation struct {
	Number uint64 `json:"number"` // rising by 1
	Nonce  string `json:"nonce"`  // 128 random bits, drawn for each raise: 32 hex digits
}

// IsZero reports whether it is no generation.
func (g Generation) IsZero() bool { return g == Generation{} }

// Doubt says why the record may not be the one that owns its inbox. While there is a doubt,
// no order gets a number and only mails to staff leave.
type Doubt string

// The doubts, the gravest first. Of several, Ownership tells the gravest.
const (
	Copied   Doubt = "copy"     // Backup wrote the file, and nobody has made a record of it since
	Foreign  Doubt = "foreign"  // the mailbox names another record
	Behind   Doubt = "behind"   // the mailbox names a generation that this record never wrote
	Restored Doubt = "restored" // TakeOver made it the record: the mailbox's folders have yet to be listed
	Unasked  Doubt = "unasked"  // the mailbox has not been asked yet since the program started
	NoDoubt  Doubt = ""
)

// Ownership is what the record knows of whether it owns its inbox.
type Ownership struct {
	Record    string     // the record's identity, which it keeps for ever: 32 hex digits
	Committed Generation // the last that the mailbox had; zero if it had none since the last TakeOver
	Intended  Generation // a raise under way, which the mailbox may have or not; zero for none

	// Restores is how often the record, or one that it replaces, was restored or claimed an
	// inbox; or more, if numbers were seen that demand it. The numbers that orders get, in
	// every year, and the revisions that registers get are higher than Restores times
	// RestoreSpan. So they are not those that were given after a copy was made.
	Restores uint64

	Doubt    Doubt
	Words    string    // for people: more about the doubt Foreign or Behind; or ""
	CopiedAt time.Time // the Takeover.CopiedAt of the last TakeOver; zero if there was none
}

// Takeover asks to make the record the one that owns its inbox, whatever the mailbox says:
// after a copy was put in its place, or because a person says so.
type Takeover struct {
	Restores uint64    // Ownership.Restores becomes this at least, and rises by 1 at least
	CopiedAt time.Time // the moment of the copy, UTC, which is then the last backup; zero if none was put in place
	Claimed  bool      // it was claimed by a person, and no copy was restored
	Actor    string    // "bdc", or a user's name
	At       time.Time
	Words    string // for the audit, for people; or ""
}

// Owner records whether the record owns its inbox, and what became doubtful since it may
// not have owned it. To ask the mailbox is its callers' duty.
//
// While Ownership tells a doubt: Record refuses intakes that have orders, and Decide
// decisions that have one, with an error that wraps ErrNotOwner; Claim and Due know only
// mails to staff; SendDoubtful is refused. All else goes on. The record begins without a
// doubt, so that one without a mailbox works.
type Owner interface {
	// Ownership returns what the record knows. It is cheap.
	Ownership(ctx context.Context) (Ownership, error)

	// Ask adds the doubt Unasked. The program calls it at each start, if it has a mailbox to
	// ask. Repeating it changes nothing.
	Ask(ctx context.Context) error

	// Confirm ends the doubts Unasked, Behind and Foreign: the mailbox was asked, and it
	// names the record and its Committed or Intended generation. It adds a line to the audit
	// if it ends one of the last two. Repeating it changes nothing.
	Confirm(ctx context.Context, at time.Time) error

	// Disown adds the doubt Behind or Foreign, in place of any that the mailbox gave before,
	// and a line to the audit. Repeating it with the same doubt and words changes nothing.
	// Other doubts are an error.
	Disown(ctx context.Context, d Doubt, words string, at time.Time) error

	// Intend writes down that the generation is about to be written into the mailbox. It
	// replaces an intended one. The error wraps ErrNotOwner if the doubt is Copied, Behind
	// or Foreign, and ErrRevision if the generation's number is not higher than that of the
	// committed one.
	Intend(ctx context.Context, g Generation) error

	// Commit writes down that the mailbox has the intended generation. The error wraps
	// ErrRevision if another, or none, is intended. Repeating it changes nothing.
	Commit(ctx context.Context, g Generation) error

	// TakeOver makes the record the one that owns its inbox. It ends all doubts and adds
	// Restored, and forgets the committed and the intended generation: the next is to be
	// written into the mailbox whatever that says. It raises Restores. Every reply that is
	// still to be sent becomes doubtful: it may have left after the copy was made. One line
	// is added to the audit, "record.restored" or "record.claimed". Repeating it does all
	// of it again.
	TakeOver(ctx context.Context, t Takeover) error

	// Listed ends the doubt Restored: the messages in the mailbox that the record doesn't
	// know are listed. It adds a line to the audit, and those of VerbLost. If there is no
	// such doubt, it changes nothing.
	Listed(ctx context.Context, l Listing) error

	// RaiseRestores makes Restores as high as this at least.
	RaiseRestores(ctx context.Context, atLeast uint64) error

	// Doubtful returns up to limit doubtful replies whose id is higher than after, by rising
	// id. They stay doubtful until SendDoubtful or DropDoubtful; nothing else sends, takes
	// back or gives up any.
	Doubtful(ctx context.Context, after uint64, limit int) ([]Answer, error)

	// SendDoubtful lets a doubtful reply leave: it is due at the moment at. The error wraps
	// ErrNotFound if there is no such reply, ErrRevision if it is not doubtful any more, and
	// ErrNotOwner while Ownership tells a doubt. It adds a line to the audit.
	SendDoubtful(ctx context.Context, reply uint64, actor string, at time.Time) error

	// DropDoubtful settles a doubtful reply as Dropped: it never leaves. The error wraps
	// ErrNotFound if there is no such reply, and ErrRevision if it is not doubtful any more.
	// It adds a line to the audit.
	DropDoubtful(ctx context.Context, reply uint64, actor string, at time.Time) error
}
