package ingest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"bdc/order"
	"bdc/store"
	"bdc/turn"
)

// Sizes that limit the inbox's memory, and times that set its pace.
const (
	seenSize    = 1000            // messages looked up in one call of the store
	batchSize   = 64              // messages marked and fetched in one go
	moveSize    = 100             // messages moved by one command
	commitSize  = 32              // messages recorded in one commit
	roomOctets  = 32 << 20        // octets of mail in memory at a time; a larger message takes all of it
	maxMail     = 25 << 20        // octets of a message; of a larger one only the header is read
	maxDeaths   = 3               // deaths of the program after which a message is recorded unexamined
	idleWait    = 5 * time.Minute // Inbox.Idle if that is 0
	longestWait = time.Minute     // between two attempts to connect
)

// Store is the part of the store that an Inbox needs: the way of messages into the
// record, what ResolveAgreement reads, and whether the data file can be written again.
type Store interface {
	store.Intake
	CaseReader

	// Probe is that of store.DataFile.
	Probe(ctx context.Context) error
}

// Inbox takes in the messages that arrive in one folder of a mailbox. All exported
// fields but Fence, Owner, Idle, Shadow, Retry, Rest and Recorded are required. They are set
// before Run is called, and not changed afterwards.
type Inbox struct {
	// Dial opens a session of the folder. Run closes the sessions.
	Dial func(context.Context) (Session, error)

	Store    Store
	Examiner *Examiner
	Folders  map[order.Folder]string // the names of the mailbox folders that messages are moved to
	Workers  int                     // how many messages are examined at the same time
	Clock    func() time.Time
	Log      *slog.Logger

	// Fence is the lease under which the inbox works, which somebody else takes and renews.
	// If it is zero, nothing else may work on the same folder and store.
	Fence store.Fence

	// Owner, if not nil, is asked whether the record owns the inbox. While there is a doubt,
	// messages wait in the mailbox as while the intake is paused.
	Owner Owner

	// Shadow only records messages: none is moved, and no reply is recorded.
	Shadow bool

	// Poll is the time between two searches of the folder if the server does not announce
	// new messages. It is at most Idle.
	Poll time.Duration

	// Idle is the time between two searches if the server announces new messages; 0 for
	// 5 minutes.
	Idle time.Duration

	// Retry returns how long to wait before connecting again; attempt is 0 after a first
	// failure, 1 after the second in a row, and so on. If Retry is nil, the wait is a
	// second, doubled with each attempt up to a minute, and shortened by a random part of
	// at most a half.
	Retry func(attempt int) time.Duration

	// Rest is how long a message that could not be fetched three times is left alone.
	// The time doubles with each further attempt, up to an hour. 0 for a minute.
	Rest time.Duration

	// Recorded, if not nil, is called with each message after the commit that records
	// it. It must not block.
	Recorded func(order.Intake, store.Receipt)

	// Turns are those of messages that take long to examine: nil for turns of its own.
	Turns *turn.Gate

	// Alarm, if not nil, is called when staff should be told at once of what State says. It
	// must not block.
	Alarm func()

	// Listing, if not nil, is what it takes to look through the folders after a restore.
	Listing *Listing

	lane *lane     // the messages that take long
	slow *pipeline // its workers

	// open examines a mail, or returns nil once tired reports true: Examiner.openUnless.
	open func(mail order.Mail, tired func() bool) *Exam

	suspects map[order.Key]int            // messages marked when the program died last, and how often it died with each
	awake    chan struct{}                // holds a token once Resume was called
	losses   map[order.Key]loss           // messages that could not be fetched, by their plain keys
	headers  map[order.Key]store.HeaderID // what was compared in this session, by plain keys
	lost     bool                         // the session ended because a message could not be fetched
	unmoved  error                        // why messages can't be moved in this session
	told     bool                         // unmoved was logged in this session
	paused   bool                         // the intake is paused, or there is a doubt
	held     bool                         // a person has paused the intake
	doubt    store.Doubt                  // whether the record owns the inbox
	vain     int                          // how often the data file could not be used, in a row

	making sync.Once // of awake
	health health
}

// Run takes messages in until ctx is done. Then it still records what it has fetched, and
// returns nil. It returns an error only if the store fails when Run begins or ends, for
// another reason than its data file, or if the lease of Fence is lost; all other errors are
// logged, and Run connects again. If the data file can't be used, it leaves the messages in
// the mailbox until it can, and does not connect before. After the loss of the lease the
// error wraps store.ErrFenced, and the messages in flight are left marked for whoever has
// taken the lease.
func (in *Inbox) Run(ctx context.Context) error {
	in.suspects, in.losses = map[order.Key]int{}, map[order.Key]loss{}
	ctx, stop := context.WithCancel(ctx)
	endLane := sync.OnceFunc(in.beginLane(ctx))
	defer func() {
		stop()
		endLane()
	}()
	recovered := false
	retry := in.Retry
	if retry == nil {
		retry = backoff
	}
	for attempt := 0; ctx.Err() == nil; attempt++ {
		began := in.Clock()
		var err error
		if !recovered {
			if err = in.recover(ctx); err != nil && !errors.Is(err, store.ErrDataFile) {
				return err
			}
			recovered = err == nil
		}
		if err == nil {
			err = in.session(ctx)
		}
		if errors.Is(err, store.ErrFenced) {
			return fmt.Errorf("the inbox is another daemon's by now: %w", err)
		}
		if ctx.Err() != nil {
			break
		}
		if fault := in.giveUp(ctx); fault != nil {
			err = errors.Join(err, fault)
		}
		if in.Clock().Sub(began) >= longestWait { // the session worked for a while
			attempt = 0
		}
		if errors.Is(err, store.ErrDataFile) {
			in.waitForDataFile(ctx, err, retry)
			continue
		}
		wait := retry(attempt)
		if in.lost && in.certainLosses() <= UnfetchedCases { // a message is at fault, and not the server
			attempt, wait = -1, lossPause
		}
		now := in.Clock()
		refusal := interface{ NextAttempt() time.Time }(nil)
		if errors.As(err, &refusal) { // by the server, of our password
			wait = max(refusal.NextAttempt().Sub(now), lossPause)
		}
		next := now.Add(wait)
		state := in.health.lost(err, now, next, refusal != nil)
		if refusal != nil {
			in.alarm()
		}
		log := in.Log.With("err", err, "next_attempt", next.UTC(), "backlog", state.Backlog)
		if !state.LastCheck.IsZero() {
			log = log.With("last_check", state.LastCheck.UTC())
		}
		log.Error("mailbox")
		in.sleep(ctx, wait)
	}
	if !recovered {
		return nil
	}
	endLane()
	// What was fetched is recorded, or given up, so nothing is in flight any more.
	if err := in.Store.Rest(context.WithoutCancel(ctx), in.Fence); err != nil {
		return fmt.Errorf("rest: %w", err)
	}
	return nil
}

// recover finds out what was being examined when the program last died.
func (in *Inbox) recover(ctx context.Context) error {
	suspects, err := in.Store.Recover(ctx, in.Fence)
	if err != nil {
		return fmt.Errorf("resume: %w", err)
	}
	for _, s := range suspects {
		in.suspects[s.Key] = s.Deaths
	}
	if len(suspects) > 0 {
		in.Log.Warn("the last stop was not clean: messages in flight are examined alone", "messages", len(suspects))
	}
	return nil
}

// session connects, takes in all messages in the folder, and waits for more, until
// something fails or ctx is done. If messages can't be moved, it still takes them in, but
// ends after longestWait: the server may allow moves in the next session.
func (in *Inbox) session(ctx context.Context) error {
	in.lost = false
	s, err := in.Dial(ctx)
	if err != nil {
		return err
	}
	defer s.Close()                             // its error does not matter: everything is recorded
	if in.unmoved == nil || in.headers == nil { // or the next session would read the same headers
		in.headers = map[order.Key]store.HeaderID{}
	}
	in.unmoved, in.told = nil, false
	began := in.Clock()
	if !in.Shadow {
		if err := s.Prepare(ctx, in.Folders[order.FolderProcessed], in.Folders[order.FolderRejected],
			in.Folders[order.FolderAttention]); err != nil {
			in.unmoved = fmt.Errorf("prepare folders: %w", err)
		}
	}
	if err := in.connectOwner(ctx); err != nil {
		return err
	}
	in.Log.Info("connected", "announces", s.Idles())
	for {
		if err := in.list(ctx); err != nil {
			return err
		}
		fresh, err := in.drain(ctx, s)
		if err != nil {
			return err
		}
		if fresh > 0 && !in.paused || in.unmoved != nil && !in.told {
			continue // more messages may have come, and moves are tried once more
		}
		if in.slow.failed() {
			return in.slow.forgive()
		}
		wait := in.betweenSearches(s)
		if in.lane.size() > 0 {
			wait = min(wait, lanePoll)
		}
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
		if err := s.Wait(ctx, in.untilRetry(wait)); err != nil {
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

// complain logs why messages can't be moved, once in a session. It must be called only
// just after the session has answered: otherwise the connection may be to blame, and not
// the move.
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

// drain searches the folder once and takes in all messages that it finds. It returns how
// many of them were to be examined.
func (in *Inbox) drain(ctx context.Context, s Session) (fresh int, err error) {
	keys, err := s.Pending(ctx)
	if err != nil {
		return 0, fmt.Errorf("search: %w", err)
	}
	if trouble := in.health.checked(in.Clock(), s.Idles()); trouble > 0 {
		in.Log.Info("the mailbox answers again", "after", trouble.Round(time.Second))
	}
	in.complain()
	in.lane.keep(keys)
	p, err := in.sort(ctx, s, keys)
	if err != nil {
		return 0, err
	}
	in.countLost()
	in.health.update(func(st *State) { st.Backlog, st.Unmoved = p.fresh()+p.slow, len(p.done) })
	in.move(ctx, s, p.done)
	if err := in.askPaused(ctx); in.paused || err != nil {
		if err == nil {
			in.worked()
		}
		return 0, err
	}
	if paused, err := in.examineEach(ctx, s, p.suspects, true); paused || err != nil {
		return p.fresh(), err
	}
	if err := in.examineTogether(ctx, s, p.together); err != nil {
		return 0, err
	}
	if paused, err := in.examineEach(ctx, s, p.singly, false); paused || err != nil {
		return p.fresh(), err
	}
	if paused, err := in.examineEach(ctx, s, p.last, true); paused || err != nil {
		return p.fresh(), err
	}
	if err := in.giveUp(ctx); err != nil {
		return 0, err
	}
	if !p.waits { // or what has to be alone would wait for ever
		if err := in.fetchSlow(ctx, s); err != nil {
			return 0, err
		}
	}
	if in.unmoved == nil {
		in.health.update(func(st *State) { st.MoveError = "" })
	}
	in.worked()
	return p.fresh(), nil
}

// worked notes that a whole search was dealt with, so that the data file can be used.
func (in *Inbox) worked() {
	in.vain = 0
	if trouble := in.health.works(in.Clock()); trouble > 0 {
		in.Log.Info("the data file can be used again", "after", trouble.Round(time.Second))
	}
}

// examineEach examines messages one after the other; alone says that nothing else is in flight.
// It stops if the intake is paused, and reports whether that is so.
func (in *Inbox) examineEach(ctx context.Context, s Session, keys []order.Key, alone bool) (paused bool, err error) {
	for _, k := range keys {
		if err := in.askPaused(ctx); in.paused || err != nil {
			return in.paused, err
		}
		if err := in.examineOne(ctx, s, k, alone); err != nil {
			return false, err
		}
	}
	return false, nil
}

// examineOne examines one message; alone says that nothing else is in flight, else it goes by
// the lane if it takes long. If the program has died too often while it examined the message,
// it records it unexamined, as a case.
func (in *Inbox) examineOne(ctx context.Context, s Session, k order.Key, alone bool) error {
	if in.suspects[k] >= maxDeaths {
		if err := in.lookOwner(context.WithoutCancel(ctx), ctx); err != nil {
			return err
		}
		intake := poisonIntake(k, in.Clock().UTC())
		in.Log.Error("message set aside: examining it ended the program three times", "uid", k.UID, "case",
			intake.Cases[0].Code)
		receipt := in.Store.Record(ctx, in.Fence, []order.Intake{intake})[0]
		if receipt.Err != nil {
			return fmt.Errorf("record: %w", receipt.Err)
		}
		delete(in.suspects, k)
		in.recorded(intake, receipt)
		in.move(ctx, s, []placed{{k, intake.Folder}})
		return nil
	}
	if err := in.lookAhead(ctx, s, k); err != nil {
		return err
	}
	p := in.begin(ctx, 1, !alone)
	err := p.fetch(ctx, s, []order.Key{k}, alone || in.lane.size() == 0)
	if err := p.finish(err); err != nil {
		return err
	}
	delete(in.suspects, k)
	in.move(ctx, s, p.take())
	return nil
}

// examineTogether examines messages with all workers while it fetches further messages.
// After each batch that it has fetched, it moves the messages that are recorded by then.
func (in *Inbox) examineTogether(ctx context.Context, s Session, keys []order.Key) error {
	if len(keys) == 0 {
		return nil
	}
	p := in.begin(ctx, in.Workers, true)
	var err error
	for batch := range slices.Chunk(keys, batchSize) {
		if err = in.askPaused(ctx); in.paused || err != nil {
			break
		}
		if err = p.fetch(ctx, s, batch, len(keys) == 1 && in.lane.size() == 0); err != nil {
			break
		}
		if p.failed() { // no further message could be recorded either
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
