package order

import "time"

// Alert tells staff of one thing that keeps bdc from its work, or did.
type Alert struct {
	Cause Cause     `json:"cause"`
	Begun time.Time `json:"begun"`
	Ended time.Time `json:"ended,omitzero"`  // zero: it goes on
	Words string    `json:"words,omitempty"` // the server's or the system's, as far as there are any
}

// Cause is what an alert is about.
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

// Causes are all of them, as staff read of them.
func Causes() []Cause {
	return []Cause{CauseInbox, CauseMoves, CauseBacklog, CauseOutbox, CausePause, CauseSignIn, CauseExpiry, CauseDisk}
}

// ReasonBounced is the reason of a case that a bounce of a reply of ours opens or
// goes on with: its recipient was not reached.
const ReasonBounced Code = "mail.bounced" // Args: to, and number where the reply told of an order

// Digest tells staff what happened within a time, and what waits at its end.
type Digest struct {
	From  time.Time `json:"from"`
	Until time.Time `json:"until"`

	// Within that time.
	Received int `json:"received"`  // messages
	Accepted int `json:"accepted"`  // orders
	SentBack int `json:"sent_back"` // answers that ask for a correction
	Held     int `json:"held"`      // answers that ask for patience
	Repeated int `json:"repeated"`  // answers that name an order of before
	Bounced  int `json:"bounced"`   // replies that came back
	Failed   int `json:"failed"`    // replies that were given up

	// At its end.
	Waiting  int         `json:"waiting"`             // cases, for staff
	Oldest   time.Time   `json:"oldest,omitzero"`     // since when the first of them does
	Cases    []DigestRow `json:"cases,omitempty"`     // the first of them
	Hours    int         `json:"hours,omitempty"`     // within which services are opened; 0: no promise
	Late     int         `json:"late,omitempty"`      // orders past that, and not open
	LateMore bool        `json:"late_more,omitempty"` // and more: they were not all counted
	LateRows []DigestRow `json:"late_rows,omitempty"` // the longest of them
	Near     int         `json:"near,omitempty"`      // orders soon past it
	NearRows []DigestRow `json:"near_rows,omitempty"`
	Unsent   int         `json:"unsent"` // replies

	Troubles []Alert `json:"troubles,omitempty"` // that go on, or went on within that time
}

// DigestRow is one case or order of a digest.
type DigestRow struct {
	Name       string    `json:"name"` // code or number
	Since      time.Time `json:"since"`
	Bookseller string    `json:"bookseller,omitempty"`
	School     string    `json:"school,omitempty"`
	Subject    string    `json:"subject,omitempty"`
}
