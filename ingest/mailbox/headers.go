package mailbox

import (
	"context"

	"github.com/emersion/go-imap/v2"

	"bdc/order"
)

// Headers reads the headers of messages, and calls deliver with each, in the order in which
// the server sends them: a mail of which only the header was fetched (TooLarge), at most
// 256 KiB. Deliver may keep what it is given. Messages are left out as by Fetch, and the
// errors are those of Fetch.
func (s *Session) Headers(ctx context.Context, keys []order.Key, deliver func(order.Mail) error) error {
	uids, err := s.uids(keys)
	if err != nil || len(uids) == 0 {
		return err
	}
	b := batch{s: s, admit: func(int64) error { return nil }, deliver: deliver}
	return s.do(ctx, "fetch headers", func() error {
		var err error
		if b.facts, err = s.facts(uids); err != nil {
			return err
		}
		return b.fetch(uids, &imap.FetchItemBodySection{
			Specifier: imap.PartSpecifierHeader, Peek: true, Partial: &imap.SectionPartial{Size: maxHeader},
		})
	})
}
