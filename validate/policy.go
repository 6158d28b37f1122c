package validate

import (
	"time"

	"bdc/order"
)

// Policy holds what a deployment decides about the rules, and the day on which they
// are applied. The zero Policy uses every default, and compares no dates.
type Policy struct {
	// Today decides whether a school is open and an offer is sold. The day that it
	// falls on in France counts. If it is the zero time, dates are not looked at.
	Today time.Time

	// Quantity is the greatest quantity of a line that no person needs to confirm. 0
	// stands for DefaultQuantity.
	Quantity int

	// Severity returns the severity that a deployment gives to findings of a code,
	// instead of the one that is passed. Check calls it for its own findings and those
	// of the draft, but not for Fixed ones. If it is nil, no severity changes.
	Severity func(order.Code, order.Severity) order.Severity
}

// DefaultQuantity is the value of Policy.Quantity where a deployment sets none. The
// greatest quantity of a line in real orders is 1,120.
const DefaultQuantity = 2_000

// quantity returns the greatest quantity that no person needs to confirm.
func (p Policy) quantity() int {
	if p.Quantity > 0 {
		return p.Quantity
	}
	return DefaultQuantity
}

// weigh gives findings the severities that the deployment wants.
func (p Policy) weigh(findings []order.Finding) {
	if p.Severity == nil {
		return
	}
	for i := range findings {
		if f := &findings[i]; f.Severity != order.Fixed {
			f.Severity = p.Severity(f.Code, f.Severity)
		}
	}
}

// notYet reports whether a day is still to come. The zero time is not.
func (p Policy) notYet(from time.Time) bool {
	return !from.IsZero() && !p.Today.IsZero() && day(p.Today) < from.Format(time.DateOnly)
}

// over reports whether a day has passed. The zero time has not.
func (p Policy) over(until time.Time) bool {
	return !until.IsZero() && !p.Today.IsZero() && day(p.Today) > until.Format(time.DateOnly)
}

// day is the day of a moment in France.
func day(t time.Time) string { return t.In(order.Paris).Format(time.DateOnly) }
