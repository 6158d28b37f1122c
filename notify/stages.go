package notify

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"bdc/order"
	"bdc/store"
)

// How long a composer may take for one reply, and for one that takes long, waiting for its
// turn included.
const (
	composeTime = time.Minute
	slowTime    = 10 * time.Minute
)

// attemptTime is how long an attempt to send a reply may last, if half of the lease is longer.
const attemptTime = 150 * time.Second

// The Words of settlements for which there are no words of a server.
const (
	wordsStopped = "put back: the outbox is stopping"
	wordsTrouble = "put back: mail can't be sent at present"
	wordsPaused  = "put back: the outbox is held"
	wordsStalled = "put off: an older reply to this recipient has to wait"
	wordsMany    = "put off: too many mails have left for this recipient within an hour"
)

// errEndless: the reply was claimed many times, and no attempt to compose it came to an
// end. Perhaps the program dies whenever it composes the reply.
var errEndless = errors.New("composing was begun too often, and never ended")

// composeAll composes jobs until there are no more. Once ctx is done it puts
// them back instead; what takes long is broken off then.
func (r *run) composeAll(ctx, work context.Context, jobs <-chan *job) {
	for j := range jobs {
		if ctx.Err() != nil {
			r.finish(j, r.putBack(j, wordsStopped))
			continue
		}
		composing := work
		if j.slow {
			composing = ctx
		}
		mail, err := r.render(composing, j)
		if j.slow && ctx.Err() != nil { // whatever was made of it in haste
			r.finish(j, r.putBack(j, wordsStopped))
			continue
		}
		if err != nil {
			r.finish(j, r.misfit(j, err))
			continue
		}
		j.Mail = mail
		r.seal <- j
	}
}

// render makes the mail of a job.
func (r *run) render(ctx context.Context, j *job) (mail []byte, err error) {
	if j.Attempt > attemptsMost {
		return nil, errEndless
	}
	most := composeTime
	if j.slow {
		most = slowTime
	}
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	defer func() {
		// Without this, a reply that makes the composer panic would end the program at each
		// start.
		if p := recover(); p != nil {
			err = fmt.Errorf("composer panicked: %v\n%s", p, debug.Stack())
		}
	}()
	letter, err := r.Composer.Compose(ctx, j.Reply)
	if err != nil {
		return nil, err
	}
	if mail, err = Render(r.From, j.Reply, letter, r.clock()); err != nil || r.DKIM == nil {
		return mail, err
	}
	return r.DKIM.sign(mail)
}

// sealAll stores composed mails, several in a commit. Only what is sealed is
// queued for sending.
func (r *run) sealAll(ctx context.Context) {
	for jobs := gather(r.seal); jobs != nil; jobs = gather(r.seal) {
		err := r.sealJobs(ctx, jobs)
		if errors.Is(err, store.ErrClaim) && len(jobs) > 1 {
			// Another claimant has some of the replies. To seal the others again does no harm.
			for _, j := range jobs {
				r.sealed(j, r.sealJobs(ctx, []*job{j}))
			}
			continue
		}
		for _, j := range jobs {
			r.sealed(j, err)
		}
	}
}

func (r *run) sealJobs(ctx context.Context, jobs []*job) error {
	mails := make([]store.Sealed, len(jobs))
	for i, j := range jobs {
		mails[i] = store.Sealed{Reply: j.ID, Mail: j.Mail}
	}
	return r.persist(ctx, "seal replies",
		func(ctx context.Context) error { return r.Store.Seal(ctx, r.Fence.Holder, mails) })
}

// sealed queues a job whose bytes are stored, and drops one whose aren't.
func (r *run) sealed(j *job, err error) {
	if err != nil {
		r.drop(j, err)
		return
	}
	r.jobs.seal(j)
}

// sendAll sends the queued mails, one at a time, until there are no more. Once
// ctx is done it puts them back instead.
func (r *run) sendAll(ctx, work context.Context) {
	for j := range r.jobs.ready {
		now := r.clock()
		_, until := r.trouble.state()
		switch {
		case ctx.Err() != nil:
			r.finish(j, r.putBack(j, wordsStopped))
		case now.Before(until):
			r.finish(j, r.putBack(j, wordsTrouble))
		case j.stalled:
			r.finish(j, r.stalled(j))
		case now.After(r.jobs.until(j).Add(-min(r.lease/2, attemptTime))):
			r.drop(j, errLease)
		default:
			r.finish(j, r.allowed(work, j))
		}
	}
}

// allowed attempts to send one mail if the breaker allows it. If not, it puts the mail back,
// or off if only the recipient has had too many.
func (r *run) allowed(ctx context.Context, j *job) store.Settlement {
	if j.Kind.ForStaff() {
		return r.attempt(ctx, j)
	}
	ruling := r.breaker.rule(recipient(j), r.clock())
	switch {
	case ruling.allowed:
		return r.attempt(ctx, j)
	case !ruling.until.IsZero():
		return r.crowded(j, ruling)
	case ruling.why != "":
		r.pause(ctx, ruling.why)
	}
	return r.putBack(j, wordsPaused)
}

// errLease: so little of the lease is left that it might end while the mail is sent.
var errLease = errors.New("too little of the lease is left")

// attempt tries to send one mail, and returns the settlement that follows.
func (r *run) attempt(ctx context.Context, j *job) store.Settlement {
	sending, cancel := context.WithTimeout(ctx, min(r.lease/2, attemptTime))
	defer cancel()
	err := r.send(sending, j)
	if err != nil && ctx.Err() != nil {
		return r.putBack(j, wordsStopped)
	}
	fault := FaultOf(err)
	e, _ := errors.AsType[*Error](err)
	switch {
	case err == nil:
		r.refusals.taken()
	case fault == Permanent && r.refusals.concernUs(e, j, r.clock()):
		fault = Connection
	}
	if err == nil || fault != Connection && e != nil && e.Code != 0 {
		if lasted := r.trouble.clear(r.clock()); lasted > 0 {
			r.log.Info("outbox sends again", "after", lasted.Round(time.Second))
		}
	}
	switch {
	case err == nil:
		return r.sent(j)
	case fault == Permanent:
		return r.failed(j, err)
	case fault == Temporary:
		return r.again(j, err)
	}
	troubled, _ := r.trouble.state()
	r.fail(err)
	switch {
	case e.Step == Connect || e.Step == Mail:
		return r.putBack(j, wordsTrouble)
	case troubled:
		return r.later(j, e.Answer())
	default: // the server had taken other mails before this one
		return r.again(j, err)
	}
}

// send hands a mail to the server, over an open connection if there is one. If that turns
// out to be dead, send opens another at once.
func (r *run) send(ctx context.Context, j *job) error {
	conn, used, err := r.pool.take(ctx)
	if err != nil {
		return connectError(err)
	}
	err = conn.Send(ctx, r.Envelope, j.To, j.Mail)
	if e, ok := errors.AsType[*Error](err); ok && used && e.Step == Mail {
		_ = conn.Close() // it is dead, so an error of Close says nothing new
		if conn, err = r.Sender.Dial(ctx); err != nil {
			return connectError(err)
		}
		err = conn.Send(ctx, r.Envelope, j.To, j.Mail)
	}
	if e, ok := errors.AsType[*Error](err); err == nil || ok && !e.lost() {
		r.pool.put(conn)
	} else {
		_ = conn.Close()
	}
	return err
}

// connectError makes an Error of whatever a Sender returned.
func connectError(err error) error {
	if e, ok := errors.AsType[*Error](err); ok && e.Step == Connect {
		return err
	}
	return newError(Connect, err)
}

// finish passes on the settlement of a job to settleAll, and makes the recipient's next
// reply ready.
func (r *run) finish(j *job, s store.Settlement) {
	stall := s.Outcome == store.Later && s.Next.After(s.At)
	r.jobs.leave(j, stall, s.Next)
	r.settle <- ending{s, j}
}

// drop ends a job without a settlement: its claim ends with the lease, or another claimant
// has taken the reply over.
func (r *run) drop(j *job, err error) {
	r.log.Warn("reply left to its lease", "reply", j.ID, "attempt", j.Attempt, "err", err)
	r.jobs.leave(j, true, time.Time{})
	r.jobs.settled(j.ID)
	r.Wake()
}

// settleAll records in the store how jobs ended, several in a commit. A settlement that
// opens a case gets a commit of its own, and only a few seconds: if the store refuses it,
// the others must not wait for it. Its claim then ends with the lease, and the reply is
// sent again, and given up again.
func (r *run) settleAll(ctx context.Context) {
	for group := gather(r.settle); group != nil; group = gather(r.settle) {
		var plain []ending
		for _, e := range group {
			if e.Case == nil {
				plain = append(plain, e)
				continue
			}
			brief, cancel := context.WithTimeout(ctx, tellTime)
			r.settleJobs(brief, []ending{e})
			cancel()
		}
		if len(plain) > 0 {
			r.settleJobs(ctx, plain)
		}
		r.revive(ctx)
		r.Wake()
	}
}

func (r *run) settleJobs(ctx context.Context, group []ending) {
	settlements := make([]store.Settlement, len(group))
	ids := make([]uint64, len(group))
	for i, e := range group {
		settlements[i], ids[i] = e.Settlement, e.job.ID
		settlements[i].Unfiled = r.Copies && e.Outcome == store.Sent && !e.job.Kind.ForStaff()
	}
	err := r.persist(ctx, "settle replies", func(ctx context.Context) error {
		err := r.Store.Settle(ctx, r.Fence.Holder, settlements)
		if c := settlements[0].Case; c != nil && errors.Is(err, store.ErrStale) {
			c.Code = order.NewCaseCode() // another case has the code
			r.log.Info("the case of a reply given up has another code", "reply", ids[0], "case", c.Code)
		}
		return err
	})
	if err != nil {
		r.log.Warn("replies not settled: they may be sent again", "replies", ids, "err", err)
	} else if group[0].Outcome == store.Failed { // alone, as its case is
		r.refusals.gaveUp(ids...)
	}
	r.jobs.settled(ids...)
}

// revive sends again what was given up for trouble that has turned out to be our account's.
func (r *run) revive(ctx context.Context) {
	for _, id := range r.refusals.wronged() {
		err := r.persist(ctx, "send a reply again", func(ctx context.Context) error {
			err := r.Store.Retry(ctx, id, "bdc", r.clock())
			if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrRevision) ||
				errors.Is(err, store.ErrErased) {
				return nil // somebody has sent it again, or erased it
			}
			return err
		})
		if err == nil {
			r.log.Info("reply not given up after all: the server refuses all mail alike", "reply", id)
		}
	}
}

// persist repeats a call of the store until it succeeds, until its error says that another
// claimant has the replies, or until ctx is done.
func (r *run) persist(ctx context.Context, what string, call func(context.Context) error) error {
	for delay := time.Second; ; delay = min(2*delay, storeMost) {
		err := call(ctx)
		if err == nil || errors.Is(err, store.ErrClaim) {
			return err
		}
		if ctx.Err() != nil {
			return err
		}
		r.log.Warn("outbox can't "+what, "err", err, "next_attempt", r.clock().Add(delay).UTC())
		wait(ctx, delay)
	}
}

// gather waits for a value, and returns it with those that follow it within a moment, up to
// a batch. It returns nil when the channel is closed and empty.
func gather[T any](from <-chan T) []T {
	first, ok := <-from
	if !ok {
		return nil
	}
	group := append(make([]T, 0, batch), first)
	timer := time.NewTimer(flushTime)
	defer timer.Stop()
	for len(group) < batch {
		select {
		case next, ok := <-from:
			if !ok {
				return group
			}
			group = append(group, next)
		case <-timer.C:
			return group
		}
	}
	return group
}
