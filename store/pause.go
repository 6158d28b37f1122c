package store

import "time"

// Pause says since when, by whom and why the intake or the outbox waits until it is
// resumed. The command line calls these hold and release. A zero Pause says that
// nothing waits.
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
