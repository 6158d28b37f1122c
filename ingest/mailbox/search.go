package mailbox

import (
	"context"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"

	"bdc/order"
)

// Pending returns the key of every message that the folder holds and that the
// server took in at Config.Since or later, in the order of their arrival.
//
// SEARCH compares dates without a time or a zone, in whichever zone the server
// likes. So it is asked for more than enough, and the messages of the days in
// doubt are judged by their INTERNALDATE.
func (s *Session) Pending(ctx context.Context) ([]order.Key, error) {
	// What comes from here on may be missed by the search: it wakes the next Wait.
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

// doubt returns the first day that may hold messages of since or later, in any
// zone from UTC−12 to UTC+14, and the first that can hold no others.
func doubt(since time.Time) (first, certain time.Time) {
	if since.IsZero() {
		return since, since
	}
	return since.UTC().AddDate(0, 0, -1), since.UTC().AddDate(0, 0, 2)
}

// old returns the messages of the days in doubt that are older than Since.
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

func (s *Session) search(criteria *imap.SearchCriteria) ([]imap.UID, error) {
	found, err := s.client.UIDSearch(criteria, nil).Wait()
	if err != nil {
		return nil, err
	}
	uids := found.AllUIDs()
	slices.Sort(uids)
	return uids, nil
}
