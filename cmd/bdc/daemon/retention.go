package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"bdc/cmd/bdc/config"
	"bdc/store"
)

// eraser erases, once a day, what is older than the configuration keeps it.
type eraser struct {
	store     store.Retention
	retention config.Retention
	clock     func() time.Time
	log       *slog.Logger
}

// sweepTime is the time between two sweeps of the eraser.
const sweepTime = 24 * time.Hour

// chore is a kind of things that the eraser erases, once they have an age.
type chore struct {
	name  string // as the log has it
	kept  config.Age
	erase func(ctx context.Context, e store.Erasure) (store.Erased, error)
}

// chores are those that the configuration asks for. The replies to messages are kept as
// long as the messages.
func (e *eraser) chores() (list []chore) {
	of := func(kind store.Kind) func(context.Context, store.Erasure) (store.Erased, error) {
		return func(ctx context.Context, erasure store.Erasure) (store.Erased, error) {
			return e.store.Erase(ctx, kind, erasure)
		}
	}
	for _, c := range []chore{
		{"attachments", e.retention.AttachmentsFor, e.store.EraseAttachments},
		{"messages", e.retention.MessagesFor, of(store.KindMessage)},
		{"replies", e.retention.MessagesFor, of(store.KindReply)},
		{"cases", e.retention.CasesFor, of(store.KindCase)},
		{"orders", e.retention.OrdersFor, of(store.KindOrder)},
		{"audit", e.retention.AuditFor, of(store.KindEvent)},
	} {
		if c.kept != (config.Age{}) {
			list = append(list, c)
		}
	}
	return list
}

// run sweeps until ctx is done. What fails is tried again with the next sweep.
func (e *eraser) run(ctx context.Context) {
	if len(e.chores()) == 0 {
		return
	}
	tick := time.NewTicker(sweepTime)
	defer tick.Stop()
	for {
		if err := e.sweep(ctx); err != nil && ctx.Err() == nil {
			e.log.Error("retention", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// sweep does all chores in turn, in small transactions, so that no other writer waits long
// for one of them. One that fails keeps no other from being done.
func (e *eraser) sweep(ctx context.Context) error {
	var failed []error
	for _, c := range e.chores() {
		n, err := e.do(ctx, c)
		if err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", c.name, err))
		}
		if n > 0 {
			e.log.Info("erased", "kind", c.name, "count", n)
		}
	}
	return errors.Join(failed...)
}

// do erases all of a kind that is old enough, and returns how many that were.
func (e *eraser) do(ctx context.Context, c chore) (erased int, err error) {
	now := e.clock().UTC()
	ask := store.Erasure{Before: c.kept.Before(now), Actor: "bdc", At: now}
	for {
		got, err := c.erase(ctx, ask)
		erased += got.Count
		if err != nil || got.Next == "" {
			return erased, err
		}
		ask.After = got.Next
	}
}
