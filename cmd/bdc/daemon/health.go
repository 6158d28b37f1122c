package daemon

import (
	"cmp"
	"context"
	"errors"
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
	if d.backups != nil {
		backups := d.backups.State()
		h.Backups = &backups
	}
	// A data file that is damaged or gone must not keep us from saying so.
	fault := errors.Join(d.measure(&h), d.count(ctx, &h), d.own(ctx, &h))
	h.Data = health.NewData(d.Store.Trouble(), inbox, d.keeper.Saved())
	if fault != nil && h.Data.Error == "" {
		return h, fault
	}
	return h, nil
}

// measure measures the disk, if the data file is in its place.
func (d *Daemon) measure(h *health.Health) error {
	room, err := health.MeasureDisk(d.data)
	if err == nil {
		h.Disk = &room
	}
	return err
}

// own asks whether the record owns the inbox.
func (d *Daemon) own(ctx context.Context, h *health.Health) error {
	if d.Owner == nil {
		return nil
	}
	o, err := d.Store.Ownership(ctx)
	if err == nil {
		h.Owner = health.NewOwner(o, d.Owner.State())
	}
	return err
}

// count counts what the store has.
func (d *Daemon) count(ctx context.Context, h *health.Health) (err error) {
	h.Store, err = d.Store.Status(ctx)
	return err
}

// dashboard returns the health in the form that the console shows.
func (d *Daemon) dashboard(ctx context.Context) (review.Health, error) {
	h, err := d.health(ctx)
	if err != nil {
		return review.Health{}, err
	}
	shown := review.Health{
		Started: h.Started, Inbox: *h.Inbox, Low: h.Disk.Low(), Store: h.Store,
		Data: h.Data.Trouble, Saved: h.Data.Saved, Unproven: d.unproven,
	}
	if h.Disk != nil {
		shown.Free, shown.Size = h.Disk.Free, h.Disk.Size
	}
	if h.Backups != nil {
		shown.BackupError, shown.BackupSince = h.Backups.Error, h.Backups.Since
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
