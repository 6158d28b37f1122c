package ingest

import (
	"context"
	"fmt"
	"time"
)

// holdCheck is how often an inbox that is held asks whether it may go on.
const holdCheck = time.Second

// isHeld asks whether somebody wants nothing more to be taken in, and says so
// when that changes. What is in flight is finished all the same.
func (in *Inbox) isHeld(ctx context.Context) error {
	h, err := in.Store.Holds(context.WithoutCancel(ctx))
	if err != nil {
		return fmt.Errorf("look up holds: %w", err)
	}
	if held := !h.Intake.IsZero(); held != in.held {
		in.held = held
		if held {
			in.Log.Warn("intake held: messages wait in the mailbox (bdc inbox release)", "by", h.Intake.Actor, "since", h.Intake.At, "reason", h.Intake.Reason)
		} else {
			in.Log.Info("intake released")
		}
	}
	return nil
}

// holdOn waits until the intake is released, or it is time to look at the mailbox
// again, so that the connection and what waits there stay known.
func (in *Inbox) holdOn(ctx context.Context, most time.Duration) error {
	for waited := time.Duration(0); waited < most && in.held && ctx.Err() == nil; waited += holdCheck {
		sleep(ctx, min(holdCheck, most))
		if err := in.isHeld(ctx); err != nil {
			return err
		}
	}
	return nil
}
