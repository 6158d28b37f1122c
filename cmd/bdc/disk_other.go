//go:build !linux && !darwin

package main

import (
	"math"
	"os"
)

// measureDisk measures the data file alone: what the disk has left is not known,
// and taken for enough.
func measureDisk(path string) (disk, error) {
	info, err := os.Stat(path)
	if err != nil {
		return disk{}, err
	}
	return disk{Free: math.MaxInt64, Size: info.Size()}, nil
}
