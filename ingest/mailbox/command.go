package mailbox

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"

	"bdc/ingest/mailbox/wire"
)

// say says a command of our own and reads the answer to it, as wire.Conn.Do does. An answer
// of NO or BAD is an *imap.Error, after which the session can still be used.
func (s *Session) say(command string, keep wire.Keep, each func(*wire.Response) error) (*wire.Response, error) {
	began := time.Now()
	answer, err := s.wire.Do(command, keep, each)
	if err != nil {
		s.conn.end(err)
		return nil, err
	}
	if keep == nil {
		s.slowest = max(s.slowest, time.Since(began))
	}
	if answer.Name != "OK" {
		return answer, &imap.Error{
			Type: imap.StatusResponseType(answer.Name), Code: imap.ResponseCode(answer.Code), Text: answer.Text,
		}
	}
	return answer, nil
}

// isRefusal reports whether an error is the server's answer of NO or BAD.
func isRefusal(err error) bool {
	_, ok := errors.AsType[*imap.Error](err)
	return ok
}

// folderName returns a folder's name as it stands in our own commands.
func (s *Session) folderName(name string) string {
	if name == "INBOX" {
		return name
	}
	return s.wire.FolderName(name, s.caps.Has(imap.CapIMAP4rev2))
}

// selectFolder selects a folder, by its name on the server, for reading and writing or for
// reading only. It notes the folder's UIDVALIDITY, its size, and whether we may only read it.
func (s *Session) selectFolder(name string, examine bool) error {
	command := "SELECT "
	if examine {
		command = "EXAMINE "
	}
	known, onlyRead, messages := false, false, int64(0)
	note := func(r *wire.Response) error {
		switch {
		case r.Name == "EXISTS":
			messages = int64(r.Num)
		case r.Code == "UIDVALIDITY":
			s.validity, known = validity(r.Args)
		case r.Code == "READ-ONLY":
			onlyRead = true
		}
		return nil
	}
	answer, err := s.say(command+s.folderName(name), nil, note)
	if isRefusal(err) && s.caps.Has(imap.CapID) { // some open no folder before they are told which program asks
		if _, err := s.say(`ID ("name" "bdc")`, nil, nil); err != nil && !isRefusal(err) {
			return fmt.Errorf("select folder %q: %w", name, err)
		}
		answer, err = s.say(command+s.folderName(name), nil, note)
	}
	if err != nil {
		return fmt.Errorf("select folder %q: %w", name, err)
	}
	if !known {
		_ = note(answer)
	}
	if !known {
		state, err := s.status(name)
		if err != nil && !isRefusal(err) {
			return fmt.Errorf("select folder %q: %w", name, err)
		}
		if s.validity = state.Validity; s.validity == 0 {
			return fmt.Errorf("select folder %q: the server gives no UIDVALIDITY", name)
		}
	}
	s.readOnly = examine || answer.Code == "READ-ONLY" || onlyRead && answer.Code != "READ-WRITE"
	s.messages.Store(messages)
	return nil
}

// validity reads a UIDVALIDITY. Of one that is too large, as some servers have, the lower 32
// bits are taken: they distinguish it as well.
func validity(args string) (uint32, bool) {
	n, digits := uint64(0), 0
	for ; digits < len(args) && args[digits] >= '0' && args[digits] <= '9'; digits++ {
		n = n*10 + uint64(args[digits]-'0')
	}
	return uint32(n), digits > 0
}

// status asks for the state of a folder that is not open, by its name on the server.
func (s *Session) status(name string) (state ShelfState, err error) {
	_, err = s.say("STATUS "+s.folderName(name)+" (UIDVALIDITY UIDNEXT MESSAGES)", nil, func(r *wire.Response) error {
		if r.Name != "STATUS" {
			return nil
		}
		for _, i := range r.Items {
			for n := 0; n+1 < len(i.List); n++ {
				value, ok := i.List[n+1].Number()
				switch name := strings.ToUpper(i.List[n].String()); {
				case !ok:
				case name == "UIDVALIDITY":
					state.Validity = uint32(value)
				case name == "UIDNEXT":
					state.Next = uint32(value)
				case name == "MESSAGES":
					state.Messages = uint32(value)
				}
			}
		}
		return nil
	})
	return state, err
}

// set returns UIDs as a set for a command. Consecutive ones are shortened to a range.
func set(uids []uint32) string {
	var b strings.Builder
	for i := 0; i < len(uids); {
		last := i
		for last+1 < len(uids) && uids[last+1] == uids[last]+1 {
			last++
		}
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprint(&b, uids[i])
		if last > i {
			fmt.Fprintf(&b, ":%d", uids[last])
		}
		i = last + 1
	}
	return b.String()
}
