// Command mutate measures how much the tests notice. It changes the code in one
// small place, runs the tests, and counts the changes ("mutants") that no test
// fails for ("survivors"):
//
//	go run ./bench/mutate -n 200 -seed 1
//
// A mutant changes one thing, of these kinds:
//
//	comparison  < and <=, > and >=, == and != are swapped
//	logic       && and || are swapped
//	negation    a ! is dropped; the condition of an if, or a truth returned, is turned round
//	arithmetic  + and -, * and /, & and |, << and >>, ++ and -- are swapped
//	constant    an integer is one larger; true and false are swapped
//	statement   a call, an assignment, a return, a break, a continue or a defer is gone
//	branch      what an if, an else or a case does is gone
//	error       an error is not looked at, or not returned
//
// Left out is what no test should notice: log lines, durations, capacities, panics
// for the impossible, deferred Closes. The mutants that compile are put in an order
// that the seed decides, and the first n are tried. The tree stays as it is: go
// test gets each mutant as an overlay.
//
// The tests of the mutant's package run first, with -short -failfast; for what
// outlives them, those of the packages that depend on it follow, the quickest
// first. A test that hangs or fills the memory kills a mutant too. The tests have
// to pass unchanged. Some of ours bound how long a thing may take: on a busy machine
// they fail for want of time, and kill what they should not.
//
// Outcomes are added to a file, and mutants that it holds are not tried again as
// long as neither their file nor the tests of their package change: a run that was
// ended goes on where it was. -again tries its survivors again.
//
// The exit code is 0 whatever survives, unless -least asks for a share, and 2 when
// nothing could be measured.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"
)

// options are the flags.
type options struct {
	n, parallel int
	seed        uint64
	results     string
	list, again bool
	dependents  bool
	least       float64
	packages    []string
}

// usual are the packages that are changed unless others are named.
const usual = "./order ./validate/... ./sheet/... ./ingest ./ingest/mime ./ingest/mailbox " +
	"./store/boltstore ./notify/..."

func main() {
	var o options
	flag.IntVar(&o.n, "n", 200, "how many mutants are tried")
	flag.Uint64Var(&o.seed, "seed", 1, "which ones: another seed, others")
	flag.IntVar(&o.parallel, "p", max(1, runtime.NumCPU()/2), "how many are tried at once")
	flag.StringVar(&o.results, "results", "bench/out/mutants.jsonl", "the file that keeps the outcomes")
	flag.BoolVar(&o.list, "list", false, "print the mutants, and try none")
	flag.BoolVar(&o.again, "again", false, "try survivors of former runs again")
	flag.BoolVar(&o.dependents, "dependents", true, "try survivors on the tests of dependent packages")
	flag.Float64Var(&o.least, "least", 0, "exit with 1 when less than this share is killed, in percent")
	flag.Parse()
	o.packages = flag.Args()
	if len(o.packages) == 0 {
		o.packages = strings.Fields(usual)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	share, err := run(ctx, os.Stdout, o)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(2)
	}
	if share < o.least {
		os.Exit(1)
	}
}

// run tries the mutants and reports on them. It returns the share that was killed,
// in percent.
func run(ctx context.Context, w io.Writer, o options) (share float64, err error) {
	h, err := openHouse(ctx)
	if err != nil {
		return 0, err
	}
	paths, err := named(ctx, o.packages)
	if err != nil {
		return 0, err
	}
	mutants, total, err := h.choose(paths, o.seed, o.n)
	if err != nil {
		return 0, err
	}
	fmt.Fprintf(w, "%d of %d mutants of %d packages, seed %d\n", len(mutants), total, len(paths), o.seed)
	if o.list {
		for _, m := range mutants {
			fmt.Fprintln(w, m.Place(), m.Change())
		}
		return 100, nil
	}
	if err := os.MkdirAll(filepath.Dir(o.results), 0o755); err != nil {
		return 0, err
	}
	l, err := openLedger(o.results)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	if err := h.tryAll(ctx, w, o, l, mutants); err != nil {
		return 0, err
	}
	var entries []entry
	for _, m := range mutants {
		if e, ok := l.get(m.unit.key(m)); ok {
			entries = append(entries, e)
		}
	}
	return sum(w, entries), nil
}

// named are the paths of the packages that patterns stand for.
func named(ctx context.Context, patterns []string) ([]string, error) {
	cmd := exec.CommandContext(ctx, "go", append([]string{"list"}, patterns...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	return strings.Fields(string(out)), nil
}

// choose returns the first n mutants of packages that compile, in the order that
// the seed decides, and how many there are, be it that they compile or not.
func (h *house) choose(paths []string, seed uint64, n int) (chosen []mutant, total int, err error) {
	var all []mutant
	for _, path := range paths {
		if !h.packages[path].tested() {
			continue
		}
		u, err := h.load(path)
		if err != nil {
			return nil, 0, err
		}
		all = append(all, u.mutants()...)
	}
	r := rand.New(rand.NewPCG(seed, 0))
	r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	for _, m := range all {
		if len(chosen) == n {
			break
		}
		if m.unit.compiles(m) {
			chosen = append(chosen, m)
		}
	}
	return chosen, len(all), nil
}

// tryAll tries the mutants that the ledger does not hold, those of the quickest
// packages first.
func (h *house) tryAll(ctx context.Context, w io.Writer, o options, l *ledger, mutants []mutant) error {
	var open []mutant
	for _, m := range mutants {
		e, ok := l.get(m.unit.key(m))
		if !ok || o.again && e.Outcome == survived {
			open = append(open, m)
		}
	}
	b := &bench{times: map[string]time.Duration{}}
	for _, m := range open {
		paths := []string{m.unit.path}
		if o.dependents {
			paths = append(paths, h.dependents(m.unit.path)...)
		}
		for _, path := range paths {
			if _, known := b.times[path]; known {
				continue
			}
			if err := b.baseline(ctx, path); err != nil {
				return err
			}
			fmt.Fprintf(w, "%s takes %.0f s unchanged\n", path, b.times[path].Seconds())
		}
	}
	quicker := func(a, b time.Duration) int { return cmp.Compare(a, b) }
	slices.SortStableFunc(open, func(x, y mutant) int { return quicker(b.times[x.unit.path], b.times[y.unit.path]) })
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(o.parallel)
	for _, m := range open {
		g.Go(func() error {
			v, err := b.try(ctx, m, m.unit.path)
			if err != nil {
				return err
			}
			own := v.outcome == killed
			if v.outcome == survived && o.dependents {
				others := h.dependents(m.unit.path)
				slices.SortFunc(others, func(x, y string) int { return quicker(b.times[x], b.times[y]) })
				if v, err = b.try(ctx, m, others...); err != nil {
					return err
				}
			}
			fmt.Fprintf(w, "%-8s %s %s %s\n", v.outcome, m.Place(), m.Change(), v.by)
			return l.add(entry{m.unit.key(m), m.unit.path, m.Place(), m.Change(), v.outcome, v.by, own})
		})
	}
	return g.Wait()
}

// sum writes how many mutants each package has and how many its tests and all
// tests killed, then the survivors. It returns the share of all that was killed, in
// percent. What does not compile does not count.
func sum(w io.Writer, entries []entry) (share float64) {
	type count struct{ all, own, killed int }
	counts := map[string]*count{}
	var names []string
	var whole count
	for _, e := range entries {
		if e.Outcome == broken {
			continue
		}
		c := counts[e.Package]
		if c == nil {
			c = &count{}
			counts[e.Package], names = c, append(names, e.Package)
		}
		for _, c := range []*count{c, &whole} {
			c.all++
			if e.Own {
				c.own++
			}
			if e.Outcome == killed {
				c.killed++
			}
		}
	}
	percent := func(n, of int) float64 { return 100 * float64(n) / float64(max(1, of)) }
	fmt.Fprintf(w, "\n%-28s %7s %15s %15s\n", "package", "mutants", "by its tests", "by all tests")
	slices.Sort(names)
	row := func(name string, c count) {
		fmt.Fprintf(w, "%-28s %7d %8d %5.0f%% %8d %5.0f%%\n",
			name, c.all, c.own, percent(c.own, c.all), c.killed, percent(c.killed, c.all))
	}
	for _, name := range names {
		row(name, *counts[name])
	}
	row("all", whole)
	slices.SortFunc(entries, func(a, b entry) int { return cmp.Compare(a.Place, b.Place) })
	fmt.Fprintf(w, "\n%d survivors\n", whole.all-whole.killed)
	for _, e := range entries {
		if e.Outcome == survived {
			fmt.Fprintln(w, e.Place, e.Change)
		}
	}
	return percent(whole.killed, whole.all)
}
