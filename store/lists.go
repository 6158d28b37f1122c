package store

import (
	"context"
	"strings"
	"time"

	"bdc/order"
)

// Delivery is how far a reply has come on its way out.
type Delivery struct {
	Due      time.Time // from when it may be claimed, unless it is settled
	Attempts int       // how often it was claimed
	Outcome  Outcome   // of the last attempt; "" before it
	At       time.Time // when the last attempt was settled; zero before it
	Words    string    // of that settlement
}

// Answer is a reply to a message, and how far it has come.
type Answer struct {
	Reply order.Reply
	Delivery
}

// OrderRow is what a list shows of an order.
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

// OrderFilter chooses orders: those that meet all of its fields. A zero field is met
// by every order.
type OrderFilter struct {
	// Words are looked for, each anywhere, in number, account, bookseller, reference,
	// UAI, school, address, sender and the EANs of the lines, whatever their letter
	// case and accents. An order is chosen when it has all of them. A word is looked
	// for in EANs only when it has six digits or more.
	Words       string
	Status      order.Status
	Account     string      // of the bookseller
	UAI         order.UAI   // of the school
	EANs        []order.EAN // at least one line has one of these
	From, Until time.Time   // received at From or later, and before Until
}

// CaseRow is what a list shows of a case.
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

	// Findings are the codes of all that was found in the case, each once: its
	// reason, and the findings of its attempts as they are now.
	Findings []order.Code `json:"findings,omitempty"`
}

// Nobody, as the Holder of a CaseFilter, chooses the cases that no user has.
const Nobody = "-"

// CaseFilter chooses cases: those that meet all of its fields, but for Newest. A zero
// field is met by every case.
type CaseFilter struct {
	Words   string      // each anywhere in what a CaseRow shows or the case is about, as in an OrderFilter
	State   order.State // whose turn it is
	Holder  string      // the user who has it, or Nobody
	Reason  order.Code
	Account string    // of the bookseller
	UAI     order.UAI // of the school
	Newest  bool      // list the newest first; otherwise the oldest
}

// Lists are what people look through: rows that a filter chooses, page by page. A
// page begins after the last row of the page before it, which the caller names.
type Lists interface {
	// OrderRows returns up to limit orders that the filter chooses and whose numbers
	// are below a number ("" for no bound), the highest number first. The error
	// wraps ErrNotFound when below is no order number.
	OrderRows(ctx context.Context, f OrderFilter, below string, limit int) ([]OrderRow, error)

	// CaseRows returns up to limit cases that the filter chooses and that come after
	// the case of a code ("" for the beginning of the list). That case need not be
	// one that the filter chooses; the error wraps ErrNotFound when there is none of
	// that code.
	CaseRows(ctx context.Context, f CaseFilter, beyond string, limit int) ([]CaseRow, error)

	// Waiting counts the cases that wait for staff, and returns when the oldest of
	// these was opened; zero when there is none.
	Waiting(ctx context.Context) (n int, oldest time.Time, err error)

	// Events returns up to limit lines of the audit that the filter chooses and whose
	// sequence numbers are below a number (0 for no bound), the latest first. It looks
	// at some 100,000 lines at most. next is the number to pass as below in the next
	// call; 0 when every line was looked at.
	Events(ctx context.Context, f EventFilter, below uint64, limit int) (events []order.Event, next uint64, err error)

	// Delivery returns how far a reply has come. The error wraps ErrNotFound.
	Delivery(ctx context.Context, reply uint64) (Delivery, error)

	// Answers returns the replies to a message, the oldest first; none for a message
	// that is not recorded.
	Answers(ctx context.Context, message order.Key) ([]Answer, error)
}

// EventFilter chooses lines of the audit: those that meet all of its fields. A zero
// field is met by every line.
type EventFilter struct {
	Actor string // "bdc", or a user's name
	Verb  string // the verb, or what it begins with: "order."
	Order string // a number
	Case  string // a code
}

// Chooses reports whether the filter chooses an event.
func (f EventFilter) Chooses(e order.Event) bool {
	return (f.Actor == "" || e.Actor == f.Actor) && strings.HasPrefix(e.Verb, f.Verb) &&
		(f.Order == "" || e.Order == f.Order) && (f.Case == "" || e.Case == f.Case)
}
