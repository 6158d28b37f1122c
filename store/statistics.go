package store

import (
	"context"
	"maps"
	"math"
	"slices"
	"time"

	"bdc/order"
)

// Day is what a day in France brought.
type Day struct {
	Date     string `json:"date"`               // "2026-11-21"
	Messages int    `json:"messages,omitempty"` // recorded

	Accepted int `json:"accepted,omitempty"`  // orders that no person touched
	Decided  int `json:"decided,omitempty"`   // orders that a person accepted, and did not take back
	Refused  int `json:"refused,omitempty"`   // orders that a person refused, and did not take back
	SentBack int `json:"sent_back,omitempty"` // forms that went back as they came
	Held     int `json:"held,omitempty"`      // forms that waited for a person as they came

	Answers   Spans `json:"answers,omitempty"`   // from a message's arrival to the sending of the answer that no person touched
	Decisions Spans `json:"decisions,omitempty"` // from an attempt's arrival to the sending of the answer that a person decided

	Errors      map[order.Code]int `json:"errors,omitempty"`      // forms with such an error or hold as they came
	Booksellers map[string]int     `json:"booksellers,omitempty"` // forms that went back as they came, by account; "" for those beyond DayAccounts
}

// DayAccounts is how many accounts a day tells apart: anybody may write a number
// into a form.
const DayAccounts = 300

// Orders is how many orders were recorded.
func (d Day) Orders() int { return d.Accepted + d.Decided }

// Forms is how many forms were examined, as they came. Those ordered before are
// left out.
func (d Day) Forms() int { return d.Accepted + d.SentBack + d.Held }

// Add adds what another day brought. The date stays.
func (d *Day) Add(other Day) {
	d.Messages += other.Messages
	d.Accepted += other.Accepted
	d.Decided += other.Decided
	d.Refused += other.Refused
	d.SentBack += other.SentBack
	d.Held += other.Held
	d.Answers = added(d.Answers, other.Answers)
	d.Decisions = added(d.Decisions, other.Decisions)
	d.Errors = added(d.Errors, other.Errors)
	d.Booksellers = added(d.Booksellers, other.Booksellers)
}

func added[M ~map[K]int, K comparable](to, from M) M {
	if to == nil && len(from) > 0 {
		to = make(M, len(from))
	}
	for k, n := range from {
		to[k] += n
	}
	return to
}

// Spans counts lengths of time by their class: from one class to the next they
// grow by a fifth (four classes double them), so that a few numbers a day tell
// the median of any number of lengths within a tenth.
type Spans map[int]int

// The first class holds what is shorter than spanFirst.
const (
	spanFirst  = 100 * time.Millisecond
	spanDouble = 4
)

// SpanOf is the class of a length.
func SpanOf(d time.Duration) int {
	if d < spanFirst {
		return 0
	}
	return 1 + int(spanDouble*math.Log2(float64(d)/float64(spanFirst)))
}

// Count is how many lengths there are.
func (s Spans) Count() int {
	n := 0
	for _, count := range s {
		n += count
	}
	return n
}

// Median is the middle of the class that holds the median; zero where there is no
// length at all.
func (s Spans) Median() time.Duration {
	half := (s.Count() + 1) / 2
	for _, class := range slices.Sorted(maps.Keys(s)) {
		if half -= s[class]; half <= 0 {
			return time.Duration(float64(spanFirst) * math.Exp2((float64(class)-.5)/spanDouble))
		}
	}
	return 0
}

// Statistics tell of days without looking at what they brought.
type Statistics interface {
	// Days returns what each day from that of one moment to that of another, both
	// included, brought, oldest first. Days that brought nothing are left out. The
	// counts rise within the transactions that they count, and are never behind.
	Days(ctx context.Context, from, to time.Time) ([]Day, error)
}
