package mailbox

import (
	"net"
	"time"
)

// unanswered is how long sent data or probes may go without an acknowledgement.
const unanswered = 25 * time.Second

// defaultDialer makes connections that notice a peer which vanished, even during
// IDLE, when nothing else is on the wire.
func defaultDialer() *net.Dialer {
	return &net.Dialer{
		Timeout:         30 * time.Second,
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 10 * time.Second, Interval: 5 * time.Second, Count: 3},
		Control:         limitUnanswered,
	}
}
