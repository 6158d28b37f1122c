package sheet

import (
	"slices"

	"bdc/sheet/grid"
)

// stacked parts a sheet on which several forms stand one below the other into
// one grid for each. A form begins where, below the lines of the one above it,
// the labels of a header block come again.
func (f *finder) stacked(g *worksheet) []*worksheet {
	var heads []int // indexes of the rows of headers
	for i, r := range g.Rows {
		if f.headers(g, r) != nil {
			heads = append(heads, i)
		}
	}
	var parts []*worksheet
	begin := 0
	for i := 1; i < len(heads); i++ {
		if cut := f.again(g, begin, heads[i-1], heads[i]); cut > 0 {
			parts = append(parts, f.cut(g, begin, cut))
			begin = cut
		}
	}
	if begin == 0 {
		return []*worksheet{g}
	}
	return append(parts, f.cut(g, begin, len(g.Rows)))
}

// again is the row, by its index, that begins the form whose headers stand in
// the row at next, if one does: the first below the headers at last with a label
// that the form begun before has too. As many labels must come again as make a
// header block.
func (f *finder) again(g *worksheet, begin, last, next int) int {
	seen := f.labelled(g, begin, last)
	repeated := map[string]bool{}
	first := 0
	for i := last + 1; i < next; i++ {
		for id := range f.labelled(g, i, i+1) {
			if seen[id] {
				repeated[id] = true
				if first == 0 {
					first = i
				}
			}
		}
	}
	if len(repeated) < fewestFields {
		return 0
	}
	return first
}

// labelled are the header fields whose labels stand in some rows, but for those
// rows that name a product: a licence may be called Établissement.
func (f *finder) labelled(g *worksheet, from, to int) map[string]bool {
	ids := map[string]bool{}
	for _, r := range g.Rows[from:to] {
		if slices.ContainsFunc(g.Cells[r.First:r.Last], func(c grid.Cell) bool { _, ok := eanOf(c.Text); return ok }) {
			continue
		}
		for _, m := range g.means[r.First:r.Last] {
			if m != nil {
				for _, l := range m.fields {
					ids[l.id] = true
				}
			}
		}
	}
	return ids
}

// cut is a part of a sheet as a grid of its own, with the names that point there.
func (f *finder) cut(g *worksheet, from, to int) *worksheet {
	part := *g.Grid
	part.Rows = g.Rows[from:to]
	first, last := part.Rows[0].Number, grid.LastRow
	if to < len(g.Rows) {
		last = g.Rows[to].Number - 1
	}
	part.Uncomputed = slices.DeleteFunc(
		slices.Clone(g.Uncomputed),
		func(p grid.Pos) bool { return p.Row < first || p.Row > last },
	)
	ws := &worksheet{&part, g.means} // the rows refer to the same cells
	for id, a := range f.names.targets[g] {
		if a.First.Row < first && from > 0 || a.First.Row > last {
			continue
		}
		if f.names.targets[ws] == nil {
			f.names.targets[ws] = map[string]grid.Area{}
		}
		f.names.targets[ws][id] = a
	}
	return ws
}
