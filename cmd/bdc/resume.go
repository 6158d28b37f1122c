package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
)

// resumeCommand is bdc resume: what the daemon was to try later, it tries at once.
func resumeCommand(e env) *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use:   "resume -c bdc.toml",
		Short: "Try at once what the daemon was to try later",
		Long: `Try at once what the daemon was to try later. After the mailbox has refused the password,
the daemon waits longer and longer before it tries again, up to a quarter of an hour, so
that the account is not locked. Once the account is in order, this ends the wait.

A new password in the configuration takes a restart.`,
		Example: "  bdc resume -c bdc.toml",
		GroupID: groupDaemon,
		Args:    exactly(0, "expected no argument"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withClient(cmd.Context(), e, path, func(ctx context.Context, d *client) error {
				if !d.running {
					return errors.New("no daemon runs, so nothing waits")
				}
				if err := d.Resume(ctx); err != nil {
					return err
				}
				_, err := fmt.Fprintln(e.stdout, "the mailbox is tried at once; bdc status says what comes of it")
				return err
			})
		},
	}
	configFlag(cmd, cmd.Flags(), &path, "configuration `FILE`")
	return cmd
}
