package order

import "time"

// ActKind is what a person did in a case.
type ActKind string

// The kinds of an act.
const (
	ActCorrect ActKind = "correct" // a cell, and the form was checked again
	ActWaive   ActKind = "waive"   // a finding, with a reason
	ActAccept  ActKind = "accept"  // the order, numbered and acknowledged
	ActReturn  ActKind = "return"  // the form, to the bookseller
	ActRefuse  ActKind = "refuse"  // the order
	ActAnswer  ActKind = "answer"  // a mail in one's own words
	ActClose   ActKind = "close"   // set aside without an answer
	ActReopen  ActKind = "reopen"
	ActHand    ActKind = "hand" // the case, to a colleague or to nobody
	ActNote    ActKind = "note"
	ActUndo    ActKind = "undo" // an earlier act, whose reply had not left
)

// Act is one line of a case's history: what a person did. It is never changed
// but for Undone.
type Act struct {
	Kind   ActKind   `json:"kind"`
	At     time.Time `json:"at"` // UTC
	Actor  string    `json:"actor"`
	Text   string    `json:"text,omitempty"`  // the person's words, or what was changed
	Before State     `json:"before"`          // the case's state until then
	Order  string    `json:"order,omitempty"` // the number that it gave
	Reply  uint64    `json:"reply,omitempty"` // the id of the reply that it caused
	Undone bool      `json:"undone,omitempty"`
}

// Bookseller is the actor of corrections that the sender of a form agreed to.
const Bookseller = "libraire"

// Correction is a value that a person put in the place of what was typed.
type Correction struct {
	Field string    `json:"field"`           // the id of the field or column
	Sheet string    `json:"sheet,omitempty"` // of a line
	Row   int       `json:"row,omitempty"`   // of a line; 0 for the header block
	Text  string    `json:"text"`            // instead; "" empties the cell
	Was   string    `json:"was,omitempty"`   // what stood there until then, filled in as the form is judged again
	Actor string    `json:"actor"`
	At    time.Time `json:"at"`
}

// Waiver is a finding that a person let pass.
type Waiver struct {
	Code   Code      `json:"code"`
	Field  string    `json:"field,omitempty"`
	Sheet  string    `json:"sheet,omitempty"`
	Cell   string    `json:"cell,omitempty"`
	Value  string    `json:"value,omitempty"` // as it was then: another value is another finding
	Reason string    `json:"reason"`
	Actor  string    `json:"actor"`
	At     time.Time `json:"at"`
}

// Waived returns the waiver of a finding, or nil.
func (a *Attempt) Waived(f Finding) *Waiver {
	for i := range a.Waivers {
		w := &a.Waivers[i]
		if w.Code == f.Code && w.Field == f.Field && w.Sheet == f.Sheet && w.Cell == f.Cell && w.Value == f.Value {
			return w
		}
	}
	return nil
}

// Standing returns the findings that nobody let pass.
func (a *Attempt) Standing() []Finding {
	var left []Finding
	for _, f := range a.Findings {
		if a.Waived(f) == nil {
			left = append(left, f)
		}
	}
	return left
}

// Undo takes back the last act of a case that caused a reply, as long as that
// has not left, guarded by the revision that the person saw.
type Undo struct {
	Case     string
	Revision uint64
	Actor    string
	At       time.Time
}
