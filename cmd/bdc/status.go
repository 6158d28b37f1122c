package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"bdc/cmd/bdc/health"
	"bdc/review"

	"github.com/spf13/cobra"
)

// health says how the daemon is doing now.
func (d *daemon) health(ctx context.Context) (h health.Health, err error) {
	inbox := d.inbox.State()
	h = health.Health{Build: thisBuild(), Running: true, Shadow: d.outbox == nil, Started: d.started, Inbox: &inbox}
	if d.outbox != nil {
		outbox := d.outbox.State()
		h.Outbox = &outbox
	}
	if d.tokens != nil {
		signIn := d.tokens.State()
		h.SignIn = &signIn
	}
	room, err := health.MeasureDisk(d.data)
	if err != nil {
		return h, err
	}
	h.Disk = &room
	h.Store, err = d.store.Status(ctx)
	return h, err
}

// dashboard returns the health in the form that the console shows.
func (d *daemon) dashboard(ctx context.Context) (review.Health, error) {
	h, err := d.health(ctx)
	if err != nil {
		return review.Health{}, err
	}
	shown := review.Health{
		Started: h.Started, Inbox: *h.Inbox, Free: h.Disk.Free, Size: h.Disk.Size, Low: h.Disk.Low(),
		Store: h.Store,
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

// statusCommand is bdc status.
func statusCommand(e env) *cobra.Command {
	var path string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "status -c bdc.toml [--json]",
		Short: "Show how the daemon is doing",
		Long: `Show how the daemon is doing: since when it runs, what waits in the inbox and in the
outbox, what keeps it from its work, and what the data file holds.

Exit code 1: no daemon runs, or something keeps it from its work, or will do so soon.`,
		Example: `  bdc status -c bdc.toml
  bdc status -c bdc.toml --json`,
		GroupID: groupDaemon,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError{fmt.Errorf("unexpected %q", args[0])}
			}
			return runStatus(cmd.Context(), e, path, asJSON)
		},
	}
	configFlag(cmd, cmd.Flags(), &path, "configuration `FILE`")
	cmd.Flags().BoolVar(&asJSON, "json", false, "as one JSON object")
	return cmd
}

// runStatus shows how the daemon is doing. It returns errFound if no daemon runs, or if
// something keeps it from its work or will do so soon.
func runStatus(ctx context.Context, e env, path string, asJSON bool) (err error) {
	d, err := openClient(ctx, e, path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	var h health.Health
	if d.running {
		err = d.Health(ctx, &h)
	} else {
		h.Store, err = d.Status(ctx)
	}
	if err != nil {
		return err
	}
	if asJSON {
		err = printJSON(e.stdout, h)
	} else {
		err = h.Print(e.stdout, time.Now())
	}
	if err == nil && (!h.Running || h.Troubled(time.Now())) {
		return errFound
	}
	return err
}

// serveMetrics answers with the daemon's health as Prometheus reads it.
func (d *daemon) serveMetrics(w http.ResponseWriter, r *http.Request) {
	h, err := d.health(r.Context())
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	_ = h.Metrics(w) // the caller is gone: nobody to tell
}
