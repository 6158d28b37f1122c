package order

import "time"

// Role says what a user of the console may do. Each role may also do everything that the
// roles before it may do.
type Role string

// The roles.
const (
	Reading Role = "lecture"        // look at everything, change nothing
	Sales   Role = "vente"          // decide cases, change orders and accounts, pause and resume
	Admin   Role = "administration" // import registers, read the audit
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
}

// Session is one signed-in browser.
type Session struct {
	ID    Hash      `json:"id"`    // the hash of the token in the cookie; only the browser has the token itself
	User  string    `json:"user"`  // who has signed in
	At    time.Time `json:"at"`    // when it began, UTC
	Until time.Time `json:"until"` // when it ends, UTC
}
