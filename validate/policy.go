package validate

import (
	"time"

	"bdc/order"
)

// Policy is what a deployment decides about the rules, and the day on which they
// are applied. The zero Policy has every default, and looks at no dates.
type Policy struct {
	// Today is the moment by which schools are open and offers available: its day
	// in France counts. The zero time leaves dates out of it.
	Today time.Time

	// Quantity is the greatest quantity of a line that needs no second look; 0
	// stands for DefaultQuantity.
	Quantity int

	// Severity changes the severity of a finding; nil changes none. It is asked
	// for the findings of the draft too, and never for a Fixed one.
	Severity func(order.Code, order.Severity) order.Severity
}

// DefaultQuantity is the value of Policy.Quantity where a deployment sets none. The
// greatest quantity of a line in real orders is 1,120.
const DefaultQuantity = 2_000

// quantity is the greatest quantity that needs no second look.
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

// notYet reports whether a day is still to come, and over whether it has passed.
// A day that is not given is neither.
func (p Policy) notYet(from time.Time) bool {
	return !from.IsZero() && !p.Today.IsZero() && day(p.Today) < from.Format(time.DateOnly)
}

func (p Policy) over(until time.Time) bool {
	return !until.IsZero() && !p.Today.IsZero() && day(p.Today) > until.Format(time.DateOnly)
}

// day is the day of a moment in France.
func day(t time.Time) string { return t.In(order.Paris).Format(time.DateOnly) }
