package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// memoryPoll is how often memory is looked at. What lives shorter is not seen.
const memoryPoll = 20 * time.Millisecond

// memory is resident memory in octets.
type memory struct {
	anon int64 // without what the kernel can read again, such as the data file that bbolt maps
	all  int64
}

// most is the larger of each.
func (m memory) most(o memory) memory { return memory{max(m.anon, o.anon), max(m.all, o.all)} }

// watch returns the most memory that a process was seen to have until quit is
// closed. The kernel's own record of it, in rusage, begins before exec, with the
// memory of the process that started it.
func watch(pid int, quit <-chan struct{}) (most memory) {
	path := fmt.Sprintf("/proc/%d/status", pid)
	tick := time.NewTicker(memoryPoll)
	defer tick.Stop()
	for {
		if status, err := os.ReadFile(path); err == nil { // else it has ended
			most = most.most(memory{
				kilobytes(string(status), "RssAnon") << 10, kilobytes(string(status), "VmHWM") << 10,
			})
		}
		select {
		case <-quit:
			return most
		case <-tick.C:
		}
	}
}

// kilobytes is the value of a line "key:   123 kB" of a status, or 0.
func kilobytes(status, key string) int64 {
	for line := range strings.Lines(status) {
		if rest, ok := strings.CutPrefix(line, key+":"); ok {
			n, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return n
		}
	}
	return 0
}

// loadAverage is the machine's over the last minute, as it says it.
func loadAverage() string {
	b, _ := os.ReadFile("/proc/loadavg") // unknown where there is none
	first, _, _ := strings.Cut(string(b), " ")
	return first
}
