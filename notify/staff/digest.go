package staff

import (
	"cmp"
	"context"
	"slices"
	"sort"
	"strings"
	"time"

	"bdc/order"
	"bdc/store"
)

// digestName is the digest's notice.
const digestName = "digest"

// What a digest lists and counts at most, and how much of the audit is read at once.
const (
	rowsMost  = 10
	countMost = 1000
	page      = 1000
)

// nearTime is how long before an order is late a digest begins to list it.
const nearTime = 12 * time.Hour

// slack is how far lines of the audit may be out of order. A line has the moment before its
// transaction began, and transactions wait for one another.
const slack = time.Minute

// digest makes the digest, if it is due. If there never was one, it records the moment at
// which the time of the first digest begins.
func (w *Watch) digest(ctx context.Context) error {
	if w.At == nil || len(w.Digest) == 0 {
		return nil
	}
	now := w.Clock().UTC()
	last, ok := w.notices[digestName]
	if ok && now.Before(w.At.After(last.At)) {
		return nil
	}
	n := store.Notice{Name: digestName, At: now}
	if !ok {
		return w.tell(ctx, n, now, nil, order.Reply{})
	}
	d, err := w.gather(ctx, last.At, now)
	if err != nil {
		return err
	}
	return w.tell(ctx, n, now, w.Digest, order.Reply{Kind: order.ReplyDigest, Digest: &d})
}

// gather makes the digest of the time between two moments, of which until is now.
func (w *Watch) gather(ctx context.Context, from, until time.Time) (order.Digest, error) {
	d := order.Digest{From: from, Until: until, Hours: w.Hours}
	if err := w.count(ctx, &d); err != nil {
		return d, err
	}
	var err error
	if d.Waiting, d.Oldest, err = w.Store.Waiting(ctx); err != nil {
		return d, err
	}
	cases, err := w.Store.CaseRows(ctx, store.CaseFilter{State: order.Waiting}, "", rowsMost)
	if err != nil {
		return d, err
	}
	for _, c := range cases {
		d.Cases = append(d.Cases, order.DigestRow{
			Name: c.Code, Since: c.OpenedAt,
			Bookseller: cmp.Or(c.Bookseller, c.From), School: c.Establishment, Subject: c.Subject,
		})
	}
	if w.Hours > 0 {
		late := until.Add(-time.Duration(w.Hours) * time.Hour)
		if d.Late, d.LateRows, d.LateMore, err = w.unopened(ctx, time.Time{}, late); err != nil {
			return d, err
		}
		if d.Near, d.NearRows, _, err = w.unopened(ctx, late, late.Add(nearTime)); err != nil {
			return d, err
		}
	}
	status, err := w.Store.Status(ctx)
	if err != nil {
		return d, err
	}
	d.Unsent, d.BackedUp = status.Unsent, status.BackedUp
	for _, c := range order.Causes() {
		if n := w.notices[string(c)]; isOngoing(n) || n.Ended.After(from) {
			d.Troubles = append(d.Troubles, *alertOf(n))
		}
	}
	return d, nil
}

// count adds up what the audit tells of the digest's time.
func (w *Watch) count(ctx context.Context, d *order.Digest) error {
	after, err := w.before(ctx, d.From.Add(-slack))
	if err != nil {
		return err
	}
	for {
		events, err := w.Store.Audit(ctx, after, page)
		if err != nil {
			return err
		}
		for _, e := range events {
			after = e.Seq
			if !e.At.Before(d.From) && e.At.Before(d.Until) {
				add(d, e)
			}
		}
		if len(events) < page {
			return nil
		}
	}
}

// before finds, by bisection, the sequence number of a line of the audit after which no line
// is older than a moment.
func (w *Watch) before(ctx context.Context, moment time.Time) (uint64, error) {
	var fault error
	reached := func(after uint64) bool {
		if fault != nil {
			return true
		}
		next, err := w.Store.Audit(ctx, after, 1)
		fault = err
		return len(next) == 0 || !next[0].At.Before(moment)
	}
	end := uint64(1)
	for !reached(end) {
		end *= 2
	}
	return uint64(sort.Search(int(end), func(i int) bool { return reached(uint64(i)) })), fault
}

// add counts one event.
func add(d *order.Digest, e order.Event) {
	switch e.Verb {
	case "message.recorded":
		d.Received++
	case "order.accepted":
		d.Accepted++
	case "reply.failed":
		d.Failed++
	case "reply.intended":
		switch order.ReplyKind(e.Detail) {
		case order.ReplyReport, order.ReplyUnreadable:
			d.SentBack++
		case order.ReplyHeld:
			d.Held++
		case order.ReplyDuplicate:
			d.Repeated++
		}
	case "case.opened", "case.continued":
		if e.Detail == string(order.ReasonBounced) || strings.HasSuffix(e.Detail, ", "+string(order.ReasonBounced)) {
			d.Bounced++
		}
	}
}

// unopened counts the orders received within a time whose services are not open, and
// returns the oldest of these, oldest first. If more than countMost of them have the same
// status, it counts the latest countMost of that status, and more is true.
func (w *Watch) unopened(ctx context.Context, from, until time.Time) (n int, rows []order.DigestRow, more bool,
	err error,
) {
	for _, status := range []order.Status{order.Received, order.Checked} {
		f := store.OrderFilter{Status: status, From: from, Until: until}
		list, err := w.Store.OrderRows(ctx, f, "", countMost+1)
		if err != nil {
			return 0, nil, false, err
		}
		if len(list) > countMost {
			list, more = list[:countMost], true
		}
		n += len(list)
		for _, o := range list[max(0, len(list)-rowsMost):] {
			rows = append(rows, order.DigestRow{
				Name: o.Number, Since: o.ReceivedAt, Bookseller: o.Bookseller,
				School: o.Establishment,
			})
		}
	}
	slices.SortStableFunc(rows, func(a, b order.DigestRow) int { return a.Since.Compare(b.Since) })
	return n, rows[:min(rowsMost, len(rows))], more, nil
}
