package sheet

import (
	"errors"

	"bdc/order"
	"bdc/sheet/grid"
)

// Book is what Read found in a file.
type Book struct {
	Kind   string        // what kind of file it is, as grid.Sniff says
	Drafts []order.Draft // one for each order, in the order of their sheets

	// If there are no drafts, the one finding, of severity order.Error, says why.
	Findings []order.Finding
}

// Limits bound the memory and the time that Read takes for a file, and what the file may
// hold. A file that exceeds a limit is refused: the code of the finding is "form.limit."
// followed by the name that stands in quotes below, or in the comments of grid.Limits.
type Limits struct {
	grid.Limits
	Lines  int // "lines": order lines of one order
	Orders int // "orders": orders in the file
}

// DefaultLimits are the limits for files that strangers mail. They are far beyond an honest
// order, and keep the memory that a hostile file takes below 256 MiB.
func DefaultLimits() Limits {
	return Limits{grid.DefaultLimits(), 2_000, 200}
}

// Read finds the orders in a file. The name of the file only goes into Draft.Part; the kind
// of the file is told by its bytes. If the file cannot be read or holds no order, the Book
// has a finding that says so.
//
// Read stays within the limits, and does not panic whatever the bytes are. It may be
// called concurrently, and keeps no reference to data.
func Read(name string, data []byte, form *order.Form, lim Limits) Book {
	book := Book{Kind: grid.Sniff(data)}
	drafts, err := read(book.Kind, data, form, lim)
	if err != nil {
		var r *grid.Refusal
		if !errors.As(err, &r) { // read returns only refusals; this makes sure of it
			r = &grid.Refusal{Code: "form.unreadable.damaged", Args: map[string]string{"detail": err.Error()}}
		}
		book.Findings = append(book.Findings, r.Finding())
		return book
	}
	for i := range drafts {
		drafts[i].Part = name
	}
	book.Drafts = drafts
	return book
}

func read(kind string, data []byte, form *order.Form, lim Limits) ([]order.Draft, error) {
	watch := lim.Watch()
	wb, err := grid.Read(kind, data, lim.Limits)
	if err != nil {
		return nil, err
	}
	drafts := newFinder(form, wb).drafts()
	switch {
	case len(drafts) == 0 && kind == "csv":
		return nil, &grid.Refusal{Code: "form.unreadable.csv"}
	case len(drafts) == 0:
		return nil, &grid.Refusal{Code: "form.none"}
	case len(drafts) > lim.Orders:
		return nil, grid.Exceeded("orders", int64(lim.Orders), int64(len(drafts)))
	}
	for i := range drafts {
		if n := len(drafts[i].Lines); n > lim.Lines {
			return nil, grid.Exceeded("lines", int64(lim.Lines), int64(n))
		}
	}
	return drafts, watch.Overdue()
}
