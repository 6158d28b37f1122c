//go:build unix

package control

import "syscall"

// PrivateFiles makes every file and socket that the process creates from now on
// readable by its own user only.
func PrivateFiles() { syscall.Umask(0o077) }
