package mailbox

import (
	"context"
	"slices"
	"time"

	"bdc/ingest/mailbox/wire"
	"bdc/order"
)

// Pending returns the keys of all messages in the folder that the server received at
// Config.Since or later, in the order of their UIDs, which is the order of arrival.
// After an error the session can only be closed.
//
// IMAP's SEARCH compares days, not moments, and does so in a time zone of the
// server's choice. So Pending searches from a day earlier than Since, and then asks
// for the exact date (INTERNALDATE) of the messages of those days on which a message
// may be older or younger than Since. A message whose date makes no sense is listed: Fetch
// looks into it.
func (s *Session) Pending(ctx context.Context) ([]order.Key, error) {
	// The search may miss a message that arrives while it runs. We take the token out
	// of arrived before the search, so that such a message wakes the next Wait.
	select {
	case <-s.arrived:
	default:
	}
	var keys []order.Key
	err := s.do(ctx, "search the folder", func() error {
		first, certain := doubt(s.config.Since)
		uids, err := s.search(criteria(first, time.Time{}))
		if err != nil {
			return err
		}
		old := map[uint32]bool{}
		if !s.config.Since.IsZero() && len(uids) > 0 {
			if old, err = s.findOld(first, certain); err != nil {
				return err
			}
		}
		for _, uid := range uids {
			if !old[uid] && !s.old[uid] {
				keys = append(keys, s.key(uid))
			}
		}
		return nil
	})
	return keys, err
}

// doubt returns two days that hold in every time zone, from UTC−12 to UTC+14. A message
// received at since or later is dated first or later. A message dated certain or later
// was received at since or later. Only the messages dated in between are in doubt. For
// a zero since both are zero.
func doubt(since time.Time) (first, certain time.Time) {
	if since.IsZero() {
		return since, since
	}
	return since.UTC().AddDate(0, 0, -1), since.UTC().AddDate(0, 0, 2)
}

// criteria are those of a search for messages dated since or later and before another day;
// a zero day is no limit.
func criteria(since, before time.Time) string {
	const day = "2-Jan-2006"
	c := "ALL"
	if !since.IsZero() {
		c = "SINCE " + since.Format(day)
	}
	if !before.IsZero() {
		c += " BEFORE " + before.Format(day)
	}
	return c
}

// findOld asks for the exact dates of the messages dated from the day first to the day
// before certain. The result has the UIDs of those that are older than Since.
func (s *Session) findOld(first, certain time.Time) (map[uint32]bool, error) {
	doubtful, err := s.search(criteria(first, certain))
	if err != nil || len(doubtful) == 0 {
		return nil, err
	}
	facts := map[uint32]fact{}
	for some := range slices.Chunk(doubtful, maxSet) {
		if err := s.facts(some, facts); err != nil {
			return nil, err
		}
	}
	old := map[uint32]bool{}
	for uid, f := range facts {
		old[uid] = !f.received.IsZero() && f.received.Before(s.config.Since)
	}
	return old, nil
}

// search returns the UIDs of the messages that match, in ascending order. If the server
// refuses to search, they are the UIDs of all messages.
func (s *Session) search(criteria string) (uids []uint32, err error) {
	_, err = s.say("UID SEARCH "+criteria, nil, func(r *wire.Response) error {
		switch r.Name {
		case "SEARCH":
			uids = append(uids, r.Numbers...)
		case "ESEARCH": // nobody asked for it, but it says the same
			for i, item := range r.Items {
				if item.String() == "ALL" && i+1 < len(r.Items) {
					more, _ := wire.ParseSet(r.Items[i+1].String(), maxFound)
					uids = append(uids, more...)
				}
			}
		}
		return nil
	})
	if isRefusal(err) {
		uids = nil
		_, err = s.say("UID FETCH 1:* (UID)", nil, func(r *wire.Response) error {
			if m := read(r); m.uid > 0 {
				uids = append(uids, m.uid)
			}
			return nil
		})
		if isRefusal(err) && s.messages.Load() == 0 { // some refuse 1:* of an empty folder
			err = nil
		}
	}
	if err != nil {
		return nil, err
	}
	slices.Sort(uids)
	return slices.Compact(uids), nil
}

// maxFound is how many messages a range in the answer to a search may have.
const maxFound = 1 << 20
