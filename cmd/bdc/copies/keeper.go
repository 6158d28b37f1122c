package copies

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"bdc/store"
)

// Keeper looks after the data file that a daemon has open. Its fields are set before Run and
// not changed after; Run is called once.
type Keeper struct {
	Store interface {
		store.DataFile
		// Rescue writes the record as it is to w, not marked as a copy.
		Rescue(ctx context.Context, w io.Writer) error
	}
	Data  string // the path of the data file
	Clock func() time.Time
	Log   *slog.Logger

	mu    sync.Mutex
	saved string    // where the content of a file is that left its place; "" for none
	of    time.Time // since when that file was away
	tried time.Time // when it could not be saved last
}

const (
	look       = 2 * time.Second // between two looks at the data file
	probeFirst = time.Second     // after trouble, until a write is tried again: the time doubles
	probeMost  = time.Minute
)

// Saved returns the path at which the content of a data file was saved that is not in its
// place; "" if it is in its place, or nothing was saved.
func (k *Keeper) Saved() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.saved
}

// Run looks at the data file until ctx is done, and logs when trouble begins and ends. It
// tries to write after a write has failed, so that the trouble ends by itself. If the file is
// no longer in its place, it saves what the open one has beside it: otherwise that would be
// gone when the program ends. It does so once more before it returns.
func (k *Keeper) Run(ctx context.Context) {
	var known store.Trouble
	var next time.Time // when to try a write again
	delay := time.Duration(0)
	for {
		now := k.Clock()
		if known.IsZero() || known.Replaced || known.Damaged || !now.Before(next) {
			if err := k.Store.Probe(context.WithoutCancel(ctx)); err != nil {
				delay = min(max(2*delay, probeFirst), probeMost)
				next = now.Add(delay)
			} else {
				delay = 0
			}
		}
		found := k.Store.Trouble()
		k.tell(known, found)
		known = found
		if found.Replaced {
			k.rescue(context.WithoutCancel(ctx), found)
		} else {
			k.forget()
		}
		timer := time.NewTimer(look)
		select {
		case <-ctx.Done():
			timer.Stop()
			if errors.Is(k.Store.Probe(context.WithoutCancel(ctx)), store.ErrReplaced) {
				k.rescue(context.WithoutCancel(ctx), k.Store.Trouble())
			}
			return
		case <-timer.C:
		}
	}
}

// tell logs what has changed.
func (k *Keeper) tell(before, now store.Trouble) {
	switch {
	case now.IsZero() && !before.IsZero():
		k.Log.Info("the data file is in order again", "after", k.Clock().Sub(before.Since).Round(time.Second))
	case now.Replaced && !before.Replaced:
		k.Log.Error("the data file is no longer in its place: nothing is taken in, and only mails to staff are sent",
			"err", now.Error, "file", k.Data)
	case now.Error != before.Error && !now.IsZero():
		k.Log.Error("trouble with the data file", "err", now.Error, "since", now.Since.UTC())
	}
}

// rescue saves the content of a file that is not in its place, unless that is done.
func (k *Keeper) rescue(ctx context.Context, t store.Trouble) {
	k.mu.Lock()
	done := k.saved != "" && k.of.Equal(t.Since) || k.Clock().Sub(k.tried) < probeMost
	k.mu.Unlock()
	if done {
		return
	}
	path := k.Data + ".saved-" + k.Clock().UTC().Format(stamp)
	err := save(path, func(w io.Writer) error { return k.Store.Rescue(ctx, w) })
	k.mu.Lock()
	defer k.mu.Unlock()
	if err != nil {
		k.tried = k.Clock()
		k.Log.Error("what the data file had can't be saved", "err", err)
		return
	}
	k.saved, k.of = path, t.Since
	k.Log.Error("what the data file had is saved: put it back in its place, or restore a copy", "file", path)
}

// forget is called while the file is in its place. What was saved stays.
func (k *Keeper) forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.saved, k.of, k.tried = "", time.Time{}, time.Time{}
}

// save writes a file that is not there yet, whole or not at all, of mode 0600.
func save(path string, write func(io.Writer) error) (err error) {
	file, err := os.CreateTemp(filepath.Dir(path), partialBegin+"*"+partialEnd)
	if err != nil {
		return err
	}
	part := partialFile{file}
	defer part.discard()
	if err := errors.Join(share(file), write(file), file.Sync()); err != nil {
		return err
	}
	if err := os.Link(file.Name(), path); err != nil { // unlike a renaming, it replaces nothing
		return fmt.Errorf("save: %w", err)
	}
	return syncFolder(filepath.Dir(path))
}
