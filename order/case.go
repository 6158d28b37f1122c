package order

import (
	"crypto/rand"
	"slices"
	"time"
)

// State is whose turn it is in a case.
type State string

// The states of a case.
const (
	Waiting  State = "waiting"  // it waits for staff
	SentBack State = "sentback" // it waits for the bookseller
	Closed   State = "closed"   // nothing is left to do
)

// Attempt is one form examined within a case, or one message without a form. An answer
// of the bookseller with a corrected form adds another attempt to the case.
type Attempt struct {
	At       time.Time `json:"at"`                 // when it was recorded, UTC
	Message  Key       `json:"message"`            // the message that it came with
	Part     string    `json:"part,omitempty"`     // the name of the file that it was read from; "" for no form
	Sheet    string    `json:"sheet,omitempty"`    // the sheet that has the form's header block
	Draft    int       `json:"draft,omitempty"`    // its index among the orders of the workbook
	Workbook Hash      `json:"workbook,omitempty"` // the hash of that file
	Verdict  Verdict   `json:"verdict,omitempty"`  // "" for a message without a form
	Order    *Order    `json:"order,omitempty"`    // what could be read of it; nil where nothing could
	Findings []Finding `json:"findings,omitempty"`
	Parts    []Part    `json:"parts,omitempty"` // all files of its message
	Text     string    `json:"text,omitempty"`  // what its sender wrote, without the earlier mails quoted below it

	// Corrections were made by people since the form came. Order and Findings are those
	// of the corrected form.
	Corrections []Correction `json:"corrections,omitempty"`

	// Agreed says that no new form came: the sender answered OK to the report about the
	// attempt before, and Corrections are what that report proposed.
	Agreed bool `json:"agreed,omitempty"`

	Proposed *Proposed `json:"proposed,omitempty"` // what its sender may answer OK to, or nil
	Waivers  []Waiver  `json:"waivers,omitempty"`  // the findings that a person let pass
}

// Proposed is what a report proposes to put right in a form. With these corrections the
// form would be accepted, so its sender may just answer OK.
type Proposed struct {
	Report      string       `json:"report"`      // the Message-ID of the report
	Corrections []Correction `json:"corrections"` // without Actor and At
}

// Case is a matter that one form or mail opened. A person closes it, or the
// bookseller's next attempt does when it is accepted.
type Case struct {
	Code      string    `json:"code"` // "D-7K2Q9F": see NewCaseCode
	State     State     `json:"state"`
	Reason    Code      `json:"reason"`     // the code of its gravest finding, about a form or about the mail itself
	Revision  uint64    `json:"revision"`   // rises by 1 with each change, from 1
	OpenedAt  time.Time `json:"opened_at"`  // UTC
	UpdatedAt time.Time `json:"updated_at"` // when it last changed, UTC
	Message   Key       `json:"message"`    // the message that opened it
	From      string    `json:"from"`       // that message's sender
	Subject   string    `json:"subject"`    // of that message
	Account   string    `json:"account,omitempty"`
	UAI       UAI       `json:"uai"`
	Reference string    `json:"reference,omitempty"`
	Attempts  []Attempt `json:"attempts"`         // oldest first
	Orders    []string  `json:"orders,omitempty"` // the numbers of the orders that were accepted in it
	Note      string    `json:"note,omitempty"`   // the words of the last act that had any
	Holder    string    `json:"holder,omitempty"` // the user who has it, or ""
	Acts      []Act     `json:"acts,omitempty"`   // what people did in it, oldest first
	Erased    *Erased   `json:"erased,omitempty"` // that its fields of people are gone; nil before

	// TakeUp is not nil if the record had lost the case's message: see ReasonTakeUp.
	TakeUp *TakeUp `json:"take_up,omitempty"`
}

// TakeUp is what is known of a message that lay in one of our folders, so that it had been
// dealt with, though the record, which was restored from a copy, did not know it.
type TakeUp struct {
	Folder Folder `json:"folder"`         // where the message lay
	Told   []Told `json:"told,omitempty"` // what copies of our replies tell of its form, oldest first

	// Usual is the reason of the case that the message would be as a new one, for which no
	// program answers it; "" if its forms would be decided on.
	Usual Code `json:"usual,omitempty"`
}

// Number returns the number under which the form was acknowledged last, or "" where no copy
// of a reply tells one.
func (t *TakeUp) Number() string {
	if t == nil {
		return ""
	}
	for _, told := range slices.Backward(t.Told) {
		if told.Number != "" {
			return told.Number
		}
	}
	return ""
}

// Thread is the key by which a later attempt of the same order finds this case: the
// Order.ReferenceKey of its account, UAI and reference. It is "" where one of the three
// is missing.
func (c *Case) Thread() string {
	if c.Account == "" || c.UAI.IsZero() || c.Reference == "" {
		return ""
	}
	o := Order{Account: c.Account, UAI: c.UAI, Reference: c.Reference}
	return o.ReferenceKey()
}

// First returns the first form of the case that could be read, or nil. It leaves out the
// forms that came with the message except, because several forms in one mail are several
// orders, and not attempts at one. With the zero Key it leaves out none.
func (c *Case) First(except Key) *Attempt {
	for i := range c.Attempts {
		if a := &c.Attempts[i]; a.Order != nil && a.Message != except {
			return a
		}
	}
	return nil
}

// caseLetters are the characters of a case code: no vowels, so that they make no words,
// and none that is easily read as another (0/O, 1/I, 5/S, 8/B).
const caseLetters = "234679CDFGHJKLMNPQRTVWXYZ"

// NewCaseCode draws a random case code: "D-" and six characters, one of 244 million. A
// case may have the code already: then the store refuses the new case with an error that
// wraps store.ErrStale, and whoever opens the case must draw another code.
func NewCaseCode() string {
	var b [6]byte
	rand.Read(b[:])
	for i := range b {
		b[i] = caseLetters[int(b[i])%len(caseLetters)]
	}
	return "D-" + string(b[:])
}
