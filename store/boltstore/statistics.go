package boltstore

import (
	"bytes"
	"context"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"bdc/order"
	"bdc/store"
)

// tally is what one transaction adds to the counts of days, by date. So each day's counts
// are read and written once in a commit, however many intakes share it.
type tally map[string]*store.Day

// dateOf is the date of a moment in France, which is also a day's key.
func dateOf(at time.Time) string { return at.In(order.Paris).Format(time.DateOnly) }

// on returns the counts that are added to the day of a moment.
func (t tally) on(at time.Time) *store.Day {
	date := dateOf(at)
	if t[date] == nil {
		t[date] = &store.Day{Date: date}
	}
	return t[date]
}

// intake counts what a message brought.
func (t tally) intake(in *order.Intake) {
	day := t.on(in.At)
	day.Messages++
	day.Accepted += len(in.Orders)
	for i := range in.Cases {
		for j := range in.Cases[i].Attempts {
			form(day, in.Cases[i].State, &in.Cases[i].Attempts[j])
		}
	}
	for i := range in.Continued {
		if in.Continued[i].Order < 0 {
			form(day, in.Continued[i].State, &in.Continued[i].Attempt)
		}
	}
}

// form counts one form that was not accepted when it was examined, and the code of each
// error and hold that it has, each code once.
func form(day *store.Day, state order.State, a *order.Attempt) {
	switch {
	case a.Verdict == "": // a mail without a form
		return
	case state == order.SentBack:
		day.SentBack++
		if a.Order != nil && a.Order.Account != "" {
			if day.Booksellers == nil {
				day.Booksellers = map[string]int{}
			}
			day.Booksellers[a.Order.Account]++
		}
	default:
		day.Held++
	}
	counted := map[order.Code]bool{}
	for _, f := range a.Findings {
		if f.Severity != order.Error && f.Severity != order.Hold || counted[f.Code] {
			continue
		}
		counted[f.Code] = true
		if day.Errors == nil {
			day.Errors = map[order.Code]int{}
		}
		day.Errors[f.Code]++
	}
}

// act counts an act: n is 1 if it was done, -1 if it was taken back.
func (t tally) act(a order.Act, n int) {
	switch {
	case a.Order != "" && a.Actor == actor: // the order waited for an import, which let the program accept it
		t.on(a.At).Accepted += n
	case a.Order != "":
		t.on(a.At).Decided += n
	case a.Kind == order.ActRefuse:
		t.on(a.At).Refused += n
	}
}

// sent counts an answer that was sent. It does not count mails to staff.
func (t tally) sent(d *dispatch) {
	if d.Staff {
		return
	}
	day := t.on(d.At)
	spans := &day.Answers
	if d.Decided {
		spans = &day.Decisions
	}
	if *spans == nil {
		*spans = store.Spans{}
	}
	(*spans)[store.SpanOf(d.At.Sub(d.Asked))]++
}

// write adds the tally to the stored counts. It is called last in a transaction.
func (t tally) write(tx *bolt.Tx) error {
	days := bucket(tx, bucketDays)
	days.FillPercent = 1
	for date, more := range t {
		day := store.Day{Date: date}
		if _, err := load(days, []byte(date), &day); err != nil {
			return err
		}
		more.Booksellers = bounded(day.Booksellers, more.Booksellers)
		day.Add(*more)
		if err := save(days, []byte(date), day); err != nil {
			return err
		}
	}
	return nil
}

// bounded returns more, with the accounts for which a day has no room added up under "".
func bounded(have, more map[string]int) map[string]int {
	room := store.DayAccounts - len(have)
	kept := map[string]int{}
	for account, n := range more {
		if _, there := have[account]; !there && room <= 0 {
			account = ""
		} else if !there {
			room--
		}
		kept[account] += n
	}
	return kept
}

// Days reads the counts of each day, which are stored day by day.
func (s *Store) Days(ctx context.Context, from, to time.Time) ([]store.Day, error) {
	var data [][]byte
	first, last := []byte(dateOf(from)), []byte(dateOf(to))
	err := s.view(ctx, func(tx *bolt.Tx) error {
		c := bucket(tx, bucketDays).Cursor()
		for k, v := c.Seek(first); k != nil && bytes.Compare(k, last) <= 0; k, v = c.Next() {
			data = append(data, bytes.Clone(v))
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("days from %s to %s: %w", first, last, err)
	}
	return decodeAll[store.Day](data)
}
