package ownership

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"

	"bdc/ingest/mailbox"
	"bdc/store"
)

// raise raises the generation. It sets owned, and disowns the record if another one raised
// its own at the same time and was first.
func (k *Keeper) raise(ctx context.Context, o store.Ownership, deeds []Deed) (store.Ownership, error) {
	k.owned = false
	for more := true; more; {
		var g store.Generation
		if g, more = next(o, current(deeds)); g != o.Intended {
			if err := k.Store.Intend(ctx, g); err != nil {
				return o, err
			}
			o.Intended = g
		}
		err := k.write(ctx, Deed{Record: o.Record, Inbox: k.Inbox, Generation: g, Restores: o.Restores})
		if err != nil {
			return o, err
		}
		if deeds, err = k.read(ctx); err != nil {
			return o, err
		}
		if d := current(deeds); d.Record != o.Record || d.Generation != g {
			if err := k.shelf.Remove(ctx, others(deeds, func(d Deed) bool { return d.Generation == g })); err != nil {
				return o, err
			}
			if o, err = k.Store.Ownership(ctx); err != nil {
				return o, err
			}
			if s := compare(o, d); s == behind || s == foreign {
				return k.disown(ctx, o, s, d)
			}
			return o, nil // our own was removed at once, or another daemon of the record was first: the next look tells
		}
		if err := k.Store.Commit(ctx, g); err != nil {
			return o, err
		}
		o.Committed, o.Intended = g, store.Generation{}
	}
	k.owned, k.named, k.raised = true, false, k.Clock()
	last := current(deeds).UID
	return o, k.shelf.Remove(ctx, others(deeds, func(d Deed) bool { return d.UID != last }))
}

// others returns the UIDs of the deeds that a condition holds for.
func others(deeds []Deed, is func(Deed) bool) (uids []uint32) {
	for _, d := range deeds {
		if is(d) {
			uids = append(uids, d.UID)
		}
	}
	return uids
}

// next returns the generation to raise, and whether another one must follow it. A raise
// that was broken off comes first, as it was: its message may still be on its way.
func next(o store.Ownership, d Deed) (g store.Generation, more bool) {
	if o.Intended.Number > max(d.Generation.Number, o.Committed.Number) {
		return o.Intended, true
	}
	var nonce [16]byte
	_, _ = rand.Read(nonce[:]) // it never fails
	number := max(d.Generation.Number, o.Committed.Number, o.Intended.Number)
	return store.Generation{Number: number + 1, Nonce: hex.EncodeToString(nonce[:])}, false
}

// write puts a deed into the folder. A connection is of no use after a refusal; so it is
// tried once more over another, which makes the folder again if somebody has just deleted
// it.
func (k *Keeper) write(ctx context.Context, d Deed) error {
	raw := d.message(k.Address, k.Clock())
	err := k.shelf.Append(ctx, raw, true)
	if !errors.Is(err, mailbox.ErrRefused) {
		return err
	}
	k.drop()
	if k.shelf, err = k.Dial(ctx); err != nil {
		k.shelf = nil
		return err
	}
	return k.shelf.Append(ctx, raw, true)
}
