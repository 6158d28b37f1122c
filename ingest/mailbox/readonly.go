package mailbox

import (
	"net"
	"regexp"
	"sync"
)

// tap is a connection that copies what the server says into a recording. We need it
// because go-imap does not pass on the READ-ONLY code of the answer to SELECT, and
// that code alone tells us that we can move nothing out of the folder.
type tap struct {
	net.Conn
	answers *recording
}

func (t *tap) Read(p []byte) (int, error) {
	n, err := t.Conn.Read(p)
	t.answers.add(p[:n])
	return n, err
}

// recording keeps what the server says between begin and end, up to maxRecording
// octets. It is safe for concurrent use.
type recording struct {
	mu   sync.Mutex
	on   bool
	said []byte
}

// maxRecording is how many octets a recording keeps. Later ones are dropped.
const maxRecording = 64 << 10

// begin starts the recording.
func (r *recording) begin() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.on = true
}

// add appends p to the recording, if it is running.
func (r *recording) add(p []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.on {
		r.said = append(r.said, p[:min(len(p), maxRecording-len(r.said))]...)
	}
}

// end stops the recording, empties it, and returns what it held.
func (r *recording) end() (said []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	said, r.said, r.on = r.said, nil, false
	return said
}

// readOnly finds the completion of a SELECT by which the server grants read access
// only, though SELECT asks for write access too (RFC 9051, section 6.3.2).
var readOnly = regexp.MustCompile(`(?im)^[^*+ \r\n][^ \r\n]* OK \[READ-ONLY\]`)
