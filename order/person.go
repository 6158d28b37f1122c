package order

import "time"

// Role is what a user of the console may do. Each includes the ones before it.
type Role string

// The roles.
const (
	Reading Role = "lecture"        // look at everything, change nothing
	Sales   Role = "vente"          // decide
	Admin   Role = "administration" // the registers
)

// Covers reports whether a user of this role may do what asks for another. An
// unknown role covers nothing, and is covered by none.
func (r Role) Covers(asked Role) bool {
	rank := map[Role]int{Reading: 1, Sales: 2, Admin: 3}
	return rank[asked] > 0 && rank[r] >= rank[asked]
}

// User is somebody who works with the console.
type User struct {
	Name      string    `json:"name"` // to sign in with: lower case
	FullName  string    `json:"full_name"`
	Role      Role      `json:"role"`
	Password  string    `json:"password"` // its argon2id hash in PHC form, never the password
	Closed    bool      `json:"closed,omitempty"`
	CreatedAt time.Time `json:"created_at"`
}

// Session is one signed-in browser.
type Session struct {
	ID    Hash      `json:"id"` // of the token in the cookie, which only the browser has
	User  string    `json:"user"`
	At    time.Time `json:"at"`
	Until time.Time `json:"until"`
}
