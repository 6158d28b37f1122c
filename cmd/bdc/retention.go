package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"bdc/store"
)

// Retention is how long things are kept. What it does not name is kept for ever.
type Retention struct {
	Attachments string `toml:"attachments"`

	attachments age
}

// age is a time in the calendar's units; the zero age is for ever.
type age struct{ years, months, days int }

// before is the moment that was an age ago.
func (a age) before(now time.Time) time.Time { return now.AddDate(-a.years, -a.months, -a.days) }

// leastAge keeps a slip of the pen from erasing what is still in hand.
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
		r.attachments = age{years: n}
	case "months":
		r.attachments = age{months: n}
	case "days":
		r.attachments = age{days: n}
	default:
		err = errors.Join(err, errors.New("no unit"))
	}
	now := time.Now()
	if err != nil || n > 1000 || now.Sub(r.attachments.before(now)) < leastAge {
		f.add("retention.attachments", `must be such as "3 years", "18 months" or "90 days", and at least "30 days"`)
	}
}

// eraser erases what was kept long enough, once a day.
type eraser struct {
	store     store.Retention
	retention Retention
	clock     func() time.Time
	log       *slog.Logger
}

// sweepTime is how long it waits between two sweeps.
const sweepTime = 24 * time.Hour

// run sweeps until ctx is done. What fails is tried again with the next sweep.
func (e *eraser) run(ctx context.Context) {
	if e.retention.attachments == (age{}) {
		return
	}
	tick := time.NewTicker(sweepTime)
	defer tick.Stop()
	for {
		if n, err := e.sweep(ctx); err != nil && ctx.Err() == nil {
			e.log.Error("retention", "err", err)
		} else if n > 0 {
			e.log.Info("erased", "attachments", n)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// sweep erases in small transactions, so that nothing waits long for it.
func (e *eraser) sweep(ctx context.Context) (erased int, err error) {
	now := e.clock().UTC()
	ask := store.Erasure{Before: e.retention.attachments.before(now), Actor: "bdc", At: now}
	for {
		got, err := e.store.EraseAttachments(ctx, ask)
		erased += got.Attachments
		if err != nil || got.Next == "" {
			return erased, err
		}
		ask.After = got.Next
	}
}
