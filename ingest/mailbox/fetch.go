package mailbox

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"bdc/order"
)

const (
	maxHeader = 256 << 10 // octets kept of a message that is too large
	maxSet    = 500       // UIDs in one command: servers need not take more than 8,000 octets (RFC 7162, 4)
)

// Fetch delivers the messages of keys, in no promised order. Of one above limit
// octets it delivers the header alone, 256 KiB of it at most, as TooLarge.
//
// admit is called with the octets that a message will occupy, before they are
// read, and may block: the server then waits. It is followed by deliver for that
// message, or by the return of Fetch with an error. deliver is called once the
// message is complete and owns its bytes. An error of either ends Fetch and the
// session.
//
// A message that is gone, is older than Config.Since, or that the server did not
// send this once is not delivered, which is no error: those that are still there
// are in the next answer of Pending.
//
// Only UID, size, date and content are asked for, since go-imap ends the
// connection over an answer that it can't parse, such as a poisonous ENVELOPE.
func (s *Session) Fetch(
	ctx context.Context, keys []order.Key, limit int64,
	admit func(size int64) error, deliver func(order.Mail) error,
) error {
	uids, err := s.uids(keys)
	if err != nil || len(uids) == 0 {
		return err
	}
	b := batch{s: s, limit: limit, admit: admit, deliver: deliver}
	return s.do(ctx, "fetch messages", func() error {
		var err error
		if b.facts, err = s.facts(uids); err != nil {
			return err
		}
		var whole, headers []imap.UID
		for _, uid := range uids {
			switch f, there := b.facts[uid]; {
			case !there, f.received.Before(s.config.Since):
			case f.size > limit:
				headers = append(headers, uid)
			default:
				whole = append(whole, uid)
			}
		}
		if err := b.fetch(whole, &imap.FetchItemBodySection{Peek: true}); err != nil {
			return err
		}
		return b.fetch(headers, &imap.FetchItemBodySection{
			Specifier: imap.PartSpecifierHeader, Peek: true, Partial: &imap.SectionPartial{Size: maxHeader},
		})
	})
}

// fact is what the server says about a message before it is fetched.
type fact struct {
	received time.Time
	size     int64
}

// facts asks for those of the messages; one that is gone has none.
func (s *Session) facts(uids []imap.UID) (map[imap.UID]fact, error) {
	facts := make(map[imap.UID]fact, len(uids))
	for some := range slices.Chunk(uids, maxSet) {
		found, err := s.client.Fetch(imap.UIDSetNum(some...), &imap.FetchOptions{
			UID: true, RFC822Size: true, InternalDate: true,
		}).Collect()
		if err != nil {
			return nil, err
		}
		for _, m := range found {
			// News of a flag comes in the same form, without the date: such a message
			// is left for the next time.
			if !m.InternalDate.IsZero() {
				facts[m.UID] = fact{m.InternalDate.UTC(), m.RFC822Size}
			}
		}
	}
	return facts, nil
}

// batch is one call of Fetch.
type batch struct {
	s       *Session
	facts   map[imap.UID]fact
	limit   int64
	admit   func(size int64) error
	deliver func(order.Mail) error
}

// fetch delivers a section of each message.
func (b *batch) fetch(uids []imap.UID, section *imap.FetchItemBodySection) error {
	for some := range slices.Chunk(uids, maxSet) {
		cmd := b.s.client.Fetch(imap.UIDSetNum(some...), &imap.FetchOptions{
			UID: true, BodySection: []*imap.FetchItemBodySection{section},
		})
		for message := cmd.Next(); message != nil; message = cmd.Next() {
			if err := b.take(message, section.Partial != nil); err != nil {
				// The rest of the answer can't be declined: with the connection closed,
				// there is none, and Close returns.
				b.s.conn.end(err)
				cmd.Close()
				return err
			}
		}
		if err := cmd.Close(); err != nil {
			return err
		}
	}
	return nil
}

// take delivers the one section of a message's answer.
func (b *batch) take(message *imapclient.FetchMessageData, header bool) error {
	var uid imap.UID
	for item := message.Next(); item != nil; item = message.Next() {
		switch item := item.(type) {
		case imapclient.FetchItemDataUID:
			uid = item.UID
		case imapclient.FetchItemDataBodySection:
			f, known := b.facts[uid]
			if item.Literal == nil || !known {
				continue // gone in the meantime, or never asked for
			}
			mail := order.Mail{Key: b.s.key(uid), Received: f.received, Size: f.size, TooLarge: header}
			if !header {
				mail.Size = item.Literal.Size() // RFC822.SIZE is an estimate on some servers
				mail.TooLarge = mail.Size > b.limit
			}
			if err := b.read(&mail, item.Literal); err != nil {
				return err
			}
		}
	}
	return nil
}

// read completes a message with the bytes of its literal and delivers it.
func (b *batch) read(mail *order.Mail, literal imap.LiteralReader) error {
	size := literal.Size()
	if mail.TooLarge {
		size = min(size, maxHeader)
	}
	if err := b.admit(size); err != nil {
		return err
	}
	mail.Raw = make([]byte, size)
	// go-imap takes the end of the connection for the end of the literal:
	// ReadFull does not.
	if _, err := io.ReadFull(literal, mail.Raw); err != nil {
		err = fmt.Errorf("read message %d: %w", mail.Key.UID, err)
		// The literal's first error sets go-imap's reader going again, and closing
		// the command reads the literal once more: not both at a time.
		b.s.conn.end(err)
		<-b.s.client.Closed()
		return err
	}
	if mail.TooLarge {
		if end := bytes.Index(mail.Raw, []byte("\r\n\r\n")); end >= 0 {
			mail.Raw = mail.Raw[:end+4]
		}
	}
	return b.deliver(*mail)
}
