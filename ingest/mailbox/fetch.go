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
	// maxHeader is how many octets of the header of a message above the limit are kept.
	maxHeader = 256 << 10
	// maxSet is how many UIDs one command may list: servers need not accept command
	// lines of more than 8,000 octets (RFC 7162, section 4).
	maxSet = 500
)

// Fetch reads the messages of keys and hands each to deliver, in no promised order.
// For a message of more than limit octets it delivers only the header, cut after
// 256 KiB, and sets TooLarge.
//
// For each message Fetch first calls admit with the number of octets that it is
// about to hold in memory. admit may block until there is room for them; the server
// waits meanwhile. Fetch then reads the message and calls deliver, which owns the
// message's bytes from then on. When the reading fails in between, Fetch returns an
// error without calling deliver. Both functions are called from the caller's
// goroutine, one call at a time. If one of them returns an error, Fetch returns an
// error that wraps it.
//
// Some messages may not be delivered, without an error: those that were deleted or
// moved away, those older than Config.Since, and those that the server left out of
// its answer. What it left out comes with the next Pending.
//
// The error wraps ErrStale, and nothing is read, if a key does not belong to this
// session's mailbox. After any other error the session can only be closed.
//
// Fetch asks the server for UID, size, date and content only. It leaves out
// ENVELOPE and BODYSTRUCTURE because go-imap closes the connection over an answer
// that it can't parse, so that one malformed header could block the whole inbox.
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

// fact is what the server tells about a message before its content is read: its
// INTERNALDATE and its RFC822.SIZE.
type fact struct {
	received time.Time
	size     int64
}

// facts asks the server for the date and size of messages. A message that is no
// longer in the folder is absent from the result.
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
			// A server also sends FETCH answers on its own, to tell that a flag changed.
			// Those carry no date. If that is all it says of a message, we leave the
			// message for the next round.
			if !m.InternalDate.IsZero() {
				facts[m.UID] = fact{m.InternalDate.UTC(), m.RFC822Size}
			}
		}
	}
	return facts, nil
}

// batch holds the arguments of one call of Fetch, and what the server told about
// its messages.
type batch struct {
	s       *Session
	facts   map[imap.UID]fact
	limit   int64
	admit   func(size int64) error
	deliver func(order.Mail) error
}

// fetch reads one section of each message, either the whole message or a part of
// its header, and delivers it.
func (b *batch) fetch(uids []imap.UID, section *imap.FetchItemBodySection) error {
	for some := range slices.Chunk(uids, maxSet) {
		cmd := b.s.client.Fetch(imap.UIDSetNum(some...), &imap.FetchOptions{
			UID: true, BodySection: []*imap.FetchItemBodySection{section},
		})
		for message := cmd.Next(); message != nil; message = cmd.Next() {
			if err := b.take(message, section.Partial != nil); err != nil {
				// IMAP has no way to decline the rest of an answer, and cmd.Close would read
				// all of it. We close the connection first, so that Close returns at once.
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

// take reads one message's answer and delivers the section in it. header says that
// only a part of the header was asked for.
func (b *batch) take(message *imapclient.FetchMessageData, header bool) error {
	var uid imap.UID
	for item := message.Next(); item != nil; item = message.Next() {
		switch item := item.(type) {
		case imapclient.FetchItemDataUID:
			uid = item.UID
		case imapclient.FetchItemDataBodySection:
			f, known := b.facts[uid]
			if item.Literal == nil || !known {
				continue // deleted in the meantime, or a message that we did not ask for
			}
			mail := order.Mail{Key: b.s.key(uid), Received: f.received, Size: f.size, TooLarge: header}
			if !header {
				mail.Size = item.Literal.Size() // on some servers RFC822.SIZE is only an estimate
				mail.TooLarge = mail.Size > b.limit
			}
			if err := b.read(&mail, item.Literal); err != nil {
				return err
			}
		}
	}
	return nil
}

// read fills in mail.Raw from the IMAP literal and delivers the message. It asks
// admit first.
func (b *batch) read(mail *order.Mail, literal imap.LiteralReader) error {
	size := literal.Size()
	if mail.TooLarge {
		size = min(size, maxHeader)
	}
	if err := b.admit(size); err != nil {
		return err
	}
	mail.Raw = make([]byte, size)
	// When the connection ends within a literal, go-imap reports a plain io.EOF, as
	// if the message were complete. ReadFull notices that octets are missing.
	if _, err := io.ReadFull(literal, mail.Raw); err != nil {
		err = fmt.Errorf("read message %d: %w", mail.Key.UID, err)
		// After the literal's first error go-imap's reader goroutine goes on reading the
		// connection, and closing the command would read the same literal: a data race.
		// So we end the connection and wait until that goroutine has ended.
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
