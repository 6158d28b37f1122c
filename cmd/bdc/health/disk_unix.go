//go:build linux || darwin

package health

import (
	"os"
	"path/filepath"
	"syscall"
)

// MeasureDisk measures the data file, and what the disk that it is on has left
// for us.
func MeasureDisk(path string) (Disk, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Disk{}, err
	}
	var fs syscall.Statfs_t
	if err := syscall.Statfs(filepath.Dir(path), &fs); err != nil {
		return Disk{}, &os.PathError{Op: "statfs", Path: path, Err: err}
	}
	return Disk{Free: int64(fs.Bavail) * int64(fs.Bsize), Size: info.Size()}, nil
}
