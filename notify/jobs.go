package notify

import (
	"strings"
	"sync"
	"time"

	"bdc/store"
)

// job is a reply in hand: from its claim until the store knows how it ended.
type job struct {
	store.Claimed
	until   time.Time // when the lease ends
	sealed  bool      // Mail holds the bytes to send
	slow    bool      // it takes long to compose, and is not composed yet
	stalled bool      // an older reply to the same recipient was put off
	behind  time.Time // until then, if that is known
}

// queue holds one recipient's jobs, in the order of their claims. The first is
// being sent, or waits to be sealed; the others wait for the first.
type queue struct {
	jobs    []*job
	stalled bool // a job of this queue was put off: those behind it are not to be tried
	until   time.Time
}

// jobs is the table of the jobs in hand. It is safe for concurrent use.
type jobs struct {
	limit    int       // of jobs that are not slow
	slowMost int       // of slow ones
	ready    chan *job // to be sent now; it has room for all jobs in hand, so it is never full

	mu     sync.Mutex
	ids    map[uint64]*job   // the replies in hand
	slow   int               // how many of them are slow
	queues map[string]*queue // by recipient
	closed bool              // no job will enter any more
}

// newJobs makes a table of limit jobs and slowMost slow ones. In one claim, up to limit may
// come of either.
func newJobs(limit, slowMost int) *jobs {
	return &jobs{
		limit: limit, slowMost: slowMost, ready: make(chan *job, 2*limit+slowMost), ids: map[uint64]*job{},
		queues: map[string]*queue{},
	}
}

// room is how many more jobs may be taken in hand, of whatever kind they are but for what
// crowded says.
func (t *jobs) room() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return max(t.limit-(len(t.ids)-t.slow), 0)
}

// crowded reports whether there is no room for a job that may be slow.
func (t *jobs) crowded() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.slow >= t.slowMost
}

// enter takes a job in hand. It refuses a reply that is in hand already: two jobs for one
// reply could send different bytes. The lease of the job in hand is then the new one.
func (t *jobs) enter(j *job) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if known := t.ids[j.ID]; known != nil {
		known.until = j.until
		return false
	}
	t.ids[j.ID] = j
	if j.slow {
		t.slow++
	}
	q := t.queues[recipient(j)]
	if q == nil {
		q = &queue{}
		t.queues[recipient(j)] = q
	}
	q.jobs = append(q.jobs, j)
	if len(q.jobs) == 1 {
		t.send(q)
	}
	return true
}

// until is when the lease of a job ends.
func (t *jobs) until(j *job) time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	return j.until
}

// quick says that nothing slow is left to be done for a job.
func (t *jobs) quick(j *job) {
	if j.slow {
		j.slow = false
		t.slow--
	}
}

// seal says that the job's bytes are stored. The job is ready to be sent if it is
// the first of its recipient.
func (t *jobs) seal(j *job) {
	t.mu.Lock()
	defer t.mu.Unlock()
	j.sealed = true
	t.quick(j)
	if q := t.queues[recipient(j)]; q.jobs[0] == j {
		t.send(q)
	}
}

// leave takes a job, whose attempt has ended, out of its recipient's queue, and makes the
// next job ready. If stall is true, the jobs behind it are put off without an attempt, until
// the given time if that is not zero.
func (t *jobs) leave(j *job, stall bool, until time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.quick(j)
	q := t.queues[recipient(j)]
	if stall && !q.stalled {
		q.stalled, q.until = true, until
	}
	first := q.jobs[0] == j
	for i := range q.jobs {
		if q.jobs[i] == j {
			q.jobs = append(q.jobs[:i], q.jobs[i+1:]...)
			break
		}
	}
	switch {
	case len(q.jobs) == 0:
		delete(t.queues, recipient(j))
		t.end()
	case first:
		t.send(q)
	}
}

// settled removes replies from those in hand: the store knows how they ended, or their
// claims are left to end with the lease.
func (t *jobs) settled(ids ...uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, id := range ids {
		delete(t.ids, id)
	}
}

// close is called when no further job will enter. The channel of ready jobs is closed after
// the last job has left.
func (t *jobs) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
	t.end()
}

func (t *jobs) end() {
	if t.closed && len(t.queues) == 0 {
		close(t.ready)
	}
}

// send makes the first job of a queue ready, if it is sealed.
func (t *jobs) send(q *queue) {
	if j := q.jobs[0]; j.sealed {
		j.stalled, j.behind = q.stalled, q.until
		t.ready <- j
	}
}

// recipient returns the key of a job's queue. Letter case makes no difference in a domain,
// and hardly ever in a local part.
func recipient(j *job) string { return strings.ToLower(j.To) }
