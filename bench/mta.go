package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"

	"bdc/ingest/mailtest"
)

// mta is what takes the replies.
type mta string

// The kinds of mta.
const (
	sinkMTA mta = "sink"
	eximMTA mta = "exim"
)

// outlet is an mta at work.
type outlet struct {
	port  int
	tls   bool
	count func() (accepted, numbers int, err error) // numbers is -1 where nobody sees them
	close func() error
}

// open starts the outlet of a round beside its mailbox.
func (m mta) open(mail *mailtest.Instance) (*outlet, error) {
	if m == eximMTA {
		log := &eximLog{path: filepath.Join(mail.Dir, "exim-mainlog")}
		return &outlet{port: mail.SMTPS, tls: true, count: log.count, close: func() error { return nil }}, nil
	}
	s, err := newSink()
	if err != nil {
		return nil, err
	}
	return &outlet{port: s.port(), close: s.close, count: func() (int, int, error) {
		accepted, numbers := s.count()
		return accepted, numbers, nil
	}}, nil
}

// eximLog counts the mails that Exim accepted: "<=" in its main log. It doesn't
// see their numbers.
type eximLog struct {
	path     string
	offset   int64 // of what was not counted yet
	accepted int
	chunk    [64 << 10]byte
}

// count reads on from where it was, by whole lines: up to a chunk at a call.
func (l *eximLog) count() (accepted, numbers int, err error) {
	f, err := os.Open(l.path)
	if errors.Is(err, os.ErrNotExist) { // nothing was logged so far
		return 0, 0, nil
	}
	if err != nil {
		return 0, 0, err
	}
	defer f.Close()
	n, err := f.ReadAt(l.chunk[:], l.offset)
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, 0, err
	}
	whole := l.chunk[:bytes.LastIndexByte(l.chunk[:n], '\n')+1]
	l.offset += int64(len(whole))
	l.accepted += bytes.Count(whole, []byte(" <= "))
	return l.accepted, -1, nil
}
