package ingest

import (
	"sync"
	"time"
)

// State is how an inbox fares. A time is zero where there is none to tell.
type State struct {
	Connected   bool      `json:"connected"`
	Announces   bool      `json:"announces"`    // the server tells of new mail at once
	LastCheck   time.Time `json:"last_check"`   // when the folder was last searched, with success
	Backlog     int       `json:"backlog"`      // messages to be examined
	Unmoved     int       `json:"unmoved"`      // messages recorded, to be moved
	LeftAlone   int       `json:"left_alone"`   // messages that could not be fetched, tried less and less often
	MoveError   string    `json:"move_error"`   // why messages can't be moved; "" while they can
	Error       string    `json:"error"`        // why there is no connection; "" once the folder was searched
	Since       time.Time `json:"since"`        // when there was none first
	NextAttempt time.Time `json:"next_attempt"` // to connect
}

// State is how the inbox fares now. It may be called at any time from anywhere.
func (in *Inbox) State() State {
	in.health.mu.Lock()
	defer in.health.mu.Unlock()
	return in.health.state
}

// health keeps the state of an inbox for whoever asks, such as the console. It is safe
// for concurrent use.
type health struct {
	mu    sync.Mutex
	state State
}

// update changes the state and returns it.
func (w *health) update(change func(*State)) State {
	w.mu.Lock()
	defer w.mu.Unlock()
	change(&w.state)
	return w.state
}

// lost says that there is no connection, and when the next attempt will be.
func (w *health) lost(err error, now, next time.Time) State {
	return w.update(func(s *State) {
		if s.Error == "" {
			s.Since = now
		}
		s.Connected, s.Error, s.NextAttempt = false, err.Error(), next
	})
}

// checked says that the folder was searched. It returns for how long that had been
// impossible; zero when nothing was wrong.
func (w *health) checked(now time.Time, announces bool) (trouble time.Duration) {
	w.update(func(s *State) {
		if s.Error != "" {
			trouble = max(now.Sub(s.Since), 1)
		}
		s.Connected, s.Announces, s.LastCheck = true, announces, now
		s.Error, s.Since, s.NextAttempt = "", time.Time{}, time.Time{}
	})
	return trouble
}
