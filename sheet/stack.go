package sheet

import (
	"slices"
)

// stacked parts a sheet on which several forms stand one below the other into
// one grid for each. A form begins where, below the lines of the one above it,
// the labels of a header block come again.
func (f *finder) stacked(g *grid) []*grid {
	var heads []int // indexes of the rows of headers
	for i, r := range g.rows {
		if f.headers(g, r) != nil {
			heads = append(heads, i)
		}
	}
	var parts []*grid
	begin := 0
	for i := 1; i < len(heads); i++ {
		if cut := f.again(g, begin, heads[i-1], heads[i]); cut > 0 {
			parts = append(parts, f.cut(g, begin, cut))
			begin = cut
		}
	}
	if begin == 0 {
		return []*grid{g}
	}
	return append(parts, f.cut(g, begin, len(g.rows)))
}

// again is the row, by its index, that begins the form whose headers stand in
// the row at next, if one does: the first below the headers at last with a label
// that the form begun before has too. As many labels must come again as make a
// header block.
func (f *finder) again(g *grid, begin, last, next int) int {
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
func (f *finder) labelled(g *grid, from, to int) map[string]bool {
	ids := map[string]bool{}
	for _, r := range g.rows[from:to] {
		cells := g.row(r)
		if slices.ContainsFunc(cells, func(c gridCell) bool { _, ok := eanOf(c.text); return ok }) {
			continue
		}
		for _, c := range cells {
			if c.means != nil {
				for _, l := range c.means.fields {
					ids[l.id] = true
				}
			}
		}
	}
	return ids
}

// cut is a part of a sheet as a grid of its own, with the names that point there.
func (f *finder) cut(g *grid, from, to int) *grid {
	part := *g
	part.rows = g.rows[from:to]
	first, last := part.rows[0].number, lastRow
	if to < len(g.rows) {
		last = g.rows[to].number - 1
	}
	part.uncomputed = slices.DeleteFunc(slices.Clone(g.uncomputed), func(p pos) bool { return p.row < first || p.row > last })
	for id, a := range f.names.targets[g] {
		if a.first.row < first && from > 0 || a.first.row > last {
			continue
		}
		if f.names.targets[&part] == nil {
			f.names.targets[&part] = map[string]area{}
		}
		f.names.targets[&part][id] = a
	}
	return &part
}
