package wire

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
)

// Conn is a connection to an IMAP server on which two speak in turn: Do says our own
// commands, and go-imap, for which Conn is the net.Conn, says its own. Neither may begin
// while a command of the other is under way.
//
// The turn is go-imap's from what it writes until the tagged answer to that, or until Close.
// In between it waits in Read, and nobody reads the connection. It sees only responses that
// it has a use for, each written anew by us: it closes the connection over one that it can't
// parse.
type Conn struct {
	net.Conn

	// Told is called with each response that a server sends on its own account: the number of
	// messages has changed. It is called from the goroutine that reads.
	Told func(*Response)

	r    reader
	tags int
	left []byte // of what go-imap is to read

	mu      sync.Mutex
	turns   *sync.Cond
	theirs  bool   // the turn is go-imap's
	tag     string // of its command
	asked   bool   // since the last "+", go-imap has written something that may be answered by one
	greeted bool
	closed  bool
	caps    string // as go-imap is told them

	announced atomic.Bool

	raw map[string]string // names of folders that the server lists in another encoding than it should, by name
}

// NewConn returns a connection whose greeting is to be read by go-imap.
func NewConn(conn net.Conn) *Conn {
	c := &Conn{Conn: conn, theirs: true, caps: capabilities(nil), raw: map[string]string{}}
	c.r.br = bufio.NewReader(conn)
	c.turns = sync.NewCond(&c.mu)
	return c
}

// Do says a command, and returns the answer to it: OK, NO or BAD. Each response before it is
// passed to each, unless that is nil; literals in it are kept as keep says, if that is not nil.
// After an error the connection can only be closed.
func (c *Conn) Do(command string, keep Keep, each func(*Response) error) (*Response, error) {
	c.mu.Lock()
	theirs := c.tag
	c.mu.Unlock()
	if theirs != "" {
		return nil, fmt.Errorf("go-imap's command %s is not answered yet", theirs)
	}
	c.tags++
	tag := fmt.Sprintf("A%d", c.tags)
	c.r.spent.Store(0)
	if _, err := io.WriteString(c.Conn, tag+" "+command+"\r\n"); err != nil {
		return nil, err
	}
	for {
		resp, err := c.r.next(keep)
		if err != nil {
			return nil, err
		}
		switch {
		case resp.Tag == tag && resp.Status():
			return resp, nil
		case resp.Tag == "*" && resp.Name == "BYE":
			return nil, fmt.Errorf("the mail server says goodbye: %.200s", resp.Text)
		case resp.Tag != "*":
			continue
		}
		c.tell(resp)
		if each == nil {
			continue
		}
		if err := each(resp); err != nil {
			return nil, err
		}
	}
}

func (c *Conn) tell(resp *Response) {
	if c.Told != nil && (resp.Name == "EXISTS" || resp.Name == "EXPUNGE") {
		c.Told(resp)
	}
}

// Read returns what go-imap is to read.
func (c *Conn) Read(p []byte) (int, error) {
	for len(c.left) == 0 {
		c.mu.Lock()
		for !c.theirs && !c.closed {
			c.turns.Wait()
		}
		closed := c.closed
		c.mu.Unlock()
		if closed {
			return 0, net.ErrClosed
		}
		resp, err := c.r.next(nil)
		if err != nil {
			return 0, err
		}
		c.mu.Lock()
		c.note(resp)
		switch { // a command may have begun while we waited
		case resp.Tag == "*" && resp.Status() && !c.greeted:
			c.greeted, c.left = true, greeting(resp, c.caps)
		case resp.Tag == c.tag && resp.Name != "":
			c.theirs, c.tag, c.left = false, "", completion(resp, c.caps)
		default:
			c.left = c.rewrite(resp)
		}
		c.mu.Unlock()
		c.tell(resp)
	}
	n := copy(p, c.left)
	c.left = c.left[n:]
	return n, nil
}

// note notes the capabilities, if a response has them.
func (c *Conn) note(r *Response) {
	names := strings.Fields(r.Args)
	switch {
	case r.Tag == "*" && r.Name == "CAPABILITY":
		names = names[:0]
		for _, i := range r.Items {
			names = append(names, i.String())
		}
	case !r.Status() || r.Code != "CAPABILITY":
		return
	}
	c.caps = capabilities(names)
	c.announced.Store(true)
}

// Announced reports whether go-imap has been told capabilities by the server since the last
// call.
func (c *Conn) Announced() bool { return c.announced.Swap(false) }

// Write says what go-imap says.
func (c *Conn) Write(p []byte) (int, error) {
	c.mu.Lock()
	if c.tag == "" { // a new command begins; what else it writes belongs to the one under way
		for i, b := range p {
			if b == ' ' {
				c.tag = string(p[:i])
				break
			}
		}
		c.r.spent.Store(0)
	}
	c.theirs, c.asked = true, true
	c.turns.Broadcast()
	c.mu.Unlock()
	return c.Conn.Write(p)
}

// Close closes the connection, and ends go-imap's waiting.
func (c *Conn) Close() error {
	c.mu.Lock()
	c.closed = true
	c.turns.Broadcast()
	c.mu.Unlock()
	return c.Conn.Close()
}

// FolderName returns a folder's name as the server wants it in our own commands.
func (c *Conn) FolderName(name string, utf8 bool) string {
	if raw, ok := c.raw[name]; ok {
		return Quote(raw)
	}
	if utf8 {
		return Quote(name)
	}
	return Quote(EncodeName(name))
}
