//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package restore

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// lock takes the lock of the data file, as a daemon would, so that none starts meanwhile.
// The file may be damaged. If there is none, there is nothing to lock.
func lock(data string) (unlock func(), err error) {
	f, err := os.Open(data)
	if errors.Is(err, fs.ErrNotExist) {
		return func() {}, nil
	}
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(running(data), f.Close())
	}
	return func() { f.Close() }, nil
}
