package store

import (
	"context"
	"time"

	"bdc/order"
)

// People keep the users of the console and their sessions. actor is who causes a
// change: a user's name, or "bdc" for the command line.
type People interface {
	// SaveUser records a user. If there is a user of that name already, SaveUser
	// replaces it and ends its sessions.
	SaveUser(ctx context.Context, u order.User, actor string, at time.Time) error

	// User returns a user by name. The error wraps ErrNotFound if there is none.
	User(ctx context.Context, name string) (order.User, error)

	// Users returns all users, sorted by name. There are few.
	Users(ctx context.Context) ([]order.User, error)

	// Enter records a session, and deletes all sessions that ended before it began.
	// The error wraps ErrNotFound when its user does not exist or is closed.
	Enter(ctx context.Context, s order.Session) error

	// Session returns the session of an id and its user as recorded now. The error
	// wraps ErrNotFound when there is no such session, or it has ended at that time.
	Session(ctx context.Context, id order.Hash, at time.Time) (order.Session, order.User, error)

	// Leave ends a session. It is no error when there is no such session.
	Leave(ctx context.Context, id order.Hash, at time.Time) error

	// SetPassword replaces the hash of a user's password, and ends all sessions of
	// the user but Password.Keep. It returns ErrRevision, and changes nothing, when
	// the stored hash is no longer Password.Was, the one that the user proved to
	// know. The error wraps ErrNotFound when there is no such user.
	SetPassword(ctx context.Context, p Password) error

	// Refuse writes into the audit that somebody was not let in. The caller must limit how
	// often it calls Refuse, since anybody can make it do so by guessing passwords.
	Refuse(ctx context.Context, r Refusal) error
}

// Password is a user's change of password.
type Password struct {
	User     string
	Was, Now string     // the hash that is replaced and the new one, both in PHC form
	Keep     order.Hash // the id of the one session of the user that is not ended
	At       time.Time
}

// Refusal is an attempt to sign in that failed.
type Refusal struct {
	User string // a user's name; "" where no user has the name, since what was typed may be a password
	From string // the address that it came from
	At   time.Time
}
