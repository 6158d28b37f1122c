// Package review is where people look into a running daemon and decide: the
// staff console, for browsers.
//
// The console shows what waits for a person, and each case as its form with what
// is wrong beside the cell. What somebody decides is one transaction of the
// store, guarded by the revision that they saw: of two people on one case the
// second is told, and nothing of theirs is lost. Whoever is signed in may look;
// acts take the role for it. A request from another site is refused, nothing
// that a stranger wrote is markup, and a browser is told to run our script alone.
// A page that fails changes nothing.
//
// The registers are looked through page by page. An administrator replaces one by
// files, which wait on disk and never whole in memory, and a bad file changes
// nothing. A person's change of an account names who made it, and is refused where
// the account is no longer as that person saw it.
package review
