package ingest

import (
	"context"
	"math/rand/v2"
	"time"
)

// waitForDataFile waits until the data file can be used again, and a little even if it can
// at once: what failed may fail again. The messages wait in the mailbox meanwhile.
func (in *Inbox) waitForDataFile(ctx context.Context, err error, retry func(attempt int) time.Duration) {
	for ctx.Err() == nil {
		wait := retry(in.vain)
		in.vain++
		now := in.Clock()
		next := now.Add(wait)
		state := in.health.stopped(err, now, next)
		in.Log.Error("data file: messages wait in the mailbox", "err", err, "since", state.DataSince.UTC(),
			"next_attempt", next.UTC(), "backlog", state.Backlog)
		sleep(ctx, wait)
		if err = in.Store.Probe(context.WithoutCancel(ctx)); err == nil {
			return
		}
	}
}

// backoff is how long to wait before connecting again: a second, doubling up to
// longestWait, less up to half so that many daemons do not come back at once.
func backoff(attempt int) time.Duration {
	d := min(time.Second<<min(attempt, 10), longestWait)
	return d - rand.N(d/2)
}

// sleep returns after d, or once ctx is done.
func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// Resume lets Run connect at once if it waits before it tries again. It may be called
// concurrently with Run.
func (in *Inbox) Resume() {
	select {
	case in.resumed() <- struct{}{}:
	default:
	}
}

// resumed returns the channel by which Resume wakes Run.
func (in *Inbox) resumed() chan struct{} {
	in.making.Do(func() { in.awake = make(chan struct{}, 1) })
	return in.awake
}

// sleep returns after d, or once ctx is done or Resume was called.
func (in *Inbox) sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	case <-in.resumed():
	}
}
