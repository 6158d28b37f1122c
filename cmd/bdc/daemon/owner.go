package daemon

import (
	"context"
	"time"

	"bdc/cmd/bdc/config"
	"bdc/ingest/mailbox"
	"bdc/ingest/ownership"
)

// newOwner returns the keeper of the inbox's ownership. own is the address that replies come
// from.
func newOwner(m config.Mailbox, d *Daemon, own string) *ownership.Keeper {
	log := d.Log.With("part", "owner")
	c := MailboxConfig(m, d.Tokens, log)
	c.Folder = m.Record
	return &ownership.Keeper{
		Dial:  func(ctx context.Context) (ownership.Shelf, error) { return dialShelf(ctx, c) },
		Store: d.Store, Inbox: m.Folder, Address: own, Clock: time.Now, Log: log,
		Changed: func() {
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

// raise raises the generation of the record now, where there is an inbox to own: after a
// backup, or after the inbox was claimed.
func (d *Daemon) raise() {
	if d.Owner != nil {
		d.Owner.Wake()
	}
}
