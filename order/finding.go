package order

// Severity is what a finding does to its order.
type Severity string

// The severities, mildest first.
const (
	Fixed   Severity = "fixed"   // we normalised the value; the acknowledgement says so
	Warning Severity = "warning" // the order goes through; bookseller and staff are told
	Hold    Severity = "hold"    // only a person can decide about the order
	Error   Severity = "error"   // the form goes back to the bookseller
)

// Code names a kind of finding: "area.subject.fault", such as "uai.key" or
// "line.ean.unknown". Package templates has the list of all codes, with the French words
// for each.
type Code string

// Finding is one thing noticed about a form. It has no words for people in it: package
// templates chooses them by Code when somebody is told.
type Finding struct {
	Code     Code              `json:"code"`
	Severity Severity          `json:"severity"`
	Field    string            `json:"field,omitempty"` // the id of the field or column
	Sheet    string            `json:"sheet"`
	Cell     string            `json:"cell"`           // "C13"; "" for the form as a whole
	Value    string            `json:"value"`          // as typed
	Proposal string            `json:"proposal"`       // the value that may have been meant, or ""; if Fixed, ours
	Args     map[string]string `json:"args,omitempty"` // other values that the words mention: a limit, a title
}

// Verdict is the decision about one form that its findings lead to.
type Verdict string

// The verdicts.
const (
	Accepted Verdict = "accepted" // it becomes an order
	Rejected Verdict = "rejected" // it goes back to the bookseller
	Held     Verdict = "held"     // a person decides
)

// Judge returns the verdict that findings lead to: Rejected if one of them is an Error,
// else Held if one is a Hold, else Accepted. A form that has an Error and a Hold goes back
// to the bookseller first: a person decides about the corrected form.
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
