package main

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

func TestProgress(t *testing.T) {
	var screen bytes.Buffer
	clock := time.Unix(0, 0)
	p := &progress{
		r: iotest.OneByteReader(strings.NewReader("0123456789")), w: &screen, name: "annuaire.csv",
		total: 10, now: func() time.Time {
			clock = clock.Add(between / 2)
			return clock
		},
	}
	data, err := io.ReadAll(p)
	p.end()
	if err != nil || string(data) != "0123456789" {
		t.Errorf("got %q and error %v, want what was read", data, err)
	}
	lines := strings.Split(strings.TrimPrefix(screen.String(), "\r"), "\r")
	first, last := lines[0], lines[len(lines)-1]
	if want := "annuaire.csv  [###...........................]  10%"; first != want {
		t.Errorf("first: got %q, want %q", first, want)
	}
	if want := "annuaire.csv  [##############################] 100%\n"; last != want {
		t.Errorf("last: got %q, want %q", last, want)
	}
	if len(lines) > 7 {
		t.Errorf("got %d bars for ten bytes in half as many intervals, want fewer", len(lines))
	}
	if isTerminal(&screen) {
		t.Error("a buffer: got a terminal")
	}
}
