package token

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

// State says how a sign-in is doing. A time that is not known is zero.
type State struct {
	Provider string    `json:"provider"` // Microsoft or Google
	Renewed  time.Time `json:"renewed"`  // when the access token was obtained
	Expires  time.Time `json:"expires"`  // when the access token expires
	Error    string    `json:"error"`    // why the last renewal failed; "" if it did not
	Ends     time.Time `json:"ends"`     // when the refresh token or the client secret expires, whichever is first
	What     string    `json:"what"`     // "refresh token" or "client secret", whichever Ends is about
}

// State returns how the sign-in is doing now.
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

// Ending says which of the refresh token and the client secret expires within 30 days
// of now, or has expired, and when. It returns "" where neither does.
func (st State) Ending(now time.Time) string {
	if st.Ends.IsZero() || now.Add(ahead).Before(st.Ends) {
		return ""
	}
	return fmt.Sprintf("the %s of the sign-in at %s expires on %s", st.What, st.Provider, st.Ends.Format(time.DateOnly))
}

// Run renews the access token ahead of time until ctx is done. Whoever signs in then
// finds a valid token at hand, a refresh token does not expire for want of use, and a
// renewal that fails is logged while the old token still works.
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
			s.log.Warn("the sign-in can't be renewed", "err", err, "expires", s.State().Expires.UTC(), "next_attempt",
				time.Now().Add(wait).UTC())
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

// announce logs what ends soon, at most once a day.
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
