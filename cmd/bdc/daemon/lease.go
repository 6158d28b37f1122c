package daemon

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"bdc/cmd/bdc/config"
	"bdc/store"
)

// leaseTime is how long a lease of the daemon lasts unless it is renewed.
const leaseTime = time.Minute

// holding is a lease that the daemon has, or waits for.
type holding struct {
	store  store.Leases
	name   string
	holder string
	ttl    time.Duration
	log    *slog.Logger
}

// newHolder returns the name of this run of the program, which no other run has.
func newHolder() string {
	host, err := os.Hostname()
	if err != nil {
		host = "localhost"
	}
	return fmt.Sprintf("%s-%d-%s", host, os.Getpid(), rand.Text())
}

// holding returns the daemon's lease of a name, which it does not have yet.
func (d *Daemon) holding(name string) *holding {
	return &holding{store: d.Store, name: name, holder: d.holder, ttl: leaseTime, log: d.Log}
}

// inboxLease is the name of the lease under which an inbox's mail is taken in.
func inboxLease(m config.Mailbox) string { return "inbox/" + m.Username + "/" + m.Folder }

// take takes the lease. While another daemon has it, take waits, and takes it once the
// other's time is over.
func (h *holding) take(ctx context.Context) (store.Fence, error) {
	for told := false; ; told = true {
		epoch, err := h.store.Lease(ctx, h.name, h.holder, h.ttl)
		if err == nil {
			return store.Fence{Lease: h.name, Holder: h.holder, Epoch: epoch}, nil
		}
		if !errors.Is(err, store.ErrLeased) {
			return store.Fence{}, err
		}
		if !told {
			h.log.Warn("another daemon of this record does the work: this one waits", "err", err)
		}
		select {
		case <-ctx.Done():
			return store.Fence{}, ctx.Err()
		case <-time.After(h.ttl / 3):
		}
	}
}

// keep renews the lease each time a third of it is over, until ctx is done. It returns an
// error that wraps store.ErrFenced once another has the lease. Trouble of the store ends
// nothing: the lease is good until another takes it.
func (h *holding) keep(ctx context.Context, f store.Fence) error {
	tick := time.NewTicker(h.ttl / 3)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		epoch, err := h.store.Lease(ctx, h.name, h.holder, h.ttl)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, store.ErrLeased):
			return fmt.Errorf("%w: %w", store.ErrFenced, err)
		case err != nil:
			h.log.Warn("a lease can't be renewed", "err", err)
		case epoch != f.Epoch: // it was forgotten, and another may have had it meanwhile
			f.Epoch = epoch
			return errors.Join(fmt.Errorf("%w: lease %q", store.ErrFenced, h.name), h.store.Unlease(ctx, f))
		}
	}
}

// hold calls work, and keeps the lease meanwhile. If the lease is lost, it ends the context
// of work, and returns an error that wraps store.ErrFenced. It gives the lease back.
func (h *holding) hold(ctx context.Context, f store.Fence, work func(context.Context) error) error {
	working, stop := context.WithCancel(ctx)
	defer stop()
	keeping, rest := context.WithCancel(context.WithoutCancel(ctx))
	defer rest()
	var kept sync.WaitGroup
	var lost error
	kept.Go(func() {
		if lost = h.keep(keeping, f); lost != nil {
			stop()
		}
	})
	err := work(working)
	rest()
	kept.Wait()
	if !errors.Is(err, store.ErrFenced) {
		err = errors.Join(err, lost)
	}
	// If it can't be given back, whoever opens the data file next takes it all the same.
	if err := h.store.Unlease(context.WithoutCancel(ctx), f); err != nil {
		h.log.Warn("a lease can't be given back", "err", err)
	}
	return err
}

// takeIn runs the inbox, and the keeper of its ownership, under the inbox's lease, until ctx
// is done, another daemon has the lease, or another data file has the inbox.
func (d *Daemon) takeIn(ctx context.Context) error {
	h := d.holding(d.inboxLease)
	f, err := h.take(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	d.Inbox.Fence = f
	return h.hold(ctx, f, func(ctx context.Context) error {
		if d.Owner == nil {
			return d.Inbox.Run(ctx)
		}
		var owner sync.WaitGroup
		var lost error
		owning, rest := context.WithCancel(context.WithoutCancel(ctx))
		defer rest()
		taking, stop := context.WithCancel(ctx)
		defer stop()
		owner.Go(func() {
			if lost = d.Owner.Run(owning); lost != nil {
				stop()
			}
		})
		err := d.Inbox.Run(taking)
		rest()
		owner.Wait()
		return errors.Join(err, lost)
	})
}

// pulseTime is how often the daemon looks at what others of the record did.
const pulseTime = time.Second

// followOthers reads the registers anew if another daemon or a command has changed one, and
// wakes the outbox and the pages of the console if anything was recorded, until ctx is done.
// Trouble of the store is told by whatever else meets it.
func (d *Daemon) followOthers(ctx context.Context) {
	tick := time.NewTicker(pulseTime)
	defer tick.Stop()
	last, known := store.Pulse{}, false
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		p, err := d.Store.Pulse(ctx)
		if err != nil {
			continue
		}
		if err := d.Registers.Refresh(ctx, p.Registers); err != nil && ctx.Err() == nil {
			d.Log.Warn("a register that was changed can't be read anew", "err", err)
		}
		if known && p.Audit != last.Audit {
			if d.Outbox != nil {
				d.Outbox.Wake()
			}
			if d.Console != nil {
				d.Console.Changed("")
			}
		}
		last, known = p, true
	}
}
