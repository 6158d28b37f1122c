package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

const (
	orderLines = 30       // lines of each form
	maxMail    = 25 << 20 // the largest message that bdc reads, in octets
	quickMails = 200      // mails and replies of a run with -quick
)

// errMissed is returned when everything was measured, and bdc does not keep a bound.
var errMissed = errors.New("a bound is missed")

// options holds the values of the command line's flags, which main explains.
type options struct {
	mails, runs, exim, replies, season int
	browsing                           time.Duration
	node                               string
}

func main() {
	var o options
	flag.IntVar(&o.mails, "mails", 1000, "order mails waiting in the inbox")
	flag.IntVar(&o.runs, "runs", 5, "rounds of each contender; their median counts")
	flag.IntVar(&o.exim, "exim", 1, "further rounds of each with a real MTA instead of the sink")
	flag.IntVar(&o.replies, "replies", 500, "replies waiting in the outbox, for Exim")
	flag.IntVar(&o.season, "season", 100_000,
		"orders, and a fifth as many cases, that the console shows; 0 for no console")
	flag.DurationVar(&o.browsing, "browsing", watched, "how long the console's users browse with nothing else to do")
	flag.StringVar(&o.node, "node", filepath.Join("bench", "node"), "the folder of the Node pipeline, after npm ci")
	quick := flag.Bool("quick", false, "a small sample: one round each, fewer mails")
	flag.Parse()
	if *quick {
		o.mails, o.runs, o.exim, o.replies = min(o.mails, quickMails), 1, min(o.exim, 1), min(o.replies, quickMails)
		o.season, o.browsing = min(o.season, 5_000), min(o.browsing, 10*time.Second)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, o)
	stop()
	switch {
	case errors.Is(err, errMissed):
		os.Exit(1)
	case err != nil:
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(2)
	}
}

// run measures everything and prints the report. It returns errMissed if a bound is
// missed.
func run(ctx context.Context, o options) error {
	if o.mails < 1 || o.runs < 1 || o.replies < 1 || flag.NArg() > 0 {
		return errors.New("-mails, -runs and -replies must be at least 1, and there are no arguments")
	}
	dir, err := os.MkdirTemp("", "bdcbench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	contenders, err := prepare(ctx, dir, o)
	if err != nil {
		return err
	}
	courses, err := o.courses()
	if err != nil {
		return err
	}
	r := report{mails: o.mails, rounds: o.runs, began: time.Now(), load: loadAverage()}
	r.size = len(courses[0].in.mails[0])
	for _, course := range courses {
		if err := course.run(ctx, dir, contenders); err != nil {
			return fmt.Errorf("%s: %w", course.heading, err)
		}
		r.tables = append(r.tables, course.table)
	}
	if o.season > 0 {
		if r.console, err = measureConsole(
			ctx, dir, contenders[0].(daemon).binary, o.season, o.runs, courses[0].in, o.browsing,
		); err != nil {
			return fmt.Errorf("console: %w", err)
		}
	}
	if r.outbox, err = measureOutbox(ctx, o.replies, o.runs); err != nil {
		return fmt.Errorf("outbox: %w", err)
	}
	return r.print(os.Stdout)
}

// course is one inbox, which each contender empties several times.
type course struct {
	table
	rounds int // for each contender
	with   mta
	in     inbox
}

// run measures the rounds of the course, the contenders in turns, and adds the figures to
// its table.
func (k *course) run(ctx context.Context, dir string, contenders []contender) error {
	for i := range k.rounds {
		for _, c := range contenders {
			m, err := measure(ctx, dir, c, k.with, k.in)
			if err != nil {
				return fmt.Errorf("%s: %w", c.name(), err)
			}
			fmt.Fprintf(os.Stderr, "%s, round %d: %-4s %s\n", k.heading, i+1, c.name(), m)
			k.add(c.name(), m)
		}
	}
	return nil
}

// courses makes the inboxes in which bdc is compared with the Node pipeline.
func (o options) courses() ([]course, error) {
	many, err := orderMails(o.mails, mix{})
	if err != nil {
		return nil, err
	}
	one, err := orderMails(o.mails, mix{oneSchool: true})
	if err != nil {
		return nil, err
	}
	fifth, err := orderMails(o.mails, mix{wrongEvery: 5})
	if err != nil {
		return nil, err
	}
	big, err := bigMail(maxMail)
	if err != nil {
		return nil, err
	}
	return []course{
		{table{heading: "A school an order", speed: true, most: mostAnon}, o.runs, sinkMTA, many},
		{table{heading: "All orders for one school", speed: true, most: mostAnon}, o.runs, sinkMTA, one},
		{table{heading: "A fifth of the forms wrong", most: mostAnon}, o.runs, sinkMTA, fifth},
		{table{heading: "Replies to Exim"}, o.exim, eximMTA, many},
		{table{heading: "One mail of 25 MiB", most: mostAnonBig}, 1, sinkMTA, inbox{mails: [][]byte{big}}},
	}, nil
}

// prepare builds bdc into dir, checks that Node and the pipeline's libraries are installed,
// and returns the two contenders, bdc first.
func prepare(ctx context.Context, dir string, o options) ([]contender, error) {
	binary := filepath.Join(dir, "bdc")
	build := exec.CommandContext(ctx, "go", "build", "-o", binary, "./cmd/bdc")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return nil, fmt.Errorf("build bdc: %w", err)
	}
	node, err := exec.LookPath("node")
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(o.node, "node_modules")); err != nil {
		return nil, fmt.Errorf("the Node pipeline has no libraries (bench/run installs them): %w", err)
	}
	return []contender{daemon{binary: binary}, pipeline{node, filepath.Join(o.node, "pipeline.mjs")}}, nil
}
