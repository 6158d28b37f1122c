package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// runOutbox holds the outbox, or releases one that is held: by a person, or by
// itself because it had too much to send.
func runOutbox(ctx context.Context, e env) (err error) {
	f := e.flags("outbox")
	config := f.String("c", "", "configuration")
	args, err := f.parse(e.args)
	if err != nil {
		return err
	}
	hold := len(args) >= 1 && args[0] == "hold"
	if !hold && (len(args) != 1 || args[0] != "release") {
		return usageError{errors.New("say hold [REASON…] or release")}
	}
	d, err := openDesk(ctx, e, *config)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	if hold {
		reason := strings.Join(args[1:], " ")
		if reason == "" {
			reason = "by hand"
		}
		if err := d.HoldOutbox(ctx, reason); err != nil {
			return err
		}
		_, err = fmt.Fprintln(e.stdout, "held: replies wait until bdc outbox release")
		return err
	}
	if err := d.ReleaseOutbox(ctx); err != nil {
		return err
	}
	_, err = fmt.Fprintln(e.stdout, "released: the replies that wait leave within a minute")
	return err
}
