package mailbox

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/emersion/go-imap/v2"

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
// If the server lacks the MOVE extension, Move copies the messages and then deletes, by
// UID, those that the server says it copied (COPYUID, RFC 4315). If we crash between the
// two, a message is in both folders, but it is never lost.
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
		move := s.moveSet
		if !s.caps.Has(imap.CapMove) {
			move = s.copyAndDelete
		}
		name, err := s.target(folder)
		if err != nil {
			return err
		}
		for some := range slices.Chunk(uids, maxMove) {
			set := imap.UIDSetNum(some...)
			err := move(set, name)
			if missing(err) { // somebody deleted the target folder since we last saw it
				if err = s.create(name); err == nil {
					err = move(set, name)
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
// Dial.
func (s *Session) Movable() error {
	switch {
	case s.readOnly:
		return ErrReadOnly
	case !s.caps.Has(imap.CapMove) && !s.caps.Has(imap.CapUIDPlus):
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

func (s *Session) moveSet(uids imap.UIDSet, name string) error {
	_, err := s.client.Move(uids, name).Wait()
	return err
}

// copyAndDelete moves messages on servers without MOVE: COPY, then mark the copied
// ones as deleted, then expunge them. go-imap can do that by itself, but it sends the
// three commands without waiting for answers, and so would delete even a message
// that the server failed to copy.
func (s *Session) copyAndDelete(uids imap.UIDSet, name string) error {
	copied, err := s.client.Copy(uids, name).Wait()
	if err != nil {
		return err
	}
	if len(copied.SourceUIDs) == 0 {
		left, err := s.search(&imap.SearchCriteria{UID: []imap.UIDSet{uids}})
		if err == nil && len(left) > 0 {
			err = errors.New("the server does not say what it copied (no COPYUID): nothing was deleted")
		}
		return err
	}
	flags := &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagDeleted}}
	if err := s.client.Store(copied.SourceUIDs, flags, nil).Close(); err != nil {
		return err
	}
	expunge := s.client.UIDExpunge(copied.SourceUIDs)
	for expunge.Next() != 0 {
		s.messages.Add(-1)
	}
	return expunge.Close()
}
