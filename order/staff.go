package order

import "time"

// Alert tells staff of one thing that keeps the program from its work, or that kept it
// from its work and is over.
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
	CauseRefused Cause = "refused" // the mailbox refuses the password
	CauseMoves   Cause = "moves"   // messages can't be moved out of the inbox
	CauseBacklog Cause = "backlog" // messages arrive faster than they are dealt with
	CauseFetch   Cause = "fetch"   // the server does not send a message that is in the inbox
	CauseOutbox  Cause = "outbox"  // the server takes no mail of ours
	CausePause   Cause = "hold"    // the outbox is paused
	CauseSignIn  Cause = "sign-in" // the access token can't be renewed
	CauseExpiry  Cause = "expiry"  // what signs us in expires soon
	CauseOwner   Cause = "owner"   // the record may not own the inbox: nothing is taken in or sent
	CauseDeed    Cause = "deed"    // somebody removed the message that says which record owns the inbox
	CauseDisk    Cause = "disk"    // there is little room for the data file
	CauseData    Cause = "data"    // the data file can't be written, or is damaged
	CausePlace   Cause = "place"   // the data file is no longer in its place
	CauseBackup  Cause = "backup"  // a regular backup failed
)

// Causes returns all causes, in the order in which staff read of them.
func Causes() []Cause {
	return []Cause{
		CauseInbox, CauseRefused, CauseMoves, CauseBacklog, CauseFetch, CauseOutbox, CausePause, CauseSignIn,
		CauseExpiry, CauseDisk, CauseOwner,
		CauseDeed, CauseData, CausePlace, CauseBackup,
	}
}

// ReasonBounced is the reason of a case about a bounce: a mail that says that a reply of
// ours did not reach its recipient. Its Finding has the recipient as Args["to"] and, if
// the reply told of an order, the order's number as Args["number"].
const ReasonBounced Code = "mail.bounced"

// ReasonTakeUp is the reason of a case, « À reprendre », about a message that was dealt with
// before the record was restored from a copy, which does not know it: Case.TakeUp says what
// is known of that. Its Finding has the number under which the form was acknowledged as
// Args["number"], if a copy of the reply tells it.
const ReasonTakeUp Code = "message.takeup"

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
	Repeated int `json:"repeated"`  // answers that say that the same was ordered before
	Bounced  int `json:"bounced"`   // replies that came back
	Failed   int `json:"failed"`    // replies that were given up

	// What waits at the end of that time. Each list of rows has the oldest few.
	Waiting  int         `json:"waiting"`             // cases that wait for staff
	Oldest   time.Time   `json:"oldest,omitzero"`     // when the oldest of these was opened; zero for none
	Cases    []DigestRow `json:"cases,omitempty"`     // some of Waiting
	Hours    int         `json:"hours,omitempty"`     // within how many hours services are to be opened; 0: no promise
	Late     int         `json:"late,omitempty"`      // orders received longer ago than that, and not opened
	LateMore bool        `json:"late_more,omitempty"` // the count stopped at Late, and there are more
	LateRows []DigestRow `json:"late_rows,omitempty"` // some of Late
	Near     int         `json:"near,omitempty"`      // orders not opened that will be late within 12 hours
	NearRows []DigestRow `json:"near_rows,omitempty"` // some of Near
	Unsent   int         `json:"unsent"`              // replies that are neither sent nor given up

	BackedUp time.Time `json:"backed_up,omitzero"` // when the last good backup was made; zero for never

	Troubles []Alert `json:"troubles,omitempty"` // the troubles that last at the end, or lasted at some time since From
}

// DigestRow is one case or order that a digest lists.
type DigestRow struct {
	Name       string    `json:"name"`  // the case's code or the order's number
	Since      time.Time `json:"since"` // when it was opened or received, UTC
	Bookseller string    `json:"bookseller,omitempty"`
	School     string    `json:"school,omitempty"`
	Subject    string    `json:"subject,omitempty"`
}
