package store

import (
	"context"
	"strings"
	"time"

	"bdc/order"
)

// Delivery is how far a reply has come on its way out.
type Delivery struct {
	// Due is when it may next be claimed. It has no meaning if Outcome is neither "" nor Later,
	// or if Doubtful is true.
	Due      time.Time
	Attempts int       // how often it was claimed
	Outcome  Outcome   // of the last attempt that was settled; "" if none was
	At       time.Time // when that attempt was settled; zero if none was
	Words    string    // the Settlement.Words of that attempt
	Doubtful bool      // it may have left before the record was restored: see Owner.Doubtful
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
	Erased        bool         `json:"erased,omitempty"` // the fields of people are gone: see Retention
}

// OrderFilter chooses orders: those that meet all of its fields. A zero field is met
// by every order.
type OrderFilter struct {
	// Words are words, separated by spaces, each of which the order must have: in its
	// number, account, bookseller, reference, UAI, school, addresses, sender or the offer
	// references of its lines, as a part of a word too, in any letter case, with or
	// without accents. A word of six digits or more may also be a part of a line's EAN.
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

	// Findings has the Reason, and the codes of the findings that the case's attempts
	// have now, without those that are Fixed; each code once.
	Findings []order.Code `json:"findings,omitempty"`

	Erased bool `json:"erased,omitempty"` // the fields of people are gone: see Retention
}

// Nobody, as the Holder of a CaseFilter, chooses the cases that no user has.
const Nobody = "-"

// CaseFilter chooses cases: those that meet all of its fields. A zero field is met by
// every case. Newest chooses nothing, but sets the order of the list.
type CaseFilter struct {
	Words   string      // as in an OrderFilter, looked for in the case and the order of its last attempt
	State   order.State // whose turn it is
	Holder  string      // the user who has it, or Nobody
	Reason  order.Code
	Account string    // of the bookseller
	UAI     order.UAI // of the school
	Newest  bool      // the newest case comes first; if false, the oldest
}

// Lists are what people look through: rows that a filter chooses, page by page. To get
// the next page, the caller passes the number or code of the last row that it got.
type Lists interface {
	// OrderRows returns up to limit orders that the filter chooses, the highest number
	// first, beginning with the first number lower than below; "" begins with the
	// highest of all. The error wraps ErrNotFound if below is no order number.
	OrderRows(ctx context.Context, f OrderFilter, below string, limit int) ([]OrderRow, error)

	// CaseRows returns up to limit cases that the filter chooses, beginning with the
	// first that comes after the case of the code beyond; "" begins with the first of
	// all. The case beyond need not be one that the filter chooses. The error wraps
	// ErrNotFound if no case has the code.
	CaseRows(ctx context.Context, f CaseFilter, beyond string, limit int) ([]CaseRow, error)

	// Waiting counts the cases that wait for staff, and returns when the oldest of
	// these was opened; zero if there is none.
	Waiting(ctx context.Context) (n int, oldest time.Time, err error)

	// Events returns up to limit lines of the audit that the filter chooses, the latest
	// first, beginning with the first whose Event.Seq is lower than below; 0 begins with
	// the latest of all. One call looks at some 100,000 lines at most, so it may return
	// fewer than limit, or none, though there are more. next is the below of the call
	// that goes on; 0 if no lines are left to look at.
	Events(ctx context.Context, f EventFilter, below uint64, limit int) (events []order.Event, next uint64, err error)

	// Delivery returns how far the reply of an id has come. The error wraps ErrNotFound
	// if there is no such reply.
	Delivery(ctx context.Context, reply uint64) (Delivery, error)

	// Answers returns the replies to a message, the oldest first. For a message that is
	// not recorded it returns none, and no error.
	Answers(ctx context.Context, message order.Key) ([]Answer, error)
}

// EventFilter chooses lines of the audit: those that meet all of its fields. A zero
// field is met by every line.
type EventFilter struct {
	Actor string // "bdc", or a user's name
	Verb  string // a verb, or the beginning of one, such as "order."
	Order string // a number
	Case  string // a code
}

// Chooses reports whether the filter chooses an event.
func (f EventFilter) Chooses(e order.Event) bool {
	return (f.Actor == "" || e.Actor == f.Actor) && strings.HasPrefix(e.Verb, f.Verb) &&
		(f.Order == "" || e.Order == f.Order) && (f.Case == "" || e.Case == f.Case)
}
