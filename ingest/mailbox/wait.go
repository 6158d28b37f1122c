package mailbox

import (
	"context"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// Idles reports whether the server tells of new messages at once (IDLE, RFC 2177).
func (s *Session) Idles() bool { return s.caps.Has(imap.CapIdle) }

// Wait returns after d, or earlier if messages arrived since the last Pending.
// It learns of them by IDLE; without, it hardly ever does. An error means that the
// connection is lost or ctx over. Servers end an IDLE of half an hour, and a
// silent network is noticed only after it: d is best kept to a few minutes.
func (s *Session) Wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	var idle *imapclient.IdleCommand
	if s.Idles() {
		err := s.do(ctx, "begin IDLE", func() (err error) {
			idle, err = s.client.Idle()
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

// told notes that the folder has grown. Some servers repeat its size at every
// IDLE, which is no news.
func (s *Session) told(data *imapclient.UnilateralDataMailbox) {
	if data.NumMessages == nil {
		return
	}
	now := int64(*data.NumMessages)
	if before := s.messages.Swap(now); now <= before {
		return
	}
	select {
	case s.arrived <- struct{}{}:
	default: // told already
	}
}
