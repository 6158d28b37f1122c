package order

import "time"

// ReplyKind says which answer a bookseller gets, or which mail staff get.
type ReplyKind string

// The kinds of a reply.
const (
	ReplyNone       ReplyKind = "none"       // none
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
// orders, and answers nobody. Neither a rate limit nor a pause of the outbox keeps it
// back.
func (k ReplyKind) ForStaff() bool { return k == ReplyDigest || k == ReplyAlert }

// Result is what became of one form of a message, as the reply tells of it.
type Result struct {
	Part      string    `json:"part"`               // the attachment's name
	Workbook  Hash      `json:"workbook,omitempty"` // the attachment's bytes
	Sheet     string    `json:"sheet,omitempty"`    // where the form's header block is
	Draft     int       `json:"draft,omitempty"`    // its index among the orders of the workbook
	Outdated  bool      `json:"outdated,omitempty"` // the workbook is an older form, or none of ours
	Kind      ReplyKind `json:"kind"`
	Order     int       `json:"order"`               // the index in Intake.Orders of the order that it made, or -1
	Number    string    `json:"number,omitempty"`    // of that order, set by the store; of a duplicate, the first's
	Case      string    `json:"case,omitempty"`      // the code of its case, or ""
	Bookstore string    `json:"bookstore,omitempty"` // the bookseller's name, as typed
	Reference string    `json:"reference,omitempty"`
	School    string    `json:"school,omitempty"`
	UAI       UAI       `json:"uai"`
	Lines     []Line    `json:"lines,omitempty"` // only if Kind is ReplyAck
	Findings  []Finding `json:"findings,omitempty"`
	First     time.Time `json:"first,omitzero"`     // of a duplicate: when the first order was received, UTC
	Changes   []Change  `json:"changes,omitempty"`  // of an acknowledged order: since the first attempt
	Unlisted  int       `json:"unlisted,omitempty"` // how many changes there are beyond ChangesMost
	Offered   bool      `json:"offered,omitempty"`  // of a report: the sender may answer OK to accept all its proposals
}

// ChangesMost is how many changes an acknowledgement lists.
const ChangesMost = 12

// Change is one difference between an accepted form and the first attempt of its case. A
// line that was added or removed is one change.
type Change struct {
	Field  string `json:"field,omitempty"`  // the id of the field or column; "" for a line added or removed
	Row    int    `json:"row,omitempty"`    // the line's row; 0 for a field of the header block
	Line   string `json:"line,omitempty"`   // what the line orders, to tell it from other lines
	Before string `json:"before,omitempty"` // the value in the first attempt; "" where there was none
	After  string `json:"after,omitempty"`  // the value in the accepted form; "" where there is none
	Staff  bool   `json:"staff,omitempty"`  // one of our own people made it
}

// Reply is the intent to answer a message, or to write to staff. It has everything that
// composing the mail needs, and nothing composed. It is stored in the same transaction as
// what causes it.
type Reply struct {
	ID         uint64    `json:"id"`                    // given by the store, rising
	Kind       ReplyKind `json:"kind"`                  // the gravest of Results
	To         string    `json:"to"`                    // an address
	ToName     string    `json:"to_name,omitempty"`     // the recipient's name, or ""
	Subject    string    `json:"subject"`               // of the bookseller's mail
	MessageID  string    `json:"message_id"`            // of the reply, with angle brackets; the same on every attempt
	InReplyTo  string    `json:"in_reply_to,omitempty"` // the Message-ID of the message that it answers
	References []string  `json:"references,omitempty"`  // the Message-IDs of the conversation so far
	Message    Key       `json:"message"`               // the message that it answers; zero for a mail to staff
	RateLimit  string    `json:"lane,omitempty"`        // the rate limit that it falls under, or "" for none
	CreatedAt  time.Time `json:"created_at"`            // UTC
	Results    []Result  `json:"results"`               // one for each form of the message
	Personal   string    `json:"personal,omitempty"`    // a person's own words, which come first
	Digest     *Digest   `json:"digest,omitempty"`      // only if Kind is ReplyDigest
	Alert      *Alert    `json:"alert,omitempty"`       // only if Kind is ReplyAlert
}

// A rate limit bounds the replies that fall under one name: at most RateLimitMost of
// these leave within RateLimitSpan. Any further ones are put off, in their order, and
// never dropped.
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
	Message string    `json:"message,omitempty"` // a Key, as its String
	Case    string    `json:"case,omitempty"`    // a code
	Order   string    `json:"order,omitempty"`   // a number
	Reply   uint64    `json:"reply,omitempty"`   // an id
	Detail  string    `json:"detail,omitempty"`  // what else there is to say, for people
}

// Query asks the store what it knows that bears on a message. It asks for an earlier
// delivery of the same content; for each form, the orders like it and the case that it
// goes on with; for the case and the orders that the mail itself names; and for the reply
// of ours that it is about.
type Query struct {
	Content     string      // Message.Content, or ""
	From        string      // the sender's address
	Accounts    []string    // the accounts that the sender may order for
	Mentions    []string    // case codes that the mail names, the likeliest first
	Numbers     []string    // order numbers that the mail names
	OriginalIDs []string    // Message-IDs of ours that a bounce is about, the likeliest first
	Since       time.Time   // no older case is found by its reference, no older order by its school
	Forms       []QueryForm // one for each form of the message
}

// QueryForm is what a Query asks about one form: all that tells its order apart from
// others, and all that finds the case that it goes on with.
type QueryForm struct {
	Identity  string   // Order.Identity, if the form would be accepted; otherwise ""
	Reference string   // Order.ReferenceKey, if the form would be accepted and has a reference; otherwise ""
	Account   string   // the form's, or ""
	Case      string   // the case code hidden in its workbook, or ""
	Thread    string   // Order.ReferenceKey, if the form has account, UAI and reference; otherwise ""
	School    UAI      // the school's, if the form would be accepted; zero otherwise, or where there is none
	Lines     []string // Order.Gists, if the form would be accepted
}

// Past is the store's answer to a Query. If two answers are equal but for Received and
// First, nothing that bears on the message has changed in between.
type Past struct {
	Earlier   *Earlier   // the last delivery of the same content, or nil
	Forms     []PastForm // one for each of Query.Forms, in their order
	Mentioned Thread     // the first case of Query.Mentions, open or closed, that the sender may join
	Numbers   []string   // those of Query.Numbers that were given to an order
	Answered  Answered   // the reply that Query.OriginalIDs finds

	// Details that follow from the numbers and revisions above.
	Received map[string]time.Time // by the number of each PastForm.Same: when it was received, to the second
	First    map[string]*Attempt  // by the code of each PastForm.Thread: the case's first form that could be read
}

// PastForm answers a QueryForm: what the record knows of orders like that form's, and of
// the case that the form belongs to. It is zero where the record knows nothing.
type PastForm struct {
	Same   string // the number of the first order of the same identity, or ""
	Reused string // the number of the latest order under the same reference, or ""

	// Thread is the open case that the form goes on with: the one that its workbook
	// names, else one that the mail names, else the latest of the same reference.
	Thread Thread

	// Near are orders for the same school that are nearly the same, or the order Reused,
	// the latest first. Only the latest NearMost orders for the school are compared.
	Near []Recent
}

// Answered is the reply of ours that an automatic mail, such as a bounce, is about. It is
// found by its whole Message-ID only: anybody may have sent that mail, and only who got
// the reply knows its Message-ID.
type Answered struct {
	Reply  uint64 // its id; 0 for none
	To     string // its recipient
	Number string // the number of the first order that it tells of, or ""
	Thread Thread // the first case that it tells of, open or closed
}

// NearMost is how many of the latest orders for one school a form is compared with.
const NearMost = 10

// Recent is an order that is not cancelled, with just what it takes to tell whether
// another order is nearly the same.
type Recent struct {
	Number  string    `json:"number"` // "" for an order of the intake that is being judged
	At      time.Time `json:"at"`     // when it was recorded, UTC
	Account string    `json:"account"`
	Lines   []string  `json:"lines"` // Order.Gists
}

// NoPast is the answer to a Query about n forms of which the record knows nothing.
func NoPast(n int) Past { return Past{Forms: make([]PastForm, n)} }

// Thread is a case that a form or a mail goes on with. Its Case is "" where there is
// none. The case is one of the mail's sender, or of an account that is the form's or the
// sender's: nobody joins the case of another bookseller.
type Thread struct {
	Case     string // its code
	Revision uint64
	State    State
}

// Earlier is what became of the last delivery of the same content.
type Earlier struct {
	Key     Key // of that delivery
	Folder  Folder
	Outcome string // its Intake.Outcome
}

// Intake is everything that one message causes, recorded in one transaction.
type Intake struct {
	Message   Message
	At        time.Time      // the one moment of all that it causes, UTC
	Folder    Folder         // where the message is to be moved
	Outcome   string         // a digest of verdicts and findings, to compare two examinations
	Query     Query          // what the store was asked…
	Past      Past           // …and the answer by which the intake was judged
	Orders    []Order        // to be numbered, in this order
	Cases     []Case         // to be opened
	Continued []Continuation // what is added to cases that are there
	Replies   []Reply        // to be sent
}

// Continuation is what a message adds to a case that is there already.
type Continuation struct {
	Case    string  // its code
	State   State   // the case's new state
	Reason  Code    // the case's new reason; "" keeps the old one
	Attempt Attempt // is added to the case's attempts
	Order   int     // the index in Intake.Orders of the order that the attempt made, or -1
}

// Decision is what a person decides about a case. It is refused when the case is no
// longer at the revision that the person saw.
type Decision struct {
	Case     string // its code
	Revision uint64 // of the case, as the person saw it
	Actor    string // a user's name; "bdc" for an order that waited for a register
	At       time.Time
	Kind     ActKind
	State    State         // the case's new state
	Note     string        // the person's words, for the case's history
	Order    *Order        // the order that it accepts, to be numbered; or nil
	Reply    *Reply        // the reply that it causes, or nil; its results may point at Order, by index 0
	Delay    time.Duration // for how long the reply waits before it may leave: until then it can be undone
	Holder   *string       // who has the case from now on; nil to leave it with whoever has it
	Attempt  *Attempt      // takes the place of the case's attempt of that Index; or nil
	Index    int
}
