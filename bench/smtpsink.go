package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"regexp"
	"strings"
	"sync"
)

// sink is an SMTP server that accepts every mail and every password. Of a mail it keeps
// only the order's number. It implements just what a client needs to submit a mail (RFC
// 5321, RFC 4954).
type sink struct {
	listener net.Listener
	sessions sync.WaitGroup

	mu       sync.Mutex
	open     map[net.Conn]bool
	accepted int
	numbers  map[string]bool
}

// orderNumber matches an order's number, which replies have in their subject.
var orderNumber = regexp.MustCompile(`CNS-\d{4}-\d{6}`)

// newSink starts a sink on a free loopback port. The caller must close it.
func newSink() (*sink, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &sink{listener: l, open: map[net.Conn]bool{}, numbers: map[string]bool{}}
	s.sessions.Go(s.serve)
	return s, nil
}

func (s *sink) port() int { return s.listener.Addr().(*net.TCPAddr).Port }

// count returns how many mails were accepted, and how many different order numbers they
// name.
func (s *sink) count() (accepted, numbers int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.accepted, len(s.numbers)
}

// close stops the sink, closes its connections, and waits for its goroutines.
func (s *sink) close() error {
	err := s.listener.Close()
	s.mu.Lock()
	for c := range s.open {
		c.Close()
	}
	s.mu.Unlock()
	s.sessions.Wait()
	return err
}

// serve accepts connections until the sink is closed.
func (s *sink) serve() {
	for {
		c, err := s.listener.Accept()
		if err != nil {
			return // closed
		}
		s.mu.Lock()
		s.open[c] = true
		s.mu.Unlock()
		s.sessions.Go(func() {
			_ = s.session(c) // if a client breaks off, the count shows that a mail is missing
			c.Close()
			s.mu.Lock()
			delete(s.open, c)
			s.mu.Unlock()
		})
	}
}

// session answers a client until that quits or the connection fails.
func (s *sink) session(c net.Conn) error {
	in := bufio.NewReaderSize(c, 64<<10)
	say := func(words string) error {
		_, err := io.WriteString(c, words+"\r\n")
		return err
	}
	if err := say("220 sink ESMTP"); err != nil {
		return err
	}
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return err
		}
		verb, _, _ := strings.Cut(strings.TrimSpace(strings.ToUpper(line)), " ")
		answer := "250 2.0.0 OK"
		switch verb {
		case "EHLO":
			answer = "250-sink\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-AUTH PLAIN\r\n250 SIZE 52428800"
		case "AUTH":
			answer = "235 2.7.0 welcome"
		case "DATA":
			if err := say("354 go on"); err != nil {
				return err
			}
			number, err := swallow(in)
			if err != nil {
				return err
			}
			s.accept(number)
		case "QUIT":
			return say("221 2.0.0 bye")
		case "HELO", "MAIL", "RCPT", "RSET", "NOOP":
		default:
			answer = "502 5.5.1 unknown"
		}
		if err := say(answer); err != nil {
			return err
		}
	}
}

// accept counts a mail and the order number in it, which may be "".
func (s *sink) accept(number string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.accepted++
	if number != "" {
		s.numbers[number] = true
	}
}

// swallow reads a mail up to the line with the final dot, and returns the first order
// number in its header, or "".
func swallow(in *bufio.Reader) (number string, err error) {
	header := true
	for {
		line, err := in.ReadSlice('\n')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return "", fmt.Errorf("read mail: %w", err)
		}
		switch text := bytes.TrimRight(line, "\r\n"); {
		case string(text) == ".":
			return number, nil
		case len(text) == 0:
			header = false
		case header && number == "":
			number = string(orderNumber.Find(text))
		}
	}
}
