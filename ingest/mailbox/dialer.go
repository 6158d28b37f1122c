package mailbox

import (
	"net"
	"time"
)

// unanswered is how long sent data may go without a TCP acknowledgement before the
// connection counts as lost. The keepalive below gives up after the same time.
const unanswered = 25 * time.Second

// defaultDialer makes TCP connections that fail some 25 s after the server has
// vanished from the network, even during IDLE, when neither side sends anything.
func defaultDialer() *net.Dialer {
	return &net.Dialer{
		Timeout:         30 * time.Second,
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 10 * time.Second, Interval: 5 * time.Second, Count: 3},
		Control:         limitUnanswered,
	}
}
