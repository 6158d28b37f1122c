package token

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

// State is how a sign-in fares. A time is zero where there is none to tell.
type State struct {
	Provider string    `json:"provider"`
	Renewed  time.Time `json:"renewed"`
	Expires  time.Time `json:"expires"` // the access token
	Error    string    `json:"error"`   // why it can't be renewed; "" while it can
	Ends     time.Time `json:"ends"`    // the first of refresh token and client secret, as far as known
	What     string    `json:"what"`    // ends then
}

// State is how the sign-in fares now.
func (s *Source) State() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := State{Provider: s.config.Provider, Renewed: s.held.Renewed, Expires: s.held.Expires}
	if s.err != nil {
		st.Error = s.err.Error()
	}
	st.Ends, st.What = s.config.SecretExpires, "client secret"
	if end := s.held.RefreshExpires; !end.IsZero() && (st.Ends.IsZero() || end.Before(st.Ends)) {
		st.Ends, st.What = end, "refresh token"
	}
	if st.Ends.IsZero() {
		st.What = ""
	}
	return st
}

// Ending says what ends within 30 days, or has ended; "" when nothing does.
func (st State) Ending(now time.Time) string {
	if st.Ends.IsZero() || now.Add(ahead).Before(st.Ends) {
		return ""
	}
	return fmt.Sprintf("the %s of the sign-in at %s expires on %s", st.What, st.Provider, st.Ends.Format(time.DateOnly))
}

// Run keeps the access token fresh until ctx is done: whoever signs in finds one
// that serves, a refresh token that would lapse unused does not, and what goes
// wrong is told before it matters.
func (s *Source) Run(ctx context.Context) {
	for attempt := 0; ctx.Err() == nil; {
		h, err := s.get(ctx, s.fresh)
		if ctx.Err() != nil {
			return
		}
		wait := max(time.Until(h.renewal()), time.Second)
		if err != nil {
			wait = min(retry<<min(attempt, 10), retryMax)
			wait -= rand.N(wait / 2)
			attempt++
			s.log.Warn("the sign-in can't be renewed", "err", err, "expires", s.State().Expires.UTC(), "next_attempt", time.Now().Add(wait).UTC())
		} else {
			attempt = 0
		}
		s.announce(time.Now())
		timer := time.NewTimer(min(wait, 24*time.Hour))
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
		timer.Stop()
	}
}

// announce says once a day what ends soon.
func (s *Source) announce(now time.Time) {
	ending := s.State().Ending(now)
	s.mu.Lock()
	defer s.mu.Unlock()
	if ending == "" || now.Sub(s.told) < 24*time.Hour {
		return
	}
	s.told = now
	s.log.Warn(ending)
}
