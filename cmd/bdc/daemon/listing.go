package daemon

import (
	"context"
	"errors"
	"time"

	"bdc/cmd/bdc/config"
	"bdc/ingest"
	"bdc/ingest/mailbox"
)

// newListing returns what the inbox needs to look through the folders of the mailbox after
// a restore: connections of its own, which change nothing. Messages from before
// mailbox.since are left alone there too.
func newListing(m config.Mailbox, d *Daemon) *ingest.Listing {
	log := d.Log.With("part", "inbox")
	l := &ingest.Listing{
		Store: d.Store, Inbox: m.Folder, Done: func() {
			d.Owner.Wake() // the mailbox has yet to know how high the count of restores was raised
			d.Owner.Changed()
		},
		Open: func(ctx context.Context, folder string, since time.Time) (ingest.FolderReader, error) {
			c := d.mailboxConfig(m, log)
			c.Folder, c.Examine = folder, true
			if since.After(c.Since) {
				c.Since = since
			}
			s, err := mailbox.Dial(ctx, c)
			switch {
			case errors.Is(err, mailbox.ErrNoFolder):
				return nil, nil
			case err != nil:
				return nil, err
			}
			return s, nil
		},
	}
	if m.Sent == "" {
		return l
	}
	l.Sent = func(ctx context.Context) (string, error) {
		c := d.mailboxConfig(m, log)
		c.Folder = m.Sent
		shelf, err := mailbox.DialShelf(ctx, c, mailbox.SentUse)
		if errors.Is(err, mailbox.ErrRefused) {
			log.Warn("the copies of our replies can't be looked through", "folder", m.Sent, "err", err)
			return "", nil
		}
		if err != nil {
			return "", err
		}
		return shelf.Folder(), shelf.Close()
	}
	return l
}
