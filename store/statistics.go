package store

import (
	"context"
	"maps"
	"math"
	"slices"
	"time"

	"bdc/order"
)

// Day counts what happened on one day in Europe/Paris.
type Day struct {
	Date     string `json:"date"`               // "2026-11-21"
	Messages int    `json:"messages,omitempty"` // messages that were recorded

	Accepted int `json:"accepted,omitempty"`  // orders that were accepted without a person
	Decided  int `json:"decided,omitempty"`   // orders that a person accepted, and did not take back
	Refused  int `json:"refused,omitempty"`   // orders that a person refused, and did not take back
	SentBack int `json:"sent_back,omitempty"` // forms that went back to the bookseller as soon as they were examined
	Held     int `json:"held,omitempty"`      // forms that waited for a person as soon as they were examined

	// Answers are the replies that were sent without a person's decision: how long each
	// took, from the arrival of the message until it was sent.
	Answers Spans `json:"answers,omitempty"`
	// Decisions are the replies that a person's decision caused: how long each took, from
	// the recording of the case's last attempt until it was sent.
	Decisions Spans `json:"decisions,omitempty"`

	// Errors counts, by code, the forms that had an error or a hold of that code when
	// they were examined, and that were not accepted.
	Errors map[order.Code]int `json:"errors,omitempty"`
	// Booksellers counts the forms of SentBack by the account that they name. Forms that
	// name none are left out; those of accounts beyond DayAccounts are counted under "".
	Booksellers map[string]int `json:"booksellers,omitempty"`
}

// DayAccounts is how many accounts Day.Booksellers has at most, besides "". Without a
// bound a stranger could fill it, by forms with invented account numbers.
const DayAccounts = 300

// Orders is how many orders were recorded.
func (d Day) Orders() int { return d.Accepted + d.Decided }

// Forms is how many forms were examined on the day, without those that ordered again what
// had been ordered before.
func (d Day) Forms() int { return d.Accepted + d.SentBack + d.Held }

// Add adds the counts of another day to those of d. The date of d stays.
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

// Spans counts lengths of time: its keys are classes of lengths (see SpanOf), its values say
// how many lengths are in each. Class 0 has the lengths shorter than 100 ms, and class 1
// begins there. Each further class begins at about 1.2 times the length at which the one
// before it begins; four classes on, the length is twice as long. So a few numbers a day
// suffice to know the median to within a tenth.
type Spans map[int]int

// The first class holds what is shorter than spanFirst.
const (
	spanFirst  = 100 * time.Millisecond
	spanDouble = 4
)

// SpanOf returns the class of a length of time: a key of Spans.
func SpanOf(d time.Duration) int {
	if d < spanFirst {
		return 0
	}
	return 1 + int(spanDouble*math.Log2(float64(d)/float64(spanFirst)))
}

// Count is how many lengths are counted.
func (s Spans) Count() int {
	n := 0
	for _, count := range s {
		n += count
	}
	return n
}

// Median returns the middle of the class in which the median lies, and zero when no
// length is counted.
func (s Spans) Median() time.Duration {
	half := (s.Count() + 1) / 2
	for _, class := range slices.Sorted(maps.Keys(s)) {
		if half -= s[class]; half <= 0 {
			return time.Duration(float64(spanFirst) * math.Exp2((float64(class)-.5)/spanDouble))
		}
	}
	return 0
}

// Statistics tell what each day brought, from counts that are kept by the day.
type Statistics interface {
	// Days returns the days from that of the moment from to that of the moment to,
	// both included, oldest first. Days that brought nothing are left out. The
	// counts are written by the same transactions as what they count, so they are
	// never behind.
	Days(ctx context.Context, from, to time.Time) ([]Day, error)
}
