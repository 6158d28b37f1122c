//go:build !crash

package daemon

// dangerous is where the crash tests' build makes the daemon kill itself.
func dangerous(*Daemon) {}
