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

// tally is what one transaction adds to the days, by their dates: each day's row
// is read and written once a commit, however many intakes share it.
type tally map[string]*store.Day

// dateOf is the date of a moment in France, which is also a day's key.
func dateOf(at time.Time) string { return at.In(order.Paris).Format(time.DateOnly) }

// on is what is added to the day of a moment.
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

// form counts one form that was not accepted as it came, and each kind of error
// that it has once.
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

// act counts what an act did, or with -1 what taking it back undid.
func (t tally) act(a order.Act, n int) {
	switch {
	case a.Order != "" && a.Actor == actor: // an order that waited for a register
		t.on(a.At).Accepted += n
	case a.Order != "":
		t.on(a.At).Decided += n
	case a.Kind == order.ActRefuse:
		t.on(a.At).Refused += n
	}
}

// sent counts an answer that has left. A mail to staff is none.
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

// write adds the tally to what is stored. It is the last thing of its
// transaction.
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

// bounded puts under "" what a day has no room for.
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
