package sheet

import (
	"bdc/order"
	"bdc/sheet/grid"
	"errors"
)

// Book is what Read found in a file.
type Book struct {
	Drafts []order.Draft

	// Findings say why the file as a whole is refused, or what was noticed about
	// it. One of severity order.Error means that there are no drafts.
	Findings []order.Finding

	Kind string // what Sniff says of the bytes
}

// Limits bound what Read does with a stranger's file.
type Limits struct {
	grid.Limits
	Lines  int // order lines of one order; the code is form.limit.lines
	Orders int // orders in the file; the code is form.limit.orders
}

// DefaultLimits are far beyond an honest form, and keep a hostile one under
// 256 MiB of memory.
func DefaultLimits() Limits {
	return Limits{grid.DefaultLimits(), 2_000, 200}
}

// Read finds the orders in a file. The name is the one that people know it by:
// it goes into Draft.Part and decides nothing. Whatever is wrong with the file
// is a finding: Read neither fails nor panics, and stays within lim. It may be
// called concurrently; it keeps nothing of data.
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
