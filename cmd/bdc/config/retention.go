package config

import (
	"errors"
	"fmt"
	"time"
)

// Retention says how long things are kept. What it does not name is kept for ever.
type Retention struct {
	Attachments string `toml:"attachments"` // such as "3 years"; "" for ever

	// AttachmentsFor is the age of Attachments; the zero Age for ever.
	AttachmentsFor Age `toml:"-"`
}

// Age is a span of time in the units of the calendar. The zero Age means for ever.
type Age struct{ Years, Months, Days int }

// Before returns the time that is an age earlier than now.
func (a Age) Before(now time.Time) time.Time { return now.AddDate(-a.Years, -a.Months, -a.Days) }

// leastAge is the shortest age that may be configured, so that no typing error erases what
// is still worked on.
const leastAge = 30 * 24 * time.Hour

// retention finds what is wrong with the section.
func (f *faults) retention(r *Retention) {
	if r.Attachments == "" {
		return
	}
	var n int
	var unit string
	_, err := fmt.Sscanf(r.Attachments, "%d %s", &n, &unit)
	switch unit {
	case "years":
		r.AttachmentsFor = Age{Years: n}
	case "months":
		r.AttachmentsFor = Age{Months: n}
	case "days":
		r.AttachmentsFor = Age{Days: n}
	default:
		err = errors.Join(err, errors.New("no unit"))
	}
	now := time.Now()
	if err != nil || n > 1000 || now.Sub(r.AttachmentsFor.Before(now)) < leastAge {
		f.add("retention.attachments", `must be such as "3 years", "18 months" or "90 days", and at least "30 days"`)
	}
}
