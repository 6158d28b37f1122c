//go:build unix

package main

import "syscall"

// privateFiles makes every file and socket that the process creates from now on
// readable by its own user only.
func privateFiles() { syscall.Umask(0o077) }
