package sheet

import (
	"slices"

	"bdc/sheet/grid"
)

// stacked returns a sheet for each form, if several forms stand on one sheet, one below the
// other; else the sheet itself. A new form begins where the labels of the header block come
// again, below the lines of the form above.
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

// again says where a new form begins, or 0 if none does. All rows are given by their index.
// The form above begins at the row begin; its table has headers at the row last, and the
// next headers stand at the row next. A new form begins between these two, at the first row
// with a label that the form above has, too. At least fewestFields labels must come again.
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

// labelled are the header fields whose labels stand in some rows. Rows with an EAN are left
// out: the name of a licence may read like a label, such as Établissement.
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

// cut makes a sheet of some rows of another, with the defined names that point there.
func (f *finder) cut(g *worksheet, from, to int) *worksheet {
	part := *g.Grid
	part.Rows = g.Rows[from:to]
	first, last := part.Rows[0].Number, grid.LastRow
	if to < len(g.Rows) {
		last = g.Rows[to].Number - 1
	}
	part.Uncomputed = slices.DeleteFunc(slices.Clone(g.Uncomputed), func(p grid.Pos) bool {
		return p.Row < first || p.Row > last
	})
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
