package daemon

import (
	"context"
	"log/slog"
	"time"

	"bdc/cmd/bdc/config"
	"bdc/store"
)

// eraser erases, once a day, the attachments that are older than the configuration keeps
// them.
type eraser struct {
	store     store.Retention
	retention config.Retention
	clock     func() time.Time
	log       *slog.Logger
}

// sweepTime is the time between two sweeps of the eraser.
const sweepTime = 24 * time.Hour

// run sweeps until ctx is done. What fails is tried again with the next sweep.
func (e *eraser) run(ctx context.Context) {
	if e.retention.AttachmentsFor == (config.Age{}) {
		return
	}
	tick := time.NewTicker(sweepTime)
	defer tick.Stop()
	for {
		if n, err := e.sweep(ctx); err != nil && ctx.Err() == nil {
			e.log.Error("retention", "err", err)
		} else if n > 0 {
			e.log.Info("erased", "attachments", n)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// sweep erases in small transactions, so that no other writer waits long for one of them.
// It returns how many attachments it erased.
func (e *eraser) sweep(ctx context.Context) (erased int, err error) {
	now := e.clock().UTC()
	ask := store.Erasure{Before: e.retention.AttachmentsFor.Before(now), Actor: "bdc", At: now}
	for {
		got, err := e.store.EraseAttachments(ctx, ask)
		erased += got.Count
		if err != nil || got.Next == "" {
			return erased, err
		}
		ask.After = got.Next
	}
}
