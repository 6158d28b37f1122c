package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// runOutbox holds the outbox, or releases one that is held: by a person, or by
// itself because it had too much to send.
func runOutbox(ctx context.Context, e env) error {
	return runHold(ctx, e, "outbox", (*client).PauseOutbox, (*client).ResumeOutbox,
		"replies wait until bdc outbox release", "the replies that wait leave within a minute")
}

// runInbox holds the inbox, or releases one that is held.
func runInbox(ctx context.Context, e env) error {
	return runHold(ctx, e, "inbox", (*client).PauseIntake, (*client).ResumeIntake,
		"messages wait in the mailbox until bdc inbox release", "the messages that wait are taken in")
}

// runHold holds or releases; held and released say what that means.
func runHold(ctx context.Context, e env, what string, hold func(*client, context.Context, string) error, release func(*client, context.Context) error, held, released string) (err error) {
	f := e.flags(what)
	config := f.String("c", "", "configuration")
	args, err := f.parse(e.args)
	if err != nil {
		return err
	}
	holding := len(args) >= 1 && args[0] == "hold"
	if !holding && (len(args) != 1 || args[0] != "release") {
		return usageError{errors.New("say hold [REASON…] or release")}
	}
	d, err := openClient(ctx, e, *config)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	if holding {
		reason := strings.Join(args[1:], " ")
		if reason == "" {
			reason = "à la main"
		}
		if err := hold(d, ctx, reason); err != nil {
			return err
		}
		_, err = fmt.Fprintln(e.stdout, "held: "+held)
		return err
	}
	if err := release(d, ctx); err != nil {
		return err
	}
	_, err = fmt.Fprintln(e.stdout, "released: "+released)
	return err
}
