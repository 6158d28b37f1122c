package order

import "time"

// Alert tells staff of one thing that keeps bdc from its work, or that kept it.
type Alert struct {
	Cause Cause     `json:"cause"`
	Begun time.Time `json:"begun"`           // UTC
	Ended time.Time `json:"ended,omitzero"`  // UTC; zero while it goes on
	Words string    `json:"words,omitempty"` // what the server or the system said, if anything
}

// Cause says what an alert is about.
type Cause string

// The causes of an alert.
const (
	CauseInbox   Cause = "inbox"   // the mailbox can't be reached, or doesn't let us in
	CauseMoves   Cause = "moves"   // messages can't be moved out of the inbox
	CauseBacklog Cause = "backlog" // messages arrive faster than they are dealt with
	CauseOutbox  Cause = "outbox"  // the server takes no mail of ours
	CausePause   Cause = "hold"    // the outbox is paused
	CauseSignIn  Cause = "sign-in" // the access token can't be renewed
	CauseExpiry  Cause = "expiry"  // what signs us in expires soon
	CauseDisk    Cause = "disk"    // there is little room for the data file
)

// Causes returns all causes, in the order in which staff read of them.
func Causes() []Cause {
	return []Cause{CauseInbox, CauseMoves, CauseBacklog, CauseOutbox, CausePause, CauseSignIn, CauseExpiry, CauseDisk}
}

// ReasonBounced is the reason of a case about a bounce: a mail that says that a reply of
// ours did not reach its recipient. The Args of the finding are "to", the recipient, and
// "number" where the reply told of an order.
const ReasonBounced Code = "mail.bounced"

// Digest tells staff what happened from one moment until another, and what waits at the
// end of that time.
type Digest struct {
	From  time.Time `json:"from"`  // UTC
	Until time.Time `json:"until"` // UTC

	// What happened within that time.
	Received int `json:"received"`  // messages
	Accepted int `json:"accepted"`  // orders
	SentBack int `json:"sent_back"` // answers that ask for a correction
	Held     int `json:"held"`      // answers that say that a person will look at the order
	Repeated int `json:"repeated"`  // answers that name the number of an order of before
	Bounced  int `json:"bounced"`   // replies that came back
	Failed   int `json:"failed"`    // replies that were given up

	// What waits at its end. Of each kind, the rows are the oldest few.
	Waiting  int         `json:"waiting"`             // cases that wait for staff
	Oldest   time.Time   `json:"oldest,omitzero"`     // when the oldest of these was opened
	Cases    []DigestRow `json:"cases,omitempty"`     // rows of Waiting
	Hours    int         `json:"hours,omitempty"`     // within how many hours services are to be opened; 0: no promise
	Late     int         `json:"late,omitempty"`      // orders received longer ago than that, and not opened
	LateMore bool        `json:"late_more,omitempty"` // there are more than Late, which were not counted
	LateRows []DigestRow `json:"late_rows,omitempty"` // rows of Late
	Near     int         `json:"near,omitempty"`      // orders that will soon be late
	NearRows []DigestRow `json:"near_rows,omitempty"` // rows of Near
	Unsent   int         `json:"unsent"`              // replies

	Troubles []Alert `json:"troubles,omitempty"` // what goes on at its end, or went on within that time
}

// DigestRow is one case or order that a digest lists.
type DigestRow struct {
	Name       string    `json:"name"`  // the case's code or the order's number
	Since      time.Time `json:"since"` // when it was opened or received, UTC
	Bookseller string    `json:"bookseller,omitempty"`
	School     string    `json:"school,omitempty"`
	Subject    string    `json:"subject,omitempty"`
}
