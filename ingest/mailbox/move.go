package mailbox

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/emersion/go-imap/v2"

	"bdc/order"
)

// maxMove is how many messages are moved by one command.
const maxMove = 100

// Move moves messages to another folder, which is created if it is missing.
// Messages that are gone are no error: to move again what was moved before a
// crash does nothing.
//
// Where the server lacks MOVE, messages are copied, and those that it says it
// copied (COPYUID, RFC 4315) are deleted, by UID: a crash in between leaves a
// message in both folders, never in none. Where it lacks UIDPLUS as well, the
// error wraps ErrCannotMove, and where the folder is for reading only ErrReadOnly;
// nothing is touched then. On any other error some messages may have been moved.
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
			if missing(err) { // deleted since it was prepared
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

// Movable returns nil, or why Move can't work in this session: ErrReadOnly or
// ErrCannotMove.
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

// copyAndDelete is MOVE for servers that lack it. go-imap's own sends all three
// commands at once, and so deletes even what could not be copied.
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
