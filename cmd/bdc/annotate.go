package main

import (
	"fmt"
	"os"

	"bdc/order"
	"bdc/sheet"
	"bdc/sheet/mark"
)

// annotateCommand is the subcommand of the child process in which a stranger's
// workbook is marked. It is for the daemon alone, and in no help.
const annotateCommand = "annotate"

// runAnnotate reads a request from the standard input and writes the marked
// workbook to the standard output.
func runAnnotate(args []string, e env) error {
	if len(args) > 0 {
		return usageError{fmt.Errorf("%s is for the daemon", annotateCommand)}
	}
	return mark.RunChild(os.Stdin, e.stdout)
}

// newMarker returns a marker that starts this program as its child process.
func newMarker(form *order.Form) (*mark.Marker, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("the program's own file: %w", err)
	}
	return mark.NewMarker(form, sheet.DefaultLimits(), program, annotateCommand), nil
}
