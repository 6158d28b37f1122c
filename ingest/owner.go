package ingest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"bdc/store"
)

// ownerTime is how long the mailbox may take to say which record owns the inbox, before a
// batch is recorded, and ownerLast how long after Run was told to end.
const (
	ownerTime = 20 * time.Second
	ownerLast = time.Second
)

// Owner says whether the record owns the inbox: package ownership does.
type Owner interface {
	// Connect asks the mailbox; it is called once in each session. The error wraps
	// store.ErrNotOwner if there is a doubt. Any other error says that the mailbox can't be
	// asked now.
	Connect(ctx context.Context) error

	// Look asks the mailbox again, and has the same errors. It is called before each batch is
	// recorded, at the same time as other calls.
	Look(ctx context.Context) error

	// Owned reports whether the mailbox named the record when it was last asked, or can't name
	// any: there may be a doubt for other reasons.
	Owned() bool

	// Doubt returns what the record knows without asking the mailbox. It is cheap.
	Doubt(ctx context.Context) (store.Doubt, error)
}

// connectOwner asks the mailbox at the beginning of a session. A doubt is no error: the
// session waits then.
func (in *Inbox) connectOwner(ctx context.Context) error {
	if in.Owner == nil {
		return nil
	}
	if err := in.Owner.Connect(ctx); err != nil && !errors.Is(err, store.ErrNotOwner) {
		return err
	}
	return nil
}

// lookOwner asks the mailbox before something is recorded. stop is done when Run has to end.
func (in *Inbox) lookOwner(ctx, stop context.Context) error {
	if in.Owner == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, ownerTime)
	defer cancel()
	defer context.AfterFunc(stop, func() {
		sleep(ctx, ownerLast)
		cancel()
	})()
	return in.Owner.Look(ctx)
}

// askDoubt returns whether the record may not own the inbox, and logs if that has changed.
func (in *Inbox) askDoubt(ctx context.Context) (bool, error) {
	if in.Owner == nil {
		return false, nil
	}
	doubt, err := in.Owner.Doubt(context.WithoutCancel(ctx))
	if err != nil {
		return false, fmt.Errorf("look up the ownership: %w", err)
	}
	if doubt != in.doubt {
		in.doubt = doubt
		if doubt != store.NoDoubt {
			in.Log.Warn("messages wait in the mailbox: the record may not own the inbox", "doubt", doubt)
		} else {
			in.Log.Info("the record owns the inbox")
		}
	}
	return doubt != store.NoDoubt, nil
}
