package mark

import (
	"math"
	"os"
	"strconv"
	"syscall"
	"time"
)

// niceness is how far the child steps back behind the other processes of the machine.
const niceness = 10

// beNice lowers the priority of all threads of this process, and so of those that they
// start. That it can't is no reason not to work.
func beNice() {
	threads, _ := os.ReadDir("/proc/self/task")
	for _, thread := range threads {
		if id, err := strconv.Atoi(thread.Name()); err == nil {
			_ = syscall.Setpriority(syscall.PRIO_PROCESS, id, niceness)
		}
	}
}

// confine limits the memory and the processor time of this process, for good, and lets
// others go first.
// RLIMIT_DATA counts only memory that can be written to. RLIMIT_AS would also count what
// Go's runtime reserves, which is more than the limit from the start.
func confine(memory uint64, wall time.Duration) error {
	seconds := uint64(math.Ceil(wall.Seconds()))
	if err := syscall.Setrlimit(syscall.RLIMIT_CPU, &syscall.Rlimit{Cur: seconds, Max: seconds}); err != nil {
		return err
	}
	beNice()
	return syscall.Setrlimit(syscall.RLIMIT_DATA, &syscall.Rlimit{Cur: memory, Max: memory})
}
