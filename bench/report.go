package main

import (
	"cmp"
	"fmt"
	"io"
	"runtime"
	"slices"
	"time"
)

// The bounds that bdc must keep.
const (
	leastSpeedup = 5.0       // bdc's messages a second, as a multiple of Node's
	leastThrift  = 6.0       // Node's CPU time for a mail, as a multiple of bdc's
	mostAnon     = 100 << 20 // bdc's RssAnon in octets, while it empties an inbox
	mostAnonBig  = 200 << 20 // the same for one mail of the largest size
)

// figures is what was measured in one round.
type figures struct {
	mails  int           // in the inbox
	wall   time.Duration // until the last was answered and moved
	cpu    time.Duration // CPU time of the contender's process
	memory memory        // its peaks
}

// rate returns the messages a second.
func (f figures) rate() float64 { return float64(f.mails) / f.wall.Seconds() }

// each returns the CPU time for one message, in milliseconds.
func (f figures) each() float64 { return f.cpu.Seconds() * 1000 / float64(f.mails) }

func (f figures) String() string {
	return fmt.Sprintf("%.1f messages/s, %.2f ms of CPU each, RssAnon %.1f MiB, RSS %.1f MiB",
		f.rate(), f.each(), mebi(f.memory.anon), mebi(f.memory.all))
}

// mebi converts octets to MiB.
func mebi(octets int64) float64 { return float64(octets) / (1 << 20) }

// table holds the figures of all rounds of one course.
type table struct {
	heading string
	speed   bool                 // the bounds on throughput and CPU time apply
	most    int64                // the bound on bdc's RssAnon, in octets; 0 for none
	names   []string             // of the contenders, in the order of their first rounds
	rounds  map[string][]figures // by contender
}

// add adds the figures of a round of a contender.
func (t *table) add(name string, f figures) {
	if t.rounds == nil {
		t.rounds = map[string][]figures{}
	}
	if !slices.Contains(t.names, name) {
		t.names = append(t.names, name)
	}
	t.rounds[name] = append(t.rounds[name], f)
}

// median returns the median of each figure over a contender's rounds. For memory it
// returns the most of all rounds instead, because a bound on memory must never be
// exceeded.
func (t *table) median(name string) figures {
	rounds := t.rounds[name]
	m := rounds[0]
	m.wall = median(rounds, func(f figures) time.Duration { return f.wall })
	m.cpu = median(rounds, func(f figures) time.Duration { return f.cpu })
	for _, f := range rounds {
		m.memory = m.memory.most(f.memory)
	}
	return m
}

// median returns the median of one figure over rounds.
func median[T cmp.Ordered](rounds []figures, of func(figures) T) T {
	values := make([]T, len(rounds))
	for i, f := range rounds {
		values[i] = of(f)
	}
	slices.Sort(values)
	return values[len(values)/2]
}

// report is all that was measured.
type report struct {
	mails   int // in an inbox
	size    int // of the first mail, in octets
	rounds  int
	began   time.Time
	load    string // the machine's load average before the first round
	tables  []table
	console *consoleFigures // nil if it was not measured
	outbox  []delivery
}

// verdict tells whether a bound is kept.
type verdict struct {
	what, bound, got string
	held             bool // the bound is kept
}

// print writes the report in Markdown. It returns errMissed if a bound is missed.
func (r *report) print(w io.Writer) error {
	fmt.Fprintf(w, "%s, %d cores, %s, load average %s at the beginning and %s at the end.\n",
		r.began.Format(time.DateOnly), runtime.NumCPU(), runtime.Version(), r.load, loadAverage())
	fmt.Fprintf(w, "%d mails of %.1f KB. Median of %d rounds; memory: the most of all rounds.\n",
		r.mails, float64(r.size)/1000, r.rounds)
	for _, t := range r.tables {
		t.print(w)
	}
	if r.console != nil {
		r.console.print(w)
	}
	printOutbox(w, r.outbox)

	fmt.Fprintf(w, "\n| bound | wanted | measured | |\n|---|---:|---:|---|\n")
	var err error
	for _, v := range r.verdicts() {
		word := "PASS"
		if !v.held {
			word, err = "FAIL", errMissed
		}
		fmt.Fprintf(w, "| %s | %s | %s | %s |\n", v.what, v.bound, v.got, word)
	}
	return err
}

// print writes the table, with a row that tells how many times better bdc is than Node.
func (t *table) print(w io.Writer) {
	if len(t.names) == 0 {
		return
	}
	fmt.Fprintf(w,
		"\n**%s**\n\n| | messages/s | CPU ms a mail | peak RssAnon | peak RSS |\n|---|---:|---:|---:|---:|\n",
		t.heading)
	for _, name := range t.names {
		f := t.median(name)
		fmt.Fprintf(w, "| %s | %.1f | %.2f | %.1f MiB | %.1f MiB |\n",
			name, f.rate(), f.each(), mebi(f.memory.anon), mebi(f.memory.all))
	}
	ours, theirs := t.median("bdc"), t.median("node")
	fmt.Fprintf(w, "| *bdc better by* | %.2f× | %.2f× | %.2f× | %.2f× |\n",
		ours.rate()/theirs.rate(), theirs.each()/ours.each(),
		mebi(theirs.memory.anon)/mebi(ours.memory.anon), mebi(theirs.memory.all)/mebi(ours.memory.all))
}

// verdicts checks all bounds.
func (r *report) verdicts() (list []verdict) {
	for _, t := range r.tables {
		if len(t.names) == 0 {
			continue
		}
		ours, theirs := t.median("bdc"), t.median("node")
		if t.speed {
			speedup, thrift := ours.rate()/theirs.rate(), theirs.each()/ours.each()
			list = append(list,
				verdict{
					t.heading + ": throughput, times Node’s", fmt.Sprintf("≥ %.0f", leastSpeedup),
					fmt.Sprintf("%.2f", speedup), speedup >= leastSpeedup,
				},
				verdict{
					t.heading + ": CPU a mail, part of Node’s", fmt.Sprintf("≤ 1/%.0f", leastThrift),
					fmt.Sprintf("1/%.2f", thrift), thrift >= leastThrift,
				},
			)
		}
		if t.most > 0 {
			list = append(list, verdict{
				t.heading + ": peak RssAnon", fmt.Sprintf("< %.0f MiB", mebi(t.most)),
				fmt.Sprintf("%.1f MiB", mebi(ours.memory.anon)), ours.memory.anon < t.most,
			})
		}
	}
	if r.console != nil {
		list = append(list, r.console.verdicts()...)
	}
	return list
}
