package validate

import (
	"strconv"

	"bdc/order"
)

const (
	// CodeQuantityMerged: the cell of the quantity is one of several that are merged. The reader
	// reports it. Args: first (the cell that holds the quantity)
	CodeQuantityMerged order.Code = "line.quantity.merged"

	// CodeQuantityNone: lines of a printed list that nobody filled in. Args: count
	CodeQuantityNone order.Code = "line.quantity.none"
)

// fewestPrinted is how many lines without a quantity a printed list has at least.
const fewestPrinted = 3

// unordered are the lines, by their index, that order nothing since the table is a printed list in
// which only what is ordered has a quantity, or since they are struck through and have none. Two
// zeros say so by themselves. Empty cells may have been forgotten: they say so only if at least as
// many lines are empty as are filled, and three or more, and nothing was written beside them. One finding names them.
func (c *checker) unordered() map[int]bool {
	var empty, zero, struck []int
	filled := 0
	rows := map[int]bool{} // with something that is struck through
	for i := range c.draft.Asides {
		if a := &c.draft.Asides[i]; a.Kind == order.AsideStruck {
			rows[a.Row] = true
		}
	}
	for i := range c.draft.Lines {
		l := &c.draft.Lines[i]
		if isBlank(shown(l.Cells[order.ColumnEAN])) && isBlank(shown(l.Cells[order.ColumnOffer])) {
			continue
		}
		switch text := shown(l.Cells[order.ColumnQuantity]); {
		case c.uncomputed(l.Sheet, c.cell(l, order.ColumnQuantity)):
		case text == "0":
			zero = append(zero, i)
		case !isBlank(text):
			filled++
		case rows[l.Row]:
			struck = append(struck, i)
		case isBlank(shown(l.Cells[order.ColumnRemark])):
			empty = append(empty, i)
		}
	}
	if len(empty) < fewestPrinted || len(empty)+len(zero) < filled {
		empty = nil
	}
	if filled == 0 || len(empty)+len(zero) < 2 && len(struck) == 0 {
		return nil
	}
	list := make(map[int]bool, len(empty)+len(zero)+len(struck))
	first := len(c.draft.Lines)
	for _, lines := range [][]int{empty, zero, struck} {
		for _, i := range lines {
			list[i], first = true, min(first, i)
		}
	}
	c.addLine(&c.draft.Lines[first], CodeQuantityNone, order.Warning, order.ColumnQuantity, map[string]string{
		"count": strconv.Itoa(len(list)),
	})
	return list
}
