package mark

import (
	"math"
	"syscall"
	"time"
)

// confine limits the memory and the processor time of this process, for good.
// RLIMIT_DATA counts only memory that can be written to. RLIMIT_AS would also count what
// Go's runtime reserves, which is more than the limit from the start.
func confine(memory uint64, wall time.Duration) error {
	seconds := uint64(math.Ceil(wall.Seconds()))
	if err := syscall.Setrlimit(syscall.RLIMIT_CPU, &syscall.Rlimit{Cur: seconds, Max: seconds}); err != nil {
		return err
	}
	return syscall.Setrlimit(syscall.RLIMIT_DATA, &syscall.Rlimit{Cur: memory, Max: memory})
}
