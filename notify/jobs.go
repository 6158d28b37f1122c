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
	stalled bool      // an older reply to the same recipient was put off
}

// queue holds one recipient's jobs, in the order of their claims. The first is
// being sent, or waits to be sealed; the others wait for the first.
type queue struct {
	jobs    []*job
	stalled bool // a job of this queue was put off: those behind it are not to be tried
}

// jobs is the table of the jobs in hand. It is safe for concurrent use.
type jobs struct {
	limit int
	ready chan *job // to be sent now; it has room for limit jobs, so it is never full

	mu     sync.Mutex
	ids    map[uint64]bool   // of the replies in hand
	queues map[string]*queue // by recipient
	closed bool              // no job will enter any more
}

func newJobs(limit int) *jobs {
	return &jobs{limit: limit, ready: make(chan *job, limit), ids: map[uint64]bool{}, queues: map[string]*queue{}}
}

// room is how many more jobs may be taken in hand.
func (t *jobs) room() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.limit - len(t.ids)
}

// enter takes a job in hand. It refuses a reply that is in hand already, under a
// lease that has ended: two jobs for one reply could send different bytes.
func (t *jobs) enter(j *job) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ids[j.ID] {
		return false
	}
	t.ids[j.ID] = true
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

// seal says that the job's bytes are stored. The job is ready to be sent if it is
// the first of its recipient.
func (t *jobs) seal(j *job) {
	t.mu.Lock()
	defer t.mu.Unlock()
	j.sealed = true
	if q := t.queues[recipient(j)]; q.jobs[0] == j {
		t.send(q)
	}
}

// leave takes a job, whose attempt has ended, out of its recipient's queue, and makes the
// next job ready. If stall is true, the jobs behind it are put off without an attempt.
func (t *jobs) leave(j *job, stall bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	q := t.queues[recipient(j)]
	q.stalled = q.stalled || stall
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
		j.stalled = q.stalled
		t.ready <- j
	}
}

// recipient returns the key of a job's queue. Letter case makes no difference in a domain,
// and hardly ever in a local part.
func recipient(j *job) string { return strings.ToLower(j.To) }
