package ingest

import (
	"sync"
	"time"
)

// State tells how an inbox is doing. Times are zero when unknown.
type State struct {
	Connected   bool      `json:"connected"`    // the folder was searched, and nothing has failed since
	Announces   bool      `json:"announces"`    // the server announces new messages (IMAP IDLE)
	LastCheck   time.Time `json:"last_check"`   // when the folder was last searched successfully
	Backlog     int       `json:"backlog"`      // messages that are still to be examined
	Unmoved     int       `json:"unmoved"`      // messages that are recorded and still to be moved
	LeftAlone   int       `json:"left_alone"`   // messages that could not be fetched in three attempts
	MoveError   string    `json:"move_error"`   // why messages can't be moved; "" if they can
	Error       string    `json:"error"`        // why the connection failed; "" once the folder was searched again
	Refused     bool      `json:"refused"`      // Error is that the server refuses to let us in
	Since       time.Time `json:"since"`        // when the connection first failed; zero once the folder was searched
	NextAttempt time.Time `json:"next_attempt"` // when we try again to connect; zero while connected

	// DataError says why the data file can't be used, so that messages wait in the mailbox; ""
	// once all that was found in the mailbox was dealt with again.
	DataError string    `json:"data_error,omitempty"`
	DataSince time.Time `json:"data_since,omitzero"` // when that began; zero while DataError is ""
	DataNext  time.Time `json:"data_next,omitzero"`  // when we try again; zero while DataError is ""
}

// State returns how the inbox is doing now. It may be called concurrently with Run.
func (in *Inbox) State() State {
	in.health.mu.Lock()
	defer in.health.mu.Unlock()
	return in.health.state
}

// health holds the state of an inbox. It is safe for concurrent use.
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

// lost notes that the connection failed, and when the next attempt to connect will be.
func (w *health) lost(err error, now, next time.Time, refused bool) State {
	return w.update(func(s *State) {
		if s.Error == "" {
			s.Since = now
		}
		s.Connected, s.Error, s.NextAttempt, s.Refused = false, err.Error(), next, refused
	})
}

// stopped notes that the data file can't be used, and when we try again. The connection is
// closed, though nothing is wrong with it.
func (w *health) stopped(err error, now, next time.Time) State {
	return w.update(func(s *State) {
		if s.DataError == "" {
			s.DataSince = now
		}
		s.Connected, s.DataError, s.DataNext = false, err.Error(), next
	})
}

// works notes that the data file can be used. It returns for how long it could not, or zero.
func (w *health) works(now time.Time) (trouble time.Duration) {
	w.update(func(s *State) {
		if s.DataError != "" {
			trouble = max(now.Sub(s.DataSince), 1)
		}
		s.DataError, s.DataSince, s.DataNext = "", time.Time{}, time.Time{}
	})
	return trouble
}

// checked notes that the folder was searched. It returns for how long that had been
// impossible, or zero if the last search had succeeded too.
func (w *health) checked(now time.Time, announces bool) (trouble time.Duration) {
	w.update(func(s *State) {
		if s.Error != "" {
			trouble = max(now.Sub(s.Since), 1)
		}
		s.Connected, s.Announces, s.LastCheck = true, announces, now
		s.Error, s.Since, s.NextAttempt, s.Refused = "", time.Time{}, time.Time{}, false
	})
	return trouble
}
