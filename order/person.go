package order

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Role says what a user of the console may do. Each role may also do everything that the
// roles before it may do.
type Role string

// The roles.
const (
	Reading Role = "lecture"        // look at everything, change nothing
	Sales   Role = "vente"          // decide cases, change orders and accounts, pause and resume
	Admin   Role = "administration" // import registers, manage users, read the audit
)

// Covers reports whether a user of role r may do what requires the role required. It is
// false if either role is unknown.
func (r Role) Covers(required Role) bool {
	rank := map[Role]int{Reading: 1, Sales: 2, Admin: 3}
	return rank[required] > 0 && rank[r] >= rank[required]
}

// User is somebody who works with the console.
type User struct {
	Name      string    `json:"name"` // to sign in with: lower case
	FullName  string    `json:"full_name"`
	Role      Role      `json:"role"`
	Password  string    `json:"password"`         // its argon2id hash in PHC form, never the password
	Closed    bool      `json:"closed,omitempty"` // may not sign in any more
	CreatedAt time.Time `json:"created_at"`

	Revision  uint64    `json:"revision,omitempty"`  // rises with each change by others; 0 before the first
	Former    []string  `json:"former,omitempty"`    // the names that the user had before, the latest last
	EnteredAt time.Time `json:"entered_at,omitzero"` // when the user last signed in, UTC; zero if that is not known
}

// Had reports whether the user has a name, or had it before.
func (u *User) Had(name string) bool { return u.Name == name || slices.Contains(u.Former, name) }

// ErrUserName says that a text is no name to sign in with.
var ErrUserName = errors.New("a name to sign in with has 1 to 32 lower-case letters, digits, dots, underscores and " +
	"hyphens, and begins with a letter or a digit, such as claire.morel")

var userName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,31}$`)

// ParseUserName returns the name to sign in with that a person typed: without the spaces
// around it, in small letters. The error is ErrUserName; also for "bdc", which is how the
// audit calls the program.
func ParseUserName(typed string) (string, error) {
	name := strings.ToLower(strings.TrimSpace(typed))
	if !userName.MatchString(name) || name == "bdc" {
		return "", ErrUserName
	}
	return name, nil
}

// Session is one signed-in browser.
type Session struct {
	ID    Hash      `json:"id"`    // the hash of the token in the cookie; only the browser has the token itself
	User  string    `json:"user"`  // who has signed in
	At    time.Time `json:"at"`    // when it began, UTC
	Until time.Time `json:"until"` // when it ends, UTC
}
