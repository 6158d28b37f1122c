package sheet

import (
	"errors"

	"bdc/order"
	"bdc/sheet/grid"
)

// Book is what Read found in a file.
type Book struct {
	Drafts   []order.Draft   // the orders, in the order of their sheets
	Findings []order.Finding // why the file is refused: none if there are drafts, else one of severity order.Error
	Kind     string          // what kind of file it is, as grid.Sniff says
}

// Limits bound what Read does with a stranger's file. A file that exceeds one is
// refused with a finding of the code "form.limit." and the limit's name.
type Limits struct {
	grid.Limits
	Lines  int // "lines": order lines of one order
	Orders int // "orders": orders in the file
}

// DefaultLimits are the limits for mail. They are far beyond an honest order, and a
// hostile file is read in less than 256 MiB of memory.
func DefaultLimits() Limits {
	return Limits{grid.DefaultLimits(), 2_000, 200}
}

// Read finds the orders in a file. The name of the file goes into Draft.Part, and
// decides nothing: what kind of file it is is told by its bytes. Whatever is wrong
// with the file becomes a finding of the Book.
//
// Read stays within the limits, and does not panic whatever the bytes are. It may be
// called concurrently, and keeps no reference to data.
func Read(name string, data []byte, form *order.Form, lim Limits) Book {
	book := Book{Kind: grid.Sniff(data)}
	drafts, err := read(book.Kind, data, form, lim)
	if err != nil {
		var r *grid.Refusal
		if !errors.As(err, &r) { // every error of read is a refusal; one that is not refuses the file, too
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
