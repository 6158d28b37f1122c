package daemon

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"bdc/cmd/bdc/health"
	"bdc/review"
)

// health says how the daemon is doing now.
func (d *Daemon) health(ctx context.Context) (h health.Health, err error) {
	inbox := d.Inbox.State()
	h = health.Health{Build: d.build, Running: true, Shadow: d.Outbox == nil, Started: d.started, Inbox: &inbox}
	if d.Outbox != nil {
		outbox := d.Outbox.State()
		h.Outbox = &outbox
	}
	if d.Copies != nil {
		copies := d.Copies.State()
		h.Copies = &copies
	}
	if d.Tokens != nil {
		signIn := d.Tokens.State()
		h.SignIn = &signIn
	}
	room, err := health.MeasureDisk(d.data)
	if err != nil {
		return h, err
	}
	h.Disk = &room
	if d.Owner != nil {
		o, err := d.Store.Ownership(ctx)
		if err != nil {
			return h, err
		}
		h.Owner = health.NewOwner(o, d.Owner.State())
	}
	h.Store, err = d.Store.Status(ctx)
	return h, err
}

// dashboard returns the health in the form that the console shows.
func (d *Daemon) dashboard(ctx context.Context) (review.Health, error) {
	h, err := d.health(ctx)
	if err != nil {
		return review.Health{}, err
	}
	shown := review.Health{
		Started: h.Started, Inbox: *h.Inbox, Free: h.Disk.Free, Size: h.Disk.Size, Low: h.Disk.Low(),
		Store: h.Store,
	}
	if o := h.Owner; o != nil {
		shown.Owner = review.Owner{Doubt: o.Doubt, Words: o.Words, Unkept: o.Refused}
	}
	if o := h.Outbox; o != nil {
		shown.Sending = review.Sending{
			LastAnswer: o.LastAnswer, Error: o.Error, Since: o.Since,
			NextAttempt: o.NextAttempt,
		}
	}
	if s := h.SignIn; s != nil {
		shown.SignIn = cmp.Or(s.Error, s.Ending(time.Now()))
	}
	return shown, nil
}

// serveMetrics answers with the daemon's health as Prometheus reads it.
func (d *Daemon) serveMetrics(w http.ResponseWriter, r *http.Request) {
	h, err := d.health(r.Context())
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	_ = h.Metrics(w) // the caller is gone: nobody to tell
}
