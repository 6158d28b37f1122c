// Package review is the staff console: the web pages on which people see what
// waits for a decision, and decide.
//
// A case is shown as its order form, with each finding beside the cell that it is
// about. Every signed-in user may look at everything but the audit, which is for
// administrators. Whoever decides needs the role of the sales staff at least.
//
// A decision is one transaction of the store. It carries the revision of the case
// that the person saw: if a colleague has changed the case since then, the decision
// is refused, nothing is recorded, and the answer repeats what the person wrote so
// that it is not lost. A request that fails changes nothing, except where
// ErrUnfinished says otherwise.
//
// Requests that another site makes in a user's name are refused. Whatever came from
// outside is escaped, and the Content-Security-Policy of each page lets a browser
// run only our own script.
//
// The registers (the directory of schools, the catalogue, the booksellers'
// accounts) are listed page by page. An administrator replaces a register by
// uploading files. They are written to disk as they arrive, never held in memory as
// a whole, and if one is refused the register stays as it was. A change of an
// account is recorded with the name of the user who made it, and is refused if the
// account has changed since the user saw it.
//
// With a Verifier, the console also has public pages on which booksellers check a
// form before they mail it.
package review
