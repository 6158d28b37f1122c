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

// sink is an SMTP server that takes every mail and keeps nothing of it but the
// order's number. It believes every password, and speaks as little as
// submission needs (RFC 5321, RFC 4954).
type sink struct {
	listener net.Listener
	sessions sync.WaitGroup

	mu       sync.Mutex
	open     map[net.Conn]bool
	accepted int
	numbers  map[string]bool
}

// orderNumber is what a reply names its order by.
var orderNumber = regexp.MustCompile(`CNS-\d{4}-\d{6}`)

// newSink returns a sink on a free loopback port, at work until it is closed.
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

// count is how many mails were accepted, and under how many different numbers.
func (s *sink) count() (accepted, numbers int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.accepted, len(s.numbers)
}

// close ends the sink and its connections.
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
			_ = s.session(c) // a client that leaves is of no interest: the count tells
			c.Close()
			s.mu.Lock()
			delete(s.open, c)
			s.mu.Unlock()
		})
	}
}

// session answers one client until it leaves.
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

func (s *sink) accept(number string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.accepted++
	if number != "" {
		s.numbers[number] = true
	}
}

// swallow reads a mail as far as its final dot, and returns the order's number
// that its header names.
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
