package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"

	"bdc/ingest/mailtest"
)

// mta is a kind of SMTP server that accepts the contender's replies.
type mta string

// The kinds of mta.
const (
	sinkMTA mta = "sink" // in this process
	eximMTA mta = "exim" // a real Exim
)

// outlet is the running SMTP server of a round.
type outlet struct {
	port int
	tls  bool // by implicit TLS; else without TLS
	// count returns how many mails were accepted, and how many different order numbers
	// they name. numbers is -1 if the server does not look for them.
	count func() (accepted, numbers int, err error)
	close func() error
}

// open starts the SMTP server of a round. For Exim, that is the one of mail, which runs
// already.
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

// eximLog counts the mails that Exim has accepted, which are the lines with "<=" in its main
// log. It can't see the order numbers in them.
type eximLog struct {
	path     string
	offset   int64 // up to which the log has been counted
	accepted int   // up to there
	chunk    [64 << 10]byte
}

// count goes on counting where the last call stopped. One call reads at most a chunk, and
// only whole lines.
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
