package mailbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"

	"bdc/ingest/mailbox/wire"
	"bdc/order"
)

// maxMove is how many messages one command moves.
const maxMove = 100

// Move moves messages to another folder, and creates that folder if it is missing. In
// the folder's name "/" separates levels, whatever the server uses.
//
// Messages that are no longer in the session's folder are skipped without an error. So
// after a crash the caller may repeat a Move: the messages that were moved before it
// are not moved again.
//
// If the server lacks the MOVE extension or refuses it, Move copies the messages and then
// deletes, by UID, those that the server is known to have copied: because it says so (COPYUID,
// RFC 4315), or because the other folder has grown by just as many messages. If we crash
// between the two, a message is in both folders, but it is never lost.
//
// The error wraps ErrStale if a key does not belong to this session's mailbox,
// ErrReadOnly if the server gives us read access only, and ErrCannotMove if it supports
// neither MOVE nor UIDPLUS. In these three cases no message has moved. After any other
// error some messages may have moved. If the server refused, for instance because a
// quota is full, the session can still be used; if the connection failed, it can't.
func (s *Session) Move(ctx context.Context, keys []order.Key, folder string) error {
	uids, err := s.uids(keys)
	if err != nil || len(uids) == 0 {
		return err
	}
	if err := s.Movable(); err != nil {
		return err
	}
	return s.do(ctx, fmt.Sprintf("move to %q", folder), func() error {
		name, err := s.target(folder)
		if err != nil {
			return err
		}
		for some := range slices.Chunk(uids, maxMove) {
			err := s.moveSet(some, name)
			if missing(err) { // somebody deleted the target folder since we last saw it
				if err = s.create(name); err == nil {
					err = s.moveSet(some, name)
				}
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// Movable returns nil if Move can work in this session. Otherwise it returns
// ErrReadOnly or ErrCannotMove. It does not ask the server: the answer is known since
// Dial, or since the server refused what it had announced.
func (s *Session) Movable() error {
	switch {
	case s.readOnly:
		return ErrReadOnly
	case !s.caps.Has(imap.CapMove) && !s.caps.Has(imap.CapUIDPlus) || s.unmovable:
		return ErrCannotMove
	}
	return nil
}

// missing reports whether the server says that the target folder does not exist.
func missing(err error) bool {
	refusal := (*imap.Error)(nil)
	return errors.As(err, &refusal) &&
		(refusal.Code == imap.ResponseCodeTryCreate || refusal.Code == imap.ResponseCodeNonExistent)
}

// unable reports whether the server says, or leaves it open, that it can't do what it
// announces: for other reasons it would refuse a copy too, or fail in the midst of it.
func unable(err error) bool {
	refusal := (*imap.Error)(nil)
	return errors.As(err, &refusal) && (refusal.Type == imap.StatusResponseTypeBad ||
		refusal.Code == "" || refusal.Code == imap.ResponseCodeCannot)
}

// moveSet moves messages to a folder, by its name on the server.
func (s *Session) moveSet(uids []uint32, name string) error {
	if s.caps.Has(imap.CapMove) {
		_, err := s.say("UID MOVE "+set(uids)+" "+s.folderName(name), nil, nil)
		if !unable(err) || !s.caps.Has(imap.CapUIDPlus) {
			return err
		}
		s.log.Warn("the mail server has MOVE and refuses it: messages are copied", "err", err)
		delete(s.caps, imap.CapMove)
	}
	return s.copyAndDelete(uids, name)
}

// errUntold says that nothing was deleted after a COPY.
var errUntold = errors.New("the server does not say what it copied (no COPYUID): nothing was deleted")

// copyAndDelete moves messages on servers without MOVE: COPY, then mark the copied
// ones as deleted, then expunge them.
func (s *Session) copyAndDelete(uids []uint32, name string) error {
	before, err := s.status(name)
	if err != nil && !isRefusal(err) {
		return err
	}
	var copied []uint32
	note := func(r *wire.Response) error {
		if r.Code == "COPYUID" {
			copied = append(copied, copiedOf(r.Args, uids)...)
		}
		return nil
	}
	answer, err := s.say("UID COPY "+set(uids)+" "+s.folderName(name), nil, note)
	if err != nil {
		return err
	}
	if _ = note(answer); len(copied) == 0 {
		if copied, err = s.grown(uids, name, before); err != nil || len(copied) == 0 {
			return err
		}
	}
	if _, err := s.say("UID STORE "+set(copied)+` +FLAGS.SILENT (\Deleted)`, nil, nil); err != nil {
		return err
	}
	_, err = s.say("UID EXPUNGE "+set(copied), nil, nil)
	if !isRefusal(err) {
		return err
	}
	// EXPUNGE removes all messages that are marked, also those that others have marked.
	marked, failed := s.search("DELETED")
	if failed != nil {
		return failed
	}
	if len(marked) > 0 && !slices.ContainsFunc(marked, func(uid uint32) bool { return !slices.Contains(copied, uid) }) {
		_, err = s.say("EXPUNGE", nil, nil)
		return err
	}
	s.unmovable = true // or the next search would copy the messages again
	if _, failed := s.say("UID STORE "+set(copied)+` -FLAGS.SILENT (\Deleted)`, nil, nil); failed != nil &&
		!isRefusal(failed) {
		return failed
	}
	return err
}

// copiedOf returns which of the messages a COPYUID names as copied: "7 5:6 101:102".
func copiedOf(args string, uids []uint32) (copied []uint32) {
	words := strings.Fields(args)
	if len(words) < 2 {
		return nil
	}
	sources, _ := wire.ParseSet(words[1], maxFound)
	for _, uid := range sources {
		if slices.Contains(uids, uid) {
			copied = append(copied, uid)
		}
	}
	return copied
}

// grown returns which messages were copied by a command to which the server answered OK
// without saying more: all that are still there, if the folder has grown by as many.
func (s *Session) grown(uids []uint32, name string, before ShelfState) ([]uint32, error) {
	left, err := s.search("UID " + set(uids))
	if err != nil || len(left) == 0 {
		return nil, err
	}
	left = slices.DeleteFunc(left, func(uid uint32) bool { return !slices.Contains(uids, uid) })
	after, err := s.status(name)
	if err != nil && !isRefusal(err) {
		return nil, err
	}
	if before.Validity == 0 || after.Validity != before.Validity ||
		after.Messages != before.Messages+uint32(len(left)) {
		s.unmovable = true // or the next search would copy the messages again
		return nil, errUntold
	}
	return left, nil
}
