package store

import (
	"context"
	"encoding/json"
	"time"
)

// Kind is a kind of things that the record holds about people.
type Kind string

// The kinds. Only those that ErasableKinds returns can be erased.
const (
	KindMessage Kind = "messages"
	KindReply   Kind = "replies" // mails to staff too
	KindCase    Kind = "cases"
	KindOrder   Kind = "orders"
	KindEvent   Kind = "audit"
	KindNotice  Kind = "notices" // only by address: a notice is replaced by the next of its name

	KindUser    Kind = "users"    // of the console
	KindSession Kind = "sessions" // of these users
	KindImport  Kind = "imports"  // the reports of the last imports of a register
)

// ErasableKinds returns the kinds that Erase erases.
func ErasableKinds() []Kind {
	return []Kind{KindMessage, KindReply, KindCase, KindOrder, KindEvent, KindNotice}
}

// Erasure asks for things to be erased: all that are older than Before or, if there is an
// Address, all that name it, however old.
type Erasure struct {
	Before  time.Time // with an Address, it does not matter
	Address string    // a mail address; "" for anybody's
	After   string    // where the call has to go on: the Erased.Next of the call before; "" in the first
	Actor   string    // "bdc", or a user's name
	At      time.Time
}

// Erased says what one call did.
type Erased struct {
	Count int    // how many things it erased
	Next  string // the Erasure.After of the next call; "" once all were looked at
}

// Hindrance says why something is not erased.
type Hindrance string

// The hindrances.
const (
	NoHindrance Hindrance = ""
	OpenCase    Hindrance = "open"     // it is an open case, or belongs to one
	Unsent      Hindrance = "unsent"   // it is a reply that is not settled, or what that reply is about
	Unopened    Hindrance = "unopened" // it is an order that is neither opened nor cancelled, or belongs to one
	Lasting     Hindrance = "lasting"  // it is a notice of a trouble that lasts
	Remaining   Hindrance = "remains"  // it was erased, and the address is in what an erasure leaves
	Elsewhere   Hindrance = "register" // it came with a register, which the next import replaces
	Console     Hindrance = "user"     // it is a user of the console, or belongs to one
)

// Holding is one thing that the record holds about a person.
type Holding struct {
	Kind      Kind            `json:"kind"`
	Name      string          `json:"name"` // its number, code, id or key
	Hindrance Hindrance       `json:"hindrance,omitempty"`
	Value     json.RawMessage `json:"value"` // what is held, as encoding/json encodes the type of that kind
}

// Holdings is a page of what the record holds about a person.
type Holdings struct {
	List []Holding `json:"list"`
	Next string    `json:"next"` // where the next page begins; "" once all was looked at
}

// Retention erases what was kept long enough, and what a person asks to have erased. The
// mails themselves stay in the mailbox.
//
// To erase a thing is to take the fields of people out of it, as the methods Erase of
// package order do, and to delete its files and composed mails. All else stays: numbers,
// codes, keys, statuses, days, counts, and every index by hash. So an erased message is
// still known by its key, its content and its header, and an erased order by its identity
// and its reference: the same is not taken twice. No search finds an erased word.
//
// Never erased are open cases, unsettled replies, and orders that are neither opened nor
// cancelled, nor what belongs to one of these: a message with an attempt in an open case, a
// case whose order is not opened, and so on.
type Retention interface {
	// EraseAttachments erases old attachments: those that Keep was last given before
	// Erasure.Before, unless an open case or a reply still to be sent is about them. One call
	// looks at some thousands of attachments at most, in one transaction, and returns
	// where the next call has to go on. If it erases anything, it adds a line to the
	// audit. For an erased attachment Blob returns ErrNotFound, until Keep stores it
	// again. It erases nothing by Erasure.Address.
	EraseAttachments(ctx context.Context, e Erasure) (Erased, error)

	// Erase erases things of one kind: those that were last changed before
	// Erasure.Before, or that name Erasure.Address in any of their texts, as order.Names
	// does. A message counts as changed when it was recorded, a reply when it was
	// settled, a case when it was last changed, an order at its last step, or when it was
	// received. A notice is only erased by address. What is erased already is passed over.
	//
	// The files of a message, a case or an order go with it, except those that came again
	// later, with another message.
	//
	// One call looks at some thousands of things, and erases some dozens at most (lines of
	// the audit: a thousand), so that no writer waits for long. If it erases anything, it
	// adds a line to the audit that says how many, and not whose. An order may be stepped
	// back by a person while the call runs: then the order as the call found it counts.
	Erase(ctx context.Context, kind Kind, e Erasure) (Erased, error)

	// Holdings returns a page of all that names a mail address, in any of its texts and in
	// any letter case, as order.Names does; after is the Next of the page before, "" for
	// the first. Users come without the hash of their password, sessions without their id.
	// One call looks at some thousands of things at most, so a page may be empty though
	// there is more. It does not look into registers, composed mails and files.
	Holdings(ctx context.Context, address, after string) (Holdings, error)
}
