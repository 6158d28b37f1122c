package notify

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	netmail "net/mail"
	"runtime"
	"slices"
	"sync"
	"time"

	"bdc/order"
	"bdc/store"
)

// Store is what an outbox needs of the store: some methods of store.Outbox.
type Store interface {
	Claim(ctx context.Context, f store.Fence, now time.Time, lease time.Duration, max int) ([]store.Claimed, error)
	ClaimStaff(ctx context.Context, f store.Fence, now time.Time, lease time.Duration, max int) ([]store.Claimed, error)
	Seal(ctx context.Context, claimant string, mails []store.Sealed) error
	Settle(ctx context.Context, claimant string, settlements []store.Settlement) error
	Due(ctx context.Context) (time.Time, error)
	Retry(ctx context.Context, reply uint64, actor string, at time.Time) error
	PauseOutbox(ctx context.Context, p store.Pause) error
	Sendings(ctx context.Context, since time.Time, limit int) ([]store.Sending, error)
}

// Outbox sends the replies that the store has. Its fields are set before Run and not
// changed after; Run is called once.
type Outbox struct {
	Store       Store
	Composer    Composer
	Sender      Sender
	From        string           // of the header: an address, with or without a name
	Envelope    string           // the envelope's sender, to whom servers return mail; "" for the null sender
	DKIM        *DKIM            // signs every mail; nil for none
	Fence       store.Fence      // whose Holder claims the replies: no other outbox may have that name
	Connections int              // how many connections send at the same time; 0 for 4
	Hourly      int              // how many mails may leave within an hour: see the breaker; 0 for any number
	HourlyEach  int              // how many of these may go to one recipient; 0 for any number
	Lease       time.Duration    // how long a claim lasts; an attempt lasts half of it, and 150 s, at most; 0 for 5 min
	Copies      bool             // of each reply sent to a bookseller, a copy is yet to be made: Settlement.Unfiled
	Clock       func() time.Time // nil for time.Now
	Log         *slog.Logger     // nil for none

	// Slow reports whether a reply takes long to compose. Such replies have composers of their
	// own, and the others wait for none of them. nil if none takes long.
	Slow func(order.Reply) bool

	wake     chan struct{}
	wakeOnce sync.Once
	trouble  trouble
}

const (
	batch     = 32  // replies claimed at once, and half of those in hand that are composed quickly
	slowMost  = 256 // replies in hand that wait for a slow composer, beyond which only mails to staff are claimed
	flushTime = 5 * time.Millisecond
	drainTime = 2 * time.Second // how long mails may take that are being sent when Run has to end
	lastTime  = time.Second     // how long the store may take then to record how these ended
	tellTime  = 5 * time.Second // how long the store may take to open a case
	pollTime  = time.Minute     // how long the outbox waits at most before it claims again
	dueAgain  = time.Second     // how long it waits when the store gives nothing of what is due
	storeMost = time.Minute     // the longest wait before a call of a store in trouble is repeated
)

// Wake tells the outbox that a reply may have become due, so that it looks at the store
// now and not within a minute. It returns at once, and may be called at any time and from
// any goroutine.
func (o *Outbox) Wake() {
	select {
	case o.woken() <- struct{}{}:
	default: // an earlier Wake was not noticed yet
	}
}

func (o *Outbox) woken() chan struct{} {
	o.wakeOnce.Do(func() { o.wake = make(chan struct{}, 1) })
	return o.wake
}

// Run sends the replies that are due, and those that become due, until ctx is done. Then
// it stops as the package comment says, and returns nil. It returns an error if a field has
// a value that can't work; it then does so at once. It also stops, and returns an error that
// wraps store.ErrFenced, if the lease of Fence is lost.
func (o *Outbox) Run(ctx context.Context) error {
	r, err := newRun(o)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	work, abandon := context.WithCancel(context.WithoutCancel(ctx)) // for composing and sending
	defer abandon()
	record, forget := context.WithCancel(context.WithoutCancel(ctx)) // for calls of the store
	defer forget()

	var composers, sealer, senders, settler sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		composers.Go(func() { r.composeAll(ctx, work, r.compose) })
		composers.Go(func() { r.composeAll(ctx, work, r.slowly) })
	}
	sealer.Go(func() { r.sealAll(record) })
	for range r.connections {
		senders.Go(func() { r.sendAll(ctx, work) })
	}
	settler.Go(func() { r.settleAll(record) })

	err = r.claimAll(ctx)
	stop() // also for the other stages, if claimAll ended by itself
	// Each stage ends after the one before it, with nothing left in between.
	defer time.AfterFunc(drainTime, abandon).Stop()
	defer time.AfterFunc(drainTime+lastTime, forget).Stop()
	close(r.compose)
	close(r.slowly)
	composers.Wait()
	close(r.seal)
	sealer.Wait()
	r.jobs.close()
	senders.Wait()
	close(r.settle)
	settler.Wait()
	r.pool.tidy(0)
	return err
}

// run is the state of one Run. A job is claimed, composed, sealed, sent and settled;
// a channel leads from each of these stages to the next. Every channel has room for
// all jobs in hand, so that no stage waits for the next.
type run struct {
	*Outbox
	connections int
	lease       time.Duration
	clock       func() time.Time
	log         *slog.Logger

	jobs     *jobs
	pool     *pool
	breaker  *breaker
	refusals refusals
	compose  chan *job
	slowly   chan *job // the same for replies that take long
	seal     chan *job
	settle   chan ending
}

// ending is how a job ended.
type ending struct {
	store.Settlement
	job *job
}

func newRun(o *Outbox) (*run, error) {
	r := &run{
		Outbox: o, connections: o.Connections, lease: o.Lease, log: o.Log,
		jobs:    newJobs(2*batch, slowMost),
		breaker: &breaker{most: o.Hourly, each: o.HourlyEach},
	}
	all := cap(r.jobs.ready)
	r.compose, r.slowly, r.seal = make(chan *job, all), make(chan *job, all), make(chan *job, all)
	r.settle = make(chan ending, all)
	if r.connections == 0 {
		r.connections = 4
	}
	if r.lease == 0 {
		r.lease = 5 * time.Minute
	}
	clock := o.Clock
	if clock == nil {
		clock = time.Now
	}
	r.clock = func() time.Time { return clock().UTC() }
	if r.log == nil {
		r.log = slog.New(slog.DiscardHandler)
	}
	r.pool = &pool{sender: o.Sender, clock: r.clock}

	var faults []error
	if _, err := netmail.ParseAddress(o.From); err != nil {
		faults = append(faults, fmt.Errorf("sender %q: %w", o.From, err))
	}
	if o.Envelope != "" && !isPath(o.Envelope) {
		faults = append(faults, fmt.Errorf("envelope sender %q is no address", o.Envelope))
	}
	if o.Fence.Holder == "" {
		faults = append(faults, errors.New("the outbox has no claimant's name"))
	}
	return r, errors.Join(faults...)
}

// claimAll claims what is due, as long as there is room, until ctx is done. It returns an
// error if the lease of the fence is lost.
func (r *run) claimAll(ctx context.Context) error {
	var delay time.Duration // of the store's trouble
	for ctx.Err() == nil {
		next, err := r.claim(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, store.ErrFenced):
			return fmt.Errorf("the outbox is another daemon's by now: %w", err)
		case err != nil:
			delay = min(max(2*delay, time.Second), storeMost)
			r.log.Warn("outbox can't look at the store", "err", err, "next_attempt", r.clock().Add(delay).UTC())
			wait(ctx, delay)
		default:
			delay = 0
			r.sleep(ctx, next)
		}
	}
	return nil
}

// sleep returns at a time, when an idle connection has to be closed, when Wake was called,
// or when ctx is done, whichever comes first.
func (r *run) sleep(ctx context.Context, until time.Time) {
	if close := r.pool.tidy(idleMost); !close.IsZero() && close.Before(until) {
		until = close
	}
	// We make no timer for a time in the past: in a synctest bubble of Go 1.26, the race
	// detector fails if we receive from such a timer while others fire.
	left := until.Sub(r.clock())
	if left <= 0 {
		return
	}
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-r.woken():
	}
}

// claim calls Store.Claim at most once, and takes in hand what it gives. It returns when to
// claim again: a time in the past if there may be more already.
func (r *run) claim(ctx context.Context) (next time.Time, err error) {
	now := r.clock()
	room := r.jobs.room()
	troubled, until := r.trouble.state()
	switch {
	case room < batch, troubled && room < r.jobs.limit:
		return now.Add(pollTime), nil // woken when there is room
	case now.Before(until):
		return until, nil
	case troubled:
		// Nothing is claimed before there is a connection that can send it.
		if due, err := r.due(ctx, now); err != nil || due.After(now) {
			return due, err
		}
		conn, err := r.Sender.Dial(ctx)
		if err != nil {
			return r.fail(err), nil
		}
		r.pool.put(conn)
		room = 1
	}

	paused, claim := r.breaker.isPaused(), r.Store.Claim
	if r.jobs.crowded() {
		claim = r.Store.ClaimStaff
	}
	claims, err := claim(ctx, r.Fence, now, r.lease, min(room, batch))
	if err != nil {
		return now, err
	}
	if slices.ContainsFunc(claims, func(c store.Claimed) bool { return !c.Kind.ForStaff() }) {
		if paused { // a person has resumed the outbox
			r.breaker.reset()
		}
		if r.breaker.isBlind() {
			if err := r.recount(ctx); err != nil {
				return now, err // Run has to stop: the claims end with their lease
			}
		}
	}
	for _, c := range claims {
		j := &job{Claimed: c, until: now.Add(r.lease), sealed: len(c.Mail) > 0}
		j.slow = !j.sealed && r.Slow != nil && r.Slow(c.Reply)
		switch {
		case !r.jobs.enter(j) || j.sealed:
		case j.slow:
			r.slowly <- j
		default:
			r.compose <- j
		}
	}
	if len(claims) > 0 {
		return now, nil
	}
	next, err = r.due(ctx, now)
	if err == nil && !next.After(now) {
		next = now.Add(dueAgain)
	}
	return next, err
}

// due returns when to claim again: when the store says that the next reply is due, and in
// pollTime at the latest.
func (r *run) due(ctx context.Context, now time.Time) (time.Time, error) {
	due, err := r.Store.Due(ctx)
	if latest := now.Add(pollTime); due.IsZero() || due.After(latest) {
		due = latest
	}
	return due, err
}

// fail notes trouble of the connection, and returns when to try again.
func (r *run) fail(err error) time.Time {
	until := r.trouble.hit(r.clock(), err)
	r.log.Warn("outbox can't send", "err", err, "next_attempt", until.UTC())
	return until
}

// wait waits for d, or until ctx is done.
func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
