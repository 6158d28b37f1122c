package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// memoryPoll is the time between two looks at a process's memory. A peak that is shorter
// may be missed.
const memoryPoll = 20 * time.Millisecond

// memory is the resident memory of a process, in octets.
type memory struct {
	// anon is RssAnon of /proc/PID/status: the memory that no file backs. It leaves out
	// the pages of the data file that bbolt maps, which the kernel can drop at any time.
	anon int64
	// all is the most resident memory so far, of all kinds (VmHWM).
	all int64
}

// most returns the larger anon and the larger all of m and o.
func (m memory) most(o memory) memory { return memory{max(m.anon, o.anon), max(m.all, o.all)} }

// watch looks at a process's memory until quit is closed, and returns the most that it saw.
// The maximum that rusage tells is of no use here: it counts from the fork on and so
// includes the memory of the process that started the other one.
func watch(pid int, quit <-chan struct{}) (most memory) {
	path := fmt.Sprintf("/proc/%d/status", pid)
	tick := time.NewTicker(memoryPoll)
	defer tick.Stop()
	for {
		if status, err := os.ReadFile(path); err == nil { // it fails when the process has ended
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

// kilobytes returns the number in the line "key:   123 kB" of a file /proc/PID/status, or 0
// if there is no such line.
func kilobytes(status, key string) int64 {
	for line := range strings.Lines(status) {
		if rest, ok := strings.CutPrefix(line, key+":"); ok {
			n, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return n
		}
	}
	return 0
}

// loadAverage returns the machine's load average over the last minute, as /proc/loadavg
// writes it.
func loadAverage() string {
	b, _ := os.ReadFile("/proc/loadavg") // unknown where there is none
	first, _, _ := strings.Cut(string(b), " ")
	return first
}
