package ingest

import (
	"context"
	"fmt"
	"time"

	"bdc/store"
)

// pauseCheck is how often a paused inbox asks whether it may go on.
const pauseCheck = time.Second

// askPaused asks the store whether the intake is paused, sets in.paused, and logs if that
// has changed. It does not stop the examination of messages that were fetched before.
func (in *Inbox) askPaused(ctx context.Context) error {
	p, err := in.Store.Pauses(context.WithoutCancel(ctx))
	if err != nil {
		return fmt.Errorf("look up pauses: %w", err)
	}
	doubt, err := in.askDoubt(ctx)
	if err != nil {
		return err
	}
	held := !p.Intake.IsZero()
	in.paused = held || doubt
	if held != in.held {
		in.held = held
		if held {
			in.Log.Warn("intake held: messages wait in the mailbox (bdc inbox release)",
				"actor", p.Intake.Actor, "since", p.Intake.At.UTC(), "reason", p.Intake.Reason)
		} else {
			in.Log.Info("intake released")
		}
	}
	return nil
}

// waitPaused waits until the intake is resumed, but no longer than most. Then the mailbox
// has to be searched again, which keeps the connection alive and shows how many messages
// wait there. If the record is taken over meanwhile, it returns so that the folders are listed.
func (in *Inbox) waitPaused(ctx context.Context, most time.Duration) error {
	for waited := time.Duration(0); waited < most && in.paused && ctx.Err() == nil; waited += pauseCheck {
		if in.doubt == store.Restored && in.mayList() {
			return nil
		}
		sleep(ctx, min(pauseCheck, most))
		if err := in.askPaused(ctx); err != nil {
			return err
		}
	}
	return nil
}
