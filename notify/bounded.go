package notify

import (
	"bufio"
	"errors"
	"net"
)

// saidMost is how many octets a server may say while we connect, and about each mail, TLS
// and all. It bounds every line and every answer, and what they take of memory. RFC 5321,
// 4.5.3.1.5 allows 512 octets in a line; a certificate with its chain takes some 5 KiB.
const saidMost = 64 << 10

// errGarrulous: the server has said more than saidMost.
var errGarrulous = errors.New("the server says more than 64 KiB where a few lines are due")

// bounded is a connection whose peer may say saidMost octets until renew is called. It lies
// beneath TLS, so that it holds before TLS and after. Its reader is who calls renew.
type bounded struct {
	net.Conn
	left int
}

func (b *bounded) renew() { b.left = saidMost }

func (b *bounded) Read(p []byte) (int, error) {
	if b.left == 0 {
		return 0, errGarrulous
	}
	n, err := b.Conn.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

// terse is a reader of answers that puts a space behind a bare code: "250" alone is an
// answer (RFC 5321, 4.2: a client must take it), but net/textproto takes it for none.
type terse struct {
	from *bufio.Reader
	line []byte // what is left of the line that was read last
}

func (t *terse) Read(p []byte) (int, error) {
	if len(t.line) == 0 {
		// A piece of a line that is longer than the buffer is as good as a line.
		line, err := t.from.ReadSlice('\n')
		if len(line) == 0 {
			return 0, err
		}
		if t.line = line; isBare(line) {
			t.line = []byte(string(line[:3]) + " \r\n")
		}
	}
	n := copy(p, t.line)
	t.line = t.line[n:]
	return n, nil
}

// isBare reports whether a line is a code of three digits and nothing else.
func isBare(line []byte) bool {
	for i, c := range line {
		switch {
		case i < 3 && (c < '0' || c > '9'):
			return false
		case i >= 3:
			end := string(line[i:])
			return end == "\r\n" || end == "\n"
		}
	}
	return false
}
