// Command suite runs go test, prints what go test prints, and ends with one line
// that says how many tests were skipped and what would be needed to run them:
//
//	go run ./bench/suite -race ./...
//
// Its arguments are those of go test; without any it tests ./... . Go test by
// itself shows nothing of a package that passes, so no test can make it say what
// was skipped; but its results as JSON hold it, also for a package whose results
// were cached. The reasons are those that bench/need gives.
//
// The exit code is that of go test.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code, err := run(ctx, os.Stdout, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "suite:", err)
	}
	os.Exit(code)
}

// run starts go test with the arguments and reports on it until it ends. It
// returns the exit code of go test, or 2 with an error where there is none.
func run(ctx context.Context, w io.Writer, args []string) (code int, err error) {
	if len(args) == 0 {
		args = []string{"./..."}
	}
	cmd := exec.CommandContext(ctx, "go", append([]string{"test", "-json"}, args...)...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.Stderr = os.Stderr
	events, err := cmd.StdoutPipe()
	if err != nil {
		return 2, err
	}
	if err := cmd.Start(); err != nil {
		return 2, err
	}
	told, reportErr := report(w, events)
	if reportErr != nil { // go test must not wait for a reader
		_, _ = io.Copy(io.Discard, events)
	}
	err = cmd.Wait()
	fmt.Fprintln(w, told)
	var exit *exec.ExitError
	if errors.As(err, &exit) && reportErr == nil {
		return max(exit.ExitCode(), 1), nil
	}
	if err := errors.Join(reportErr, err); err != nil {
		return 2, err
	}
	return 0, nil
}
