package main

import (
	"context"
	"errors"
	"runtime/debug"

	"bdc/cmd/bdc/config"
	"bdc/cmd/bdc/control"
	"bdc/cmd/bdc/daemon"

	"github.com/spf13/cobra"
)

// softMemory is the memory, in octets, that the garbage collector aims to stay below.
const softMemory = 80 << 20

// garbage is how much the heap may grow before the collector runs, in percent of the live
// objects. The live objects are few compared with the mails that pass through: while there
// is a backlog, the collector therefore runs when softMemory is reached.
const garbage = 800

// serveCommand is bdc serve.
func serveCommand(e env) *cobra.Command {
	var path string
	var shadow bool
	cmd := &cobra.Command{
		Use:   "serve -c bdc.toml [--shadow]",
		Short: "Run the daemon: inbox, outbox, console",
		Long: `Run the daemon: it takes in the mail of the inbox, records the orders, answers, and
serves the console, as the configuration says.

With --shadow, it examines the mail and records it in a data file of its own, but answers
and moves nothing. Use it to try a configuration on a real inbox.

The first SIGINT or SIGTERM lets the daemon finish what it has begun. The second ends it
at once; nothing is lost then either.`,
		Example: `  bdc serve -c bdc.toml
  bdc serve -c bdc.toml --shadow`,
		GroupID: groupDaemon,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := onlyConfig(path, args); err != nil {
				return err
			}
			return runServe(cmd.Context(), e, path, shadow)
		},
	}
	configFlag(cmd, cmd.Flags(), &path, "configuration `FILE`")
	cmd.Flags().BoolVar(&shadow, "shadow", false, "examine and record in a file apart; answer and move nothing")
	return cmd
}

// runServe runs the daemon until ctx is done.
func runServe(ctx context.Context, e env, path string, shadow bool) (err error) {
	cfg, err := config.Load(path, e.environ)
	if err != nil {
		return usageError{err}
	}
	debug.SetMemoryLimit(softMemory)
	debug.SetGCPercent(garbage)
	control.PrivateFiles()
	d, err := daemon.New(ctx, cfg, daemon.Options{Build: thisBuild(), Shadow: shadow, Log: newLog(e.stderr)})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	return d.Run(ctx)
}
