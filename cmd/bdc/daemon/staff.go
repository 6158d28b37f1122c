package daemon

import (
	"context"
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
func newWatch(cfg config.Config, d *Daemon, domain string, log *slog.Logger) *staff.Watch {
	return &staff.Watch{
		Store: d.Store,
		Read: func(ctx context.Context) ([]staff.Reading, error) {
			h, err := d.health(ctx)
			if err != nil {
				return nil, err
			}
			return h.Readings(time.Now()), nil
		},
		At: cfg.Staff.DigestAt, Digest: cfg.Staff.Addresses, Alerts: cfg.Staff.Alerts, Domain: domain,
		Hours: cfg.Accept.OpeningHours,
		Wake:  d.Outbox.Wake, Clock: time.Now, Log: log, Soon: d.alarms,
	}
}
