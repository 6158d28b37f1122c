//go:build unix

package copies

import (
	"os"
	"syscall"
)

// share says, until the file is closed or the program ends, that it is being written. Others
// may say so too: to verify the file, bbolt does.
func share(file *os.File) error {
	return syscall.Flock(int(file.Fd()), syscall.LOCK_SH|syscall.LOCK_NB)
}

// abandoned reports whether nobody says that a file is being written.
func abandoned(file *os.File) bool {
	return syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil
}
