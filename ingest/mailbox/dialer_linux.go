package mailbox

import "syscall"

// tcpUserTimeout is the socket option TCP_USER_TIMEOUT of linux/tcp.h, which package
// syscall does not define.
const tcpUserTimeout = 18

// limitUnanswered makes the kernel drop the connection once written data has waited
// for its acknowledgement as long as unanswered says. Keepalive alone does not
// notice that: the kernel sends no probes while data is unacknowledged.
func limitUnanswered(_, _ string, c syscall.RawConn) error {
	var err error
	if controlErr := c.Control(func(fd uintptr) {
		err = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, tcpUserTimeout, int(unanswered.Milliseconds()))
	}); controlErr != nil {
		return controlErr
	}
	return err
}
