package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"bdc/bench/need"
)

// toy is a module of two packages: one to be changed, and one that calls it.
func toy(t *testing.T, code string) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod": "module toy\n\ngo 1.26\n",
		"a/a.go": code,
		"a/a_test.go": `package a

import "testing"

func TestFit(t *testing.T) {
	if !Fit(2) || Fit(4) {
		t.Error("2 fits and 4 doesn't")
	}
}
`,
		"b/b.go": "package b\n\nimport \"toy/a\"\n\nfunc Fits(n int) bool { return a.Fit(n) }\n",
		"b/b_test.go": `package b

import "testing"

func TestFits(t *testing.T) {
	if !Fits(3) {
		t.Error("3 fits")
	}
}
`,
		"c/c_test.go": "package c\n\nimport \"testing\"\n\nfunc TestNothing(*testing.T) {}\n",
	} {
		name = filepath.Join(dir, name)
		err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, []byte(text), 0o644))
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
}

const fit = `package a

// Fit says whether n is not too large.
func Fit(n int) bool {
	if n > 3 {
		return false
	}
	return true
}

var spare = 1
`

// Each kind of change is made where it can be, and nowhere else.
func TestMutants(t *testing.T) {
	toy(t, `package a

import (
	"errors"
	"log/slog"
	"os"
	"time"
)

const limit = 10

type row [4]int

func Fit(n int) bool { return n < limit && !odd(n) }

func odd(n int) bool { return n%2 == 1 }

func wait(log *slog.Logger, name string) error {
	time.Sleep(3 * time.Second)
	log.Info("wait", "seconds", 3)
	list := make([]int, 0, 8)
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	if len(list) > 0 {
		list = nil
		panic("never")
	} else {
		name += "x"
		name = "y"
	}
	for i := 0; i < len(list); i++ {
		continue
	}
	switch name {
	case "z":
		list[0] -= 1
		return errors.New(name + "!")
	}
	return nil
}
`)
	h, err := openHouse(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	u, err := h.load("toy/a")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range u.mutants() {
		line := strings.TrimPrefix(m.Place(), "toy/a/a.go:") + " " + m.Change()
		if !u.compiles(m) {
			line += " (does not compile)"
		}
		got = append(got, line)
	}
	want := strings.Split(strings.TrimSpace(`
10:15 constant: 10 → 11
14:24 statement: return n < limit && !odd(n) → (removed) (does not compile)
14:31 negation: n < limit && !odd(n) → !(n < limit && !odd(n))
14:41 logic: && → ||
14:33 comparison: < → <=
14:44 negation: ! → (removed)
16:24 statement: return n%2 == 1 → (removed) (does not compile)
16:31 negation: n%2 == 1 → !(n%2 == 1)
16:35 comparison: == → !=
16:32 arithmetic: % → *
16:33 constant: 2 → 3
16:38 constant: 1 → 2
19:2 statement: time.Sleep(3 * time.Second) → (removed) (does not compile)
21:22 constant: 0 → 1
24:3 error: return err → (removed)
24:10 error: err → nil
27:5 negation: len(list) > 0 → !(len(list) > 0)
28:3 branch: list = nil panic("never") → (removed)
31:3 branch: name += "x" name = "y" → (removed)
27:15 comparison: > → >=
27:17 constant: 0 → 1
28:3 statement: list = nil → (removed)
31:3 statement: name += "x" → (removed)
32:3 statement: name = "y" → (removed)
34:11 constant: 0 → 1
34:16 comparison: < → <=
34:30 arithmetic: ++ → --
35:3 statement: continue → (removed)
39:3 branch: list[0] -= 1 return errors.New(name + "!") → (removed) (does not compile)
39:11 arithmetic: -= → +=
39:3 statement: list[0] -= 1 → (removed)
39:8 constant: 0 → 1
39:14 constant: 1 → 2
40:3 statement: return errors.New(name + "!") → (removed) (does not compile)
40:10 error: errors.New(name + "!") → nil (does not compile)
42:2 statement: return nil → (removed) (does not compile)
`), "\n")
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// A mutant is killed by its own tests, else by those that depend on it, else by
// none; what was tried once is not tried again.
func TestRun(t *testing.T) {
	need.Time(t)
	toy(t, fit)
	o := options{
		n: 100, parallel: 2, seed: 1, results: "out/mutants.jsonl", dependents: true, packages: []string{"./a"},
	}
	tell := func() (float64, string) {
		t.Helper()
		var b bytes.Buffer
		share, err := run(t.Context(), &b, o)
		if err != nil {
			t.Fatal(err)
		}
		return share, b.String()
	}
	const closing = `
package                      mutants    by its tests    by all tests
toy/a                              7        5    71%        6    86%
all                                7        5    71%        6    86%

1 survivors
toy/a/a.go:11:13 constant: 1 → 2
`
	share, told := tell()
	if int(share) != 85 || !strings.HasSuffix(told, closing) {
		t.Errorf("got %v, %s\nwant at the end %s", share, told, closing)
	}
	for _, want := range []string{
		"7 of 8 mutants of 1 packages, seed 1\n",
		"killed   toy/a/a.go:5:9 constant: 3 → 4 toy/a TestFit\n",
		"killed   toy/a/a.go:5:7 comparison: > → >= toy/b TestFits\n",
	} {
		if !strings.Contains(told, want) {
			t.Errorf("got %s\nwant in it %q", told, want)
		}
	}
	if text, err := os.ReadFile("a/a.go"); err != nil || string(text) != fit {
		t.Errorf("the tree was changed (%v):\n%s", err, text)
	}

	first, err := os.ReadFile(o.results)
	if err != nil {
		t.Fatal(err)
	}
	// A run that was ended left half a line, and lacks the mutant before it.
	lines := bytes.SplitAfter(first, []byte("\n"))
	cut := bytes.Join(append(lines[:len(lines)-2:len(lines)-2], []byte(`{"key":"12`)), nil)
	if err := os.WriteFile(o.results, cut, 0o644); err != nil {
		t.Fatal(err)
	}
	_, told = tell()
	if tried := strings.Count(told, "toy/a/a.go:") - 1; tried != 1 || !strings.HasSuffix(told, closing) {
		t.Errorf("the second time %d mutants were tried, want one:\n%s", tried, told)
	}
	o.again = true
	if _, told = tell(); strings.Count(told, "survived ") != 1 || strings.Contains(told, "killed  ") {
		t.Errorf("again: got %s\nwant the survivor tried once more, and no other", told)
	}

	// Tests that fail by themselves prove nothing.
	o.results = "out/others.jsonl"
	red := "package b\n\nimport \"testing\"\n\nfunc TestRed(t *testing.T) { t.Fail() }\n"
	if err := os.WriteFile("b/b_test.go", []byte(red), 0o644); err != nil {
		t.Fatal(err)
	}
	const want = "the tests of toy/b fail without a mutant"
	if _, err := run(t.Context(), &bytes.Buffer{}, o); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want that %s", err, want)
	}
}

// The seed decides which mutants are tried, and nothing else does.
func TestSeed(t *testing.T) {
	toy(t, fit)
	h, err := openHouse(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	places := func(seed uint64) (list []string) {
		t.Helper()
		mutants, _, err := h.choose([]string{"toy/a"}, seed, 4)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range mutants {
			list = append(list, m.Place()+" "+m.Change())
		}
		return list
	}
	if a, b := places(1), places(1); len(a) != 4 || !slices.Equal(a, b) {
		t.Errorf("got %q and %q, want the same four", a, b)
	}
	if a, b := places(1), places(2); slices.Equal(a, b) {
		t.Errorf("got %q for both seeds, want others", a)
	}
}

func TestFailed(t *testing.T) {
	ended := errors.New("exit status 1")
	tests := []struct {
		name, out string
		err       error
		want      string
	}{
		{"a test", "--- FAIL: TestX\n    --- FAIL: TestX/one (0.00s)\n\nFAIL\n", ended, "TestX/one"},
		{"a panic", "panic: index out of range [3]\n\ngoroutine 1\n", ended, "panic: index out of range [3]"},
		{"a hang", "panic: test timed out after 1s\n", ended, "panic: test timed out after 1s"},
		{"memory", "--- FAIL: TestX (0.00s)\n", errMemory, "out of memory"},
		{"nothing said", "", ended, "exit status 1"},
	}
	for _, tt := range tests {
		if got := failed([]byte(tt.out), tt.err); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

// Memory counts this process, which holds some.
func TestMemory(t *testing.T) {
	if got := memory(syscall.Getpgrp()); got < 1<<20 {
		t.Errorf("got %d bytes, want at least a megabyte", got)
	}
	if got := memory(1 << 30); got != 0 {
		t.Errorf("got %d bytes for no process, want 0", got)
	}
}
