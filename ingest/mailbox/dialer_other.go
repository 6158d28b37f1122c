//go:build !linux

package mailbox

import "syscall"

// limitUnanswered does nothing on systems other than Linux: their own limit on
// unacknowledged data applies.
func limitUnanswered(_, _ string, _ syscall.RawConn) error { return nil }
