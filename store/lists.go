package store

import (
	"context"
	"errors"
	"strings"
	"time"

	"bdc/order"
)

// ErrLeft: the reply has left, or is on its way: it cannot be taken back.
var ErrLeft = errors.New("the reply has left already")

// Withdrawn is the outcome of a reply that was taken back before any attempt.
const Withdrawn Outcome = "withdrawn"

// Delivery is how far a reply has come on its way out.
type Delivery struct {
	Due      time.Time // from when it may be claimed, unless it is settled
	Attempts int
	Outcome  Outcome // of the last attempt; "" before it
	At       time.Time
	Words    string
}

// Answer is a reply, and how far it has come.
type Answer struct {
	Reply order.Reply
	Delivery
}

// OrderRow is an order as a list shows it.
type OrderRow struct {
	Number        string       `json:"number"`
	Status        order.Status `json:"status"`
	ReceivedAt    time.Time    `json:"received_at"`
	Account       string       `json:"account,omitempty"`
	Bookseller    string       `json:"bookseller,omitempty"`
	Reference     string       `json:"reference,omitempty"`
	UAI           order.UAI    `json:"uai"`
	Establishment string       `json:"establishment,omitempty"`
	Town          string       `json:"town,omitempty"`
	Lines         int          `json:"lines"`
	Quantity      int          `json:"quantity"`
	Total         order.Cents  `json:"total_cents"`
}

// OrderFilter chooses orders. Its zero fields choose all.
type OrderFilter struct {
	// Words are looked for in number, account, bookseller, reference, UAI, school,
	// address, sender and the EANs of the lines (of which six digits or more count): each must be there, anywhere,
	// whatever its case and accents.
	Words       string
	Status      order.Status
	Account     string      // of the bookseller
	UAI         order.UAI   // of the school
	EANs        []order.EAN // one of them, at least, is a line's
	From, Until time.Time   // received not before, and before
}

// CaseRow is a case as a list shows it.
type CaseRow struct {
	Code          string      `json:"code"`
	State         order.State `json:"state"`
	Reason        order.Code  `json:"reason"`
	Revision      uint64      `json:"revision"`
	OpenedAt      time.Time   `json:"opened_at"`
	UpdatedAt     time.Time   `json:"updated_at"`
	From          string      `json:"from,omitempty"`
	Subject       string      `json:"subject,omitempty"`
	Bookseller    string      `json:"bookseller,omitempty"`
	Reference     string      `json:"reference,omitempty"`
	UAI           order.UAI   `json:"uai"`
	Establishment string      `json:"establishment,omitempty"`
	Town          string      `json:"town,omitempty"`
	Attempts      int         `json:"attempts"`
	Holder        string      `json:"holder,omitempty"`

	// Findings are the codes of what was ever found in it, each once: the reason
	// that opened it, and those of its attempts as they stand.
	Findings []order.Code `json:"findings,omitempty"`
}

// Nobody, as a CaseFilter's Holder, chooses the cases that nobody has.
const Nobody = "-"

// CaseFilter chooses cases. Its zero fields choose all.
type CaseFilter struct {
	Words   string // as an OrderFilter's
	State   order.State
	Holder  string
	Reason  order.Code
	Account string    // of the bookseller
	UAI     order.UAI // of the school
	Newest  bool      // the newest first, and the oldest otherwise
}

// Lists are what people look through: rows, filtered, by cursor.
type Lists interface {
	// OrderRows returns up to limit orders that the filter chooses, by falling
	// number, from below a number; "" for the highest.
	OrderRows(ctx context.Context, f OrderFilter, below string, limit int) ([]OrderRow, error)

	// CaseRows returns up to limit cases that the filter chooses, beyond the case
	// of a code; "" for the first. The error wraps ErrNotFound when there is no
	// case of that code; whether the filter chooses it does not matter.
	CaseRows(ctx context.Context, f CaseFilter, beyond string, limit int) ([]CaseRow, error)

	// Waiting counts the cases that wait for staff, and says since when the
	// oldest does; zero when none does.
	Waiting(ctx context.Context) (n int, oldest time.Time, err error)

	// Events returns up to limit lines of the audit that the filter chooses, by
	// falling number, from below a number; 0 for the last. It looks at some
	// 100,000 lines at most, and returns the number below which to go on; 0 where
	// there is nothing further.
	Events(ctx context.Context, f EventFilter, below uint64, limit int) (events []order.Event, next uint64, err error)

	// Delivery says how far a reply has come. The error wraps ErrNotFound.
	Delivery(ctx context.Context, reply uint64) (Delivery, error)

	// Answers returns the replies to a message, the first first; none for one that
	// is not known.
	Answers(ctx context.Context, message order.Key) ([]Answer, error)
}

// Acts are what people do, beside Decide.
type Acts interface {
	// PauseIntake asks the inbox to take in nothing more until the intake is
	// resumed: messages wait in the mailbox. Record and the other verbs of Intake
	// still work, for the messages in flight. Pausing a paused intake changes
	// nothing, also not who paused it and why.
	PauseIntake(ctx context.Context, p Pause) error

	// ResumeIntake ends the pause of the intake. Resuming one that is not paused
	// changes nothing.
	ResumeIntake(ctx context.Context, actor string, at time.Time) error

	// Undo takes back the last act of a case that caused a reply: the reply is
	// never sent, the order that it accepted is cancelled, and the case is again
	// in the state before the act. It returns ErrRevision, and changes nothing,
	// when the case is no longer as the person saw it; ErrLeft when the reply was
	// claimed by a sender, ever; and ErrNotFound when there is no such act.
	Undo(ctx context.Context, u order.Undo) error

	// Advance changes an order's status, and returns it as it is then. It returns
	// ErrRevision, and changes nothing, when the status is not the one that the
	// person saw, or may not become the other (order.Status.May). A cancelled
	// order is forgotten by Past: the same may be ordered anew.
	Advance(ctx context.Context, number string, seen order.Status, step order.Step) (order.Order, error)
}

// People are the users of the console and their sessions.
type People interface {
	// SaveUser records a user, new or in the place of the one of that name, and
	// ends the sessions of the latter.
	SaveUser(ctx context.Context, u order.User, actor string, at time.Time) error

	// User returns a user by name. The error wraps ErrNotFound.
	User(ctx context.Context, name string) (order.User, error)

	// Users returns all users, by name: there are not many.
	Users(ctx context.Context) ([]order.User, error)

	// Enter records a session, and forgets those that ended before it began. The
	// error wraps ErrNotFound when there is no such user, or a closed one.
	Enter(ctx context.Context, s order.Session) error

	// Session returns a session that has not ended at a time, and its user as
	// recorded now. The error wraps ErrNotFound.
	Session(ctx context.Context, id order.Hash, at time.Time) (order.Session, order.User, error)

	// Leave ends a session. It is no error when there is none.
	Leave(ctx context.Context, id order.Hash, at time.Time) error

	// SetPassword puts a user's new hash in the place of the one that the user
	// proved to know, and ends the user's sessions but one. It returns
	// ErrRevision, and changes nothing, when the hash is not that one any more.
	// The error wraps ErrNotFound when there is no such user.
	SetPassword(ctx context.Context, p Password) error

	// Refuse notes that somebody was not let in. The caller bounds how often.
	Refuse(ctx context.Context, r Refusal) error
}

// Password is a user's change of password.
type Password struct {
	User     string
	Was, Now string     // hashes in PHC form
	Keep     order.Hash // the session that goes on
	At       time.Time
}

// Refusal is an attempt to sign in that failed.
type Refusal struct {
	User string // a user's name, or "" for a name that is nobody's: what was typed there may be a password
	From string // the address that it came from
	At   time.Time
}

// EventFilter chooses lines of the audit. Its zero fields choose all.
type EventFilter struct {
	Actor string
	Verb  string // or what it begins with: "order."
	Order string
	Case  string
}

// Chooses reports whether the filter chooses an event.
func (f EventFilter) Chooses(e order.Event) bool {
	return (f.Actor == "" || e.Actor == f.Actor) && strings.HasPrefix(e.Verb, f.Verb) && (f.Order == "" || e.Order == f.Order) && (f.Case == "" || e.Case == f.Case)
}
