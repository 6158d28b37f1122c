package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// paused is the inbox or the outbox, as a thing that a person can hold and release. The
// code says pause and resume for that.
type paused struct {
	name, short, long string
	hold              func(*client, context.Context, string) error
	release           func(*client, context.Context) error
	held, released    string // what a hold and a release mean

	// more makes a further verb, named in the help as its Use says; nil for none.
	more func(e env, path *string) *cobra.Command
}

// outboxCommand is bdc outbox: it holds the outbox, or releases one that is held, by a
// person or by itself because it had too much to send.
func outboxCommand(e env) *cobra.Command {
	return pauseCommand(e, paused{
		name: "outbox", short: "Keep replies from being sent, let them go again, or send again what was given up",
		long: `Keep replies from being sent, or let them go again; or send again what was given up.
The daemon also holds the outbox by itself, when it has more to send than smtp.hourly allows.`,
		hold: (*client).PauseOutbox, release: (*client).ResumeOutbox,
		held: "replies wait until bdc outbox release", released: "the replies that wait leave within a minute",
		more: retryCommand,
	})
}

// inboxCommand is bdc inbox: it holds the inbox, or releases one that is held.
func inboxCommand(e env) *cobra.Command {
	return pauseCommand(e, paused{
		name: "inbox", short: "Leave new messages in the mailbox, take them in again, or claim it",
		long: "Leave new messages in the mailbox, or take them in again; or make this data file the one that the\n" +
			"inbox belongs to.",
		hold: (*client).PauseIntake, release: (*client).ResumeIntake,
		held: "messages wait in the mailbox until bdc inbox release", released: "the messages that wait are taken in",
		more: claimCommand,
	})
}

func pauseCommand(e env, p paused) *cobra.Command {
	expected, use := "expected hold [REASON…] or release", p.name+" hold [REASON…] | release   -c bdc.toml"
	var path string
	var more []*cobra.Command
	if p.more != nil {
		more = append(more, p.more(e, &path))
		expected = "expected hold [REASON…], release or " + more[0].Name()
		use = p.name + " hold [REASON…] | release | " + more[0].Name() + "   -c bdc.toml"
	}
	cmd := verbs(&cobra.Command{
		Use:   use,
		Short: p.short,
		Long:  p.long + "\n\nA hold lasts until somebody releases it, also over a restart. bdc status shows it.",
		Example: fmt.Sprintf(`  bdc %[1]s hold new prices come at noon -c bdc.toml
  bdc %[1]s release -c bdc.toml`, p.name),
		GroupID: groupDaemon,
	}, expected, append(more, &cobra.Command{
		Use:     "hold [REASON…] -c bdc.toml",
		Short:   "Hold: " + p.held,
		Example: fmt.Sprintf("  bdc %s hold new prices come at noon -c bdc.toml", p.name),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runHold(cmd.Context(), e, path, p, strings.Join(args, " "))
		},
	}, &cobra.Command{
		Use:     "release -c bdc.toml",
		Short:   "Release: " + p.released,
		Example: fmt.Sprintf("  bdc %s release -c bdc.toml", p.name),
		Args:    exactly(0, expected),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runRelease(cmd.Context(), e, path, p)
		},
	})...)
	configFlag(cmd, cmd.PersistentFlags(), &path, "configuration `FILE`")
	return cmd
}

// runHold pauses. The reason may be "".
func runHold(ctx context.Context, e env, path string, p paused, reason string) error {
	return withNewClient(ctx, e, path, func(ctx context.Context, d *client) error {
		if err := p.hold(d, ctx, cmp.Or(reason, "à la main")); err != nil {
			return err
		}
		_, err := fmt.Fprintln(e.stdout, "held: "+p.held)
		return err
	})
}

// runRelease resumes.
func runRelease(ctx context.Context, e env, path string, p paused) error {
	return withClient(ctx, e, path, func(ctx context.Context, d *client) error {
		if err := p.release(d, ctx); err != nil {
			return err
		}
		_, err := fmt.Fprintln(e.stdout, "released: "+p.released)
		return err
	})
}
