package mailbox

import (
	"context"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"

	"bdc/order"
)

// Pending returns the keys of all messages in the folder that the server received at
// Config.Since or later, in the order of their UIDs, which is the order of arrival.
// After an error the session can only be closed.
//
// IMAP's SEARCH compares days, not moments, and does so in a time zone of the
// server's choice. So Pending searches from a day earlier than Since, and then asks
// for the exact date (INTERNALDATE) of the messages of those days on which a message
// may be older or younger than Since.
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
		uids, err := s.search(&imap.SearchCriteria{Since: first})
		if err != nil {
			return err
		}
		old := map[imap.UID]bool{}
		if !s.config.Since.IsZero() && len(uids) > 0 {
			if old, err = s.old(first, certain); err != nil {
				return err
			}
		}
		for _, uid := range uids {
			if !old[uid] {
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

// old asks for the exact dates of the messages dated from the day first to the day
// before certain. The result maps the UID of each to whether it is older than Since.
func (s *Session) old(first, certain time.Time) (map[imap.UID]bool, error) {
	doubtful, err := s.search(&imap.SearchCriteria{Since: first, Before: certain})
	if err != nil || len(doubtful) == 0 {
		return nil, err
	}
	facts, err := s.facts(doubtful)
	if err != nil {
		return nil, err
	}
	old := map[imap.UID]bool{}
	for uid, f := range facts {
		old[uid] = f.received.Before(s.config.Since)
	}
	return old, nil
}

// search returns the UIDs of the messages that match, in ascending order.
func (s *Session) search(criteria *imap.SearchCriteria) ([]imap.UID, error) {
	found, err := s.client.UIDSearch(criteria, nil).Wait()
	if err != nil {
		return nil, err
	}
	uids := found.AllUIDs()
	slices.Sort(uids)
	return uids, nil
}
