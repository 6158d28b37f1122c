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

// lane is a recipient's jobs, in the order of their claims. The first is being
// sent, or waits to be sealed; the others wait for it.
type lane struct {
	jobs    []*job
	stalled bool
}

// flight is the table of the jobs in hand. It is safe for concurrent use.
type flight struct {
	limit int
	queue chan *job // to be sent now; never full, as it holds the limit

	mu     sync.Mutex
	ids    map[uint64]bool
	lanes  map[string]*lane
	closed bool
}

func newFlight(limit int) *flight {
	return &flight{limit: limit, queue: make(chan *job, limit), ids: map[uint64]bool{}, lanes: map[string]*lane{}}
}

// room is how many more jobs may be taken in hand.
func (f *flight) room() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.limit - len(f.ids)
}

// enter takes a job in hand. It refuses a reply that is in hand already, under
// a lease that ended: two jobs for one reply could send different bytes.
func (f *flight) enter(j *job) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ids[j.ID] {
		return false
	}
	f.ids[j.ID] = true
	l := f.lanes[recipient(j)]
	if l == nil {
		l = &lane{}
		f.lanes[recipient(j)] = l
	}
	l.jobs = append(l.jobs, j)
	if len(l.jobs) == 1 {
		f.send(l)
	}
	return true
}

// seal says that the job's bytes are stored, and queues it when it is its turn.
func (f *flight) seal(j *job) {
	f.mu.Lock()
	defer f.mu.Unlock()
	j.sealed = true
	if l := f.lanes[recipient(j)]; l.jobs[0] == j {
		f.send(l)
	}
}

// leave takes a job, whose attempt has ended, out of its recipient's way. With
// stall, those behind it are not to be tried.
func (f *flight) leave(j *job, stall bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	l := f.lanes[recipient(j)]
	l.stalled = l.stalled || stall
	first := l.jobs[0] == j
	for i := range l.jobs {
		if l.jobs[i] == j {
			l.jobs = append(l.jobs[:i], l.jobs[i+1:]...)
			break
		}
	}
	switch {
	case len(l.jobs) == 0:
		delete(f.lanes, recipient(j))
		f.end()
	case first:
		f.send(l)
	}
}

// settled forgets jobs of which the store has been told, or that are left to
// their lease.
func (f *flight) settled(ids ...uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, id := range ids {
		delete(f.ids, id)
	}
}

// close says that no job will enter any more. The queue is closed after the
// last has left.
func (f *flight) close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
	f.end()
}

func (f *flight) end() {
	if f.closed && len(f.lanes) == 0 {
		close(f.queue)
	}
}

// send queues the first job of a lane, if it is sealed.
func (f *flight) send(l *lane) {
	if j := l.jobs[0]; j.sealed {
		j.stalled = l.stalled
		f.queue <- j
	}
}

// recipient is the lane of a job. Domains are the same in any letter case, and
// local parts almost always are.
func recipient(j *job) string { return strings.ToLower(j.To) }
