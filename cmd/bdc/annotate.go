package main

import (
	"fmt"
	"os"

	"bdc/cmd/bdc/daemon"
	"bdc/sheet/mark"
)

// runAnnotate runs the child process of the daemon that marks a stranger's workbook: it
// reads a request from the standard input and writes the marked workbook to the standard
// output. It is in no help.
func runAnnotate(args []string, e env) error {
	if len(args) > 0 {
		return usageError{fmt.Errorf("%s is for the daemon", daemon.Annotate)}
	}
	return mark.RunChild(os.Stdin, e.stdout)
}
