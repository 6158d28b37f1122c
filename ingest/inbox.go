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
	batchSize   = 64       // messages marked and fetched together
	moveSize    = 100      // messages moved together
	commitSize  = 32       // messages recorded together
	roomOctets  = 32 << 20 // of mail examined at once; one message may take it all
	maxMail     = 25 << 20 // octets of a message; above, only its header is read
	maxDeaths   = 3        // after which a message is set aside unexamined
	maxLosses   = 3        // connections that fetching one message may cost
	idleWait    = 5 * time.Minute
	longestWait = time.Minute // between two attempts to connect
)

// Inbox takes in what arrives in one folder of a mailbox. Its fields are set
// once, before Run.
type Inbox struct {
	Dial     func(context.Context) (Session, error)
	Store    store.Intake
	Examiner *Examiner
	Folders  map[order.Folder]string // the mailbox folder of each
	Poll     time.Duration           // between two searches where the server announces nothing
	Shadow   bool                    // record only: move nothing, intend no reply
	Workers  int                     // messages examined at once
	Clock    func() time.Time
	Log      *slog.Logger

	// Recorded is told of each message once it is durable. It must not block.
	Recorded func(order.Intake, store.Receipt)

	suspects map[order.Key]int // deaths of messages to be examined alone
	losses   map[order.Key]int // connections lost while fetching it
}

// Run takes messages in until ctx is done; then it finishes what it has fetched,
// and returns nil. It returns an error only when the store refuses to begin.
func (in *Inbox) Run(ctx context.Context) error {
	suspects, err := in.Store.Resume(ctx)
	if err != nil {
		return fmt.Errorf("resume: %w", err)
	}
	in.suspects, in.losses = map[order.Key]int{}, map[order.Key]int{}
	for _, s := range suspects {
		in.suspects[s.Key] = s.Deaths
	}
	if len(suspects) > 0 {
		in.Log.Warn("the last stop was not clean: messages in flight are examined alone", "messages", len(suspects))
	}
	for attempt := 0; ctx.Err() == nil; attempt++ {
		began := in.Clock()
		err := in.session(ctx)
		if ctx.Err() != nil {
			break
		}
		if in.Clock().Sub(began) > longestWait { // it worked for a while
			attempt = 0
		}
		wait := backoff(attempt)
		in.Log.Error("mailbox", "err", err, "next_attempt_in", wait.Round(time.Millisecond))
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
// something fails.
func (in *Inbox) session(ctx context.Context) error {
	s, err := in.Dial(ctx)
	if err != nil {
		return err
	}
	defer s.Close() // ours to end, whatever it still has to say
	if !in.Shadow {
		if err := s.Prepare(ctx, in.Folders[order.Processed], in.Folders[order.Returned], in.Folders[order.Attention]); err != nil {
			return fmt.Errorf("prepare folders: %w", err)
		}
	}
	in.Log.Info("connected", "announces", s.Idles())
	wait := in.Poll
	if s.Idles() {
		wait = idleWait
	}
	for {
		fresh, err := in.drain(ctx, s)
		if err != nil {
			return err
		}
		if fresh > 0 {
			continue // more may have come meanwhile
		}
		if err := s.Wait(ctx, wait); err != nil {
			return fmt.Errorf("wait for mail: %w", err)
		}
	}
}

// drain takes in all that is pending now and returns how many messages were
// fresh.
func (in *Inbox) drain(ctx context.Context, s Session) (fresh int, err error) {
	keys, err := s.Pending(ctx)
	if err != nil {
		return 0, fmt.Errorf("search: %w", err)
	}
	var suspects, killers, together []order.Key
	for batch := range slices.Chunk(keys, 1000) {
		seen, err := in.Store.Seen(ctx, batch)
		if err != nil {
			return 0, fmt.Errorf("look up messages: %w", err)
		}
		var done []settled
		for _, k := range batch {
			folder, recorded := seen[k]
			deaths, suspect := in.suspects[k]
			switch {
			case recorded:
				done = append(done, settled{k, folder})
			case in.losses[k] >= maxLosses: // left alone until the next start
			case deaths > 0:
				killers = append(killers, k)
			case suspect || in.losses[k] > 0:
				suspects = append(suspects, k)
			default:
				together = append(together, k)
			}
		}
		if err := in.move(ctx, s, done); err != nil {
			return 0, err
		}
	}
	// What killed the program before comes last, so that it holds up nothing.
	for _, k := range suspects {
		if err := in.single(ctx, s, k); err != nil {
			return 0, err
		}
	}
	if err := in.pipe(ctx, s, together); err != nil {
		return 0, err
	}
	for _, k := range killers {
		if err := in.single(ctx, s, k); err != nil {
			return 0, err
		}
	}
	return len(suspects) + len(together) + len(killers), nil
}

// single examines one message with nothing else in flight, or condemns it.
func (in *Inbox) single(ctx context.Context, s Session, k order.Key) error {
	if in.suspects[k] >= maxDeaths {
		in.Log.Error("message set aside: examining it ended the program three times", "message", k.UID)
		intake := Condemn(k, in.Clock().UTC())
		receipt := in.Store.Record(ctx, []order.Intake{intake})[0]
		if receipt.Err != nil {
			return fmt.Errorf("record: %w", receipt.Err)
		}
		delete(in.suspects, k)
		in.recorded(intake, receipt)
		return in.move(ctx, s, []settled{{k, intake.Folder}})
	}
	p := in.begin(ctx, 1)
	err := p.fetch(ctx, s, []order.Key{k}, true)
	if err := p.finish(err); err != nil {
		return err
	}
	delete(in.suspects, k)
	return in.move(ctx, s, p.take())
}

// pipe examines messages on every core while further ones are fetched. What is
// recorded by then is moved after each batch.
func (in *Inbox) pipe(ctx context.Context, s Session, keys []order.Key) error {
	if len(keys) == 0 {
		return nil
	}
	p := in.begin(ctx, in.Workers)
	var err error
	for batch := range slices.Chunk(keys, batchSize) {
		if err = p.fetch(ctx, s, batch, len(keys) == 1); err != nil {
			break
		}
		if err = in.move(ctx, s, p.take()); err != nil {
			break
		}
	}
	if err := p.finish(err); err != nil {
		return err
	}
	return in.move(ctx, s, p.take())
}

// settled is a recorded message and the folder where it belongs.
type settled struct {
	key    order.Key
	folder order.Folder
}

// move puts recorded messages where they belong, a set at a time. A crash before
// it meets them again in the inbox, and only moves them.
func (in *Inbox) move(ctx context.Context, s Session, done []settled) error {
	if in.Shadow {
		return nil
	}
	for _, folder := range []order.Folder{order.Processed, order.Returned, order.Attention} {
		var keys []order.Key
		for _, d := range done {
			if d.folder == folder {
				keys = append(keys, d.key)
			}
		}
		for set := range slices.Chunk(keys, moveSize) {
			if err := s.Move(ctx, set, in.Folders[folder]); err != nil {
				return fmt.Errorf("move to %q: %w", in.Folders[folder], err)
			}
		}
	}
	return nil
}

func (in *Inbox) recorded(intake order.Intake, receipt store.Receipt) {
	in.Log.Info("recorded", "message", intake.Message.Key.UID, "folder", intake.Folder, "orders", receipt.Numbers, "cases", len(intake.Cases))
	if in.Recorded != nil {
		in.Recorded(intake, receipt)
	}
}
