package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"bdc/cmd/bdc/config"
	"bdc/notify"
	"bdc/notify/staff"
	"bdc/order"
	"bdc/templates"
)

// writer composes every mail that we send: the replies to booksellers and the mails to
// staff.
type writer struct {
	replies composer
	staff   *templates.StaffRenderer
}

func (w writer) Compose(ctx context.Context, r order.Reply) (notify.Letter, error) {
	if !r.Kind.ForStaff() {
		return w.replies.Compose(ctx, r)
	}
	subject, text, html, err := w.staff.Render(r)
	return notify.Letter{Subject: subject, Text: text, HTML: html}, err
}

// newWatch returns the watch over the daemon d, which mails its alerts and the digest to
// staff. domain is that of the mails' Message-IDs.
func newWatch(cfg config.Config, d *daemon, domain string, log *slog.Logger) *staff.Watch {
	return &staff.Watch{
		Store: d.store,
		Read: func(ctx context.Context) ([]staff.Reading, error) {
			h, err := d.health(ctx)
			if err != nil {
				return nil, err
			}
			return h.readings(time.Now()), nil
		},
		At: cfg.Staff.DigestAt, Digest: cfg.Staff.Addresses, Alerts: cfg.Staff.Alerts, Domain: domain,
		Hours: cfg.Accept.OpeningHours,
		Wake:  d.outbox.Wake, Clock: time.Now, Log: log,
	}
}

// backlogMost is the number of messages to be examined from which on staff are alerted.
const backlogMost = 1000

// readings returns the state of each thing about which staff are alerted.
func (h health) readings(now time.Time) []staff.Reading {
	var all []staff.Reading
	read := func(cause order.Cause, broken, fine bool, since time.Time, words string) {
		r := staff.Reading{Cause: cause}
		switch {
		case broken:
			r.Condition, r.Since, r.Words = staff.Broken, since, words
		case fine:
			r.Condition = staff.Fine
		}
		all = append(all, r)
	}
	if s := h.Inbox; s != nil {
		searched := s.Error == "" && !s.LastCheck.IsZero()
		read(order.CauseInbox, s.Error != "", searched, s.Since, s.Error)
		read(order.CauseMoves, s.MoveError != "", searched && s.Unmoved == 0, time.Time{}, s.MoveError)
		read(order.CauseBacklog, searched && s.Backlog >= backlogMost, searched, time.Time{},
			fmt.Sprintf("%d messages à traiter", s.Backlog))
	}
	if s := h.Outbox; s != nil {
		read(order.CauseOutbox, s.Error != "", !s.LastAnswer.IsZero(), s.Since, s.Error)
	}
	if s := h.Disk; s != nil {
		read(order.CauseDisk, s.low(), true, time.Time{},
			fmt.Sprintf("%d Mo libres sur le disque des données", s.Free>>20))
	}
	held := h.Store.OutboxPause
	read(order.CausePause, held.Reason != "", true, held.At, held.Reason)
	if s := h.SignIn; s != nil {
		read(order.CauseSignIn, s.Error != "", !s.Expires.IsZero(), time.Time{}, s.Error)
		read(order.CauseExpiry, s.Ending(now) != "", true, time.Time{}, s.Ending(now))
	}
	return all
}
