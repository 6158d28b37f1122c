package daemon

import (
	"context"
	"errors"
	"fmt"
	"time"

	"bdc/cmd/bdc/config"
	"bdc/ingest/mailbox"
	"bdc/ingest/ownership"
	"bdc/store"
	"bdc/store/boltstore"
)

// askTime is how long the mailbox may take to say whose its inbox is, before a new record
// begins.
const askTime = time.Minute

// open opens the data file. If there is none, a new record begins, unless the mailbox names
// another record as the owner of its inbox: then Options.New must be set, and the new record
// claims the inbox. A daemon in shadow owns no inbox, and begins without asking.
func (d *Daemon) open(ctx context.Context, cfg config.Config, o Options) (err error) {
	d.Store, err = boltstore.Open(d.data, boltstore.Options{Create: o.Shadow, Log: d.Log})
	missing := errors.Is(err, store.ErrMissing)
	if !missing && (err != nil || !o.New) {
		return err
	}
	defer func() {
		if err != nil && d.Store != nil {
			err = errors.Join(err, d.Store.Close())
		}
	}()
	if !missing {
		if err := d.unused(ctx); err != nil {
			return fmt.Errorf("%s: %w", d.data, err)
		}
	}
	owner, asked := d.askOwner(ctx, cfg.Mailbox)
	if err := mayBegin(owner, asked, o.New); err != nil {
		return fmt.Errorf("%s: %w", d.data, err)
	}
	if missing {
		if d.Store, err = boltstore.Open(d.data, boltstore.Options{Create: true, Log: d.Log}); err != nil {
			return err
		}
		if asked != nil {
			d.Log.Warn("no data file: a new record begins, and waits until the mailbox says whose the inbox is",
				"err", asked)
		} else {
			d.Log.Info("no data file: a new record begins")
		}
	}
	if owner.Record == "" {
		return nil
	}
	return d.Store.TakeOver(ctx, store.Takeover{
		Restores: owner.Restores, Claimed: true, Actor: Subcommand, At: time.Now().UTC(), Words: "serve --new",
	})
}

// unused returns nil if the record is one that import or user add began, and that was never
// served: --new may begin with it.
func (d *Daemon) unused(ctx context.Context) error {
	own, err := d.Store.Ownership(ctx)
	if err != nil {
		return err
	}
	status, err := d.Store.Status(ctx)
	if err != nil {
		return err
	}
	if status.Messages > 0 || own.Doubt != store.NoDoubt || !own.Committed.IsZero() || !own.Intended.IsZero() {
		return errors.New("this data file was served before: leave out --new, which begins a new record; or move the " +
			"file away first; bdc inbox claim makes an inbox belong to it")
	}
	return nil
}

// askOwner asks the mailbox which record owns the inbox: the zero Deed for none, also where
// the server keeps no deeds.
func (d *Daemon) askOwner(ctx context.Context, m config.Mailbox) (owner ownership.Deed, err error) {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	c := d.mailboxConfig(m, d.Log.With("part", "owner"))
	c.Folder = m.Record
	shelf, err := dialShelf(ctx, c)
	if err == nil {
		owner, err = ownership.Named(ctx, shelf, m.Folder)
		_ = shelf.Close() // nothing was written
	}
	if errors.Is(err, mailbox.ErrRefused) {
		return ownership.Deed{}, nil
	}
	return owner, err
}

// mayBegin returns nil if a new record may begin where there is no data file: owner is what
// the mailbox names, the zero Deed for no record, and asked is why it could not be asked, nil
// if it was. fresh says that the operator wants a new record.
//
// A record that began because the mailbox could not be asked takes in nothing until it can,
// and then waits if another owns the inbox.
func mayBegin(owner ownership.Deed, asked error, fresh bool) error {
	switch {
	case asked != nil && fresh:
		return fmt.Errorf("the mailbox can't be asked whose its inbox is, which --new claims: %w", asked)
	case owner.Record != "" && !fresh:
		return fmt.Errorf("%w, and the inbox belongs to record %s: put its data file back in place, or a copy with "+
			"bdc restore; or begin a new record with serve --new, which knows nothing of what was recorded",
			store.ErrMissing, owner.Record)
	}
	return nil
}
