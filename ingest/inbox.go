package ingest

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"time"

	"bdc/order"
	"bdc/store"
)

// Sizes that bound the inbox's memory and shape its pace.
const (
	seenSize    = 1000     // messages looked up together
	batchSize   = 64       // messages marked and fetched together
	moveSize    = 100      // messages moved together
	commitSize  = 32       // messages recorded together
	roomOctets  = 32 << 20 // of mail examined at once; one message may take it all
	maxMail     = 25 << 20 // octets of a message; above, only its header is read
	maxDeaths   = 3        // after which a message is set aside unexamined
	maxLosses   = 3        // attempts to fetch one message before it has to wait
	lossRest    = time.Minute
	longestRest = time.Hour
	idleWait    = 5 * time.Minute
	longestWait = time.Minute // between two attempts to connect
)

// Store is what an Inbox needs of the record: the way in, and the form that a
// mail says OK to.
type Store interface {
	store.Intake
	CaseReader
}

// Inbox takes in what arrives in one folder of a mailbox. Its fields are set
// once, before Run.
type Inbox struct {
	Dial     func(context.Context) (Session, error)
	Store    Store
	Examiner *Examiner
	Folders  map[order.Folder]string // the mailbox folder of each
	Poll     time.Duration           // between two searches where the server announces nothing
	Idle     time.Duration           // between two searches where it does; 0: 5 min
	Shadow   bool                    // record only: move nothing, intend no reply
	Workers  int                     // messages examined at once
	Clock    func() time.Time
	Log      *slog.Logger

	// Retry is how long to wait before connecting again, after so many attempts
	// in vain; nil: a second, doubling to a minute, less a random half.
	Retry func(attempt int) time.Duration
	// Rest is how long a message is left alone that three times could not be
	// fetched, doubling with each time to an hour; 0: a minute.
	Rest time.Duration
	// Recorded is told of each message once it is durable. It must not block.
	Recorded func(order.Intake, store.Receipt)

	suspects map[order.Key]int  // deaths of messages to be examined alone
	losses   map[order.Key]loss // of those that can't be fetched
	unmoved  error              // why messages can't be moved in this session
	paused   bool               // the intake is paused
	told     bool               // unmoved was logged in this session

	health health
}

// loss is how often a message could not be fetched, whether that cost the
// connection or the server just did not send it, and when last.
type loss struct {
	count int
	last  time.Time
}

// rests reports whether the message is to be left alone for now.
func (l loss) rests(now time.Time, rest time.Duration) bool {
	return l.count >= maxLosses && now.Sub(l.last) < min(rest<<min(l.count-maxLosses, 10), longestRest)
}

// Run takes messages in until ctx is done; then it finishes what it has fetched,
// and returns nil. It returns an error only when the store refuses to begin.
func (in *Inbox) Run(ctx context.Context) error {
	suspects, err := in.Store.Recover(ctx)
	if err != nil {
		return fmt.Errorf("resume: %w", err)
	}
	in.suspects, in.losses = map[order.Key]int{}, map[order.Key]loss{}
	for _, s := range suspects {
		in.suspects[s.Key] = s.Deaths
	}
	if len(suspects) > 0 {
		in.Log.Warn("the last stop was not clean: messages in flight are examined alone", "messages", len(suspects))
	}
	retry := in.Retry
	if retry == nil {
		retry = backoff
	}
	for attempt := 0; ctx.Err() == nil; attempt++ {
		began := in.Clock()
		err := in.session(ctx)
		if ctx.Err() != nil {
			break
		}
		if in.Clock().Sub(began) >= longestWait { // it worked for a while
			attempt = 0
		}
		wait := retry(attempt)
		now := in.Clock()
		next := now.Add(wait)
		state := in.health.lost(err, now, next)
		in.Log.Error("mailbox", "err", err, "next_attempt", next.UTC(),
			"last_check", state.LastCheck.UTC(), "backlog", state.Backlog)
		sleep(ctx, wait)
	}
	// What was fetched is recorded, so nothing is in flight any more.
	if err := in.Store.Rest(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("rest: %w", err)
	}
	return nil
}

// backoff is how long to wait before connecting again: a second, doubling up to
// longestWait, less up to half so that many daemons do not come back at once.
func backoff(attempt int) time.Duration {
	d := min(time.Second<<min(attempt, 10), longestWait)
	return d - rand.N(d/2)
}

func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// session connects, takes in all that is pending, and waits for more, until
// something fails. While messages can't be moved it goes on taking in, and is
// renewed every longestWait: the server may have changed its mind by then.
func (in *Inbox) session(ctx context.Context) error {
	s, err := in.Dial(ctx)
	if err != nil {
		return err
	}
	defer s.Close() // ours to end, whatever it still has to say
	in.unmoved, in.told = nil, false
	began := in.Clock()
	if !in.Shadow {
		if err := s.Prepare(ctx, in.Folders[order.FolderProcessed], in.Folders[order.FolderRejected],
			in.Folders[order.FolderAttention]); err != nil {
			in.unmoved = fmt.Errorf("prepare folders: %w", err)
		}
	}
	in.Log.Info("connected", "announces", s.Idles())
	for {
		fresh, err := in.drain(ctx, s)
		if err != nil {
			return err
		}
		if fresh > 0 && !in.paused || in.unmoved != nil && !in.told {
			continue // more may have come meanwhile, and moves are tried once more
		}
		wait := in.betweenSearches(s)
		if in.paused {
			if err := in.waitPaused(ctx, min(wait, longestWait)); err != nil {
				return err
			}
			continue
		}
		if in.unmoved != nil {
			if wait = min(wait, longestWait-in.Clock().Sub(began)); wait <= 0 {
				return in.unmoved
			}
		}
		if err := s.Wait(ctx, wait); err != nil {
			return fmt.Errorf("wait for mail: %w", err)
		}
	}
}

// betweenSearches is how long a session waits between two searches. It is never
// longer than idleWait, so that we notice a server that falls silent.
func (in *Inbox) betweenSearches(s Session) time.Duration {
	idle := in.Idle
	if idle == 0 {
		idle = idleWait
	}
	if s.Idles() {
		return idle
	}
	return min(in.Poll, idle)
}

// complain says, once a session, why messages can't be moved: they are taken in
// all the same, and tried to be moved again. It is for moments when the session
// has just answered; without an answer, the connection may be to blame.
func (in *Inbox) complain() {
	if in.unmoved == nil {
		return
	}
	in.health.update(func(st *State) { st.MoveError = in.unmoved.Error() })
	if !in.told {
		in.told = true
		in.Log.Error("messages stay in the inbox", "err", in.unmoved)
	}
}

// pending are the messages of the inbox, by what is to be done with each.
type pending struct {
	done     []placed    // recorded already: they only have to be moved
	suspects []order.Key // marked when the program died: examined alone
	together []order.Key // examined side by side
	last     []order.Key // examined alone and last, since they ended the program or the connection before
	left     int         // how many are left alone for now, since they can't be fetched
}

// fresh is how many messages are to be examined.
func (p *pending) fresh() int { return len(p.suspects) + len(p.together) + len(p.last) }

// sort looks up what is to be done with each message of the inbox. It forgets the
// losses of messages that are no longer there.
func (in *Inbox) sort(ctx context.Context, keys []order.Key) (p pending, err error) {
	now, rest := in.Clock(), in.Rest
	if rest == 0 {
		rest = lossRest
	}
	losses := map[order.Key]loss{}
	for batch := range slices.Chunk(keys, seenSize) {
		seen, err := in.Store.Seen(ctx, batch)
		if err != nil {
			return pending{}, fmt.Errorf("look up messages: %w", err)
		}
		for _, k := range batch {
			folder, recorded := seen[k]
			deaths, suspect := in.suspects[k]
			loss := in.losses[k]
			if loss.count > 0 {
				losses[k] = loss
			}
			switch {
			case recorded:
				p.done = append(p.done, placed{k, folder})
			case loss.rests(now, rest):
				p.left++
			case deaths > 0 || loss.count > 0:
				p.last = append(p.last, k)
			case suspect:
				p.suspects = append(p.suspects, k)
			default:
				p.together = append(p.together, k)
			}
		}
	}
	in.losses = losses
	return p, nil
}

// drain takes in all that is pending now and returns how many messages were to be
// examined. What ended the program or the connection before comes last, so that it
// holds up nothing.
func (in *Inbox) drain(ctx context.Context, s Session) (fresh int, err error) {
	keys, err := s.Pending(ctx)
	if err != nil {
		return 0, fmt.Errorf("search: %w", err)
	}
	if trouble := in.health.checked(in.Clock(), s.Idles()); trouble > 0 {
		in.Log.Info("the mailbox answers again", "after", trouble.Round(time.Second))
	}
	in.complain()
	p, err := in.sort(ctx, keys)
	if err != nil {
		return 0, err
	}
	in.health.update(func(st *State) { st.Backlog, st.Unmoved, st.LeftAlone = p.fresh(), len(p.done), p.left })
	in.move(ctx, s, p.done)
	if err := in.askPaused(ctx); in.paused || err != nil {
		return 0, err
	}
	if paused, err := in.examineEachAlone(ctx, s, p.suspects); paused || err != nil {
		return p.fresh(), err
	}
	if err := in.examineTogether(ctx, s, p.together); err != nil {
		return 0, err
	}
	if paused, err := in.examineEachAlone(ctx, s, p.last); paused || err != nil {
		return p.fresh(), err
	}
	if in.unmoved == nil {
		in.health.update(func(st *State) { st.MoveError = "" })
	}
	return p.fresh(), nil
}

// examineEachAlone examines messages one after the other, each alone, until the intake is
// paused. It reports whether it is.
func (in *Inbox) examineEachAlone(ctx context.Context, s Session, keys []order.Key) (paused bool, err error) {
	for _, k := range keys {
		if err := in.askPaused(ctx); in.paused || err != nil {
			return in.paused, err
		}
		if err := in.examineAlone(ctx, s, k); err != nil {
			return false, err
		}
	}
	return false, nil
}

// examineAlone examines one message while nothing else is in flight. If examining it has
// ended the program too often, it sets the message aside instead.
func (in *Inbox) examineAlone(ctx context.Context, s Session, k order.Key) error {
	if in.suspects[k] >= maxDeaths {
		intake := poisonIntake(k, in.Clock().UTC())
		in.Log.Error("message set aside: examining it ended the program three times", "uid", k.UID, "case",
			intake.Cases[0].Code)
		receipt := in.Store.Record(ctx, []order.Intake{intake})[0]
		if receipt.Err != nil {
			return fmt.Errorf("record: %w", receipt.Err)
		}
		delete(in.suspects, k)
		in.recorded(intake, receipt)
		in.move(ctx, s, []placed{{k, intake.Folder}})
		return nil
	}
	p := in.begin(ctx, 1)
	err := p.fetch(ctx, s, []order.Key{k}, true)
	if err := p.finish(err); err != nil {
		return err
	}
	delete(in.suspects, k)
	in.move(ctx, s, p.take())
	return nil
}

// examineTogether examines messages on every core while further ones are fetched. What is
// recorded by then is moved after each batch.
func (in *Inbox) examineTogether(ctx context.Context, s Session, keys []order.Key) error {
	if len(keys) == 0 {
		return nil
	}
	p := in.begin(ctx, in.Workers)
	var err error
	for batch := range slices.Chunk(keys, batchSize) {
		if err = in.askPaused(ctx); in.paused || err != nil {
			break
		}
		if err = p.fetch(ctx, s, batch, len(keys) == 1); err != nil {
			break
		}
		in.complain()
		in.move(ctx, s, p.take())
	}
	if err := p.finish(err); err != nil {
		return err
	}
	in.move(ctx, s, p.take())
	return nil
}

// placed is a recorded message and the folder where it belongs.
type placed struct {
	key    order.Key
	folder order.Folder
}

// move puts recorded messages where they belong, a set at a time. If we crash before
// the move, the next start finds the messages recorded already and only moves them.
// The same happens when a move is refused. Whether the server refused it or the
// connection is lost, the session's next call tells.
func (in *Inbox) move(ctx context.Context, s Session, done []placed) {
	if in.Shadow || len(done) == 0 {
		return
	}
	var refused error
	for _, folder := range []order.Folder{order.FolderProcessed, order.FolderRejected, order.FolderAttention} {
		var keys []order.Key
		for _, d := range done {
			if d.folder == folder {
				keys = append(keys, d.key)
			}
		}
		for set := range slices.Chunk(keys, moveSize) {
			if err := s.Move(ctx, set, in.Folders[folder]); err != nil {
				refused = fmt.Errorf("move to %q: %w", in.Folders[folder], err)
				break
			}
			in.health.update(func(st *State) { st.Unmoved -= len(set) })
		}
	}
	in.unmoved = refused
	in.told = in.told && refused != nil
}

// recorded tells the log, and whoever wants to know, of a message that is durable.
func (in *Inbox) recorded(intake order.Intake, receipt store.Receipt) {
	in.health.update(func(st *State) { st.Backlog--; st.Unmoved++ })
	var cases []string
	for _, c := range intake.Cases {
		cases = append(cases, c.Code)
	}
	for _, c := range intake.Continued {
		cases = append(cases, c.Case)
	}
	in.Log.Info("recorded", "uid", intake.Message.Key.UID, "message", intake.Message.MessageID,
		"folder", in.Folders[intake.Folder], "orders", receipt.Numbers, "cases", cases)
	if in.Recorded != nil {
		in.Recorded(intake, receipt)
	}
}
