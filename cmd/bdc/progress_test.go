package main

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func TestProgress(t *testing.T) {
	var screen bytes.Buffer
	clock := time.Unix(0, 0)
	p := &progress{
		w: &screen, name: "annuaire.csv", now: func() time.Time {
			clock = clock.Add(between / 2)
			return clock
		},
	}
	for done := range int64(10) {
		p.imported(100*int(done+1), 1e6*(done+1), 1e7)
	}
	p.end()
	lines := strings.Split(strings.TrimPrefix(screen.String(), "\r"), "\r")
	first, last := lines[0], lines[len(lines)-1]
	if want := "annuaire.csv  [###...........................]  10%  100 rows, 1.0 of 10.0 MB"; first != want {
		t.Errorf("first: got %q, want %q", first, want)
	}
	if want := "annuaire.csv  [##############################] 100%  1000 rows, 10.0 of 10.0 MB\n"; last != want {
		t.Errorf("last: got %q, want %q", last, want)
	}
	if len(lines) > 7 {
		t.Errorf("got %d bars for ten steps in half as many intervals, want fewer", len(lines))
	}
	if isTerminal(&screen) {
		t.Error("a buffer: got a terminal")
	}
}
