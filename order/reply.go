package order

import "time"

// ReplyKind says which answer a bookseller gets, or which mail staff get.
type ReplyKind string

// The kinds of a reply.
const (
	ReplyNone       ReplyKind = "none"       // no answer
	ReplyAck        ReplyKind = "ack"        // the order is accepted; here is its number
	ReplyReport     ReplyKind = "report"     // the form goes back; here is what to correct
	ReplyHeld       ReplyKind = "held"       // a person will look at the order
	ReplyDuplicate  ReplyKind = "duplicate"  // this was ordered before; here is the number of the first order
	ReplyUnreadable ReplyKind = "unreadable" // the file could not be read
	ReplyRefused    ReplyKind = "refused"    // a person refuses the order, and says why
	ReplyLetter     ReplyKind = "letter"     // a person's own words, about no form in particular
	ReplyNoForm     ReplyKind = "noform"     // no form was found in the mail

	ReplyDigest ReplyKind = "digest" // to staff: the Digest of a day
	ReplyAlert  ReplyKind = "alert"  // to staff: the Alert that something broke, or works again
)

// ForStaff reports whether a mail of this kind goes to the people who work with the
// orders. Such a mail answers no message, and neither a rate limit nor a pause of the
// outbox keeps it back.
func (k ReplyKind) ForStaff() bool { return k == ReplyDigest || k == ReplyAlert }

// Result is what became of one form of a message, as the reply tells of it.
type Result struct {
	Part      string    `json:"part"`               // the attachment's name
	Workbook  Hash      `json:"workbook,omitempty"` // the hash of the attachment
	Sheet     string    `json:"sheet,omitempty"`    // the sheet that has the form's header block
	Draft     int       `json:"draft,omitempty"`    // its index among the orders of the workbook
	Outdated  bool      `json:"outdated,omitempty"` // the workbook is an older form, or none of ours
	Kind      ReplyKind `json:"kind"`
	Order     int       `json:"order"`               // the index in Intake.Orders of the order that it became, or -1
	Number    string    `json:"number,omitempty"`    // that order's, set by the store; of a duplicate: the first's
	Case      string    `json:"case,omitempty"`      // the code of its case, or ""
	Bookstore string    `json:"bookstore,omitempty"` // the bookseller's name, as typed
	Reference string    `json:"reference,omitempty"`
	School    string    `json:"school,omitempty"`
	UAI       UAI       `json:"uai"`
	Lines     []Line    `json:"lines,omitempty"` // only if Kind is ReplyAck
	Findings  []Finding `json:"findings,omitempty"`
	First     time.Time `json:"first,omitzero"`     // of a duplicate: when the first order was received, UTC
	Changes   []Change  `json:"changes,omitempty"`  // if Kind is ReplyAck: what changed since the case's first attempt
	Unlisted  int       `json:"unlisted,omitempty"` // how many changes beyond ChangesMost are left out of Changes
	Offered   bool      `json:"offered,omitempty"`  // of a report: the sender may answer OK to accept all its proposals
}

// ChangesMost is how many changes an acknowledgement lists at most.
const ChangesMost = 12

// Change is one difference between an accepted form and the first attempt of its case. A
// line that was added or removed is one change.
type Change struct {
	Field  string `json:"field,omitempty"`  // the id of the field or column; "" for a line added or removed
	Row    int    `json:"row,omitempty"`    // the line's row; 0 for a field of the header block
	Line   string `json:"line,omitempty"`   // what the line orders, to tell it from other lines
	Before string `json:"before,omitempty"` // the value in the first attempt; "" where there was none
	After  string `json:"after,omitempty"`  // the value in the accepted form; "" where there is none
	Staff  bool   `json:"staff,omitempty"`  // a user of the console made it, not the bookseller
}

// Reply is a mail that is to be sent: the answer to a message, or a mail to staff. It has
// the facts from which the mail is composed, but not the mail. It is stored in the
// same transaction as what causes it.
type Reply struct {
	ID         uint64    `json:"id"`                    // given by the store, rising
	Kind       ReplyKind `json:"kind"`                  // the gravest kind among Results
	To         string    `json:"to"`                    // an address
	Subject    string    `json:"subject"`               // of the bookseller's mail; the answer's begins with a tag
	MessageID  string    `json:"message_id"`            // of the reply, with angle brackets; the same on every attempt
	InReplyTo  string    `json:"in_reply_to,omitempty"` // the Message-ID of the message that it answers
	References []string  `json:"references,omitempty"`  // the Message-IDs of the conversation so far
	Message    Key       `json:"message"`               // the message that it answers; zero for a mail to staff
	RateLimit  string    `json:"lane,omitempty"`        // the name of its rate limit: see RateLimitMost; "" for none
	CreatedAt  time.Time `json:"created_at"`            // UTC
	Results    []Result  `json:"results"`               // one for each form of the message
	Personal   string    `json:"personal,omitempty"`    // a person's own words, which come first
	Digest     *Digest   `json:"digest,omitempty"`      // only if Kind is ReplyDigest
	Alert      *Alert    `json:"alert,omitempty"`       // only if Kind is ReplyAlert
	Erased     *Erased   `json:"erased,omitempty"`      // that its fields of people are gone; nil before
}

// The bounds of each rate limit. Of all replies whose RateLimit is the same name, at most
// RateLimitMost leave within RateLimitSpan. Further ones leave later, in their order;
// none is dropped.
const (
	RateLimitMost = 20
	RateLimitSpan = time.Hour
)

// Event is one line of the audit: who did what to what.
type Event struct {
	Seq     uint64    `json:"seq"`               // given by the store, rising from 1
	At      time.Time `json:"at"`                // UTC
	Actor   string    `json:"actor"`             // "bdc" for the program itself, or a user's name
	Verb    string    `json:"verb"`              // "message.recorded", "order.accepted", "reply.sent"…
	Message string    `json:"message,omitempty"` // the Key.String of a message
	Case    string    `json:"case,omitempty"`    // a code
	Order   string    `json:"order,omitempty"`   // a number
	Reply   uint64    `json:"reply,omitempty"`   // an id
	Detail  string    `json:"detail,omitempty"`  // what else there is to say, for people
}

// Query asks the store for everything that may change how a message is judged: an earlier
// delivery of the same content; for each form, similar orders and the case that the form
// continues; the case and the orders that the mail's own text names; and the reply of
// ours that the mail is about, if it is a bounce.
type Query struct {
	Content     string      // Message.Content, or ""
	Echo        string      // a hash of the sender and of what the forms say; "" for a mail without forms
	From        string      // the sender's address; "" if a proof is missing
	Accounts    []string    // the accounts that the sender is registered for; none if a proof is missing
	Mentions    []string    // case codes that the mail names, the likeliest first
	Numbers     []string    // order numbers that the mail names
	OriginalIDs []string    // Message-IDs of ours that a bounce is about, the likeliest first
	Returned    Returned    // what a bounce says besides of what it is about
	Since       time.Time   // cases looked for by reference are not older than this
	OrdersSince time.Time   // orders looked for by school are not older than this
	Forms       []QueryForm // one for each form of the message
}

// Returned is what a bounce says of the mail of ours that it returns, for servers on the way
// that replace Message-IDs.
type Returned struct {
	To      []string // its recipients' addresses, in lower case
	Cases   []string // the case codes in its subject
	Numbers []string // the order numbers in its subject
}

// QueryForm is the part of a Query about one form: the keys by which the store finds
// similar orders, and the case that the form continues.
type QueryForm struct {
	Identity  string   // Order.Identity, if the form has no errors; otherwise ""
	Reference string   // Order.ReferenceKey, if the form has no errors and has a reference; otherwise ""
	Account   string   // the form's, or ""
	Case      string   // the case code hidden in its workbook, or ""
	Thread    string   // Order.ReferenceKey, if the form has account, UAI and reference; otherwise ""
	School    UAI      // the school's, if the form has no errors; zero otherwise, or where there is none
	Lines     []string // Order.Gists, if the form has no errors
}

// Past is the store's answer to a Query. If the store later gives the same answer (leaving
// Received, Ends, Files and First aside), the message would still be judged in the same way.
type Past struct {
	Earlier   *Earlier   // the last delivery of the same content, or nil
	Echo      Echo       // the mails that had the same Query.Echo
	Forms     []PastForm // one for each of Query.Forms, in their order
	Mentioned Thread     // the first case of Query.Mentions, open or closed, that the sender may join
	Numbers   []string   // those of Query.Numbers that were given to an order
	Answered  Answered   // the reply that Query.OriginalIDs or Query.Returned finds

	// Details of the orders and cases above. They can only change if those do.
	Received map[string]time.Time // by the number of each PastForm.Same and Reused: when it was received
	Ends     map[string]time.Time // by the same numbers: Order.Ends; both to the second
	Files    map[string][]Part    // by the same numbers: the files that came with it
	First    map[string]*Attempt  // by the code of each PastForm.Thread: the case's first form that could be read
}

// PastForm answers a QueryForm. It is zero if the store knows nothing that resembles the
// form.
type PastForm struct {
	Same   string // the number of the latest order that has the same Identity, or ""
	Reused string // the number of the latest order that has the same ReferenceKey, or ""

	// Thread is the open case that the form continues: the one whose code its workbook
	// has, else one that the mail names, else the latest of the same reference. It is a case
	// of the mail's sender: of Query.From, or of one of Query.Accounts.
	Thread Thread

	// Near are those of the latest NearMost orders for the same school that are nearly
	// the same and not older than Query.OrdersSince, the latest first. If the order Reused is
	// among these NearMost, it is in Near in any case.
	Near []Recent
}

// Answered is the reply of ours that an automatic mail, such as a bounce, is about. The
// store looks for it by its complete Message-ID: anybody can send us an automatic mail,
// but only those who got our reply know its Message-ID. If it finds none, it looks for the
// latest reply that tells one of the recipients of Query.Returned of one of the cases or
// orders there.
type Answered struct {
	Reply  uint64 // its id; 0 for none
	To     string // its recipient
	Number string // the number of the first order that it tells of, or ""
	Thread Thread // the first case that it tells of, open or closed, that was not erased
}

// NearMost is how many of the latest orders for its school a form is compared with, at
// most.
const NearMost = 10

// Recent is an order that is not cancelled, reduced to what NearlySame needs.
type Recent struct {
	Number  string    `json:"number"` // "" for an order of the intake that is being judged
	At      time.Time `json:"at"`     // when it was recorded, UTC
	Account string    `json:"account"`
	Lines   []string  `json:"lines"` // Order.Gists
}

// NoPast is the answer to a Query about n forms of which the record knows nothing.
func NoPast(n int) Past { return Past{Forms: make([]PastForm, n)} }

// Thread is the case that a form or a mail continues, or the zero Thread for none. It is
// always a case that the sender of the mail opened, or one of the form's account or of an
// account that the sender may order for: nobody joins the case of another bookseller. It is
// no case that was erased.
type Thread struct {
	Case     string // its code; "" for no case
	Revision uint64 // of the case, when the store answered
	State    State
}

// Earlier is what became of the last message that had the same Content.
type Earlier struct {
	Key     Key // of that message
	Folder  Folder
	Outcome string // its Intake.Outcome
}

// Echo is what is known of the mails of one sender whose forms say the same. Two programs may
// send each other such a form for ever, whatever header fields are lost on the way.
type Echo struct {
	Times  int    // how many there were, each not older than Query.Since when the next one came
	Thread Thread // the open case of the last one
}

// Intake is everything that one message causes, recorded in one transaction.
type Intake struct {
	Message   Message
	At        time.Time      // when the message was judged, UTC: the moment of all that it causes
	Folder    Folder         // where the message is to be moved
	Echo      Echo           // with this message, and without Thread; zero for one that doesn't count
	Outcome   string         // a hash of its verdicts and findings, to tell whether another delivery is judged alike
	Query     Query          // what the store was asked before the message was judged
	Past      Past           // what the store answered; if that has changed, the intake is refused
	Orders    []Order        // to be numbered, in this order
	Cases     []Case         // to be opened
	Continued []Continuation // what is added to cases that exist
	Replies   []Reply        // to be sent
}

// Continuation is what a message adds to a case that exists.
type Continuation struct {
	Case    string  // its code
	State   State   // the case's new state
	Reason  Code    // the case's new reason; "" keeps the old one
	Attempt Attempt // to be added to the case's attempts
	Order   int     // the index in Intake.Orders of the order that the attempt became, or -1
}

// Decision is what a person decides about a case. The store refuses it if the case is no
// longer at the revision that the person saw.
type Decision struct {
	Case     string // its code
	Revision uint64 // of the case, as the person saw it
	Actor    string // a user's name; "bdc" if an import let the program accept an order that waited
	At       time.Time
	Kind     ActKind
	State    State         // the case's new state
	Reason   Code          // the case's new reason; "" keeps the old one
	Note     string        // the person's words, for the case's history
	Order    *Order        // the order that it accepts, to be numbered unless it has a number; or nil
	Reply    *Reply        // the reply that it causes, or nil; a Result.Order of 0 in it means Order
	Delay    time.Duration // how long the reply waits before it may leave: until then it can be undone
	Holder   *string       // the user who has the case from now on, "" for nobody; nil to change nothing
	Attempt  *Attempt      // replaces one of the case's attempts; nil to change none
	Index    int           // if Attempt is not nil: the index in Case.Attempts of the attempt that it replaces
}
