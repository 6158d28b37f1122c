package staff

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"strings"
	"time"

	"bdc/order"
	"bdc/store"
)

// Store is what a Watch needs of the store: some methods of store.Store.
type Store interface {
	Notify(ctx context.Context, n store.Notice, at time.Time, mails []order.Reply) error
	Notices(ctx context.Context) ([]store.Notice, error)
	Audit(ctx context.Context, after uint64, limit int) ([]order.Event, error)
	OrderRows(ctx context.Context, f store.OrderFilter, below string, limit int) ([]store.OrderRow, error)
	CaseRows(ctx context.Context, f store.CaseFilter, beyond string, limit int) ([]store.CaseRow, error)
	Waiting(ctx context.Context) (n int, oldest time.Time, err error)
	Status(ctx context.Context) (store.Status, error)
}

// Watch looks at how everything fares, and records the mails that staff are to get. Its
// fields are set before Run and not changed after; Run is called once.
type Watch struct {
	Store  Store
	Read   func(ctx context.Context) ([]Reading, error) // returns how everything that can break fares now
	At     *TimeOfDay                                   // the time of each day when a digest is made; nil for none
	Digest []string                                     // the addresses that get it
	Alerts []string                                     // the addresses that get the alerts
	Domain string                                       // what follows the @ in the Message-IDs of the mails
	Hours  int                                          // hours within which services are to be opened; 0: no promise
	Wake   func()                                       // tells the outbox that there is a mail; not nil
	Clock  func() time.Time                             // returns the current time; not nil
	Log    *slog.Logger                                 // not nil
	Soon   <-chan struct{}                              // wakes Run, which looks at once; nil for never

	notices map[string]store.Notice
	// What could not be recorded because of the data file, so that staff are told of it at
	// last, even if it is over by then.
	untold map[order.Cause]store.Notice
	seen   map[order.Cause]time.Time // when a Reading without a Since was first seen Broken
}

// look is how often a watch looks.
const look = time.Minute

// TimeOfDay is a time of the day by the clocks of Paris.
type TimeOfDay struct{ Hour, Minute int }

// ParseTimeOfDay reads a time such as "08:00". The error says what is wrong with any other
// text.
func ParseTimeOfDay(s string) (TimeOfDay, error) {
	t, err := time.Parse("15:04", s)
	return TimeOfDay{t.Hour(), t.Minute()}, err
}

// After returns the first moment after t at which the clocks of Paris show this time. On
// the day when the clocks are put forward past this time, the moment is an hour earlier or
// later. On the day when they show this time twice, it is either of the two moments.
func (d TimeOfDay) After(t time.Time) time.Time {
	t = t.In(order.Paris)
	for day := t.Day(); ; day++ {
		if next := time.Date(t.Year(), t.Month(), day, d.Hour, d.Minute, 0, 0, order.Paris); next.After(t) {
			return next
		}
	}
}

// Run looks once a minute, and when Soon says so, until ctx is done. Errors are logged, and what failed is tried
// again.
func (w *Watch) Run(ctx context.Context) {
	w.seen, w.untold = map[order.Cause]time.Time{}, map[order.Cause]store.Notice{}
	for ctx.Err() == nil {
		if err := w.look(ctx); err != nil && ctx.Err() == nil {
			w.Log.Warn("staff can't be told", "err", err)
		}
		timer := time.NewTimer(w.wait())
		select {
		case <-ctx.Done():
		case <-timer.C:
		case <-w.Soon:
		}
		timer.Stop()
	}
}

// wait is how long to wait before the next look: until the digest's time, if that
// comes first.
func (w *Watch) wait() time.Duration {
	wait := look
	if last, ok := w.notices[digestName]; ok && w.At != nil {
		now := w.Clock()
		if left := w.At.After(last.At).Sub(now); left > 0 {
			wait = min(wait, left)
		}
	}
	return wait
}

func (w *Watch) look(ctx context.Context) error {
	if w.notices == nil {
		all, err := w.Store.Notices(ctx)
		if err != nil {
			return err
		}
		w.notices = map[string]store.Notice{}
		for _, n := range all {
			w.notices[n.Name] = n
		}
	}
	return errors.Join(w.alert(ctx), w.digest(ctx))
}

// tell records a notice, and a mail to each of some addresses.
func (w *Watch) tell(ctx context.Context, n store.Notice, at time.Time, to []string, mail order.Reply) error {
	mail.Subject = "Point du jour" // of the case, should it not arrive
	if mail.Alert != nil {
		mail.Subject = "Alerte"
	}
	var mails []order.Reply
	for _, address := range to {
		mail.To = address
		mail.MessageID = "<" + string(mail.Kind) + "." + strings.ToLower(rand.Text()) + "@" + w.Domain + ">"
		mails = append(mails, mail)
	}
	if err := w.Store.Notify(ctx, n, at, mails); err != nil {
		return err
	}
	w.notices[n.Name] = n
	if len(mails) > 0 {
		w.Log.Info("staff are told", "notice", n.Name, "mails", len(mails))
		w.Wake()
	}
	return nil
}
