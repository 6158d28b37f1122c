package mailbox

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"bdc/ingest/mailbox/wire"
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
// message's bytes from then on. If what was read is no message, admit is called again for
// the next without a call of deliver. Both functions are called from the caller's
// goroutine, one call at a time. If one of them returns an error, Fetch returns an
// error that wraps it.
//
// A message that the server leaves out of an answer, or refuses, is asked for once more on its
// own. lost has those that could not be read even then; if Fetch returns an error, also the
// one that was being read when the connection failed or, where that is not known, all that it
// may have been (Perhaps). Other messages may not be delivered
// either: those older than Config.Since, and after an error all that had not been read.
//
// patience is how long the server may be silent, if that is less than Config.Inactivity and
// the server was not slower in this session; 0 for Config.Inactivity.
//
// The error wraps ErrStale, and nothing is read, if a key does not belong to this
// session's mailbox. After any other error the session can only be closed.
func (s *Session) Fetch(
	ctx context.Context, keys []order.Key, limit int64, patience time.Duration,
	admit func(size int64) error, deliver func(order.Mail) error,
) (lost []order.Lost, err error) {
	b := batch{limit: limit, admit: admit, deliver: deliver}
	return b.run(ctx, s, keys, patience)
}

// Headers reads the headers of messages, and calls deliver with each: a mail of which only
// the header was fetched (TooLarge), at most 256 KiB. Deliver may keep what it is given. All
// else is as with Fetch.
func (s *Session) Headers(
	ctx context.Context, keys []order.Key, patience time.Duration, deliver func(order.Mail) error,
) (lost []order.Lost, err error) {
	b := batch{headers: true, admit: func(int64) error { return nil }, deliver: deliver}
	return b.run(ctx, s, keys, patience)
}

// batch is one call of Fetch or Headers.
type batch struct {
	headers bool // only headers are asked for
	limit   int64
	admit   func(size int64) error
	deliver func(order.Mail) error

	s       *Session
	keys    map[uint32]order.Key
	facts   map[uint32]fact
	done    map[uint32]bool  // delivered, or older than Config.Since
	why     map[uint32]error // why a message could not be read
	reading uint32           // the message that is being read; 0 if that is not known
	asked   []uint32         // those of the command that is under way
	ours    error            // of admit or deliver
}

func (b *batch) run(ctx context.Context, s *Session, keys []order.Key, patience time.Duration) ([]order.Lost, error) {
	uids, err := s.uids(keys)
	if err != nil || len(uids) == 0 {
		return nil, err
	}
	b.s, b.keys, b.facts = s, map[uint32]order.Key{}, map[uint32]fact{}
	b.done, b.why = map[uint32]bool{}, map[uint32]error{}
	for i, uid := range uids {
		b.keys[uid] = keys[i]
	}
	failed := s.conn.fault() != nil // before we have asked for anything
	err = s.do(ctx, "fetch messages", func() error {
		s.conn.arm(s.silence(patience))
		if err := b.fetchTogether(uids); err != nil {
			return err
		}
		return b.fetchEach(uids)
	})
	var suspects []uint32
	if err != nil && !failed && b.ours == nil && ctx.Err() == nil {
		suspects = b.suspects()
		for _, uid := range suspects {
			b.why[uid] = err
		}
	}
	var lost []order.Lost
	for _, uid := range uids {
		if why := b.why[uid]; why != nil && !b.done[uid] {
			f := b.facts[uid]
			lost = append(lost, order.Lost{
				Key: b.keys[uid], Received: f.received, Size: f.size, Err: why,
				Perhaps: len(suspects) > 1 && slices.Contains(suspects, uid),
			})
		}
	}
	return lost, err
}

// silence is how long the server may be silent in an answer to Fetch. A server that was slow
// before may be slow again.
func (s *Session) silence(patience time.Duration) time.Duration {
	if patience <= 0 {
		return s.config.Inactivity
	}
	return min(max(patience, 20*s.slowest), s.config.Inactivity)
}

// suspects are the messages over which the connection may have failed: the one that was being
// read or, where that is not known, all that were asked for and have not come.
func (b *batch) suspects() (uids []uint32) {
	if _, known := b.keys[b.reading]; known && !b.done[b.reading] {
		return []uint32{b.reading}
	}
	for _, uid := range b.asked {
		if !b.done[uid] && b.why[uid] == nil {
			uids = append(uids, uid)
		}
	}
	return uids
}

// fetchTogether asks for all messages in as few commands as possible. It passes over what is
// refused.
func (b *batch) fetchTogether(uids []uint32) error {
	for some := range slices.Chunk(uids, maxSet) {
		b.asked = some
		if err := b.s.facts(some, b.facts); err != nil {
			return err
		}
		for uid, f := range b.facts {
			if !f.received.IsZero() && f.received.Before(b.s.config.Since) {
				b.done[uid], b.s.old[uid] = true, true
			}
		}
		var whole, large []uint32
		for _, uid := range some {
			switch f, known := b.facts[uid]; {
			case b.done[uid] || !known:
			case f.size > b.limit && !b.headers:
				large = append(large, uid)
			default:
				whole = append(whole, uid)
			}
		}
		if _, err := b.ask(whole, b.section(false)); err != nil {
			return err
		}
		if _, err := b.ask(large, b.section(true)); err != nil {
			return err
		}
	}
	return nil
}

// section is what to ask for of a message; large says that the message is said to be larger
// than the limit. The server may be wrong, so a little more than the limit is asked for.
func (b *batch) section(large bool) string {
	switch {
	case b.headers:
		return header
	case large:
		return fmt.Sprintf("BODY.PEEK[]<0.%d>", b.limit+1)
	}
	return "BODY.PEEK[]"
}

// header is the section of a message's header, as far as it is kept.
var header = fmt.Sprintf("BODY.PEEK[HEADER]<0.%d>", maxHeader)

// fetchEach asks for each message on its own that was left out or refused among others.
func (b *batch) fetchEach(uids []uint32) error {
	for _, uid := range uids {
		if b.done[uid] {
			continue
		}
		b.asked = []uint32{uid}
		if _, known := b.facts[uid]; !known {
			if err := b.s.facts(b.asked, b.facts); err != nil {
				return err
			}
		}
		f := b.facts[uid]
		if !f.received.IsZero() && f.received.Before(b.s.config.Since) {
			b.done[uid], b.s.old[uid] = true, true
			continue
		}
		refusal, err := b.ask(b.asked, b.section(f.size > b.limit))
		if err != nil {
			return err
		}
		if !b.done[uid] && !b.headers && f.size > b.limit { // there are servers that send no part of a message
			if refusal, err = b.ask(b.asked, header); err != nil {
				return err
			}
		}
		if !b.done[uid] && b.why[uid] == nil {
			if b.why[uid] = refusal; refusal == nil {
				b.why[uid] = errLeftOut
			}
		}
	}
	return nil
}

var (
	errLeftOut  = errors.New("the server says that it is there, and does not send it")
	errPartial  = errors.New("the server sends a part of it only")
	errNotIt    = errors.New("the server sends something that is no mail")
	errEmpty    = errors.New("the server sends nothing in its place")
	errAnothers = errors.New("the server sends another message in its place")
)

// ask asks for one section of messages and delivers what comes. refusal is the server's answer
// of NO or BAD, or nil.
func (b *batch) ask(uids []uint32, section string) (refusal, err error) {
	if len(uids) == 0 {
		return nil, nil
	}
	b.asked, b.reading = uids, 0
	kept := 0
	keep := func(said, name string, size int64) (int64, error) {
		if !isContent(name) {
			return 0, nil
		}
		if kept++; kept > 2*len(uids)+1 { // a server may repeat itself, but not for ever
			return 0, nil
		}
		if uid := uidPattern.FindStringSubmatch(said); uid != nil {
			n, _ := strconv.ParseUint(uid[1], 10, 32)
			b.reading = uint32(n)
		}
		if b.headers || size > b.limit {
			size = min(size, maxHeader)
		}
		b.ours = b.admit(size)
		return size, b.ours
	}
	_, err = b.s.say(fmt.Sprintf("UID FETCH %s (UID %s)", set(uids), section), keep, func(r *wire.Response) error {
		m := read(r)
		if m.uid == 0 && len(uids) == 1 {
			m.uid = uids[0] // some leave it out
		}
		if _, known := b.keys[m.uid]; !known || b.done[m.uid] || !m.content {
			return nil
		}
		b.reading = 0
		if b.why[m.uid] = b.judge(m, section, r.Whole); b.why[m.uid] != nil {
			return nil
		}
		b.ours = b.take(m, strings.Contains(section, "HEADER"))
		return b.ours
	})
	if isRefusal(err) {
		return err, nil
	}
	return nil, err
}

// uidPattern finds the UID in what a server said before a literal.
var uidPattern = regexp.MustCompile(`(?i)\bUID (\d{1,10})\b`)

// judge returns why what a server sent is not believed to be the message, or nil.
func (b *batch) judge(m fetched, section string, whole bool) error {
	size := m.value.Size
	if m.value.Literal == nil {
		size = int64(len(m.value.Text))
	}
	switch {
	case m.value.Nil || size == 0:
		return errEmpty
	case !whole:
		return errPartial
	case !hasHeader(m.bytes()):
		return errNotIt
	case isSubstitute(m.bytes()):
		return errAnothers
	}
	return nil
}

// take delivers a message, or what was asked for of it.
func (b *batch) take(m fetched, onlyHeader bool) error {
	f := b.facts[m.uid]
	mail := order.Mail{Key: b.keys[m.uid], Received: f.received, Raw: m.bytes(), Size: int64(len(m.bytes()))}
	if mail.TooLarge = onlyHeader; !onlyHeader && m.value.Literal != nil {
		mail.Size = m.value.Size // on some servers RFC822.SIZE is only an estimate
		mail.TooLarge = mail.Size > b.limit
	}
	if mail.TooLarge {
		mail.Size = max(mail.Size, f.size)
		mail.Raw = cutHeader(mail.Raw)
	}
	if mail.Received.IsZero() {
		if mail.Received = dateOf(mail.Raw); mail.Received.Before(b.s.config.Since) {
			b.done[m.uid], b.s.old[m.uid] = true, true
			return nil
		}
	}
	b.done[m.uid] = true
	return b.deliver(mail)
}

// fact is what the server tells about a message before its content is read.
type fact struct {
	received time.Time // INTERNALDATE, UTC; zero if that makes no sense
	size     int64     // RFC822.SIZE, which may be wrong
}

// facts asks the server for the date and size of messages, and adds them to facts. A message
// that the server tells nothing of is absent from them.
func (s *Session) facts(uids []uint32, facts map[uint32]fact) error {
	command := fmt.Sprintf("UID FETCH %s (UID RFC822.SIZE INTERNALDATE)", set(uids))
	_, err := s.say(command, nil, func(r *wire.Response) error {
		m := read(r)
		if m.uid == 0 && len(uids) == 1 {
			m.uid = uids[0]
		}
		// A server also sends FETCH answers on its own, to tell that a flag changed.
		if m.uid > 0 && m.told {
			facts[m.uid] = fact{m.received, m.size}
		}
		return nil
	})
	if isRefusal(err) {
		return nil
	}
	return err
}
