package ingest

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"bdc/ingest/mime"
	"bdc/order"
	"bdc/turn"
)

// What a message may take before it has to go by the lane, and what the lane may take.
const (
	quickTime   = 250 * time.Millisecond // to examine it
	quickOctets = 4 << 20                // of the message
	laneOctets  = 16 << 20               // of mail that the lane has in memory; a larger message is there alone
	lanePoll    = time.Second            // between two searches of the folder while there are messages in the lane
	laneEnd     = time.Second            // how long Run waits at its end for what the lane examines
)

// lane has the messages that take long to examine, and those that came after them from the
// same senders. It goes on beside everything else, whatever the session does. Of most
// messages it knows only the key: they are fetched once more when it is their turn. The
// senders take turns, and of a sender only the oldest message is in hand, so that a sender's
// messages keep their order. It is safe for concurrent use.
type lane struct {
	most int // messages in hand

	mu     sync.Mutex
	queues map[string][]waiting // by sender, the oldest first
	turns  []string             // the senders with no message in hand, in the order of their turns
	hand   map[order.Key]waiting
	known  map[order.Key]bool
	octets int64 // of those in hand
}

// waiting is a message in the lane.
type waiting struct {
	key    order.Key
	sender string
	octets int64
}

func newLane(most int) *lane {
	return &lane{
		most: most, queues: map[string][]waiting{}, hand: map[order.Key]waiting{}, known: map[order.Key]bool{},
	}
}

// join puts a message into the lane if it is slow, or if the lane has an older one of its
// sender, and reports whether it did.
func (l *lane) join(w waiting, slow bool) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	queue := l.queues[w.sender]
	if len(queue) == 0 && !slow {
		return false
	}
	if !l.known[w.key] {
		if len(queue) == 0 {
			l.turns = append(l.turns, w.sender)
		}
		l.known[w.key], l.queues[w.sender] = true, append(queue, w)
	}
	return true
}

// holds reports whether the lane has messages of a sender.
func (l *lane) holds(sender string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.queues[sender]) > 0
}

// has reports whether the lane has a message.
func (l *lane) has(k order.Key) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.known[k]
}

// busy reports whether messages of the lane are in hand.
func (l *lane) busy() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.hand) > 0
}

// size is how many messages the lane has.
func (l *lane) size() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.known)
}

// keep takes out of the lane what waits there and is no longer among the keys of the folder:
// somebody has moved it, or the folder was made anew, where the key can't be fetched any more.
func (l *lane) keep(keys []order.Key) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.known) == len(l.hand) {
		return
	}
	there := make(map[order.Key]bool, len(keys))
	for _, k := range keys {
		there[k] = true
	}
	for sender, queue := range l.queues {
		queue = slices.DeleteFunc(slices.Clone(queue), func(w waiting) bool {
			plain := w.key
			plain.Header = ""
			_, inHand := l.hand[w.key]
			if inHand || there[plain] {
				return false
			}
			delete(l.known, w.key)
			return true
		})
		if l.queues[sender] = queue; len(queue) == 0 {
			delete(l.queues, sender)
			l.turns = slices.DeleteFunc(l.turns, func(s string) bool { return s == sender })
		}
	}
}

// next takes the message in hand whose turn it is, if there is room for it. The caller ends
// that by leave, or by back.
func (l *lane) next() (order.Key, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.turns) == 0 || len(l.hand) >= l.most {
		return order.Key{}, false
	}
	w := l.queues[l.turns[0]][0]
	if len(l.hand) > 0 && l.octets+w.octets > laneOctets {
		return order.Key{}, false
	}
	l.turns = l.turns[1:]
	l.hand[w.key] = w
	l.octets += w.octets
	return w.key, true
}

// leave takes a message in hand out of the lane.
func (l *lane) leave(k order.Key) {
	l.mu.Lock()
	defer l.mu.Unlock()
	w := l.hand[k]
	delete(l.known, k)
	if l.queues[w.sender] = l.queues[w.sender][1:]; len(l.queues[w.sender]) == 0 {
		delete(l.queues, w.sender)
	}
	l.drop(w)
}

// back puts a message in hand back: it is still the sender's oldest.
func (l *lane) back(k order.Key) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.drop(l.hand[k])
}

func (l *lane) drop(w waiting) {
	delete(l.hand, w.key)
	l.octets -= w.octets
	if len(l.queues[w.sender]) > 0 {
		l.turns = append(l.turns, w.sender)
	}
}

// ready sets what begin and beginLane need and has a default.
func (in *Inbox) ready() {
	if in.Turns == nil {
		in.Turns = turn.New(in.Workers)
	}
	if in.open == nil {
		in.open = in.Examiner.openUnless
	}
}

// beginLane starts the workers of the lane, which work until ctx is done. What they are
// examining then is not recorded: it is still in the mailbox. The caller calls end.
func (in *Inbox) beginLane(ctx context.Context) (end func()) {
	in.ready()
	in.lane = newLane(in.Workers + 1)
	p := &pipeline{
		in: in, stop: ctx, ctx: context.WithoutCancel(ctx), room: semaphore.NewWeighted(2 * roomOctets),
		mails: make(chan admitted, in.Workers+1),
	}
	in.slow = p
	for range in.Workers {
		p.workers.Go(func() {
			for m := range p.mails {
				p.toil(m)
			}
		})
	}
	return func() {
		close(p.mails)
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			p.workers.Wait()
		}()
		select {
		case <-ended:
		case <-time.After(laneEnd): // it sees at its next look at the clock that it is in vain
		}
	}
}

// toil examines a message of the lane in its turn, and records it.
func (p *pipeline) toil(m admitted) {
	leave, err := p.in.Turns.Take(p.stop)
	if err != nil {
		return
	}
	if p.held() {
		leave()
		p.putBack(m)
		return
	}
	x := p.open(m.mail)
	leave()
	if x == nil {
		return
	}
	if p.held() {
		p.putBack(m)
		return
	}
	defer p.in.lane.leave(m.mail.Key)
	e := examined{exam: x, room: m.room}
	if e.past, err = p.ask(x); err != nil {
		p.fail(e, err)
		return
	}
	p.commit([]examined{e})
	p.take() // the next search finds them recorded, and moves them
}

// held reports whether a person has paused the intake.
func (p *pipeline) held() bool {
	pauses, err := p.in.Store.Pauses(p.ctx)
	return err == nil && !pauses.Intake.IsZero() // what can't be read can't be written either
}

// putBack leaves a message of the lane in the mailbox for now. It keeps its place.
func (p *pipeline) putBack(m admitted) {
	if err := p.in.Store.Unmark(p.ctx, p.in.Fence, []order.Key{m.mail.Key}); err != nil {
		p.fail(examined{}, err)
	}
	p.room.Release(m.room)
	p.in.lane.back(m.mail.Key)
}

// fetchSlow fetches the messages of the lane for which there is room.
func (in *Inbox) fetchSlow(ctx context.Context, s Session) error {
	for {
		k, ok := in.lane.next()
		if !ok {
			return nil
		}
		found := false
		in.slow.arrived = func(m order.Mail, octets int64) {
			found = true
			in.slow.mails <- admitted{mail: m, room: octets}
		}
		err := in.slow.fetch(ctx, s, []order.Key{k}, false)
		_, lost := in.losses[k.Plain()]
		switch {
		case found:
		case err != nil && !lost:
			in.lane.back(k)
		default: // it is no longer in the folder, or can't be fetched: then it is tried like others of that kind
			in.lane.leave(k)
		}
		if err != nil {
			return err
		}
	}
}

// divert puts an examined message into the lane, if it belongs there.
func (p *pipeline) divert(e examined) bool {
	w := waiting{key: e.key, sender: e.sender, octets: e.room}
	if !p.quick || !p.in.lane.join(w, e.slow) {
		return false
	}
	if err := p.in.Store.Unmark(p.ctx, p.in.Fence, []order.Key{e.key}); err != nil {
		p.fail(e, err)
		return true
	}
	p.room.Release(e.room)
	return true
}

// open examines a mail whatever it takes, or returns nil if the inbox has to stop meanwhile.
func (p *pipeline) open(m order.Mail) *Exam {
	return p.in.open(m, func() bool { return p.stop.Err() != nil })
}

// openQuickly examines a mail, or returns nil if that takes longer than quickTime.
func (p *pipeline) openQuickly(m order.Mail) *Exam {
	if len(m.Raw) > quickOctets {
		return nil
	}
	began := time.Now()
	return p.in.open(m, func() bool { return time.Since(began) > quickTime })
}

// openUnless is Open, but returns nil once tired reports true while a workbook is read: to
// its limits, every workbook has then taken too long.
func (e *Examiner) openUnless(mail order.Mail, tired func() bool) *Exam {
	hasty, gaveUp, late := *e, false, time.Duration(0)
	now := e.Sheet.Now
	if now == nil {
		now = time.Now
	}
	hasty.Sheet.Now = func() time.Time {
		if gaveUp = gaveUp || tired(); gaveUp {
			late += e.Sheet.Wall + time.Second
		}
		return now().Add(late)
	}
	x := hasty.Open(mail)
	if gaveUp {
		return nil
	}
	return x
}

// senderOf is the address in a mail's From, in lower case; "" if there is none.
func (e *Examiner) senderOf(m order.Mail) string {
	h, err := mime.ReadHeader(m.Raw, e.Mime)
	if err != nil {
		return ""
	}
	return strings.ToLower(h.From)
}
