package order

import (
	"crypto/rand"
	"time"
)

// State is whose turn it is in a case.
type State string

// The states of a case.
const (
	Waiting  State = "waiting"  // for staff
	SentBack State = "sentback" // for the bookseller
	Closed   State = "closed"
)

// Attempt is one form examined within a case, or one message that was not a form.
type Attempt struct {
	At       time.Time `json:"at"` // UTC
	Message  Key       `json:"message"`
	Part     string    `json:"part,omitempty"`
	Sheet    string    `json:"sheet,omitempty"` // where the form's header block stands
	Draft    int       `json:"draft,omitempty"` // its place among the orders of the workbook
	Workbook Hash      `json:"workbook,omitempty"`
	Verdict  Verdict   `json:"verdict,omitempty"`
	Order    *Order    `json:"order,omitempty"` // as far as it could be read
	Findings []Finding `json:"findings,omitempty"`
	Parts    []Part    `json:"parts,omitempty"` // the files of its message
	Text     string    `json:"text,omitempty"`  // what its sender wrote, without the history quoted below it

	Corrections []Correction `json:"corrections,omitempty"` // made by people since; Order and Findings follow them
	Agreed      bool         `json:"agreed,omitempty"`      // the form of the attempt before, whose sender accepted Corrections by saying OK
	Proposed    *Proposed    `json:"proposed,omitempty"`    // what its sender may answer OK to, or nil
	Waivers     []Waiver     `json:"waivers,omitempty"`     // of Findings
}

// Proposed is what a report offered to put right itself, and with which the form
// would be accepted.
type Proposed struct {
	Report      string       `json:"report"`      // its Message-ID
	Corrections []Correction `json:"corrections"` // by and of nobody yet
}

// Case is a matter that one form or mail opened and that a person, or the
// bookseller's next attempt, will close.
type Case struct {
	Code      string    `json:"code"` // "D-7K2Q9F"
	State     State     `json:"state"`
	Reason    Code      `json:"reason"`   // the finding, or the kind of mail, that opened it
	Revision  uint64    `json:"revision"` // rises with each change, from 1
	OpenedAt  time.Time `json:"opened_at"`
	UpdatedAt time.Time `json:"updated_at"`
	Message   Key       `json:"message"` // that opened it
	From      string    `json:"from"`
	Subject   string    `json:"subject"`
	Account   string    `json:"account,omitempty"`
	UAI       UAI       `json:"uai"`
	Reference string    `json:"reference,omitempty"`
	Attempts  []Attempt `json:"attempts"`
	Orders    []string  `json:"orders,omitempty"` // numbers that came of it
	Note      string    `json:"note,omitempty"`
	Holder    string    `json:"holder,omitempty"` // the user who has it, or ""
	Acts      []Act     `json:"acts,omitempty"`   // of people, oldest first
}

// Thread is what a later attempt of the same order has in common with the case:
// Order.ReferenceKey, or "" where account, UAI or reference is missing.
func (c *Case) Thread() string {
	if c.Account == "" || c.UAI.IsZero() || c.Reference == "" {
		return ""
	}
	o := Order{Account: c.Account, UAI: c.UAI, Reference: c.Reference}
	return o.ReferenceKey()
}

// First returns the first form of the case that could be read and did not come
// with the message of that key, or nil: the forms of one mail are no tries of one
// another.
func (c *Case) First(but Key) *Attempt {
	for i := range c.Attempts {
		if a := &c.Attempts[i]; a.Order != nil && a.Message != but {
			return a
		}
	}
	return nil
}

// caseLetters are those of a case code: no vowels that make words, and nothing
// that is read as something else (0/O, 1/I, 5/S, 8/B).
const caseLetters = "234679CDFGHJKLMNPQRTVWXYZ"

// NewCaseCode draws a case code, "D-" and six letters: one of 244 million. The
// store refuses one that is taken.
func NewCaseCode() string {
	var b [6]byte
	rand.Read(b[:])
	for i := range b {
		b[i] = caseLetters[int(b[i])%len(caseLetters)]
	}
	return "D-" + string(b[:])
}
