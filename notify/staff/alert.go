package staff

import (
	"context"
	"errors"
	"time"

	"bdc/order"
	"bdc/store"
)

// Condition says whether something that can break works, as far as that is known.
type Condition int

// The conditions.
const (
	Unknown Condition = iota // it was not tried since the start
	Fine                     // it worked when it was last tried
	Broken                   // it did not
)

// Reading says how one thing that can break fares at a moment.
type Reading struct {
	Cause     order.Cause
	Condition Condition
	Since     time.Time // if it is Broken: when it broke, or zero where that is not known
	Words     string    // if it is Broken: why, in the words of the server or the system
}

// pace is how often staff are told about one cause, at most.
const pace = time.Hour

// patience returns how long something has to be broken before staff are told, so that they
// are not told of what mends itself at the next attempt.
func patience(c order.Cause) time.Duration {
	switch c {
	case order.CausePause, order.CauseExpiry, order.CauseDisk, order.CauseDeed, order.CausePlace, order.CauseBackup,
		order.CauseFetch, order.CauseRefused:
		return 0
	case order.CauseBacklog:
		return 15 * time.Minute
	}
	return 5 * time.Minute
}

// alert tells staff what broke or works again. If a notice can't be recorded, it goes on
// with the others.
func (w *Watch) alert(ctx context.Context) error {
	readings, err := w.Read(ctx)
	if err != nil {
		return err
	}
	var faults []error
	for _, r := range readings {
		now := w.Clock().UTC()
		old := w.notices[string(r.Cause)]
		untold, failed := w.untold[r.Cause]
		if failed {
			old = untold
		}
		n, alert := judge(old, w.dated(r, now), now)
		if failed && alert == nil && !isOngoing(n) { // it could not be recorded while it lasted
			n.At, n.Owed = now, false
			alert = alertOf(n)
		}
		if n == old {
			continue
		}
		if !n.Begun.Equal(old.Begun) {
			w.Log.Warn("trouble", "cause", r.Cause, "since", n.Begun.UTC(), "words", n.Words)
		} else if !n.Ended.IsZero() && old.Ended.IsZero() {
			w.Log.Info("trouble is over", "cause", r.Cause, "since", n.Begun.UTC())
		}
		var to []string
		if alert != nil {
			to = w.Alerts
		}
		err := w.tell(ctx, n, now, to, order.Reply{Kind: order.ReplyAlert, Alert: alert})
		if delete(w.untold, r.Cause); errors.Is(err, store.ErrDataFile) {
			n.At, n.Owed = old.At, false
			w.untold[r.Cause] = n
		}
		faults = append(faults, err)
	}
	return errors.Join(faults...)
}

// dated returns a reading with a Since: if it is Broken and has none, the moment when it was
// first seen Broken.
func (w *Watch) dated(r Reading, now time.Time) Reading {
	if r.Condition != Broken {
		delete(w.seen, r.Cause)
		return r
	}
	if r.Since.IsZero() {
		if w.seen[r.Cause].IsZero() {
			w.seen[r.Cause] = now
		}
		r.Since = w.seen[r.Cause]
	}
	r.Since = r.Since.UTC().Round(0) // as the store returns it
	return r
}

// judge returns the notice of a cause as it is after a reading, and the alert that staff are
// to get now, or nil.
func judge(n store.Notice, r Reading, now time.Time) (store.Notice, *order.Alert) {
	n.Name = string(r.Cause)
	switch ongoing := isOngoing(n); {
	case r.Condition == Fine && ongoing:
		n.Ended = now
	case r.Condition != Broken || ongoing || now.Sub(r.Since) < patience(r.Cause):
	case n.Owed: // staff were not told that it had ended, so for them it goes on
		n.Ended = time.Time{}
	default:
		n.Begun, n.Ended, n.Words = r.Since, time.Time{}, r.Words
	}
	ongoing, early := isOngoing(n), now.Sub(n.At) < pace
	switch {
	case ongoing == n.Owed:
		return n, nil
	case ongoing && r.Cause == order.CauseOutbox: // can't be mailed before it is over
		n.Owed = true
		return n, nil
	case early:
		return n, nil
	}
	n.At, n.Owed = now, ongoing
	return n, alertOf(n)
}

// isOngoing reports whether there is trouble now.
func isOngoing(n store.Notice) bool { return !n.Begun.IsZero() && n.Ended.IsZero() }

func alertOf(n store.Notice) *order.Alert {
	return &order.Alert{Cause: order.Cause(n.Name), Begun: n.Begun, Ended: n.Ended, Words: n.Words}
}
