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

// Sizes of a run.
const (
	orderLines = 30       // of each form
	maxMail    = 25 << 20 // octets that bdc takes of one message
	quickMails = 200
)

// errMissed says that a bound is missed.
var errMissed = errors.New("a bound is missed")

// options is what the command line says.
type options struct {
	mails, runs, exim int
	node              string // the folder of the Node pipeline
}

func main() {
	var o options
	flag.IntVar(&o.mails, "mails", 1000, "order mails waiting in the inbox")
	flag.IntVar(&o.runs, "runs", 5, "rounds of each contender; their median counts")
	flag.IntVar(&o.exim, "exim", 1, "further rounds of each with a real MTA instead of the sink")
	flag.StringVar(&o.node, "node", filepath.Join("bench", "node"), "the folder of the Node pipeline, after npm ci")
	quick := flag.Bool("quick", false, "a small sample: one round each, fewer mails")
	flag.Parse()
	if *quick {
		o.mails, o.runs, o.exim = min(o.mails, quickMails), 1, min(o.exim, 1)
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

// run measures everything and prints the tables.
func run(ctx context.Context, o options) error {
	if o.mails < 1 || o.runs < 1 || flag.NArg() > 0 {
		return errors.New("-mails and -runs must be at least 1, and there are no arguments")
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
	mails, err := orderMails(o.mails)
	if err != nil {
		return err
	}
	big, err := bigMail(maxMail)
	if err != nil {
		return err
	}
	r := report{mails: o.mails, size: len(mails[0]), began: time.Now(), load: loadAverage()}
	course := func(title string, rounds int, with mta, mails ...[]byte) (table, error) {
		t := table{title: title}
		for i := range rounds {
			for _, c := range contenders {
				m, err := measure(ctx, dir, c, with, mails)
				if err != nil {
					return t, fmt.Errorf("%s: %s: %w", title, c.name(), err)
				}
				fmt.Fprintf(os.Stderr, "%s, round %d: %-4s %s\n", title, i+1, c.name(), m)
				t.add(c.name(), m)
			}
		}
		return t, nil
	}
	if r.sink, err = course("sink", o.runs, sinkMTA, mails...); err != nil {
		return err
	}
	if r.exim, err = course("exim", o.exim, eximMTA, mails...); err != nil {
		return err
	}
	if r.big, err = course("big mail", 1, sinkMTA, big); err != nil {
		return err
	}
	return r.print(os.Stdout)
}

// prepare builds bdc and looks whether Node and its libraries are there.
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
	return []contender{daemon{binary}, pipeline{node, filepath.Join(o.node, "pipeline.mjs")}}, nil
}
