// Command bdc reads the order forms that booksellers mail, checks them, records
// the orders and answers.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"bdc/cmd/bdc/daemon"
)

// Exit codes: 0 done; 1 done, with something to say (a form that would not be
// accepted, a fault found), or failed; 2 an unusable call or configuration.
const (
	exitOK = iota
	exitFound
	exitUsage
)

// env is the surroundings of a subcommand: its environment and where it writes to.
type env struct {
	environ        []string // as os.Environ has it
	stdout, stderr io.Writer
	end            func() // ends the program at once; nil in tests
}

// usageError is a call or configuration that cannot be used: exit code 2.
type usageError struct{ error }

// errFound ends a command that has said what it found: exit code 1.
var errFound = errors.New("found")

func main() {
	// The first signal drains; after it the default is back, so the second kills.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], env{
		environ: os.Environ(), stdout: os.Stdout, stderr: os.Stderr, end: func() { os.Exit(exitFound) },
	}))
}

// run runs one subcommand and returns the exit code.
func run(ctx context.Context, args []string, e env) int {
	// The child process that marks a workbook is started for each one: it does not
	// wait for the tree of commands to be built, and is in none of its help.
	if len(args) > 0 && args[0] == daemon.Annotate {
		return e.exit(daemon.Annotate, runAnnotate(args[1:], e))
	}
	started := false
	root := rootCommand(e, &started)
	root.SetArgs(append([]string{}, args...)) // never nil, which cobra takes for os.Args
	cmd, err := root.ExecuteContextC(ctx)
	if err != nil && !started { // cobra's own, about the call
		err = usageError{err}
	}
	for cmd.HasParent() && cmd.Parent() != root {
		cmd = cmd.Parent()
	}
	name := ""
	if cmd != root {
		name = cmd.Name()
	}
	return e.exit(name, err)
}

// exit writes the error of a subcommand to the standard error, and returns the exit code.
// command is "" for bdc without a subcommand.
func (e env) exit(command string, err error) int {
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errFound):
		return exitFound
	}
	if command != "" {
		command = " " + command
	}
	fmt.Fprintf(e.stderr, "bdc%s: %v\n", command, err)
	if _, unusable := errors.AsType[usageError](err); unusable {
		return exitUsage
	}
	return exitFound
}

// newLog returns a log that writes every time in UTC: that of each line, and those among
// its values.
func newLog(w io.Writer) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Value.Kind() == slog.KindTime {
			a.Value = slog.TimeValue(a.Value.Time().UTC())
		}
		return a
	}}))
}
