package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// What a run of tests says of a mutant.
const (
	survived = "survived" // every test passes
	killed   = "killed"   // a test fails, hangs or takes all the memory
	broken   = "broken"   // it does not compile: it does not count
)

// verdict is the outcome of one or several runs.
type verdict struct {
	outcome string
	by      string // the package, and the test where one failed: what killed it
}

// most is how much memory a run may take, its programs together. A mutant may
// well fill all there is.
const most = 6 << 30

// bench runs tests on mutants.
type bench struct {
	dir   string                   // of the module
	times map[string]time.Duration // by package: how long its tests take unchanged
}

// grace is how long tests may take: three times as long as unchanged, and some
// more for a machine that is busy.
func (b *bench) grace(path string) time.Duration { return 3*b.times[path] + 30*time.Second }

// baseline runs the tests of a package unchanged, and keeps how long they take.
// It is an error when they fail, since then they would fail for any mutant.
func (b *bench) baseline(ctx context.Context, path string) error {
	out, err := b.test(ctx, path, 30*time.Minute, "")
	if err != nil {
		return fmt.Errorf("the tests of %s fail without a mutant: %w\n%s", path, err, out)
	}
	if found := passed.FindSubmatch(out); found != nil {
		b.times[path], err = time.ParseDuration(string(found[1]))
	}
	return err
}

// try runs the tests of packages on a mutant, one package after the other, until
// one kills it.
func (b *bench) try(ctx context.Context, m mutant, packages ...string) (verdict, error) {
	dir, err := os.MkdirTemp("", "mutate-")
	if err != nil {
		return verdict{}, err
	}
	defer os.RemoveAll(dir)
	changed, overlay := filepath.Join(dir, filepath.Base(m.file)), filepath.Join(dir, "overlay.json")
	table, err := json.Marshal(map[string]map[string]string{"Replace": {m.file: changed}})
	if err != nil {
		return verdict{}, err
	}
	err = errors.Join(os.WriteFile(changed, m.unit.apply(m), 0o600), os.WriteFile(overlay, table, 0o600))
	if err != nil {
		return verdict{}, err
	}
	for _, path := range packages {
		out, err := b.test(ctx, path, b.grace(path), overlay)
		if ctx.Err() != nil {
			return verdict{}, ctx.Err()
		}
		if err == nil {
			continue
		}
		if bytes.Contains(out, []byte("[build failed]")) || bytes.Contains(out, []byte("[setup failed]")) {
			return verdict{broken, path}, nil
		}
		return verdict{killed, strings.TrimSpace(path + " " + failed(out, err))}, nil
	}
	return verdict{outcome: survived}, nil
}

// errMemory ends a run that took too much memory.
var errMemory = errors.New("out of memory")

// test runs the tests of one package, with the files of an overlay in the place
// of the tree's where one is named. The overlay goes by GOFLAGS, so that a test
// that builds a program builds it changed too.
func (b *bench) test(ctx context.Context, path string, timeout time.Duration, overlay string) ([]byte, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	// Compiling comes on top of the tests' own timeout.
	hang := time.AfterFunc(timeout+5*time.Minute, func() { cancel(context.DeadlineExceeded) })
	defer hang.Stop()
	cmd := exec.CommandContext(ctx, "go", "test", "-vet=off", "-short", "-failfast", "-count=1",
		"-timeout", timeout.String(), path)
	cmd.Dir = b.dir
	cmd.Env = os.Environ()
	if overlay != "" {
		cmd.Env = append(cmd.Env, "GOFLAGS="+strings.TrimSpace(os.Getenv("GOFLAGS")+" -overlay="+overlay))
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 10 * time.Second
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		tick := time.NewTicker(200 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				if memory(cmd.Process.Pid) > most {
					cancel(errMemory)
				}
			}
		}
	}()
	err := cmd.Wait()
	cause := context.Cause(ctx)
	cancel(nil)
	<-watched
	if cause != nil {
		err = cause
	}
	return out.Bytes(), err
}

// memory is what the processes of a group hold, in bytes. See proc(5).
func memory(group int) (sum int64) {
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return 0
	}
	for _, name := range stats {
		text, err := os.ReadFile(name)
		if err != nil {
			continue // it has ended
		}
		// The name of the program, in parentheses, may hold spaces.
		fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
		const pgrp, rss = 5 - 3, 24 - 3
		if len(fields) <= rss || fields[pgrp] != strconv.Itoa(group) {
			continue
		}
		if pages, err := strconv.ParseInt(fields[rss], 10, 64); err == nil {
			sum += pages * int64(os.Getpagesize())
		}
	}
	return sum
}

var (
	passed  = regexp.MustCompile(`(?m)^ok  \t\S+\t([0-9.]+s)`)
	failure = regexp.MustCompile(`(?m)^\s*--- FAIL: (\S+)`)
	crash   = regexp.MustCompile(`(?m)^(panic: .*|fatal error: .*)$`)
)

// failed says what a run failed by: the last test that it names, which is the
// innermost, or how the program ended.
func failed(out []byte, err error) string {
	if errors.Is(err, errMemory) || errors.Is(err, context.DeadlineExceeded) {
		return err.Error()
	}
	if found := failure.FindAllSubmatch(out, -1); len(found) > 0 {
		return string(found[len(found)-1][1])
	}
	if found := crash.FindSubmatch(out); found != nil {
		return short(string(found[1]))
	}
	return err.Error()
}
