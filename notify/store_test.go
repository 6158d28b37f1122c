package notify

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"bdc/order"
	"bdc/store"
)

// shelf is a store of replies in memory that keeps to store.Outbox, and fails
// when told to.
type shelf struct {
	mu      sync.Mutex
	replies []*entry
	done    int            // how many of the oldest are settled for good
	commits map[string]int // by verb
	fault   func(verb string) error
	held    *store.Pause

	released time.Time // at last

	news chan struct{} // after a settlement; one for several where nobody waits
}

type entry struct {
	store.Claimed
	due      time.Time
	claimant string
	outcome  store.Outcome
	history  []store.Settlement
}

func newShelf() *shelf { return &shelf{commits: map[string]int{}, news: make(chan struct{}, 1)} }

// await waits until done replies are settled.
func (s *shelf) await(t testing.TB, done int, patience time.Duration) {
	t.Helper()
	hang := time.After(patience)
	for {
		got := s.outcomes()
		if got[store.Sent]+got[store.Failed] >= done {
			return
		}
		select {
		case <-s.news:
		case <-hang:
			t.Fatalf("after %v: %v, want %d settled", patience, got, done)
		}
	}
}

// add records an intent to answer somebody.
func (s *shelf) add(at time.Time, to string) uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := uint64(len(s.replies) + 1)
	e := &entry{due: at}
	e.Reply = order.Reply{
		ID: id, Kind: order.ReplyAck, To: to, Subject: "Commande",
		MessageID: fmt.Sprintf("<D-234679.%d@example.org>", id),
		InReplyTo: "<a@example.com>", CreatedAt: at, Message: order.Key{Account: "inbox", UID: uint32(id)},
	}
	s.replies = append(s.replies, e)
	return id
}

func (s *shelf) entry(id uint64) entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := *s.replies[id-1]
	e.history = slices.Clone(e.history)
	return e
}

func (s *shelf) outcomes() map[store.Outcome]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := map[store.Outcome]int{}
	for _, e := range s.replies {
		n[e.outcome]++
	}
	return n
}

// committed is how many commits each verb has had.
func (s *shelf) committed() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.commits)
}

func (s *shelf) commit(ctx context.Context, verb string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if s.fault != nil {
		if err := s.fault(verb); err != nil {
			return err
		}
	}
	s.commits[verb]++
	return nil
}

func (s *shelf) Claim(ctx context.Context, f store.Fence, now time.Time, lease time.Duration,
	max int,
) ([]store.Claimed, error) {
	return s.claim(ctx, f, now, lease, max, false)
}

func (s *shelf) ClaimStaff(ctx context.Context, f store.Fence, now time.Time, lease time.Duration,
	max int,
) ([]store.Claimed, error) {
	return s.claim(ctx, f, now, lease, max, true)
}

func (s *shelf) claim(ctx context.Context, f store.Fence, now time.Time, lease time.Duration,
	max int, onlyStaff bool,
) ([]store.Claimed, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	onlyStaff = onlyStaff || s.held != nil
	var due []*entry
	for _, e := range s.unsettled() {
		if !e.settled() && !e.due.After(now) && (!onlyStaff || e.Kind.ForStaff()) {
			due = append(due, e)
		}
	}
	slices.SortStableFunc(due, func(a, b *entry) int { return a.due.Compare(b.due) })
	due = due[:min(len(due), max)]
	if len(due) == 0 {
		return nil, nil
	}
	if err := s.commit(ctx, "claim"); err != nil {
		return nil, err
	}
	var claims []store.Claimed
	for _, e := range due {
		e.claimant, e.due = f.Holder, now.Add(lease)
		e.Attempt++
		c := e.Claimed
		c.Mail = slices.Clone(c.Mail)
		claims = append(claims, c)
	}
	return claims, nil
}

// unsettled leaves out the settled replies before the first that isn't.
func (s *shelf) unsettled() []*entry {
	for s.done < len(s.replies) && s.replies[s.done].settled() {
		s.done++
	}
	return s.replies[s.done:]
}

func (e *entry) settled() bool { return e.outcome == store.Sent || e.outcome == store.Failed }

func (s *shelf) Seal(ctx context.Context, claimant string, mails []store.Sealed) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.commit(ctx, "seal"); err != nil {
		return err
	}
	var refused []error
	for _, m := range mails {
		e := s.replies[m.Reply-1]
		switch {
		case e.claimant != claimant:
			refused = append(refused, fmt.Errorf("reply %d: %w", m.Reply, store.ErrClaim))
		case e.Mail == nil:
			e.Mail = slices.Clone(m.Mail)
		}
	}
	return errors.Join(refused...)
}

func (s *shelf) Settle(ctx context.Context, claimant string, settlements []store.Settlement) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.commit(ctx, "settle"); err != nil {
		return err
	}
	var refused []error
	for _, t := range settlements {
		e := s.replies[t.Reply-1]
		if e.claimant != claimant {
			refused = append(refused, fmt.Errorf("reply %d: %w", t.Reply, store.ErrClaim))
			continue
		}
		e.claimant, e.outcome, e.due = "", t.Outcome, t.Next
		if t.Untried {
			e.Attempt--
		}
		e.history = append(e.history, t)
	}
	select {
	case s.news <- struct{}{}:
	default:
	}
	return errors.Join(refused...)
}

func (s *shelf) Retry(ctx context.Context, reply uint64, _ string, at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.commit(ctx, "retry"); err != nil {
		return err
	}
	e := s.replies[reply-1]
	if e.outcome != store.Failed {
		return store.ErrRevision
	}
	e.outcome, e.due, e.Attempt = store.Later, at, 0
	s.done = 0
	return nil
}

func (s *shelf) PauseOutbox(ctx context.Context, p store.Pause) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.commit(ctx, "hold"); err != nil {
		return err
	}
	s.held = &p
	return nil
}

// release lets the outbox go on, and returns why it was held.
func (s *shelf) release() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held == nil {
		return ""
	}
	why := s.held.Reason
	s.held, s.released = nil, time.Now()
	return why
}

func (s *shelf) Due(ctx context.Context) (time.Time, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var due time.Time
	for _, e := range s.unsettled() {
		if !e.settled() && (s.held == nil || e.Kind.ForStaff()) && (due.IsZero() || e.due.Before(due)) {
			due = e.due
		}
	}
	return due, ctx.Err()
}

// Sendings tells of the settled replies as a store does that forgets no release.
func (s *shelf) Sendings(ctx context.Context, since time.Time, limit int) ([]store.Sending, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.commit(ctx, "sendings"); err != nil {
		return nil, err
	}
	var sent []store.Sending
	for _, e := range s.replies {
		if last := len(e.history) - 1; e.outcome == store.Sent && !e.Kind.ForStaff() &&
			!e.history[last].At.Before(since) && e.history[last].At.After(s.released) {
			sent = append(sent, store.Sending{At: e.history[last].At, To: e.To})
		}
	}
	slices.SortStableFunc(sent, func(a, b store.Sending) int { return a.At.Compare(b.At) })
	return sent[max(0, len(sent)-limit):], nil
}
