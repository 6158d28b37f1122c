package mailbox

import "syscall"

// tcpUserTimeout is TCP_USER_TIMEOUT of linux/tcp.h, which package syscall lacks.
const tcpUserTimeout = 18

// limitUnanswered bounds how long written data waits for an acknowledgement:
// keepalive probes are not sent while there is such data.
func limitUnanswered(_, _ string, c syscall.RawConn) error {
	var err error
	if controlErr := c.Control(func(fd uintptr) {
		err = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, tcpUserTimeout, int(unanswered.Milliseconds()))
	}); controlErr != nil {
		return controlErr
	}
	return err
}
