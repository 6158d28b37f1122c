package store

import "time"

// Pause says that the intake or the outbox waits until it is resumed: since when, by whom
// and why. The zero Pause says that it does not wait. The commands that pause and resume
// are called hold and release.
type Pause struct {
	At     time.Time `json:"at"`
	Actor  string    `json:"actor"` // "bdc" for the program itself or its command line, or a user's name
	Reason string    `json:"reason"`
}

// IsZero reports whether nothing is paused.
func (p Pause) IsZero() bool { return p == Pause{} }

// Pauses are the pause of the intake and that of the outbox.
type Pauses struct {
	Intake Pause // while it lasts, no message is taken in
	Outbox Pause // while it lasts, no reply is claimed but mails to staff
}
