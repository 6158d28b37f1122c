package sheet

import (
	"slices"
	"strings"

	"bdc/order"
	"bdc/sheet/grid"
)

// Bounds of what is handed on beside the cells of a form.
const (
	mostAsides = 20_000 // of an order; as many again that are struck through
	mostOther  = 40     // texts of another sheet: one with more is a list, and no note
)

// NoteAuthor is the author of the notes by which package mark marks a form. Such notes are
// ours, and no asides.
const NoteAuthor = "Contrôle du bon de commande"

// asides is what the sheets of an order say beside the cells of the form.
func (f *finder) asides(head, body *found) []order.Aside {
	a := asides{f: f, head: head, body: body}
	a.sheet(head)
	if body.on != head.on {
		a.sheet(body)
	}
	if a.head.on.Name != "" {
		a.add(order.Aside{Kind: order.AsideSheet, Cell: order.Cell{Sheet: head.on.Name, Text: head.on.Name}})
	}
	return a.list
}

// asides collects what is said beside the cells of a form.
type asides struct {
	f          *finder
	head, body *found
	list       []order.Aside
	told       bool          // that there is more
	coloured   map[int][]int // the rows of the lines by their colours
}

func (a *asides) add(one order.Aside) {
	if (len(a.list) < mostAsides || one.Kind == order.AsideStruck && len(a.list) < 2*mostAsides) &&
		(one.Kind == order.AsidePicture || !blank(one.Text)) {
		one.Text = strings.Clone(one.Text)
		a.list = append(a.list, one)
	} else if !blank(one.Text) {
		a.more(one.Sheet)
	}
}

// more says once that a sheet has more than is handed on.
func (a *asides) more(sheet string) {
	if !a.told {
		a.told = true
		a.list = append(a.list, order.Aside{Kind: order.AsideMore, Cell: order.Cell{Sheet: sheet}})
	}
}

// sheet collects what one sheet says.
func (a *asides) sheet(s *found) {
	g, t := s.on, s.table
	if s != a.body && a.body.on == g {
		t = a.body.table
	}
	rows := map[int]bool{}
	if a.body.on == g {
		for _, l := range a.body.lines {
			rows[l.Row] = true
		}
	}
	for _, one := range g.Asides {
		kind := map[grid.AsideKind]order.AsideKind{
			grid.AsideNote: order.AsideNote, grid.AsideBox: order.AsideBox,
			grid.AsidePicture: order.AsidePicture, grid.AsideHeader: order.AsideHeader,
		}[one.Kind]
		if one.Author == NoteAuthor {
			continue
		}
		cell := order.Cell{Sheet: g.Name, Text: one.Text}
		row := 0
		if one.Row > 0 {
			cell.Ref = one.Pos.String()
			if rows[one.Row] {
				row = one.Row
			}
		}
		a.add(order.Aside{Kind: kind, Cell: cell, Row: row})
	}
	if g.Unread {
		a.more(g.Name)
	}
	taken := a.taken(g)
	for _, r := range g.Rows {
		for c := range g.row(r) {
			struck := g.IsStruck(c.Pos)
			switch {
			case blank(c.Text):
			case len(a.list) >= mostAsides && !struck:
				if !taken[c.Pos] && (t == nil || r.Number != t.header && !(rows[r.Number] && t.at(c.Col) != nil)) {
					a.more(g.Name)
				}
			case taken[c.Pos]:
				if struck {
					a.cell(g, order.AsideStruck, c, 0, nil)
				}
			case t != nil && rows[r.Number] && t.at(c.Col) != nil:
				if struck {
					a.cell(g, order.AsideStruck, c, r.Number, t)
				}
			case t != nil && rows[r.Number]:
				if !c.Formula || c.Kind == order.KindText {
					a.cell(g, order.AsideBeside, c, r.Number, t)
				}
			case t != nil && r.Number == t.header, c.Kind != order.KindText, struck:
			case c.means.isLabel(), c.means != nil && c.means.sum: // a sum has nothing else to say
			default:
				a.cell(g, order.AsideText, c, 0, nil)
				a.legend(g, t, c)
			}
		}
	}
}

// legend tells of the text that was added last which lines have its colour, or that of the cell to its
// left, if it is the legend of some of them.
func (a *asides) legend(g *worksheet, t *table, c cell) {
	if len(g.Filled) == 0 || t == nil || len(a.list) == 0 || a.list[len(a.list)-1].Ref != c.String() {
		return
	}
	colour := g.ColourAt(c.Pos)
	if colour == 0 && c.Col > 1 {
		if left := c.Pos.Right(-1); !g.at(left).filled() {
			colour = g.ColourAt(left)
		}
	}
	if colour == 0 {
		return
	}
	if a.coloured == nil {
		a.coloured = a.colours(g, t)
	}
	if rows := a.coloured[colour]; len(rows) < len(a.body.lines) {
		a.list[len(a.list)-1].Rows = rows
	}
}

// colours are the rows of the lines by the colours of their cells.
func (a *asides) colours(g *worksheet, t *table) map[int][]int {
	lines := map[int]bool{}
	for _, l := range a.body.lines {
		lines[l.Row] = true
	}
	rows := map[int][]int{}
	for _, f := range g.Filled {
		if lines[f.Row] && t.at(f.Col) != nil {
			if known := rows[f.Colour]; len(known) == 0 || known[len(known)-1] != f.Row {
				rows[f.Colour] = append(known, f.Row)
			}
		}
	}
	return rows
}

// taken are the cells of a sheet that hold labels and values of the header block.
func (a *asides) taken(g *worksheet) map[grid.Pos]bool {
	taken := map[grid.Pos]bool{}
	for _, cells := range []map[string]order.Cell{a.head.block.labels, a.head.block.fields} {
		for _, c := range cells {
			if p, ok := grid.ParsePos(c.Ref); ok && c.Sheet == g.Name {
				taken[p] = true
			}
		}
	}
	return taken
}

// cell adds what stands in a cell.
func (a *asides) cell(g *worksheet, kind order.AsideKind, c cell, row int, t *table) {
	one := order.Aside{Kind: kind, Cell: cellOf(g, c), Row: row}
	if t != nil && t.headed() {
		one.Head = strings.Clone(g.text(g.Anchor(grid.At(t.header, c.Col))))
	}
	a.add(one)
}

// others adds what the sheets say that hold nothing of an order: each to all orders.
func (f *finder) others(drafts []order.Draft) {
	var list []order.Aside
	for _, g := range f.sheets {
		if g.Hidden || IsReport(g.Grid) || len(g.Cells) > mostOther ||
			slices.ContainsFunc(drafts, func(d order.Draft) bool {
				return d.Sheet == g.Name || len(d.Lines) > 0 && d.Lines[0].Sheet == g.Name
			}) {
			continue
		}
		for i := range g.Cells {
			if c := (cell{&g.Cells[i], g.means[i]}); c.Kind == order.KindText && !blank(c.Text) {
				list = append(list, order.Aside{Kind: order.AsideOther, Cell: cellOf(g, c)})
			}
		}
	}
	for i := range drafts {
		drafts[i].Asides = append(drafts[i].Asides, list...)
	}
}
