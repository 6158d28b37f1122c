package daemon

import (
	"fmt"
	"os"

	"bdc/order"
	"bdc/sheet"
	"bdc/sheet/mark"
)

// Annotate is the subcommand of the child process in which a stranger's workbook is
// marked: the program has to call mark.RunChild if this is its only argument.
const Annotate = "annotate"

// newMarker returns a marker that starts this program as its child process.
func newMarker(form *order.Form) (*mark.Marker, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("the program's own file: %w", err)
	}
	return mark.NewMarker(form, sheet.DefaultLimits(), program, Annotate), nil
}
