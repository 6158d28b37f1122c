package order

import "time"

// ActKind says what a person did in a case.
type ActKind string

// The kinds of an act.
const (
	ActCorrect ActKind = "correct" // corrected a cell; the form was checked again
	ActWaive   ActKind = "waive"   // let a finding pass, for a reason
	ActAccept  ActKind = "accept"  // accepted the order, which was numbered and acknowledged
	ActReturn  ActKind = "return"  // sent the form back to the bookseller
	ActRefuse  ActKind = "refuse"  // refused the order
	ActAnswer  ActKind = "answer"  // wrote a mail to the sender
	ActClose   ActKind = "close"   // closed the case without an answer
	ActReopen  ActKind = "reopen"  // opened the case again
	ActHand    ActKind = "hand"    // gave the case to a user, or to nobody
	ActNote    ActKind = "note"    // wrote a note for colleagues
	ActUndo    ActKind = "undo"    // took back an earlier act, whose reply had not left
	ActTakeUp  ActKind = "takeup"  // took up what had been answered before the record was restored, as it was
	ActAnew    ActKind = "anew"    // had such a message examined as a new one; a person has yet to decide
)

// Act is one line of a case's history: what a person did. Once recorded, nothing in it
// changes but Undone.
type Act struct {
	Kind   ActKind   `json:"kind"`
	At     time.Time `json:"at"`               // UTC
	Actor  string    `json:"actor"`            // a user's name, or "bdc" for the program itself
	Text   string    `json:"text,omitempty"`   // the person's words, or what was changed
	Before State     `json:"before"`           // the case's state before the act
	Order  string    `json:"order,omitempty"`  // the number of the order that it accepted, or ""
	Reply  uint64    `json:"reply,omitempty"`  // the id of the reply that it caused, or 0
	Undone bool      `json:"undone,omitempty"` // a later ActUndo took it back
}

// Bookseller is the Actor of a Correction that a report proposed, if the bookseller agreed
// to it by answering OK.
const Bookseller = "libraire"

// Correction is a value that takes the place of what was typed into a cell of the form.
type Correction struct {
	Field string    `json:"field"`           // the id of the field or column
	Sheet string    `json:"sheet,omitempty"` // the line's sheet; "" for a field of the header block
	Row   int       `json:"row,omitempty"`   // the line's row, from 1; 0 for a field of the header block
	Text  string    `json:"text"`            // the new value; "" empties the cell
	Was   string    `json:"was,omitempty"`   // the value that was typed, filled in when the form is judged again
	Actor string    `json:"actor"`           // who made it: a user's name, or Bookseller
	At    time.Time `json:"at"`              // UTC
}

// Waiver says that a person lets a finding pass: the one that has the same Code, Field,
// Sheet, Cell and Value.
type Waiver struct {
	Code   Code      `json:"code"`
	Field  string    `json:"field,omitempty"`
	Sheet  string    `json:"sheet,omitempty"`
	Cell   string    `json:"cell,omitempty"`
	Value  string    `json:"value,omitempty"` // as typed: if the cell gets another value, the waiver does not apply
	Reason string    `json:"reason"`          // why, in the person's words
	Actor  string    `json:"actor"`           // a user's name
	At     time.Time `json:"at"`              // UTC
}

// Waived returns the attempt's waiver of a finding, or nil.
func (a *Attempt) Waived(f Finding) *Waiver {
	for i := range a.Waivers {
		w := &a.Waivers[i]
		if w.Code == f.Code && w.Field == f.Field && w.Sheet == f.Sheet && w.Cell == f.Cell && w.Value == f.Value {
			return w
		}
	}
	return nil
}

// Standing returns the attempt's findings that have no waiver.
func (a *Attempt) Standing() []Finding {
	var left []Finding
	for _, f := range a.Findings {
		if a.Waived(f) == nil {
			left = append(left, f)
		}
	}
	return left
}

// Undo asks the store to take back the last act of a case that caused a reply. The store
// refuses that if the reply was ever claimed by a sender, or if the case is no longer at
// Revision.
type Undo struct {
	Case     string    // its code
	Revision uint64    // of the case, as the person saw it
	Actor    string    // a user's name
	At       time.Time // UTC
}
