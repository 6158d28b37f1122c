package ingest

import (
	"context"
	"fmt"

	"bdc/ingest/mime"
	"bdc/order"
	"bdc/store"
)

// A UID should be of one message for ever. It is not where a mailbox was put back to an
// earlier state, or on a server that begins to count again: then a new order would be taken
// for the message that had its UID before, and filed unread. So before a message is only
// moved, its header is compared with that of the recorded one. A message that differs is
// taken in as a new one, under its key with the hash of its header appended.

// known is a message of the mailbox as the record knows it.
type known struct {
	key      order.Key    // under which it is recorded, or is to be
	recorded bool         // it only has to be moved
	folder   order.Folder // if it is recorded: where to
}

// identify finds the messages of a batch among the recorded ones: the result has those whose
// keys are recorded, by their plain keys. It asks for the headers of messages that it has not
// compared yet in this session.
func (in *Inbox) identify(ctx context.Context, s Session, batch []order.Key) (map[order.Key]known, error) {
	seen, err := in.Store.Seen(ctx, batch)
	if err != nil {
		return nil, fmt.Errorf("look messages up: %w", err)
	}
	if len(seen) == 0 {
		return nil, nil
	}
	if err := in.readHeaders(ctx, s, batch, seen); err != nil {
		return nil, err
	}
	found := make(map[order.Key]known, len(seen))
	for len(seen) > 0 {
		var next []order.Key
		for key, rec := range seen {
			plain := key.Plain()
			id, compared := in.headers[plain]
			switch {
			case rec.Unfetched:
				in.remember(plain)
			case !compared || same(rec, id):
				found[plain] = known{key, true, rec.Folder}
				continue
			}
			another := nextKey(key, id.Hash)
			found[plain] = known{key: another}
			next = append(next, another)
		}
		if len(next) == 0 {
			break
		}
		if seen, err = in.Store.Seen(ctx, next); err != nil {
			return nil, fmt.Errorf("look messages up: %w", err)
		}
	}
	return found, nil
}

// readHeaders reads the headers of those messages of a batch that are to be compared. One that
// can't be read is left out.
func (in *Inbox) readHeaders(
	ctx context.Context, s Session, batch []order.Key, seen map[order.Key]store.Seen,
) error {
	var ask []order.Key
	for _, k := range batch {
		rec, recorded := seen[k]
		_, compared := in.headers[k]
		if recorded && !compared && (rec.Read || rec.Unfetched) && !in.rests(k) {
			ask = append(ask, k)
		}
	}
	if len(ask) == 0 {
		return nil
	}
	lost, err := s.Headers(ctx, ask, in.patience(ask), func(m order.Mail) error {
		id := store.HeaderID{Hash: mime.HeaderHash(m.Raw)}
		if h, err := mime.ReadHeader(m.Raw, in.Examiner.Mime); err == nil {
			id.MessageID = h.MessageID
		}
		in.headers[m.Key] = id
		return nil
	})
	for _, l := range lost {
		if err != nil || seen[l.Key].Unfetched {
			in.charge(ctx, l)
		}
	}
	if err != nil {
		return fmt.Errorf("compare headers: %w", err)
	}
	return nil
}

// same reports whether a message with such a header is the recorded one. A record of which
// nothing is known is taken for that of the message.
func same(rec store.Seen, id store.HeaderID) bool {
	switch {
	case !rec.Read || id.Hash == "":
		return true
	case rec.Hash != "":
		return rec.Hash == id.Hash
	}
	return rec.MessageID == id.MessageID
}

// nextKey is the key of a message with that header, where key is another's.
func nextKey(key order.Key, header order.Hash) order.Key {
	if key.Header == "" && header != "" {
		key.Header = header
	} else {
		key.Header = order.Sum([]byte(key.Header + "\x00" + header))
	}
	return key
}
