// Package dialect is an IMAP server for tests that answers as odd servers do. It keeps one
// account's folders in memory, behaves well by itself, and lets a Dialect change what it says.
// All gives the dialects that servers are known to speak, each with the public report of it.
package dialect

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Dialect is how a server differs from a good one. All fields but Name are optional.
type Dialect struct {
	Name   string
	Source string // the address of a public report of it

	Caps string // its capabilities, where they are not the usual ones

	// Answer answers a command, without its tag, in the place of the usual answer; TAG stands
	// for the tag. "" for the usual answer.
	Answer func(s *Server, command string) string

	// Say changes a line of the usual answers, without its end. It may return several lines, or
	// "" for none.
	Say func(line string) string
}

// Message is a message in a folder.
type Message struct {
	UID uint32
	Raw []byte
}

// Server is one account on a mail server. It serves until Close.
type Server struct {
	Dialect
	Received time.Time // the INTERNALDATE of all messages

	ln      net.Listener
	serving sync.WaitGroup

	mu      sync.Mutex
	conns   []net.Conn
	folders map[string][]Message
	next    uint32
	deleted map[uint32]bool
	said    map[string]bool // what Once has been asked for
}

// Start starts a server on a port of this machine, with messages in its inbox.
func Start(d Dialect, received time.Time, raw ...[]byte) (*Server, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Server{
		Dialect: d, Received: received, ln: ln, folders: map[string][]Message{"INBOX": nil}, next: 5,
		deleted: map[uint32]bool{}, said: map[string]bool{},
	}
	for _, r := range raw {
		s.folders["INBOX"] = append(s.folders["INBOX"], Message{s.next, r})
		s.next++
	}
	s.serving.Go(func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.conns = append(s.conns, conn)
			s.mu.Unlock()
			s.serving.Go(func() {
				defer conn.Close()
				s.serve(conn)
			})
		}
	})
	return s, nil
}

// Port is the port on 127.0.0.1.
func (s *Server) Port() int { return s.ln.Addr().(*net.TCPAddr).Port }

// Close ends all connections, and waits until they have ended.
func (s *Server) Close() {
	s.ln.Close()
	s.mu.Lock()
	for _, c := range s.conns {
		c.Close()
	}
	s.mu.Unlock()
	s.serving.Wait()
}

// Folder returns the messages of a folder, by its name as the protocol has it.
func (s *Server) Folder(name string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.folders[name])
}

// Put puts a message into a folder.
func (s *Server) Put(folder string, m Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.folders[folder] = append(s.folders[folder], m)
}

// Make makes a folder.
func (s *Server) Make(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.folders[name] = nil
}

// Once reports whether it is called with this name for the first time.
func (s *Server) Once(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	first := !s.said[name]
	s.said[name] = true
	return first
}

const usualCaps = "IMAP4rev1 AUTH=PLAIN UIDPLUS MOVE IDLE NAMESPACE"

func (s *Server) caps() string {
	if s.Caps != "" {
		return s.Caps
	}
	return usualCaps
}

// session is one connection.
type session struct {
	*Server
	r      *bufio.Reader
	w      io.Writer
	folder string
}

var literal = regexp.MustCompile(`\{(\d+)(\+?)\}$`)

func (s *Server) serve(conn net.Conn) {
	c := &session{Server: s, r: bufio.NewReader(conn), w: conn}
	c.say("* OK [CAPABILITY " + s.caps() + "] ready")
	for {
		line, err := c.r.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		data := []byte(nil)
		if m := literal.FindStringSubmatch(line); m != nil {
			n, _ := strconv.Atoi(m[1])
			if m[2] == "" {
				c.say("+ go")
			}
			data = make([]byte, n)
			if _, err := io.ReadFull(c.r, data); err != nil {
				return
			}
			_, _ = c.r.ReadString('\n')
		}
		tag, command, _ := strings.Cut(line, " ")
		if s.Answer != nil {
			if a := s.Answer(s, command); a != "" {
				a, hangup := strings.CutSuffix(a, "HANGUP")
				_, _ = io.WriteString(conn, strings.ReplaceAll(a, "TAG", tag))
				if hangup {
					return
				}
				continue
			}
		}
		if !c.do(tag, command, data) {
			return
		}
	}
}

// say says a line as the dialect has it.
func (c *session) say(line string) {
	if c.Say != nil {
		if line = c.Say(line); line == "" {
			return
		}
	}
	_, _ = io.WriteString(c.w, line+"\r\n")
}

// do answers a command as a good server does. It returns false at the end.
func (c *session) do(tag, command string, data []byte) bool {
	words := strings.Fields(command)
	verb := strings.ToUpper(words[0])
	if verb == "UID" {
		verb += " " + strings.ToUpper(words[1])
	}
	answer := "OK done"
	switch verb {
	case "AUTHENTICATE":
		if len(words) < 3 {
			c.say("+ ")
			_, _ = c.r.ReadString('\n')
		}
		answer = "OK [CAPABILITY " + c.caps() + "] in"
	case "LOGIN":
		answer = "OK [CAPABILITY " + c.caps() + "] in"
	case "CAPABILITY":
		c.say("* CAPABILITY " + c.caps())
	case "NAMESPACE":
		c.say(`* NAMESPACE (("" "/")) NIL NIL`)
	case "LIST":
		c.list(command)
	case "CREATE":
		c.Make(quoted(command))
	case "SELECT", "EXAMINE":
		answer = c.open(quoted(command))
	case "STATUS":
		name := command[len("STATUS "):strings.LastIndexByte(command, '(')]
		c.say(fmt.Sprintf("* STATUS %s(UIDVALIDITY 7 UIDNEXT 9 MESSAGES %d)",
			name, len(c.Folder(strings.Trim(name, `" `)))))
	case "UID SEARCH":
		c.search(command)
	case "UID FETCH":
		c.fetch(words[2], command)
	case "UID MOVE", "UID COPY":
		answer = c.move(verb == "UID MOVE", words[2], strings.Trim(strings.SplitN(command, " ", 4)[3], `"`))
	case "UID STORE":
		c.mark(words[2], strings.Contains(command, "+FLAGS"))
	case "UID EXPUNGE":
		c.expunge(func(uid uint32) bool { return in(words[2], uid) })
	case "EXPUNGE":
		c.expunge(func(uint32) bool { return true })
	case "APPEND":
		name := quoted(command)
		c.mu.Lock()
		c.folders[name] = append(c.folders[name], Message{c.next, data})
		answer = fmt.Sprintf("OK [APPENDUID 7 %d] done", c.next)
		c.next++
		c.mu.Unlock()
	case "IDLE":
		c.say("+ idling")
		_, _ = c.r.ReadString('\n')
	case "LOGOUT":
		c.say("* BYE")
		c.say(tag + " OK bye")
		return false
	}
	c.say(tag + " " + answer)
	return true
}

// quoted returns the name of a folder in a command.
func quoted(command string) string {
	if _, after, ok := strings.Cut(command, `"`); ok {
		name, _, _ := strings.Cut(after, `"`)
		return name
	}
	return strings.Fields(command)[1]
}

func (c *session) list(command string) {
	pattern := strings.Trim(strings.SplitN(command, " ", 3)[2], `"`)
	if pattern == "" {
		c.say(`* LIST (\Noselect) "/" ""`)
		return
	}
	match := regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(pattern), "%", "[^/]*") + "$")
	c.mu.Lock()
	names := []string{}
	for name := range c.folders {
		names = append(names, name)
	}
	c.mu.Unlock()
	slices.Sort(names)
	for _, name := range names {
		if plain := asterisks.ReplaceAllString(name, "é"); match.MatchString(name) || match.MatchString(plain) {
			c.say(`* LIST (\HasNoChildren) "/" "` + name + `"`)
		}
	}
}

// asterisks are the encoded characters in a name.
var asterisks = regexp.MustCompile(`&[^-]*-`)

func (c *session) open(name string) string {
	if strings.EqualFold(name, "INBOX") {
		name = "INBOX"
	}
	c.mu.Lock()
	messages, there := c.folders[name]
	next := c.next
	c.mu.Unlock()
	if !there {
		return "NO no such folder"
	}
	c.folder = name
	for _, line := range []string{
		`* FLAGS (\Seen \Answered \Deleted)`, fmt.Sprintf("* %d EXISTS", len(messages)), "* 0 RECENT",
		"* OK [UIDVALIDITY 7] ok", fmt.Sprintf("* OK [UIDNEXT %d] ok", next), `* OK [PERMANENTFLAGS (\Seen \*)] ok`,
	} {
		c.say(line)
	}
	return "OK [READ-WRITE] done"
}

func (c *session) search(command string) {
	found := "* SEARCH"
	for _, m := range c.Folder(c.folder) {
		switch {
		case strings.Contains(command, "BEFORE"), strings.Contains(command, "DELETED") && !c.isDeleted(m.UID),
			strings.HasPrefix(command, "UID SEARCH UID ") && !in(strings.Fields(command)[3], m.UID):
		default:
			found += fmt.Sprintf(" %d", m.UID)
		}
	}
	c.say(found)
}

func (c *session) isDeleted(uid uint32) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.deleted[uid]
}

// in reports whether a set has a number.
func in(set string, uid uint32) bool {
	for part := range strings.SplitSeq(set, ",") {
		from, to, isRange := strings.Cut(part, ":")
		a, _ := strconv.Atoi(from)
		b := a
		if isRange {
			if b, _ = strconv.Atoi(to); to == "*" {
				b = 1 << 31
			}
		}
		if uint32(a) <= uid && uid <= uint32(b) {
			return true
		}
	}
	return false
}

func (c *session) fetch(set, command string) {
	for i, m := range c.Folder(c.folder) {
		if in(set, m.UID) {
			c.say(c.Fetched(i+1, m, command))
		}
	}
}

// Fetched returns the usual answer to a FETCH about the message with a number, without the end
// of its line.
func (s *Server) Fetched(number int, m Message, command string) string {
	header, _, _ := strings.Cut(string(m.Raw), "\r\n\r\n")
	header += "\r\n\r\n"
	switch {
	case strings.Contains(command, "HEADER"):
		return fmt.Sprintf("* %d FETCH (UID %d BODY[HEADER]<0> {%d}\r\n%s)", number, m.UID, len(header), header)
	case strings.Contains(command, "BODY"):
		return fmt.Sprintf("* %d FETCH (UID %d BODY[] {%d}\r\n%s)", number, m.UID, len(m.Raw), m.Raw)
	}
	return fmt.Sprintf(`* %d FETCH (UID %d RFC822.SIZE %d INTERNALDATE "%s")`, number, m.UID, len(m.Raw),
		s.Received.Format("_2-Jan-2006 15:04:05 -0700"))
}

func (c *session) move(away bool, set, name string) string {
	c.mu.Lock()
	if _, there := c.folders[name]; !there {
		c.mu.Unlock()
		return "NO [TRYCREATE] no such folder"
	}
	for _, m := range c.folders[c.folder] {
		if in(set, m.UID) {
			c.folders[name] = append(c.folders[name], Message{c.next, m.Raw})
			c.next++
		}
	}
	c.mu.Unlock()
	if !away {
		return "OK [COPYUID 9 " + set + " " + set + "] done"
	}
	c.say("* OK [COPYUID 9 " + set + " " + set + "] ok")
	c.remove(func(uid uint32) bool { return in(set, uid) })
	return "OK done"
}

func (c *session) mark(set string, deleted bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, m := range c.folders[c.folder] {
		if in(set, m.UID) {
			c.deleted[m.UID] = deleted
		}
	}
}

func (c *session) expunge(named func(uint32) bool) {
	c.remove(func(uid uint32) bool { return named(uid) && c.isDeleted(uid) })
}

func (c *session) remove(which func(uint32) bool) {
	for i := 0; ; {
		all := c.Folder(c.folder)
		if i >= len(all) {
			return
		}
		if !which(all[i].UID) {
			i++
			continue
		}
		c.mu.Lock()
		c.folders[c.folder] = slices.Delete(slices.Clone(all), i, i+1)
		c.mu.Unlock()
		c.say(fmt.Sprintf("* %d EXPUNGE", i+1))
	}
}
