package ingest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"bdc/ingest/mime"
	"bdc/order"
	"bdc/store"
)

// A message that the server lists and does not send, or over which the connection fails, is
// tried three times within a few seconds, alone and after all others. Then it becomes a case,
// and staff are told. It stays in the inbox, and is tried less and less often: once it can be
// fetched, it is taken in as a new message.

const (
	maxLosses    = 3                       // vain attempts to fetch a message before it is a case
	lossPause    = 500 * time.Millisecond  // between these attempts
	lossPatience = 2500 * time.Millisecond // how long the server may be silent in each
	restPatience = 10 * time.Second        // how long it may be silent in a later attempt
	lossRest     = time.Minute             // Inbox.Rest if that is 0
	longestRest  = time.Hour               // the longest time for which a message is left alone
)

// UnfetchedCases is of how many messages that can't be fetched each is a case.
const UnfetchedCases = 16

// codeUnfetched is the reason of a case about a message that can't be fetched.
const codeUnfetched order.Code = "message.unfetched"

// loss tells how often a message could not be fetched, because the connection failed or
// the server left it out, and when that happened last.
type loss struct {
	count   int
	perhaps bool // once more, if the next loss shows that it was this message
	last    time.Time
	what    order.Lost
	header  *mime.Message // if that could be read
	told    bool          // there is a case about it
}

// rests reports whether a message is to be left alone for now.
func (in *Inbox) rests(k order.Key) bool { return in.restLeft(in.losses[k.Plain()]) > 0 }

// restLeft is how long a message is still to be left alone.
func (in *Inbox) restLeft(l loss) time.Duration {
	if l.count == 0 {
		return 0
	}
	rest := lossPause
	if l.count >= maxLosses {
		first := in.Rest
		if first == 0 {
			first = lossRest
		}
		rest = min(first<<min(l.count-maxLosses, 10), longestRest)
	}
	return rest - in.Clock().Sub(l.last)
}

// untilRetry is how long to wait at most until a message is to be tried again.
func (in *Inbox) untilRetry(wait time.Duration) time.Duration {
	for _, l := range in.losses {
		wait = min(wait, max(in.restLeft(l), lossPause))
	}
	return wait
}

// patience is how long the server may be silent while it sends these messages.
func (in *Inbox) patience(keys []order.Key) time.Duration {
	for _, k := range keys {
		if in.losses[k.Plain()].count >= maxLosses {
			return restPatience
		}
	}
	return lossPatience
}

// charge counts a loss against a message.
func (in *Inbox) charge(ctx context.Context, what order.Lost) {
	if ctx.Err() != nil {
		return
	}
	l := in.losses[what.Key.Plain()]
	if l.what = what; what.Perhaps { // which of them it was is seen when each is fetched on its own
		l.perhaps = true
		in.losses[what.Key.Plain()] = l
		return
	}
	if l.count++; l.perhaps {
		l.count, l.perhaps = l.count+1, false
	}
	l.last = in.Clock()
	in.losses[what.Key.Plain()] = l
	in.Log.Warn("message not fetched", "uid", what.Key.UID, "attempt", l.count, "err", what.Err)
	in.countLost()
}

// remember notes that there is a case already about a message that can't be fetched.
func (in *Inbox) remember(k order.Key) {
	l := in.losses[k]
	l.count, l.told = max(l.count, maxLosses), true
	l.what.Key = k
	in.losses[k] = l
}

// certainLosses is how many messages could not be fetched, and it is known that they are at fault.
func (in *Inbox) certainLosses() (n int) {
	for _, l := range in.losses {
		if l.count > 0 {
			n++
		}
	}
	return n
}

// countLost tells State how many messages can't be fetched.
func (in *Inbox) countLost() {
	n := 0
	for _, l := range in.losses {
		if l.count >= maxLosses {
			n++
		}
	}
	in.health.update(func(s *State) { s.LeftAlone = n })
}

// lookAhead reads the header of a message that is tried for the last time before it becomes a
// case, which can then say what is in it.
func (in *Inbox) lookAhead(ctx context.Context, s Session, k order.Key) error {
	l := in.losses[k.Plain()]
	if l.count != maxLosses-1 || l.header != nil {
		return nil
	}
	lost, err := s.Headers(ctx, []order.Key{k}, lossPatience, func(m order.Mail) error {
		if h, err := mime.ReadHeader(m.Raw, in.Examiner.Mime); err == nil {
			l.header = h
			in.losses[k.Plain()] = l
		}
		return nil
	})
	if err == nil {
		return nil
	}
	for _, what := range lost {
		in.charge(ctx, what)
	}
	return fmt.Errorf("fetch a header: %w", err)
}

// giveUp makes a case of each message that could not be fetched often enough. If very many
// can't be, the server is at fault, and no more of them become cases.
func (in *Inbox) giveUp(ctx context.Context) error {
	told := 0
	for _, l := range in.losses {
		if l.told {
			told++
		}
	}
	for k, l := range in.losses {
		if l.told || l.count < maxLosses || told >= UnfetchedCases {
			continue
		}
		if err := in.lookOwner(context.WithoutCancel(ctx), ctx); err != nil {
			return err
		}
		intake := unfetchedIntake(l, in.Clock().UTC())
		receipt := in.Store.Record(ctx, in.Fence, []order.Intake{intake})[0]
		if receipt.Err != nil && !errors.Is(receipt.Err, store.ErrSeen) {
			return fmt.Errorf("record: %w", receipt.Err)
		}
		l.told = true
		in.losses[k] = l
		told++
		if receipt.Err != nil {
			continue
		}
		in.Log.Error("message set aside: it can't be fetched", "uid", k.UID, "err", l.what.Err, "case",
			intake.Cases[0].Code)
		if in.Recorded != nil {
			in.Recorded(intake, receipt)
		}
		in.alarm()
	}
	return nil
}

// alarm calls Alarm.
func (in *Inbox) alarm() {
	if in.Alarm != nil {
		in.Alarm()
	}
}

// unfetchedIntake returns the intake of a message that can't be fetched: a case for staff.
func unfetchedIntake(l loss, at time.Time) order.Intake {
	m := order.Message{Key: l.what.Key, ReceivedAt: l.what.Received.UTC(), Unfetched: true}
	if h := l.header; h != nil {
		m.MessageID, m.From, m.FromName = h.MessageID, strings.ToLower(h.From), h.FromName
		m.Subject, m.Date = h.Subject, h.Date.UTC()
	}
	if m.ReceivedAt.IsZero() {
		m.ReceivedAt = at
	}
	j := judgement{Intake: order.Intake{Message: m, At: at}}
	why := hold(codeUnfetched)
	why.Args = map[string]string{"uid": strconv.FormatUint(uint64(l.what.Key.UID), 10)}
	if l.what.Size > 0 {
		why.Args["size"] = strconv.FormatInt(l.what.Size, 10)
	}
	j.wholeCase(why, nil)
	return j.Intake
}
