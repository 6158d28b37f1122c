package ingest

import (
	"context"
	"slices"

	"bdc/order"
	"bdc/store"
)

// pending is the messages in the folder, by what is to be done with each.
type pending struct {
	done     []placed    // recorded before, so they only have to be moved
	suspects []order.Key // marked when the program died: examined alone, and first
	together []order.Key // examined concurrently
	singly   []order.Key // fetched one at a time: the connection ended with them before
	last     []order.Key // examined alone, and last: the program ended with them before
	slow     int         // how many are in the lane, or wait until nothing else is in flight
	waits    bool        // some wait until nothing else is in flight
}

// fresh is how many messages are to be examined.
func (p *pending) fresh() int {
	return len(p.suspects) + len(p.together) + len(p.singly) + len(p.last)
}

// sort finds out what is to be done with each message in the folder. It forgets the losses
// and headers of messages that are no longer there.
func (in *Inbox) sort(ctx context.Context, s Session, keys []order.Key) (p pending, err error) {
	losses, headers := map[order.Key]loss{}, map[order.Key]store.HeaderID{}
	for batch := range slices.Chunk(keys, seenSize) {
		found, err := in.identify(ctx, s, batch)
		if err != nil {
			return pending{}, err
		}
		for _, plain := range batch {
			k := plain
			if known, ok := found[plain]; ok {
				if k = known.key; known.recorded {
					p.done = append(p.done, placed{k, known.folder})
					delete(in.losses, plain)
					continue
				}
				if in.losses[plain].count == 0 {
					in.Log.Warn("a UID is another message's by now: the message is read as a new one", "uid", k.UID)
				}
			}
			deaths, suspect := in.suspects[k]
			switch loss := in.losses[plain]; {
			case in.lane.has(k):
				p.slow++
			case in.rests(plain):
			case deaths > 0:
				p.last = append(p.last, k)
			case loss.count > 0 || loss.perhaps:
				p.singly = append(p.singly, k)
			case suspect:
				p.suspects = append(p.suspects, k)
			default:
				p.together = append(p.together, k)
			}
		}
		for _, plain := range batch {
			if len(in.losses)+len(in.headers) == 0 {
				break
			}
			if l, ok := in.losses[plain]; ok {
				losses[plain] = l
			}
			if id, ok := in.headers[plain]; ok {
				headers[plain] = id
			}
		}
	}
	in.losses, in.headers = losses, headers
	slices.SortStableFunc(p.singly, func(a, b order.Key) int { // who is not at fault, before who is
		return in.losses[a.Plain()].count - in.losses[b.Plain()].count
	})
	if p.waits = len(p.suspects)+len(p.last) > 0 && in.lane.busy(); p.waits { // nothing is alone now
		p.slow += len(p.suspects) + len(p.last)
		p.suspects, p.last = nil, nil
	}
	return p, nil
}
