package main

import (
	"context"
	"errors"
	"runtime/debug"
	"time"

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
	var o daemon.Options
	cmd := &cobra.Command{
		Use:   "serve -c bdc.toml [--shadow | --new]",
		Short: "Run the daemon: inbox, outbox, console",
		Long: `Run the daemon: it takes in the mail of the inbox, records the orders, answers, and
serves the console, as the configuration says.

With --shadow, it examines the mail and records it in a data file of its own, but answers
and moves nothing. Use it to try a configuration on a real inbox.

Where there is no data file, a new record begins, with numbers from 000001. But if the mailbox
knows a record that its inbox belongs to, the data file was lost: it is put back, or a copy
with bdc restore. With --new, a new record begins all the same and claims the inbox, as bdc
inbox claim does.

The first SIGINT or SIGTERM lets the daemon finish what it has begun, within 5 seconds. The
second ends it at once; nothing is lost then either.`,
		Example: `  bdc serve -c bdc.toml
  bdc serve -c bdc.toml --shadow
  bdc serve -c bdc.toml --new`,
		GroupID: groupDaemon,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := onlyConfig(path, args); err != nil {
				return err
			}
			if o.Shadow && o.New {
				return usageError{errors.New("--shadow owns no inbox: leave out --new")}
			}
			return runServe(cmd.Context(), e, path, o)
		},
	}
	configFlag(cmd, cmd.Flags(), &path, "configuration `FILE`")
	cmd.Flags().BoolVar(&o.Shadow, "shadow", false, "examine and record in a file apart; answer and move nothing")
	cmd.Flags().BoolVar(&o.New, "new", false, "begin a new record though the inbox belongs to another, and claim it")
	return cmd
}

// endTime is how long the daemon may take to end once it was told to. What still hangs then, on
// a disk that is gone for instance, would hang for ever.
const endTime = 4500 * time.Millisecond

// endInTime calls end if done is not called within endTime after ctx is done.
func endInTime(ctx context.Context, end func()) (done func()) {
	over := make(chan struct{})
	context.AfterFunc(ctx, func() {
		late := time.NewTimer(endTime)
		defer late.Stop()
		select {
		case <-over:
		case <-late.C:
			end()
		}
	})
	return func() { close(over) }
}

// runServe runs the daemon until ctx is done.
func runServe(ctx context.Context, e env, path string, o daemon.Options) (err error) {
	cfg, err := config.Load(path, e.environ)
	if err != nil {
		return usageError{err}
	}
	debug.SetMemoryLimit(softMemory)
	debug.SetGCPercent(garbage)
	control.PrivateFiles()
	o.Build, o.Log = thisBuild(), newLog(e.stderr)
	if e.end != nil {
		defer endInTime(ctx, func() {
			o.Log.Error("not everything has ended in time: the program ends as it would be killed, and nothing is lost",
				"after", endTime)
			e.end()
		})()
	}
	d, err := daemon.New(ctx, cfg, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	return d.Run(ctx)
}
