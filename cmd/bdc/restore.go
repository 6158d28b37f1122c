package main

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"bdc/cmd/bdc/config"
	"bdc/cmd/bdc/restore"
)

// restoreCommand is bdc restore.
func restoreCommand(e env) *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use:   "restore FILE -c bdc.toml",
		Short: "Put a copy that bdc backup wrote in the place of the data file",
		Long: `Put a copy that bdc backup wrote in the place of the data file. The daemon must be stopped.

The copy is verified first; if it has a fault, nothing is changed. The data file that was
there is kept beside, under a name with the date: it may be damaged, empty or missing.
Order numbers go on above all that were given, so the same copy may be restored again.

At its next start the daemon looks through the folders of the mailbox for messages that the
copy does not know, and opens a case for each. Replies that the copy holds as unsent wait
for people, in the console.`,
		Example: "  bdc restore /var/backups/bdc-2026-11-30.db -c bdc.toml",
		GroupID: groupRecord,
		Args:    exactly(1, "name the copy to restore"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runRestore(cmd.Context(), e, path, args[0])
		},
	}
	configFlag(cmd, cmd.Flags(), &path, "configuration `FILE`")
	return cmd
}

// runRestore restores a copy.
func runRestore(ctx context.Context, e env, path, file string) error {
	if path == "" {
		return usageError{errors.New(noConfig)}
	}
	cfg, err := config.Load(path, e.environ)
	if err != nil {
		return usageError{err}
	}
	return restore.Run(ctx, restore.Request{
		Copy: file, Data: cfg.Data, Actor: "bdc", Clock: time.Now, Out: e.stdout,
	})
}
