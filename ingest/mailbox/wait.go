package mailbox

import (
	"context"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"bdc/ingest/mailbox/wire"
)

// Idles reports whether the server supports IDLE (RFC 2177), by which Wait learns of new
// messages at once.
func (s *Session) Idles() bool { return s.caps.Has(imap.CapIdle) }

// Wait returns nil after d, or as soon as a message arrives. It returns at once if one
// has arrived since the last Pending. It returns an error, and the session is over, when
// ctx is done or the connection is lost.
//
// Wait learns of new messages by IDLE. Without IDLE (see Idles) it nearly always waits
// for d. The caller should keep d to a few minutes: servers end an IDLE after half an
// hour, and a server that silently stopped answering is noticed only when d is over.
func (s *Session) Wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	var idle *imapclient.IdleCommand
	if s.Idles() {
		err := s.do(ctx, "begin IDLE", func() (err error) {
			if idle, err = s.client.Idle(); isRefusal(err) {
				s.log.Warn("the mail server has IDLE and refuses it: the folder is searched from time to time",
					"err", err)
				delete(s.caps, imap.CapIdle)
				err = nil
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	select {
	case <-timer.C:
	case <-s.arrived:
	case <-ctx.Done():
	case <-s.client.Closed():
	}
	return s.do(ctx, "wait for messages", func() error {
		if err := ctx.Err(); err != nil {
			s.conn.end(err)
			return err
		}
		if idle == nil {
			return s.conn.fault()
		}
		if err := idle.Close(); err != nil {
			return err
		}
		return idle.Wait()
	})
}

// told is called by whoever reads the connection when the server tells that the folder's size
// has changed. If the folder has grown, told wakes Wait. Some servers repeat an unchanged size
// at every IDLE, which must not wake it.
func (s *Session) told(r *wire.Response) {
	if r.Name == "EXPUNGE" {
		s.messages.Add(-1)
		return
	}
	now := int64(r.Num)
	if before := s.messages.Swap(now); now <= before {
		return
	}
	select {
	case s.arrived <- struct{}{}:
	default: // the token is there already
	}
}
