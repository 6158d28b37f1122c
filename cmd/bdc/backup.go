package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"bdc/cmd/bdc/config"
	"bdc/cmd/bdc/copies"

	"github.com/spf13/cobra"
)

// backupCommand is bdc backup.
func backupCommand(e env) *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use:   "backup FILE|- -c bdc.toml",
		Short: "Write a verified copy of the data file, the daemon running or not",
		Long: `Write a copy of the data file, mode 0600, whether the daemon runs or not, and verify it.
The copy gets its name once it is whole and sound: until then, what was there stays. With
-, it goes to the standard output, by way of a temporary file.

An earlier copy of that name is replaced. Everything else is left alone: the data file
itself, and any file that bdc backup did not write. bdc status shows when the last backup
was written. The daemon makes copies by itself where backup.every is set.`,
		Example: `  bdc backup /var/backups/bdc-$(date +%F).db -c bdc.toml
  bdc backup - -c bdc.toml | ssh backup.example.org 'cat > bdc.db'`,
		GroupID: groupRecord,
		Args:    exactly(1, "name the file to write, or - for the standard output"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runBackup(cmd.Context(), e, path, args[0])
		},
	}
	configFlag(cmd, cmd.Flags(), &path, "configuration `FILE`")
	return cmd
}

// runBackup writes a verified copy of the data file, and then tells the store that there is
// a backup.
func runBackup(ctx context.Context, e env, path, file string) error {
	if file == "-" && isTerminal(e.stdout) && !isNothing(e.stdout) {
		return usageError{errors.New("a copy is no text for a terminal: send it to a file or a program")}
	}
	return withClient(ctx, e, path, func(ctx context.Context, d *client) error {
		cfg, err := config.Load(path, e.environ)
		if err != nil {
			return usageError{err}
		}
		if file == "-" {
			err = copies.Send(ctx, d, e.stdout)
		} else {
			err = copies.Write(ctx, d, cfg.Data, file)
		}
		if err != nil {
			return err
		}
		if err := d.BackedUp(ctx); err != nil {
			return fmt.Errorf("%s is written, but the store does not know: %w", file, err)
		}
		return nil
	})
}

// isNothing reports whether w is /dev/null, which is a device as a terminal is.
func isNothing(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	there, err1 := file.Stat()
	nothing, err2 := os.Stat(os.DevNull)
	return err1 == nil && err2 == nil && os.SameFile(there, nothing)
}
