package daemon

import (
	"fmt"
	"os"
	"slices"

	"bdc/order"
	"bdc/sheet"
	"bdc/sheet/mark"
	"bdc/turn"
)

// Annotate is the subcommand of the child process in which a stranger's workbook is
// marked: the program has to call mark.RunChild if this is its only argument.
const Annotate = "annotate"

// newMarker returns a marker that starts this program as its child process, in turns.
func newMarker(form *order.Form, turns *turn.Gate) (*mark.Marker, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("the program's own file: %w", err)
	}
	marker := mark.NewMarker(form, sheet.DefaultLimits(), program, Annotate)
	marker.Turns = turns
	return marker, nil
}

// manyLines is how many lines an order has whose form takes long to fill.
const manyLines = 200

// takesLong reports whether a reply takes long to compose: a workbook has to be marked, or a
// large form filled.
func takesLong(r order.Reply) bool {
	return slices.ContainsFunc(r.Results, func(r order.Result) bool {
		return r.Kind == order.ReplyReport || r.Outdated && len(r.Lines) > manyLines
	})
}
