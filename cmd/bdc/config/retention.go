package config

import (
	"fmt"
	"time"
)

// Retention says how long things are kept, as "3 years", "18 months" or "90 days"; "" for
// ever.
type Retention struct {
	Attachments string `toml:"attachments"` // since they last came
	Messages    string `toml:"messages"`    // since they were recorded; with them go our replies
	Cases       string `toml:"cases"`       // since they last changed, if they are closed
	Orders      string `toml:"orders"`      // since they last changed, if they are opened or cancelled
	Audit       string `toml:"audit"`       // since the line was written

	// The ages of the keys above; the zero Age for ever.
	AttachmentsFor Age `toml:"-"`
	MessagesFor    Age `toml:"-"`
	CasesFor       Age `toml:"-"`
	OrdersFor      Age `toml:"-"`
	AuditFor       Age `toml:"-"`
}

// Age is a span of time in the units of the calendar. The zero Age means for ever.
type Age struct{ Years, Months, Days int }

// Before returns the time that is an age earlier than now.
func (a Age) Before(now time.Time) time.Time { return now.AddDate(-a.Years, -a.Months, -a.Days) }

// Duration is the age as a span of time, in which a year has 365 days and a month 30.
func (a Age) Duration() time.Duration {
	return time.Duration(365*a.Years+30*a.Months+a.Days) * 24 * time.Hour
}

// leastAge is the shortest age that may be configured, so that no typing error erases what
// is still worked on.
const leastAge = 30 * 24 * time.Hour

// retention finds what is wrong with the section.
func (f *faults) retention(r *Retention) {
	for _, key := range []struct {
		name, text string
		age        *Age
	}{
		{"attachments", r.Attachments, &r.AttachmentsFor},
		{"messages", r.Messages, &r.MessagesFor},
		{"cases", r.Cases, &r.CasesFor},
		{"orders", r.Orders, &r.OrdersFor},
		{"audit", r.Audit, &r.AuditFor},
	} {
		if key.text == "" {
			continue
		}
		var ok bool
		if *key.age, ok = parseAge(key.text); !ok {
			f.add("retention."+key.name,
				`must be such as "3 years", "18 months" or "90 days", and at least "30 days"`)
		}
	}
}

// parseAge reads an age that is neither shorter than leastAge nor longer than 1000 of its
// unit.
func parseAge(text string) (age Age, ok bool) {
	var n int
	var unit string
	if _, err := fmt.Sscanf(text, "%d %s", &n, &unit); err != nil {
		return Age{}, false
	}
	switch unit {
	case "year", "years":
		age = Age{Years: n}
	case "month", "months":
		age = Age{Months: n}
	case "day", "days":
		age = Age{Days: n}
	default:
		return Age{}, false
	}
	now := time.Now()
	return age, n <= 1000 && now.Sub(age.Before(now)) >= leastAge
}
