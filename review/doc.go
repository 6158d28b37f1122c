// Package review is where people look into a running daemon and decide: for now
// the control socket, over which the subcommands of bdc reach the store while
// the daemon holds its lock.
//
// The socket speaks HTTP. Whoever may open it may read every order: it is mode
// 0600 beside the data file, and nothing else guards it. A request never
// outlives the daemon, and a failed one changes nothing.
package review
