package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// event is what go test -json tells, a line each: see go doc cmd/test2json.
type event struct {
	Action  string // "output", "pass", "fail", "skip", "build-output", …
	Package string
	Test    string // "" for what concerns the package
	Output  string
}

// tally is what became of the tests, subtests included.
type tally struct {
	passed, failed int
	skipped        map[string]int // by reason, without "needs "; "" for tests that were left out for another
}

// said is the output of a test or of a package that has not ended.
type said map[string]*strings.Builder

func (s said) add(name, text string) {
	if s[name] == nil {
		s[name] = &strings.Builder{}
	}
	s[name].WriteString(text)
}

func (s said) take(name string) string {
	b := s[name]
	if b == nil {
		return ""
	}
	delete(s, name)
	return b.String()
}

// report reads the events of go test until they end. It writes the result of each
// package, before it what the failed tests of that package and a failed build
// said, and returns the count of all.
func report(w io.Writer, events io.Reader) (tally, error) {
	all := tally{skipped: map[string]int{}}
	packages := map[string]said{}
	r := bufio.NewReader(events)
	for {
		line, err := r.ReadBytes('\n')
		if err == io.EOF && len(line) == 0 {
			return all, nil
		}
		if err != nil && err != io.EOF {
			return all, err
		}
		var e event
		if json.Unmarshal(line, &e) != nil {
			if _, err := w.Write(line); err != nil { // go test itself complains in plain text
				return all, err
			}
			continue
		}
		open := packages[e.Package]
		if open == nil {
			open = said{}
			packages[e.Package] = open
		}
		var text string
		switch {
		case e.Action == "build-output":
			text = e.Output
		case e.Action == "output":
			open.add(e.Test, e.Output)
		case e.Test == "" && (e.Action == "pass" || e.Action == "fail" || e.Action == "skip"):
			text = ended(e.Action, open)
			delete(packages, e.Package)
		case e.Action == "pass":
			all.passed++
			open.take(e.Test)
		case e.Action == "skip":
			all.skipped[reason(open.take(e.Test))]++
		case e.Action == "fail":
			all.failed++
			text = open.take(e.Test)
		}
		if _, err := io.WriteString(w, text); err != nil {
			return all, err
		}
	}
}

// ended is what is to be printed at the end of a package: the line with its
// result, and where it failed everything else that it said outside of tests that
// ended.
func ended(action string, open said) string {
	text := open.take("")
	if action == "fail" {
		for _, name := range slices.Sorted(maps.Keys(open)) { // such as the test that a panic ended
			text = open.take(name) + text
		}
		return text
	}
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "ok  \t") || strings.HasPrefix(line, "?   \t") {
			return line
		}
	}
	return ""
}

// logged is a line of a test's log: the file and line, then the message.
var logged = regexp.MustCompile(`(?m)^\s+[\w.-]+\.go:\d+: (.*)$`)

// reason is what a skipped test said that it needs, or "" where it said no such
// thing: it is then one that somebody has to ask for.
func reason(output string) string {
	lines := logged.FindAllStringSubmatch(output, -1)
	if len(lines) == 0 {
		return ""
	}
	what, ok := strings.CutPrefix(lines[len(lines)-1][1], "needs ")
	if !ok {
		return ""
	}
	return what
}

// String is the closing line.
func (t tally) String() string {
	skipped, needs := 0, []string{}
	byCount := func(a, b string) int { return cmp.Or(t.skipped[b]-t.skipped[a], strings.Compare(a, b)) }
	for _, what := range slices.SortedFunc(maps.Keys(t.skipped), byCount) {
		skipped += t.skipped[what]
		if what != "" {
			needs = append(needs, fmt.Sprintf("%s for %d", what, t.skipped[what]))
		}
	}
	line := fmt.Sprintf("%d tests passed, %d failed, %d skipped", t.passed, t.failed, skipped)
	if len(needs) > 0 {
		line += "; needed: " + strings.Join(needs, ", ")
	}
	if n := t.skipped[""]; n > 0 {
		line += fmt.Sprintf("; %d only run when asked for", n)
	}
	return line
}
