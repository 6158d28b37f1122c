package sheet

import (
	"strings"

	"bdc/order"
)

// target is where a defined name of the form points.
type target struct {
	grid *grid
	area area
}

// names are the workbook's defined names of the form, resolved: by sheet and id
// the cells they cover, and the text of the two that carry one.
type names struct {
	targets  map[*grid]map[string]area
	template string
	code     string // of the case
}

// resolveNames looks up what the defined names of the form point to. A name that
// points nowhere (#REF!), to several areas or to another workbook is as good as
// none. A name local to a sheet, such as copying the sheet makes, goes before
// the workbook's own.
func resolveNames(wb *workbook, grids []*grid) names {
	byTitle := make(map[string]*grid, len(grids))
	for _, g := range grids {
		byTitle[strings.ToLower(g.name)] = g
	}
	n := names{targets: map[*grid]map[string]area{}}
	for _, local := range []bool{false, true} {
		for _, d := range wb.names {
			if d.sheet >= 0 != local {
				continue
			}
			refer, err := unescape([]byte(d.refer))
			if err != nil {
				continue
			}
			if text, ok := constant(refer); ok {
				n.carry(d.name, text)
				continue
			}
			t, ok := parseTarget(refer, byTitle)
			if !ok {
				continue
			}
			if d.name == order.NameVersion || d.name == order.NameCase {
				if cell := t.grid.at(t.grid.anchor(t.area.first)); cell != nil {
					n.carry(d.name, cell.text)
				}
				continue
			}
			if n.targets[t.grid] == nil {
				n.targets[t.grid] = map[string]area{}
			}
			n.targets[t.grid][strings.TrimPrefix(d.name, order.NamePrefix)] = t.area
		}
	}
	return n
}

// carry keeps the text of the hidden names.
func (n *names) carry(name, text string) {
	text = strings.Clone(strings.TrimSpace(text))
	switch name {
	case order.NameVersion:
		n.template = text
	case order.NameCase:
		n.code = text
	}
}

// constant reads the formula of a text constant: "BDC-2027.1" in quotes.
func constant(refer string) (string, bool) {
	refer = strings.TrimPrefix(refer, "=")
	if len(refer) < 2 || refer[0] != '"' || refer[len(refer)-1] != '"' {
		return "", false
	}
	return strings.ReplaceAll(refer[1:len(refer)-1], `""`, `"`), true
}

// parseTarget reads "Sheet!$C$5", "'Bon de commande'!$B$30:$B$149" or
// "Sheet!$B:$B". The sheet's name is compared as Excel does, without case.
func parseTarget(refer string, byTitle map[string]*grid) (target, bool) {
	i := strings.LastIndexByte(refer, '!')
	if i < 0 {
		return target{}, false
	}
	title := refer[:i]
	if len(title) >= 2 && title[0] == '\'' && title[len(title)-1] == '\'' {
		title = strings.ReplaceAll(title[1:len(title)-1], "''", "'")
	}
	g := byTitle[strings.ToLower(title)]
	if g == nil {
		return target{}, false
	}
	cells := strings.ReplaceAll(refer[i+1:], "$", "")
	a, ok := parseArea([]byte(cells))
	if !ok {
		from, to, ranged := strings.Cut(cells, ":")
		first, okFirst := parsePos([]byte(from + "1"))
		last, okLast := parsePos([]byte(to + "1"))
		a, ok = area{first, pos{lastRow, last.col}}, ranged && okFirst && okLast && first.row == 1 && last.row == 1 && first.col <= last.col
	}
	return target{g, a}, ok
}
