//go:build linux || darwin

package main

import (
	"os"
	"path/filepath"
	"syscall"
)

// measureDisk measures the data file, and what the disk that it is on has left
// for us.
func measureDisk(path string) (disk, error) {
	info, err := os.Stat(path)
	if err != nil {
		return disk{}, err
	}
	var fs syscall.Statfs_t
	if err := syscall.Statfs(filepath.Dir(path), &fs); err != nil {
		return disk{}, &os.PathError{Op: "statfs", Path: path, Err: err}
	}
	return disk{Free: int64(fs.Bavail) * int64(fs.Bsize), Size: info.Size()}, nil
}
