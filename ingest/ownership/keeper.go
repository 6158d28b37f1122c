package ownership

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"bdc/ingest/mailbox"
	"bdc/store"
)

// ErrLost is wrapped by the error by which Run ends when the mailbox says that another data
// file owns the inbox, which this one owned before. This daemon must end: the other works.
var ErrLost = errors.New("another data file has taken this inbox over")

const (
	lookEvery  = time.Minute // between two looks while nothing is recorded
	untold     = 10          // restores of which nothing may tell: see act
	raiseEvery = time.Hour   // between two raises, and two tries at a server that refuses the deed
)

// Store is what a Keeper needs of the store: some methods of store.Owner.
type Store interface {
	Ownership(ctx context.Context) (store.Ownership, error)
	Intend(ctx context.Context, g store.Generation) error
	Commit(ctx context.Context, g store.Generation) error
	Confirm(ctx context.Context, at time.Time) error
	Disown(ctx context.Context, d store.Doubt, words string, at time.Time) error
	RaiseRestores(ctx context.Context, atLeast uint64) error
}

// Shelf is an open connection to the folder of the deeds: a mailbox.Shelf.
type Shelf interface {
	State(ctx context.Context) (mailbox.ShelfState, error)
	Read(ctx context.Context) ([]mailbox.Kept, error)
	Append(ctx context.Context, raw []byte, seen bool) error
	Remove(ctx context.Context, uids []uint32) error
	Close() error
}

// Keeper looks after the ownership of one inbox. Its exported fields are set before any
// method is called, and not changed after. The holder of the inbox's lease has the only
// Keeper that runs.
type Keeper struct {
	// Dial opens the folder of the deeds, and creates it if it is missing. The Keeper closes
	// it. The error wraps mailbox.ErrRefused if the server refuses to create it.
	Dial  func(context.Context) (Shelf, error)
	Store Store

	Inbox   string // the inbox's folder, as the configuration names it
	Address string // from which, and to which, the deed is written

	// Changed, if not nil, is called when a doubt has ended. It must not block.
	Changed func()

	Clock func() time.Time
	Log   *slog.Logger

	once   sync.Once
	wake   chan struct{}
	mu     sync.Mutex // guards what follows, and the use of shelf
	shelf  Shelf      // nil: not connected
	seen   mailbox.ShelfState
	known  store.Ownership // as it was when the folder was last read
	raised time.Time       // when this Keeper last raised the generation; zero: it has to
	again  time.Time       // when a server that refuses is asked again; zero: it does not refuse
	owned  bool            // the mailbox names us, or can't name anybody
	named  bool            // the mailbox names another, above whom we have yet to raise the generation
	lost   error           // why Run has to end

	health health
}

// Wake makes Run raise the generation now: after a backup, or after the record was taken
// over. It returns at once.
func (k *Keeper) Wake() {
	select {
	case k.woken() <- struct{}{}:
	default: // an earlier Wake was not noticed yet
	}
}

func (k *Keeper) woken() chan struct{} {
	k.once.Do(func() { k.wake = make(chan struct{}, 1) })
	return k.wake
}

// Connect looks at the mailbox as Look does, and asks again a server that refused before.
// It is called at each connection to the inbox.
func (k *Keeper) Connect(ctx context.Context) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.again = time.Time{}
	return k.look(ctx)
}

// Look asks the mailbox whether it names the record, by one short command unless something
// has changed. It returns nil if the record may take in. The error wraps store.ErrNotOwner
// if there is a doubt about that, which the store has with the reasons. Any other error
// says that the mailbox or the store could not be asked.
func (k *Keeper) Look(ctx context.Context) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.look(ctx)
}

// Doubt returns what the record knows without asking the mailbox.
func (k *Keeper) Doubt(ctx context.Context) (store.Doubt, error) {
	o, err := k.Store.Ownership(ctx)
	return o.Doubt, err
}

// Run looks each minute, and after each Wake, until ctx is done; then it returns nil. It
// returns an error that wraps ErrLost if the inbox was taken over.
func (k *Keeper) Run(ctx context.Context) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	defer k.close()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case <-k.woken():
			k.mu.Lock()
			if k.lost == nil {
				k.raised, k.again = time.Time{}, time.Time{}
			}
			k.mu.Unlock()
		}
		k.mu.Lock()
		_ = k.look(ctx) // what there is to say is in State and in the log
		lost := k.lost
		k.mu.Unlock()
		switch {
		case ctx.Err() != nil:
			return nil
		case lost != nil:
			return lost
		}
	}
}

func (k *Keeper) changed() {
	if k.Changed != nil {
		k.Changed()
	}
}

// close ends the connection.
func (k *Keeper) close() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.drop()
}

func (k *Keeper) drop() {
	if k.shelf != nil {
		_ = k.shelf.Close() // everything is written: its error does not matter
		k.shelf = nil
	}
	k.seen = mailbox.ShelfState{}
}

// look is Look, with the lock held.
func (k *Keeper) look(ctx context.Context) error {
	if k.lost != nil {
		return k.lost
	}
	o, err := k.Store.Ownership(ctx)
	if err != nil {
		return err
	}
	if now := k.Clock(); now.Before(k.again) {
		return verdict(o)
	}
	o, err = k.inspect(ctx, o)
	switch {
	case errors.Is(err, mailbox.ErrRefused):
		k.drop()
		if o, err = k.refused(ctx, err); err != nil {
			return err
		}
	case err != nil:
		k.drop()
		k.health.update(func(s *State) { s.Error = err.Error() })
		return fmt.Errorf("ask the mailbox which record owns the inbox: %w", err)
	default:
		k.again = time.Time{}
		k.health.update(func(s *State) { s.Error, s.Refused, s.Looked = "", "", k.Clock().UTC() })
	}
	if k.lost != nil {
		return k.lost
	}
	return verdict(o)
}

// verdict returns an error that wraps store.ErrNotOwner if there is a doubt.
func verdict(o store.Ownership) error {
	if o.Doubt == store.NoDoubt {
		return nil
	}
	return fmt.Errorf("%w: %s: %s", store.ErrNotOwner, o.Doubt, o.Words)
}

// refused notes that the server keeps no deed. It is served all the same: only a doubt that
// there was before stays.
func (k *Keeper) refused(ctx context.Context, refusal error) (store.Ownership, error) {
	now := k.Clock().UTC()
	k.again, k.owned = now.Add(raiseEvery), !k.named
	if k.State().Refused == "" {
		k.Log.Warn("the mail server keeps no message that says which record owns the inbox: "+
			"a second data file on it would not be noticed", "err", refusal, "next_attempt", k.again.UTC())
	}
	k.health.update(func(s *State) { s.Refused, s.Error, s.Looked = refusal.Error(), "", now })
	o, err := k.Store.Ownership(ctx)
	if err == nil && o.Doubt == store.Unasked {
		return k.confirm(ctx, o)
	}
	return o, err
}

// inspect looks at the folder, and reads the deeds and acts on them if anything has changed
// since it did so last. It returns the ownership as it is after that.
func (k *Keeper) inspect(ctx context.Context, o store.Ownership) (store.Ownership, error) {
	s, err := k.state(ctx)
	if err != nil {
		return o, err
	}
	due := k.raised.IsZero() || k.Clock().Sub(k.raised) >= raiseEvery
	if s == k.seen && o == k.known && !(due && k.owned) {
		return o, nil
	}
	deeds, err := k.read(ctx)
	if err != nil {
		return o, err
	}
	// Only now does the store tell what the record is about to write: another daemon of the
	// record may have raised the generation meanwhile, and writes it into the store first.
	if o, err = k.Store.Ownership(ctx); err != nil {
		return o, err
	}
	if o, err = k.act(ctx, o, deeds, due); err != nil {
		return o, err
	}
	if k.seen, err = k.shelf.State(ctx); err != nil {
		return o, err
	}
	k.known = o
	return o, nil
}

// state connects if there is no connection, and returns the state of the folder. It makes
// the folder again if somebody has deleted it.
func (k *Keeper) state(ctx context.Context) (s mailbox.ShelfState, err error) {
	for range 2 {
		if k.shelf == nil {
			if k.shelf, err = k.Dial(ctx); err != nil {
				k.shelf = nil
				return s, err
			}
		}
		if s, err = k.shelf.State(ctx); err != nil || s != (mailbox.ShelfState{}) {
			return s, err
		}
		k.drop()
	}
	return s, errors.New("the folder vanishes as soon as it is made")
}

func (k *Keeper) read(ctx context.Context) ([]Deed, error) {
	kept, err := k.shelf.Read(ctx)
	return deedsOf(k.Inbox, kept), err
}

// act does what follows from the deeds.
func (k *Keeper) act(ctx context.Context, o store.Ownership, deeds []Deed, due bool) (store.Ownership, error) {
	d := current(deeds)
	s := compare(o, d)
	if s == intended && o.Doubt != store.Copied { // we died, or the connection broke, before we knew
		if err := k.Store.Commit(ctx, d.Generation); err != nil {
			return o, err
		}
		o.Committed, o.Intended, s = d.Generation, store.Generation{}, ours
	}
	k.owned, k.named = false, s == behind || s == foreign
	switch {
	case o.Doubt == store.Copied, s == vacant && (o.Doubt == store.Behind || o.Doubt == store.Foreign):
		return o, nil // only a person ends this doubt
	case s == behind || s == foreign:
		if o.Doubt != store.Restored || o.Committed.Number != 0 {
			return k.disown(ctx, o, s, d)
		}
		// The record was just taken over: its numbers begin above those of whoever owned it.
		if err := k.Store.RaiseRestores(ctx, d.Restores+1); err != nil {
			return o, err
		}
		o.Restores = max(o.Restores, d.Restores+1)
		if o, err := k.raise(ctx, o, deeds); err != nil || !k.owned {
			return o, err
		}
		return k.confirm(ctx, o)
	}
	if s == vacant && o.Doubt == store.Restored && o.Committed.Number == 0 {
		// How often the record was restored since the copy was made stood in the mailbox alone
		// if the data file was lost too, and copies of the last replies may be missing.
		if err := k.Store.RaiseRestores(ctx, o.Restores+untold); err != nil {
			return o, err
		}
		o.Restores += untold
	}
	if s == vacant && o.Committed.Number != 0 {
		k.Log.Warn("somebody removed the message that says which record owns the inbox: it is written again",
			"folder", k.Inbox)
		k.health.update(func(st *State) { st.Rewritten = k.Clock().UTC() })
	}
	k.owned = true
	var err error
	if o.Doubt == store.Behind || o.Doubt == store.Foreign { // the mailbox was put back
		if o, err = k.confirm(ctx, o); err != nil {
			return o, err
		}
	}
	if s == vacant || due {
		if o, err = k.raise(ctx, o, deeds); err != nil || !k.owned {
			return o, err
		}
	}
	if o.Doubt != store.NoDoubt {
		return k.confirm(ctx, o)
	}
	return o, nil
}

// confirm ends the doubt whether the inbox is ours. That of a record that was just taken over
// stays: the folders have yet to be listed.
func (k *Keeper) confirm(ctx context.Context, o store.Ownership) (store.Ownership, error) {
	if err := k.Store.Confirm(ctx, k.Clock().UTC()); err != nil {
		return o, err
	}
	o, err := k.Store.Ownership(ctx)
	if err == nil && o.Doubt == store.NoDoubt {
		k.changed()
	}
	return o, err
}

// disown notes that the mailbox names another data file. If this one was the owner until
// now, Run ends.
func (k *Keeper) disown(ctx context.Context, o store.Ownership, s standing, d Deed) (store.Ownership, error) {
	k.owned = false
	doubt, words := store.Behind, fmt.Sprintf("la boîte nomme la génération %d, et ce fichier la génération %d",
		d.Generation.Number, o.Committed.Number)
	if s == foreign {
		doubt, words = store.Foreign, fmt.Sprintf("la boîte nomme le registre %.8s…, et ce fichier est le %.8s…",
			d.Record, o.Record)
	}
	if o.Doubt == doubt && o.Words == words {
		return o, nil
	}
	if err := k.Store.Disown(ctx, doubt, words, k.Clock().UTC()); err != nil {
		return o, err
	}
	if o.Doubt == store.NoDoubt {
		k.lost = fmt.Errorf("%w: the mailbox names generation %d of record %.8s, and this file is at generation %d of "+
			"record %.8s. This daemon ends. If this file is the right one, end the other daemon, start this one again "+
			"and run bdc inbox claim", ErrLost, d.Generation.Number, d.Record, o.Committed.Number, o.Record)
		k.Wake()
	}
	k.Log.Error("the inbox belongs to another data file: nothing is taken in and nothing is sent "+
		"(bdc restore, or bdc inbox claim)", "doubt", doubt, "words", words)
	return k.Store.Ownership(ctx)
}
