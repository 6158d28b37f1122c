package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"bdc/cmd/bdc/health"
	"bdc/ingest/ownership"

	"github.com/spf13/cobra"
)

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

// restingHealth says what the store holds while no daemon runs.
func restingHealth(ctx context.Context, d *client) (h health.Health, err error) {
	o, err := d.Ownership(ctx)
	if err != nil {
		return h, err
	}
	h.Owner = health.NewOwner(o, ownership.State{})
	h.Store, err = d.Status(ctx)
	return h, err
}

// runStatus shows how the daemon is doing. It returns errFound if no daemon runs, or if
// something keeps it from its work or will do so soon.
func runStatus(ctx context.Context, e env, path string, asJSON bool) (err error) {
	d, err := openClient(ctx, e, path, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	var h health.Health
	if d.running {
		err = d.Health(ctx, &h)
	} else {
		h, err = restingHealth(ctx, d)
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
