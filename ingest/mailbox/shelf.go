package mailbox

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/emersion/go-imap/v2"

	"bdc/order"
)

// ErrRefused is wrapped by the errors of a Shelf when the server answers that it will not
// do what was asked: make the folder, read it, or write to it. The account may lack the
// right to, or its quota may be full.
var ErrRefused = errors.New("the mail server refuses")

// SentUse is the mark of a folder in which the server, or a mail program, keeps copies of
// mail that was sent (RFC 6154).
const SentUse = `\Sent`

const (
	maxShelf      = 500      // messages of a shelf that are read: the latest ones
	maxShelfOctet = 16 << 10 // octets of one of them; of a longer one only the header is read
)

// Shelf is a connection to the mail server of its own, with a folder beside the inbox in
// which we keep messages that we wrote: the deed that says which record owns the inbox, or
// copies of our replies. It never touches a message that the caller does not name by its
// UID, nor any other folder.
//
// It is not safe for concurrent use. Whoever called DialShelf must call Close. After an
// error of any method but State and Read with ErrRefused, a Shelf can only be closed.
type Shelf struct {
	s    *Session
	name string // the folder's name on the server
}

// ShelfState is what a server tells of a folder without its being opened. Two equal states
// mean that no message came or went in between.
type ShelfState struct {
	Validity, Next, Messages uint32 // UIDVALIDITY, UIDNEXT, and how many messages there are; all 0: no such folder
}

// Kept is a message that was read from a shelf.
type Kept struct {
	UID uint32
	Raw []byte // of a message of more than 16 KiB only the header
}

// DialShelf connects and signs in as Dial does, and looks for Config.Folder. If there is
// no such folder, it takes the one that the server marks with use (SentUse; "" for none),
// or else creates it. Config.Since is ignored.
//
// The error wraps ErrRefused if the server refuses to create the folder, and ErrAuth or
// ErrTLS as that of Dial.
func DialShelf(ctx context.Context, c Config, use string) (*Shelf, error) {
	f := &Shelf{}
	s, err := dial(ctx, c, func(s *Session) error {
		name, exists, err := s.find(s.folder)
		if err == nil && !exists && use != "" {
			if marked, err := s.marked(use); err != nil || marked != "" {
				f.name = marked
				return err
			}
		}
		if f.name = name; err == nil && !exists {
			err = refused(s.create(name))
		}
		return err
	})
	f.s = s
	return f, err
}

// marked returns the name of the first folder that the server marks with a special use, or
// "" if it marks none. It asks for marked folders only: go-imap closes the connection over
// the name of a folder that is not valid UTF-7, which another program may have created.
func (s *Session) marked(use string) (string, error) {
	if !s.caps.Has(imap.CapSpecialUse) {
		return "", nil
	}
	found, err := s.client.List("", "*", &imap.ListOptions{SelectSpecialUse: true}).Collect()
	if err != nil {
		return "", fmt.Errorf("list folders of a special use: %w", err)
	}
	for _, f := range found {
		if slices.Contains(f.Attrs, imap.MailboxAttr(use)) && !slices.ContainsFunc(f.Attrs, unusable) {
			return f.Mailbox, nil
		}
	}
	return "", nil
}

// Folder returns the folder's name on the server.
func (f *Shelf) Folder() string { return f.name }

// State asks for the folder's state: one short command (STATUS). The error wraps
// ErrRefused if the server will not tell it of a folder that exists.
func (f *Shelf) State(ctx context.Context) (state ShelfState, err error) {
	return state, f.s.do(ctx, "look at folder "+f.name, func() error {
		told, err := f.s.status(f.name)
		if err = refused(err); err != nil {
			if _, exists, findErr := f.s.find(f.s.folder); errors.Is(err, ErrRefused) && findErr == nil && !exists {
				return nil // deleted since
			}
			return err
		}
		state = told
		return nil
	})
}

// Read returns the messages of the folder by rising UID, at most the latest 500. It leaves
// out those that are marked as deleted. The error wraps ErrRefused if the server does not
// let us read the folder.
func (f *Shelf) Read(ctx context.Context) (kept []Kept, err error) {
	var keys []order.Key
	if err := f.s.do(ctx, "read folder "+f.name, func() error {
		if err := refused(f.s.selectFolder(f.name, true)); err != nil {
			return err
		}
		uids, err := f.s.search("UNDELETED")
		for _, uid := range uids[max(0, len(uids)-maxShelf):] {
			keys = append(keys, f.s.key(uid))
		}
		return err
	}); err != nil {
		return nil, err
	}
	_, err = f.s.Fetch(ctx, keys, maxShelfOctet, 0, func(int64) error { return nil }, func(m order.Mail) error {
		kept = append(kept, Kept{m.Key.UID, m.Raw})
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(kept, func(a, b Kept) int { return int(int64(a.UID) - int64(b.UID)) })
	return kept, f.leave(ctx)
}

// leave closes the folder, since the state of an open one is not to be asked for (RFC 9051,
// section 6.3.11). It is open for reading only, so that CLOSE, which servers without
// UNSELECT have alone, removes nothing.
func (f *Shelf) leave(ctx context.Context) error {
	return f.s.do(ctx, "leave folder "+f.name, func() error {
		command := "CLOSE"
		if f.s.caps.Has(imap.CapUnselect) {
			command = "UNSELECT"
		}
		_, err := f.s.say(command, nil, nil)
		return err
	})
}

// Append adds a message to the folder, and returns once the server has it; seen marks it
// as read. Its lines must end in CR LF.
//
// The error wraps ErrRefused if the server refuses the message. After any error the Shelf
// can only be closed: go-imap closes the connection of a message that is refused before
// its octets are asked for.
func (f *Shelf) Append(ctx context.Context, raw []byte, seen bool) error {
	return f.s.do(ctx, "write to folder "+f.name, func() error {
		options := &imap.AppendOptions{}
		if seen {
			options.Flags = []imap.Flag{imap.FlagSeen}
		}
		cmd := f.s.client.Append(f.name, int64(len(raw)), options)
		_, writeErr := cmd.Write(raw)
		closeErr := cmd.Close()
		_, err := cmd.Wait() // the server's answer, which says more than the other two
		return refused(errors.Join(err, writeErr, closeErr))
	})
}

// Remove removes messages, by UID. Those that are gone are no error. A server without
// UIDPLUS cannot remove a message without all others that are marked as deleted, so there
// they are only marked, and Read leaves them out.
func (f *Shelf) Remove(ctx context.Context, uids []uint32) error {
	if len(uids) == 0 {
		return nil
	}
	uids = slices.Sorted(slices.Values(uids))
	err := f.s.do(ctx, "tidy folder "+f.name, func() error {
		if err := f.s.selectFolder(f.name, false); err != nil {
			return err
		}
		if _, err := f.s.say("UID STORE "+set(uids)+` +FLAGS.SILENT (\Deleted)`, nil, nil); err != nil {
			return err
		}
		if f.s.caps.Has(imap.CapUIDPlus) || f.s.caps.Has(imap.CapIMAP4rev2) {
			if _, err := f.s.say("UID EXPUNGE "+set(uids), nil, nil); err != nil {
				return err
			}
		}
		return f.s.selectFolder(f.name, true) // so that leaving it removes nothing else
	})
	if err != nil {
		return refused(err)
	}
	return f.leave(ctx)
}

// Close ends the connection as Session.Close does.
func (f *Shelf) Close() error { return f.s.Close() }

// refused marks an error by which the server answers that it will not do something, and
// returns any other as it is.
func refused(err error) error {
	answer, ok := errors.AsType[*imap.Error](err)
	if ok && (answer.Type == imap.StatusResponseTypeNo || answer.Type == imap.StatusResponseTypeBad) {
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	return err
}
