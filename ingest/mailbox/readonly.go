package mailbox

import (
	"net"
	"regexp"
	"sync"
)

// tap is a connection whose answers can be kept for a moment: go-imap passes on
// what it knows of them, and READ-ONLY is not among that.
type tap struct {
	net.Conn
	answers *recording
}

func (t *tap) Read(p []byte) (int, error) {
	n, err := t.Conn.Read(p)
	t.answers.add(p[:n])
	return n, err
}

// recording is what the server said between begin and end, the first 64 KiB. It
// is safe for concurrent use.
type recording struct {
	mu   sync.Mutex
	on   bool
	said []byte
}

const maxRecording = 64 << 10

func (r *recording) begin() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.on = true
}

func (r *recording) add(p []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.on {
		r.said = append(r.said, p[:min(len(p), maxRecording-len(r.said))]...)
	}
}

func (r *recording) end() (said []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	said, r.said, r.on = r.said, nil, false
	return said
}

// readOnly is the answer to a SELECT that gives less than was asked for (RFC
// 9051, 6.3.2).
var readOnly = regexp.MustCompile(`(?im)^[^*+ \r\n][^ \r\n]* OK \[READ-ONLY\]`)
