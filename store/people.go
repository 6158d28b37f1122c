package store

import (
	"context"
	"time"

	"bdc/order"
)

// People keep the users of the console and their sessions. actor is who causes a
// change: a user's name, or "bdc" for the command line.
type People interface {
	// AddUser records a new user, at revision 1. The error wraps ErrExists, and nothing is
	// changed, if there is a user of that name, closed or not, or one that had it before:
	// what was done under a name is never taken for somebody else's.
	AddUser(ctx context.Context, u order.User, actor string, at time.Time) error

	// The next five verbs change a user. Each returns an error that wraps ErrNotFound if
	// there is no such user, and ErrRevision if the user is not at UserChange.Revision, so
	// that none is done twice. With an error nothing is changed.

	// GivePassword replaces the hash of a user's password, in PHC form, by that of a password
	// that somebody else chose, and ends all sessions of the user.
	GivePassword(ctx context.Context, c UserChange, hash string) error

	// SetRole gives a user another role. It counts from the next request on; sessions go on.
	// The error wraps ErrLastAdmin if the user is the last who is not closed and has the role
	// Admin, and the new role is another.
	SetRole(ctx context.Context, c UserChange, role order.Role) error

	// Rename gives a user another name to sign in with, another full name, or both. The
	// sessions of the user, and the cases that the user has, go along. What was recorded
	// under the old name stays as it is; User.Former has that name. The error wraps ErrExists
	// if another user has the new name or had it before.
	Rename(ctx context.Context, c UserChange, name, full string) error

	// CloseUser keeps a user from signing in, and ends all sessions of the user. The error
	// wraps ErrLastAdmin if the user is the last who is not closed and has the role Admin.
	CloseUser(ctx context.Context, c UserChange) error

	// ReopenUser takes CloseUser back: the user may sign in with the password of before.
	ReopenUser(ctx context.Context, c UserChange) error

	// User returns a user by name. The error wraps ErrNotFound if there is none.
	User(ctx context.Context, name string) (order.User, error)

	// Users returns all users, sorted by name. There are few.
	Users(ctx context.Context) ([]order.User, error)

	// Enter records a session, notes in User.EnteredAt when it began, and deletes all
	// sessions that ended before.
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

// UserChange says which user is changed, and by whom.
type UserChange struct {
	User     string // the name
	Revision uint64 // that of the user which the actor saw
	Actor    string
	At       time.Time
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
