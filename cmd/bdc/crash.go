//go:build crash

package main

import (
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
)

// poison is the name of a file whose reading ends the process.
const poison = "poison"

// crashStep kills the process at the end of step BDC_TEST_CRASH_STEP, the
// BDC_TEST_CRASH_COUNT-th time, and whenever a poison file was read.
var crashStep = func() func(int, string) {
	at, _ := strconv.Atoi(os.Getenv("BDC_TEST_CRASH_STEP"))
	left := new(atomic.Int64)
	count, _ := strconv.Atoi(os.Getenv("BDC_TEST_CRASH_COUNT"))
	left.Store(int64(max(count, 1)))
	return func(step int, what string) {
		if step == 4 && strings.Contains(what, poison) || step == at && left.Add(-1) == 0 {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {} // until the signal arrives
		}
	}
}()
