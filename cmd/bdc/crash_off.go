//go:build !crash

package main

// dangerous is where the crash tests' build makes the daemon kill itself.
func dangerous(*daemon) {}
