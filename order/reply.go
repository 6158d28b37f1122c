package order

import "time"

// ReplyKind is which answer a bookseller gets.
type ReplyKind string

// The kinds of a reply.
const (
	ReplyNone       ReplyKind = "none"
	ReplyAck        ReplyKind = "ack"        // accepted, with its number
	ReplyReport     ReplyKind = "report"     // what to correct
	ReplyHeld       ReplyKind = "held"       // a person is looking at it
	ReplyDuplicate  ReplyKind = "duplicate"  // ordered before: the first number
	ReplyUnreadable ReplyKind = "unreadable" // the file could not be read
	ReplyRefused    ReplyKind = "refused"    // by a person, whose words say why
	ReplyLetter     ReplyKind = "letter"     // a person's own words, about no form in particular
	ReplyNoForm     ReplyKind = "noform"     // no form was found in the mail

	ReplyDigest ReplyKind = "digest" // to staff: the day
	ReplyAlert  ReplyKind = "alert"  // to staff: something broke, or works again
)

// ForStaff reports whether a mail answers nobody: it goes to the people who work
// with the orders. Neither a rate limit nor a pause of the
// outbox keeps it back.
func (k ReplyKind) ForStaff() bool { return k == ReplyDigest || k == ReplyAlert }

// Result is what one form of a message came to, as its reply tells it.
type Result struct {
	Part      string    `json:"part"`               // the attachment's name
	Workbook  Hash      `json:"workbook,omitempty"` // that attachment's bytes
	Sheet     string    `json:"sheet,omitempty"`    // where its header block stands
	Draft     int       `json:"draft,omitempty"`    // its place among the orders of the workbook
	Outdated  bool      `json:"outdated,omitempty"` // the workbook is an older form, or none of ours
	Kind      ReplyKind `json:"kind"`
	Order     int       `json:"order"`               // index into Intake.Orders of the order that it made, or -1
	Number    string    `json:"number,omitempty"`    // of that order, set by the store; of a duplicate, the first's
	Case      string    `json:"case,omitempty"`      // the code of its case
	Bookstore string    `json:"bookstore,omitempty"` // the bookseller's name, as typed
	Reference string    `json:"reference,omitempty"`
	School    string    `json:"school,omitempty"`
	UAI       UAI       `json:"uai"`
	Lines     []Line    `json:"lines,omitempty"` // of an acknowledged order
	Findings  []Finding `json:"findings,omitempty"`
	First     time.Time `json:"first,omitzero"`     // of a duplicate, when the first was received, UTC
	Changes   []Change  `json:"changes,omitempty"`  // of an acknowledged order, since the first try; at most ChangesMost
	Unlisted  int       `json:"unlisted,omitempty"` // changes that Changes has no room for
	Offered   bool      `json:"offered,omitempty"`  // of a report: to answer OK accepts the proposal of each error
}

// ChangesMost is how many changes an acknowledgement lists.
const ChangesMost = 12

// Change is one thing that an accepted form says otherwise than the first try of
// its case. A line that came or went is one change, of no column in particular.
type Change struct {
	Field  string `json:"field,omitempty"`  // the id of the field or column; "" for a whole line
	Row    int    `json:"row,omitempty"`    // of the line; 0 for the header block
	Line   string `json:"line,omitempty"`   // what the line orders, to tell it from others
	Before string `json:"before,omitempty"` // "" where nothing was
	After  string `json:"after,omitempty"`  // "" where nothing is left
	Staff  bool   `json:"staff,omitempty"`  // one of our people made it
}

// Reply is the intent to answer a message: everything that composing needs, and
// nothing composed. It is stored with its cause in one transaction.
type Reply struct {
	ID         uint64    `json:"id"`   // given by the store, rising
	Kind       ReplyKind `json:"kind"` // the gravest of its results
	To         string    `json:"to"`
	ToName     string    `json:"to_name,omitempty"`
	Subject    string    `json:"subject"`    // of the bookseller's mail
	MessageID  string    `json:"message_id"` // ours, with its angle brackets; the same on every attempt
	InReplyTo  string    `json:"in_reply_to,omitempty"`
	References []string  `json:"references,omitempty"`
	Message    Key       `json:"message"`        // that it answers
	RateLimit  string    `json:"lane,omitempty"` // the name of the rate limit that it falls under, or "" for none
	CreatedAt  time.Time `json:"created_at"`
	Results    []Result  `json:"results"`
	Personal   string    `json:"personal,omitempty"` // a person's own words, above the rest
	Digest     *Digest   `json:"digest,omitempty"`   // of a ReplyDigest
	Alert      *Alert    `json:"alert,omitempty"`    // of a ReplyAlert
}

// A rate limit: of the replies that fall under one name, at most RateLimitMost leave
// within RateLimitSpan. The replies beyond that are put off, in their order, and
// never dropped.
const (
	RateLimitMost = 20
	RateLimitSpan = time.Hour
)

// Event is one line of the audit: who did what to what.
type Event struct {
	Seq     uint64    `json:"seq"` // given by the store, rising
	At      time.Time `json:"at"`
	Actor   string    `json:"actor"` // "bdc", or a user's name
	Verb    string    `json:"verb"`  // "message.recorded", "order.accepted", "reply.sent"…
	Message string    `json:"message,omitempty"`
	Case    string    `json:"case,omitempty"`
	Order   string    `json:"order,omitempty"`
	Reply   uint64    `json:"reply,omitempty"`
	Detail  string    `json:"detail,omitempty"`
}

// Query asks the store what it knows that bears on a message: an earlier
// delivery of the same content, for each form the orders like it and the case
// that it goes on with, the case and the orders that the mail itself names, and
// the reply of ours that it is about.
type Query struct {
	Content     string      // Message.Content, or ""
	From        string      // the sender's address
	Accounts    []string    // that the sender may order for
	Mentions    []string    // case codes that the mail names, the likeliest first
	Numbers     []string    // order numbers that the mail names
	OriginalIDs []string    // Message-IDs of ours that an automatic mail is about, the likeliest first
	Since       time.Time   // cases that nothing has changed since then are not found by their reference, nor older orders by their school
	Forms       []QueryForm // one a form
}

// QueryForm is what a Query asks about one form: all that tells its order apart
// from others like it, and finds the case that it goes on with.
type QueryForm struct {
	Identity  string   // Order.Identity of a form that would be accepted, or ""
	Reference string   // Order.ReferenceKey of such a form, or "" where it has no reference
	Account   string   // the form's, or ""
	Case      string   // the case code hidden in its workbook, or ""
	Thread    string   // Order.ReferenceKey of any form with account, UAI and reference, or ""
	School    UAI      // of a form that would be accepted; zero where it has none
	Lines     []string // Order.Gists of such a form
}

// Past answers a Query. Two equal answers mean that nothing which bears on the
// message has changed between them.
type Past struct {
	Earlier   *Earlier   // the last delivery of the same content, or nil
	Forms     []PastForm // one for each of Query.Forms, in their order
	Mentioned Thread     // the case, open or closed, that the mail names
	Numbers   []string   // those of Query.Numbers that were given
	Answered  Answered   // the reply of ours that Query.OriginalIDs name first

	// What follows from the numbers and revisions above, and so tells no two
	// answers apart.
	Received map[string]time.Time // when each order that is the Same as a form's was received, to the second, by its number
	First    map[string]*Attempt  // the first form that could be read of each case that a form goes on with, by the case's code
}

// PastForm answers a QueryForm: what the record knows of orders like that form's,
// and of the case that it belongs to. It is zero where the record knows nothing.
type PastForm struct {
	Same   string   // the number of the same order, or ""
	Reused string   // the number of the latest order under the same reference, or ""
	Thread Thread   // the open case that the form goes on with: named by its workbook, by the mail, or of the same reference
	Near   []Recent // those of the latest NearMost orders for the same school that are nearly the same or have its reference, the last first
}

// Answered is the reply of ours that an automatic mail, such as a bounce, is
// about. Only a mail that knows the whole of its Message-ID finds it, since
// anybody may have sent that mail.
type Answered struct {
	Reply  uint64 // its id; 0 for none
	To     string
	Number string // the first order that it tells of, or ""
	Thread Thread // the first case that it tells of, open or closed; its Case is "" for none
}

// NearMost is how many orders for one school a form is compared with.
const NearMost = 10

// Recent is an order that stands, as far as it takes to tell whether another is
// nearly the same.
type Recent struct {
	Number  string    `json:"number"` // "" within an intake
	At      time.Time `json:"at"`     // when it was recorded, UTC
	Account string    `json:"account"`
	Lines   []string  `json:"lines"` // Order.Gists
}

// NoPast is the answer about n forms of which the record knows nothing.
func NoPast(n int) Past { return Past{Forms: make([]PastForm, n)} }

// Thread is a case that a message goes on with; its Case is "" for none. It is
// always of the sender, or of an account that is the form's or the sender's.
type Thread struct {
	Case     string
	Revision uint64
	State    State
}

// Earlier is what a delivery of the same content came to.
type Earlier struct {
	Key     Key    // of that delivery
	Folder  Folder //
	Outcome string // Intake.Outcome
}

// Intake is everything that one message causes, recorded in one transaction.
type Intake struct {
	Message   Message
	At        time.Time // one timestamp for all that it causes, UTC
	Folder    Folder
	Outcome   string         // sums up the findings and verdicts, to tell whether examining again changed anything
	Query     Query          // what was asked of the store…
	Past      Past           // …and the answer that the intake was judged by
	Orders    []Order        // to be numbered, in this order
	Cases     []Case         // to be opened
	Continued []Continuation // cases that go on
	Replies   []Reply        // to be sent
}

// Continuation is what a message adds to a case that is there.
type Continuation struct {
	Case    string
	State   State // the case's new state
	Reason  Code  // its new reason; "" keeps the old one
	Attempt Attempt
	Order   int // index into Intake.Orders of the order that the attempt made, or -1
}

// Decision is what a person decides about a case, guarded by the revision that
// the person saw.
type Decision struct {
	Case     string
	Revision uint64
	Actor    string
	At       time.Time
	Kind     ActKind
	State    State         // the case's new state
	Note     string        // for the history
	Order    *Order        // accepted by it, to be numbered; or nil
	Reply    *Reply        // caused by it; its results may point at Order by index 0; or nil
	Delay    time.Duration // before the reply may leave, and can be undone
	Holder   *string       // who has the case from now on; nil for whoever had it
	Attempt  *Attempt      // in the place of the case's attempt of that Index; or nil
	Index    int
}
