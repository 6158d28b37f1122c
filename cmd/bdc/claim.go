package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"bdc/cmd/bdc/config"
	"bdc/store"

	"github.com/spf13/cobra"
)

// claimCommand is bdc inbox claim.
func claimCommand(e env, path *string) *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:   "claim -c bdc.toml [--yes]",
		Short: "Make this data file the one that the inbox belongs to, whatever the mailbox says",
		Long: `Make this data file the one that the inbox belongs to, whatever the mailbox says.

The mailbox knows the data file that serves it, by one small message in the folder
mailbox.record. A data file that the mailbox does not know takes in nothing and sends
nothing: it may be an old copy, and what was recorded since would be done twice. bdc status
says so. If you know that this file is the right one, claim the inbox for it. To put a copy
in place of a lost or damaged file, use bdc restore instead, which claims the inbox too.

It says what will happen, and asks. --yes goes on without asking.`,
		Example: `  bdc inbox claim -c bdc.toml
  bdc inbox claim --yes -c bdc.toml`,
		Args: exactly(0, "expected no argument"),
		RunE: func(cmd *cobra.Command, _ []string) error { return runClaim(cmd.Context(), e, *path, yes) },
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "go on without asking")
	return cmd
}

// claimWord is what the operator types to go on.
const claimWord = "claim"

// runClaim says what a claim does to this record, asks, and claims.
func runClaim(ctx context.Context, e env, path string, yes bool) error {
	return withClient(ctx, e, path, func(ctx context.Context, d *client) error {
		cfg, err := config.Load(path, e.environ)
		if err != nil {
			return usageError{err}
		}
		o, err := d.Ownership(ctx)
		if err != nil {
			return err
		}
		status, err := d.Status(ctx)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprint(e.stdout, claimWords(cfg, o, status, time.Now())); err != nil {
			return err
		}
		if !yes {
			if err := confirmed(os.Stdin, e.stdout, claimWord); err != nil {
				return err
			}
		}
		if o, err = d.Claim(ctx); err != nil {
			return err
		}
		next := "The daemon that starts next asks the mailbox, and goes on from there."
		if d.running {
			next = "The daemon asks the mailbox now, and goes on from there. bdc status shows how it fares."
		}
		_, err = fmt.Fprintf(e.stdout, "claimed: record %.8s. %s\n", o.Record, next)
		return err
	})
}

// confirmed asks for a word, and returns an error if anything else is answered.
func confirmed(in io.Reader, out io.Writer, word string) error {
	if _, err := fmt.Fprintf(out, "Type %q to go on: ", word); err != nil {
		return err
	}
	answer, _ := bufio.NewReader(in).ReadString('\n') // an end without an answer is none
	if strings.TrimSpace(answer) == word {
		return nil
	}
	return errors.New("nothing was changed: it was not confirmed")
}

// claimWords says what a claim does.
func claimWords(cfg config.Config, o store.Ownership, s store.Status, now time.Time) string {
	var b strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	say("The inbox %s of %s on %s is to belong to", cfg.Mailbox.Folder, cfg.Mailbox.Username, cfg.Mailbox.Host)
	say("  %s: record %.8s, %d messages, %d orders", cfg.Data, o.Record, s.Messages, s.Orders)
	switch o.Doubt {
	case store.NoDoubt:
		say("which it belongs to already: you need not claim it.")
	case store.Unasked:
		say("though the mailbox was not asked yet since the last start: it may belong to it already.")
	case store.Copied:
		say("though this file is a copy that bdc backup wrote.")
	case store.Restored:
		say("which was restored or claimed before, and is not done with that: wait for it, if you can.")
	case store.Behind, store.Foreign:
		say("though the mailbox names another data file (%s).", o.Words)
	}
	say("")
	say("This is what follows:")
	say("- Whatever other data file serves this inbox ends its daemon, and takes in and sends nothing more.")
	say("  What only that file knows stays there: orders that it has and this one has not.")
	say("- Order numbers go on above %d in every year (%d, or more if the mailbox says so),",
		(o.Restores+1)*store.RestoreSpan, now.Year())
	say("  so that no number is given twice.")
	say("- %d replies that are still to be sent wait: they may have left already.", s.Unsent)
	say("  In the console, somebody sends or drops each.")
	say("- The messages in the folders of the mailbox that this record does not know become cases; nothing is sent")
	say("  before they are listed.")
	say("")
	return b.String()
}
