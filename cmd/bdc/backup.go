package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

// backupCommand is bdc backup.
func backupCommand(e env) *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use:   "backup FILE -c bdc.toml",
		Short: "Write a consistent copy of the data file, the daemon running or not",
		Long: `Write a consistent copy of the data file, mode 0600, whether the daemon runs or not. The
file is written whole or not at all. bdc status shows when the last backup was written.`,
		Example: "  bdc backup /var/backups/bdc-$(date +%F).db -c bdc.toml",
		GroupID: groupRecord,
		Args:    exactly(1, "name the file to write"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withClient(cmd.Context(), e, path, func(ctx context.Context, d *client) error {
				return runBackup(ctx, d, args[0])
			})
		},
	}
	configFlag(cmd, cmd.Flags(), &path, "configuration `FILE`")
	return cmd
}

// runBackup writes a consistent copy of the data file, mode 0600, and then tells the store
// that there is a backup.
func runBackup(ctx context.Context, d *client, file string) error {
	if err := writeTo(file, nil, func(w io.Writer) error { return d.Backup(ctx, w) }); err != nil {
		return err
	}
	if err := d.BackedUp(ctx); err != nil {
		return fmt.Errorf("%s is written, but the store does not know: %w", file, err)
	}
	return nil
}
