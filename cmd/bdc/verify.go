package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"bdc/cmd/bdc/config"
	"bdc/cmd/bdc/control"
	"bdc/store"
	"bdc/store/boltstore"

	"github.com/spf13/cobra"
)

// verifyCommand is bdc verify.
func verifyCommand(e env) *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use:   "verify [FILE] -c bdc.toml",
		Short: "Verify the data file, or a copy of it",
		Long: `Verify the data file, the daemon running or not, or the copy FILE: that each order can be
read and has its number once, that each list has all that belongs in it, that each
attachment is whole. Each fault is a line; an order that can't be read is named, and what
can be read behind it is verified all the same. Nothing is changed, and a copy of an
earlier format is verified as what it is.

Exit code 1: a fault was found.`,
		Example: `  bdc verify -c bdc.toml
  bdc verify /var/backups/bdc-2026-11-30.db`,
		GroupID: groupRecord,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usageError{fmt.Errorf("unexpected %q: name one file", args[1])}
			}
			if len(args) == 0 && path == "" {
				return usageError{errors.New("name the configuration, -c bdc.toml, or a copy")}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			file := ""
			if len(args) == 1 {
				file = args[0]
			}
			return runVerify(cmd.Context(), e, path, file)
		},
	}
	configFlag(cmd, cmd.Flags(), &path, "configuration `FILE`; not needed to verify a copy")
	return cmd
}

// runVerify verifies a file, or that of the configuration for "". It returns errFound if it
// has faults.
func runVerify(ctx context.Context, e env, path, file string) error {
	if path != "" {
		cfg, err := config.Load(path, e.environ)
		if err != nil {
			return usageError{err}
		}
		if file == "" {
			file = cfg.Data
		}
	}
	began, faults := time.Now(), 0
	bar := progress{w: e.stderr, name: "verify", now: time.Now}
	shown := isTerminal(e.stderr)
	v := store.Verification{
		Progress: func(done, total int64) {
			if shown {
				bar.reached(done, total)
			}
		},
		Fault: func(words string) {
			if faults++; shown {
				bar.clear()
			}
			fmt.Fprintf(e.stdout, "FAULT  %s\n", words)
		},
	}
	err := verifyFile(ctx, file, v)
	if shown {
		bar.end()
	}
	switch {
	case err != nil:
		return err
	case faults > 0:
		fmt.Fprintf(e.stdout, "%s has %d faults\n", file, faults)
		return errFound
	}
	fmt.Fprintf(e.stdout, "%s is sound (%s)\n", file, time.Since(began).Round(time.Millisecond))
	return nil
}

// verifyFile verifies a file through the daemon that has it open, or by reading it.
func verifyFile(ctx context.Context, file string, v store.Verification) error {
	if daemon, err := control.Dial(ctx, control.SocketPath(file)); err == nil {
		return errors.Join(daemon.Verify(ctx, v), daemon.Close())
	}
	if _, err := os.Stat(file); err != nil {
		return err
	}
	s, err := boltstore.Open(file, boltstore.Options{ReadOnly: true})
	if errors.Is(err, store.ErrLocked) {
		return fmt.Errorf("%s: %w, and no daemon answers at %s", file, err, control.SocketPath(file))
	}
	if err != nil {
		return err
	}
	return errors.Join(s.Verify(ctx, v), s.Close())
}
