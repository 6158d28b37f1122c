package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"
)

// rounds makes a table from the times and the memory of each contender's rounds, each of
// one mail.
func rounds(wall, cpu map[string][]time.Duration, anon map[string]int64) table {
	var t table
	for _, name := range []string{"bdc", "node"} {
		for i := range wall[name] {
			t.add(name, figures{
				mails: 1, wall: wall[name][i], cpu: cpu[name][i], memory: memory{anon[name], anon[name]},
			})
		}
	}
	return t
}

func TestReportHoldsTheBounds(t *testing.T) {
	const ms = time.Millisecond
	for _, test := range []struct {
		name               string
		nodeWall, nodeCPU  time.Duration // bdc's median is 10 ms and 2 ms
		anonInbox, anonBig int64
		want               error
		fails              int
	}{
		{"all held", 50 * ms, 12 * ms, mostAnon - 1, mostAnonBig - 1, nil, 0},
		{"too slow", 49 * ms, 12 * ms, 1, 1, errMissed, 1},
		{"too much CPU", 50 * ms, 11 * ms, 1, 1, errMissed, 1},
		{"too much memory", 50 * ms, 12 * ms, mostAnon, mostAnonBig, errMissed, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			all := rounds(
				map[string][]time.Duration{"bdc": {90 * ms, 10 * ms, 1 * ms}, "node": {test.nodeWall}},
				map[string][]time.Duration{"bdc": {1 * ms, 90 * ms, 2 * ms}, "node": {test.nodeCPU}},
				map[string]int64{"bdc": test.anonInbox, "node": 1})
			big := rounds(
				map[string][]time.Duration{"bdc": {ms}, "node": {ms}},
				map[string][]time.Duration{"bdc": {ms}, "node": {ms}},
				map[string]int64{"bdc": test.anonBig, "node": 1})
			all.speed, all.most, big.most = true, mostAnon, mostAnonBig
			var b bytes.Buffer
			if err := (&report{mails: 1, size: 1, tables: []table{all, big}}).print(&b); !errors.Is(err, test.want) {
				t.Errorf("print returns %v, want %v", err, test.want)
			}
			if got := strings.Count(b.String(), "FAIL"); got != test.fails {
				t.Errorf("the report says FAIL %d times, want %d:\n%s", got, test.fails, b.String())
			}
		})
	}
}

func TestMedianTakesTheMostMemory(t *testing.T) {
	var tab table
	for _, anon := range []int64{1, 3, 2} {
		tab.add("bdc", figures{mails: 1, wall: time.Second, memory: memory{anon: anon, all: 10 - anon}})
	}
	if got, want := tab.median("bdc").memory, (memory{3, 9}); got != want {
		t.Errorf("memory is %v, want %v", got, want)
	}
}

func TestKilobytes(t *testing.T) {
	const status = "Name:\tbdc\nVmHWM:\t   71234 kB\nRssAnon:\t   12345 kB\nRssFile:\t 6 kB\n"
	for key, want := range map[string]int64{"RssAnon": 12345, "VmHWM": 71234, "Rss": 0} {
		if got := kilobytes(status, key); got != want {
			t.Errorf("%s is %d, want %d", key, got, want)
		}
	}
}
