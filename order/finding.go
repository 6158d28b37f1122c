package order

// Severity is what a finding does to its order.
type Severity string

// The severities, mildest first.
const (
	Fixed   Severity = "fixed"   // normalised by us; said in the acknowledgement
	Warning Severity = "warning" // goes through; said to the bookseller and to staff
	Hold    Severity = "hold"    // only a person can decide
	Error   Severity = "error"   // the form goes back
)

// Code names a kind of finding, "area.subject.fault". Its French words are in
// package templates, which holds the list.
type Code string

// Finding is one thing noticed about a form. It never carries prose: the words
// are chosen by Code when somebody is told.
type Finding struct {
	Code     Code              `json:"code"`
	Severity Severity          `json:"severity"`
	Field    string            `json:"field,omitempty"` // the id of the field or column
	Sheet    string            `json:"sheet"`
	Cell     string            `json:"cell"`           // "C13"; "" for the form as a whole
	Value    string            `json:"value"`          // as typed
	Proposal string            `json:"proposal"`       // what might be meant; of a Fixed finding, what was taken
	Args     map[string]string `json:"args,omitempty"` // what the words mention besides: a limit, a title, a number
}

// Verdict is what the findings of one form come to.
type Verdict string

// The verdicts.
const (
	Accepted Verdict = "accepted"
	Rejected Verdict = "rejected"
	Held     Verdict = "held"
)

// Judge is the verdict of a list of findings: an error rejects, else a hold
// holds, else the order is accepted. A form that is both wrong and doubtful goes
// back first: the doubt is looked at once the form is right.
func Judge(findings []Finding) Verdict {
	v := Accepted
	for _, f := range findings {
		switch f.Severity {
		case Error:
			return Rejected
		case Hold:
			v = Held
		}
	}
	return v
}
