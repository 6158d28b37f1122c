package daemon

import (
	"context"
	"time"

	"bdc/cmd/bdc/config"
	"bdc/ingest/mailbox"
	"bdc/ingest/ownership"
	"bdc/store/boltstore"
)

// newOwner returns the keeper of the inbox's ownership. own is the address that replies come
// from.
func newOwner(m config.Mailbox, d *Daemon, own string) *ownership.Keeper {
	log := d.Log.With("part", "owner")
	return &ownership.Keeper{
		Dial: func(ctx context.Context) (ownership.Shelf, error) {
			c := d.mailboxConfig(m, log) // anew each time: its certificates may have changed
			c.Folder = m.Record
			return dialShelf(ctx, c)
		},
		Store: d.Store, Inbox: m.Folder, Address: own, Clock: time.Now, Log: log,
		Changed: func() {
			select {
			case d.owns <- struct{}{}:
			default: // the last time was not noticed yet
			}
			d.Outbox.Wake()
			if d.Console != nil {
				d.Console.Changed("")
			}
		},
	}
}

// dialShelf opens a folder of ours. It returns no Shelf that holds a nil.
func dialShelf(ctx context.Context, c mailbox.Config) (ownership.Shelf, error) {
	f, err := mailbox.DialShelf(ctx, c, "")
	if err != nil {
		return nil, err
	}
	return f, nil
}

// raising is the data file as the regular backups know it.
type raising struct {
	*boltstore.Store
	raise func()
}

// BackedUp raises the generation too.
func (s raising) BackedUp(ctx context.Context, at time.Time) error {
	err := s.Store.BackedUp(ctx, at)
	if err == nil {
		s.raise()
	}
	return err
}

// examineAgain examines the orders again that wait for an account, each time a doubt has
// ended, until ctx is done: if the account became known meanwhile, they got no number.
func (d *Daemon) examineAgain(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-d.owns:
		}
		if _, err := d.Registers.Again(ctx); err != nil && ctx.Err() == nil {
			d.Log.Error("orders that wait for an account were not examined again", "err", err)
		}
	}
}

// raise raises the generation of the record now, where there is an inbox to own: after a
// backup, or after the inbox was claimed.
func (d *Daemon) raise() {
	if d.Owner != nil {
		d.Owner.Wake()
	}
}
